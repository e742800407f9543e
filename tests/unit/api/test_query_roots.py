"""Cypher over the API: for who is admin in every world, by text or by name, within a page and a time."""

from __future__ import annotations

from typing import Any

import pytest
from e2e.small_world import SmallWorld
from unit.api.conftest import Client, client_of

from graphtwin.app.api_keys import give_key
from graphtwin.app.people import add_user
from graphtwin.errors import Refused
from graphtwin.ports import Answered

ASKED = 'query ($text: String!, $params: JSON) { query(world: "plant", text: $text, params: $params, first: 2) { columns rows cut } }'


@pytest.fixture
def asked(plant: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any], int]]:
    """What reached the store, which answers one row."""
    heard: list[tuple[str, dict[str, Any], int]] = []

    async def query(text: str, params: dict[str, Any], *, rows: int, seconds: float) -> Answered:
        assert 0 < seconds <= 30
        heard.append((text, params, rows))
        return Answered(("id", "share"), (("t1", float("inf")),), cut=True)

    monkeypatch.setattr(plant.store, "query", query)
    return heard


async def test_a_text_and_a_name_are_asked_in_the_world_and_answered_row_by_row(client: Client, asked: list[Any]):
    text = "MATCH (t:Entity {world: $world}) RETURN t.id AS id, $share AS share"

    by_text = await client.data(ASKED, text=text, params={"share": 1, "world": "other"})
    await client.data(ASKED, text="blast_radius", params={"entity": "sensor:local/t1"})

    assert by_text == {"query": {"columns": ["id", "share"], "rows": [["t1", "inf"]], "cut": True}}
    assert asked[0] == (text, {"world": "plant", "share": 1}, 2)
    assert asked[1][1] == {"world": "plant", "entity": "sensor:local/t1", "depth": 10, "relations": None}


@pytest.mark.parametrize(
    ("text", "params", "told"),
    [
        ("MATCH (t:Entity {id: $id}) RETURN t.id", {}, "needs $id"),
        ("RETURN 1 AS one", {"x": 1}, "no parameter $x"),
        ("RETURN 1 AS one", [1], "params isn't an object"),
    ],
)
async def test_parameters_that_dont_fit_are_told(client: Client, asked: list[Any], text: str, params: Any, told: str):
    error = await client.error(ASKED, text=text, params=params)

    assert told in error["message"]
    assert asked == []


async def test_who_is_admin_here_and_not_in_every_world_is_refused_and_that_is_kept(
    plant: SmallWorld, asked: list[Any], tmp_path
):
    await add_user(plant.store, plant.id, "ada", role="admin", public_key=None, by=None)
    ada = client_of(plant.store).with_key((await give_key(plant.store, plant.id, "ada", by="ada")).secret)
    alone = await ada.data(ASKED, text="RETURN 1 AS one")
    other = SmallWorld(tmp_path / "other", plant.store)
    other.config["world"]["id"] = "other"
    await other.sync()

    refused = await ada.error(ASKED, text="RETURN 1 AS one")

    assert alone["query"]["cut"] is True
    assert refused["extensions"]["code"] == "FORBIDDEN"
    assert "other" not in refused["message"]
    assert len(asked) == 1
    kept = [one for one in await plant.store.audit(plant.id) if "refused" in one.kind]
    assert len(kept) == 1
    assert kept[-1].body["root"] == "query"


async def test_a_query_that_the_store_refuses_is_kept_as_refused(
    plant: SmallWorld, client: Client, monkeypatch: pytest.MonkeyPatch
):
    async def query(*_: Any, **__: Any) -> Answered:
        raise Refused("The query may not use the operator Create.", hint="only read")

    monkeypatch.setattr(plant.store, "query", query)
    error = await client.error(ASKED, text="CREATE (:Ghost) RETURN 1 AS one")

    [kept] = [one for one in await plant.store.audit(plant.id) if one.kind == "api-refused"]
    assert error["extensions"]["code"] == "REFUSED"
    assert (kept.body["root"], kept.body["reason"]) == ("query", "The query may not use the operator Create.")
