"""Who may decide: added and revoked by decisions that are signed, audited and checked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from e2e.small_world import SmallWorld

from graphtwin.app.people import add_user, revoke_user
from graphtwin.errors import Conflict, NotFound, Refused, UsageError
from graphtwin.model.principal import SERVICE, Role
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import keys_folder, load_public_keys


async def add(plant: SmallWorld, name: str, role: str = "operator", by: str | None = None, key: Path | None = None):
    return await add_user(plant.store, plant.id, name, role=role, public_key=key, by=by)


async def revoke(plant: SmallWorld, name: str, by: str | None = None):
    return await revoke_user(plant.store, plant.id, name, by=by)


@pytest.fixture
async def synced(plant: SmallWorld) -> SmallWorld:
    await plant.sync()
    return plant


async def test_the_first_principal_is_added_by_graphtwin_which_becomes_one_itself(synced: SmallWorld):
    outcome = await add(synced, "alice", "approver")

    assert outcome.by == SERVICE
    assert outcome.private_key is not None
    assert outcome.private_key.is_relative_to(keys_folder())
    assert [(one.id, one.role) for one in await synced.store.principals(synced.id)] == [
        ("alice", Role.APPROVER),
        (SERVICE, Role.OPERATOR),
    ]


async def test_adding_makes_no_version_and_stands_in_the_log_outside(synced: SmallWorld):
    before = await synced.head()

    await add(synced, "alice")

    log = synced.folder / "audit" / "plant.jsonl"
    kinds = [json.loads(line).get("kind") for line in log.read_text("utf-8").splitlines()]
    assert kinds[-3:] == ["principal-added", "principal-added", None]
    assert verify_log(log, load_public_keys(keys_folder())).intact
    assert (await synced.head()).seq == before.seq


async def test_with_an_admin_only_an_admin_adds_and_revokes(synced: SmallWorld):
    await add(synced, "ada", "admin")
    await add(synced, "alice", "approver", by="ada")

    with pytest.raises(Refused, match="needs admin"):
        await add(synced, "mallory", "admin", by="alice")
    with pytest.raises(Refused, match="is operator"):
        await revoke(synced, "ada", by=SERVICE)
    revoked = await revoke(synced, "alice", by="ada")

    assert (revoked.principal.revoked_at is not None, revoked.by) == (True, "ada")


async def test_without_an_admin_nobody_adds_in_another_s_name(synced: SmallWorld):
    await add(synced, "alice")

    with pytest.raises(Refused, match="has no admin"):
        await add(synced, "bob", by="alice")


async def test_the_last_admin_stays(synced: SmallWorld):
    await add(synced, "ada", "admin")

    with pytest.raises(Refused, match="last admin"):
        await revoke(synced, "ada", by="ada")


async def test_everybody_may_leave(synced: SmallWorld):
    await add(synced, "ada", "admin")
    await add(synced, "bob", by="ada")

    assert (await revoke(synced, "bob", by="bob")).by == "bob"


async def test_who_holds_no_key_decides_nothing(synced: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    await add(synced, "ada", "admin")
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "elsewhere"))

    with pytest.raises(Refused, match="isn't in"):
        await add(synced, "mallory", by="ada")

    assert "mallory" not in {one.id for one in await synced.store.principals(synced.id)}


async def test_a_public_key_that_somebody_gave_is_theirs_and_no_private_key_is_made(synced: SmallWorld):
    first = (await add(synced, "alice")).principal
    public = keys_folder() / f"person-alice-{first.key_id}.pub.pem"
    (keys_folder() / f"person-alice-{first.key_id}.pem").unlink()
    await revoke(synced, "alice")

    outcome = await add(synced, "alice", "approver", key=public)

    assert (outcome.principal.public_key, outcome.private_key) == (first.public_key, None)
    assert outcome.principal.role is Role.APPROVER


@pytest.mark.parametrize("name", ["graphtwin", "GraphTwin", "", "a/b", "..", "-x", "x" * 65, "é"])
async def test_a_name_that_no_principal_can_have_is_refused(synced: SmallWorld, name: str):
    with pytest.raises(UsageError, match="can't be the name"):
        await add(synced, name)


async def test_a_name_that_is_taken_is_a_conflict_with_the_way_out(synced: SmallWorld):
    await add(synced, "alice")

    with pytest.raises(Conflict, match="already") as taken:
        await add(synced, "alice", "approver")
    with pytest.raises(Conflict, match="taken for alice"):
        await add(synced, "Alice")

    assert "user revoke plant alice" in taken.value.hint


@pytest.mark.parametrize("name", ["nobody", SERVICE])
async def test_who_is_no_person_of_the_world_can_not_be_revoked(synced: SmallWorld, name: str):
    await add(synced, "alice")

    with pytest.raises((NotFound, Refused)):
        await revoke(synced, name)


async def test_a_role_that_there_is_not_is_refused(synced: SmallWorld):
    with pytest.raises(UsageError, match="isn't a role"):
        await add(synced, "alice", "king")


async def test_verify_finds_somebody_who_was_added_by_nobody_who_might(synced: SmallWorld):
    await add(synced, "ada", "admin")
    await add(synced, "bob", by="ada")
    assert (await synced.store.verify(synced.id)).passed
    world = synced.store._world(synced.id)  # type: ignore[attr-defined]

    world.audit[-1] = replace(world.audit[-1], body={**world.audit[-1].body, "principal": SERVICE})

    problems = (await synced.store.verify(synced.id)).problems
    assert any("graphtwin is operator and may not decide that" in problem for problem in problems)
