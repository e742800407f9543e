"""Every root by every caller: who has the role is answered, everybody else is refused, and nobody meets a defect."""

from __future__ import annotations

from typing import Any, Final

import pytest
from e2e.small_world import SmallWorld
from unit.api.conftest import KEY, Client, client_of
from unit.api.documents import document, roots

from graphtwin.api.limits import Limits
from graphtwin.api.schema import make_schema
from graphtwin.app.api_keys import give_key
from graphtwin.app.people import add_user
from graphtwin.ports import Answered

MAY: Final = {
    "viewer": set(),
    "operator": {"sync", "act", "freeze", "correct", "withdraw", "merge", "split", "undoIdentity"},
    "approver": {"approvalToSign", "approve", "reject", "takeBack", "rollback", "unfreeze", "override"},
    "admin": {"query"},
}
"""What each role may beside reading and what the ones before it may, as reference/graphql.md says."""
ROLES: Final = tuple(MAY)
SCHEMA: Final = make_schema(Limits())._schema
ROOTS: Final = list(roots(SCHEMA))
MEANT: Final = {
    "entity": "sensor:local/t1", "variable": "reading", "id": "sensor:local/t1", "source": "sensor:local/t1",
    "target": "sensor:local/t2", "before": "v1", "after": "v2", "to": "v2", "one": "sensor:local/t1",
    "other": "sensor:local/t2", "records": ["readings:t1"], "value": "5", "key": "matrix-0001",
    "ground": {"evidence": "https://desk.example/ticket/7"},
    "text": "MATCH (e:Entity {world: $world}) RETURN e.id AS id",
}  # fmt: skip
"""Arguments that name something of the world, so that reads have something to answer."""
AMONG_MANY: Final = {"Mutation": {"source", "id", "before", "after", "key"}, "Query": {"source", "after"}}
NEEDED: Final = {"paths": {"source"}, "diff": {"after"}, "sync": {"key"}}


def given(kind: str, name: str, world: str, run: str) -> dict[str, Any]:
    """What is asked for with a root."""
    args = {one for one in MEANT if one not in AMONG_MANY[kind] or one in NEEDED.get(name, ())}
    field = next(one for sort, called, one in ROOTS if (sort, called) == (kind, name))
    chosen = {one: MEANT[one] for one in field.args if one in args}
    named = {"world": {"id": world}, "run": {"id": run}}.get(name, {})
    return {**chosen, **({"world": world} if "world" in field.args else {}), **named}


def needed(kind: str, name: str) -> str:
    """The least role for a root."""
    return next((role for role in ROLES if name in MAY[role] and (kind, name) != ("Query", "freeze")), "viewer")


async def answers(client: Client, world: str, run: str) -> dict[tuple[str, str], tuple[str, Any]]:
    """The code of each root's error, "" where there is none, and its data."""
    found: dict[tuple[str, str], tuple[str, Any]] = {}
    for kind, name, field in ROOTS:
        query, variables = document(kind, name, field, given(kind, name, world, run))
        answer = await client.ask(query, **variables)
        errors = answer.get("errors", ())
        code = errors[0]["extensions"]["code"] if errors else ""
        found[kind, name] = code, (answer["data"] or {}).get(name)
    return found


@pytest.mark.parametrize("role", [*ROLES, None])
async def test_a_caller_may_ask_for_what_the_role_lets_and_for_nothing_else(
    plant: SmallWorld, role: str | None, monkeypatch: pytest.MonkeyPatch
):
    async def one_row(*_: Any, **__: Any) -> Answered:
        return Answered(("one",), ((1,),))

    monkeypatch.setattr(plant.store, "query", one_row)  # a store in memory has no Cypher
    await add_user(plant.store, plant.id, "mia", role=role or "viewer", public_key=None, by=None)
    key = (await give_key(plant.store, plant.id, "mia", by="mia")).secret if role else KEY
    [run, *_] = await plant.store.runs(plant.id)

    found = await answers(client_of(plant.store).with_key(key), "plant", run.id)

    held = ROLES.index(role) if role else len(ROLES)
    forbidden = {root for root, (code, _) in found.items() if code == "FORBIDDEN"}
    assert forbidden == {(kind, name) for kind, name, _ in ROOTS if ROLES.index(needed(kind, name)) > held}
    told = {root: code for root, (code, _) in found.items() if code not in {"", "FORBIDDEN", "NOT_FOUND"}}
    assert told == {}
    empty = {name for (_, name), (code, data) in found.items() if not code and data is None}
    assert empty <= {"evidence", "freeze"}, found
    assert (await plant.store.verify("plant")).passed


async def test_a_caller_of_another_world_may_ask_for_nothing_here(plant: SmallWorld, tmp_path):
    other = SmallWorld(tmp_path / "other", plant.store)
    other.config["world"]["id"] = "other"
    await other.sync()
    await add_user(plant.store, "other", "ada", role="admin", public_key=None, by=None)
    key = (await give_key(plant.store, "other", "ada", by="ada")).secret
    before = await plant.head()

    found = await answers(client_of(plant.store).with_key(key), "plant", "none")

    assert {root for root, (code, _) in found.items() if code != "FORBIDDEN"} == {("Query", "worlds")}
    assert [one["id"] for one in found["Query", "worlds"][1]] == ["other"]
    assert (await plant.head()).seq == before.seq
