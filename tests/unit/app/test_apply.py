"""apply: what a changed twin.yaml would change, and what it changes, as a version of its own."""

from __future__ import annotations

import json

import pytest
from e2e.small_world import SmallWorld, reading

from graphtwin.app.configure import apply_in
from graphtwin.errors import ConfigurationError

LATER = "2026-01-01T00:01:00Z"


async def test_a_dry_run_says_what_would_change_and_changes_nothing(plant: SmallWorld):
    await plant.sync()
    before = await plant.head()
    plant.config["types"]["sensor"]["variables"]["reading"]["span"] = 50

    outcome = await apply_in(plant.store, plant.twin, dry_run=True)

    assert any("span" in change and "50" in change for change in outcome.changes)
    assert (outcome.needs_apply, outcome.committed) == (True, None)
    assert await plant.head() == before


async def test_the_same_file_again_changes_nothing(plant: SmallWorld):
    await plant.sync()

    outcome = await apply_in(plant.store, plant.twin, dry_run=False)

    assert (outcome.changes, outcome.committed) == ((), None)


async def test_an_applied_file_is_a_version_of_its_own_and_in_the_audit_log(plant: SmallWorld):
    await plant.sync()
    plant.config["types"]["sensor"]["variables"]["reading"]["span"] = 50

    outcome = await apply_in(plant.store, plant.twin, dry_run=False)

    lines = (plant.folder / "audit" / "plant.jsonl").read_text("utf-8").splitlines()
    assert outcome.committed
    assert outcome.committed.seq == 2
    assert "configuration" in {json.loads(line).get("kind") for line in lines}
    assert (await plant.sync()).exit_code == 0


async def test_what_only_the_old_model_said_ends(plant: SmallWorld):
    plant.config["entities"] = [
        {"id": "t1", "type": "sensor", "desired": {"reading": 18}},
        {"id": "t5", "type": "sensor"},
    ]
    await plant.sync()
    plant.config["entities"] = [{"id": "t1", "type": "sensor"}]

    await apply_in(plant.store, plant.twin, dry_run=False)

    entity = await plant.entity("t1")
    assert entity
    assert entity.desired == {}
    assert await plant.entity("t5") is None


async def test_a_new_alias_joins_what_was_two(plant: SmallWorld):
    plant.say(reading("pt-1", 5))
    await plant.sync()
    plant.config["identity"] = {"aliases": {"sensor:local/t1": ["readings:pt-1", "readings:t1", "book:t1"]}}

    await apply_in(plant.store, plant.twin, dry_run=False)

    assert list((await plant.state()).entities) == ["sensor:local/t1"]


async def test_what_is_declared_distinct_parts_again(plant: SmallWorld):
    await plant.sync()
    plant.config["identity"] = {"distinct": [["readings:t1", "book:t1"]]}

    await apply_in(plant.store, plant.twin, dry_run=False)

    entities = (await plant.state()).entities
    assert {one.records for one in entities.values()} == {("readings:t1",), ("book:t1",)}


async def test_a_file_with_a_mistake_is_told_and_changes_nothing(plant: SmallWorld):
    await plant.sync()
    before = await plant.head()
    plant.config["types"]["sensor"]["variables"]["id"] = {}

    with pytest.raises(ConfigurationError, match="id"):
        await apply_in(plant.store, plant.twin, dry_run=False)

    assert await plant.head() == before


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(("relation", "functional"), [("feeds", True), ("located_in", False)])
async def test_a_relation_that_was_claimed_keeps_its_cardinality_s5(
    plant: SmallWorld, relation: str, functional: bool, dry_run: bool
):
    plant.config["entities"] = [
        {"id": "t1", "type": "sensor", "relations": {"feeds": ["t2"], "located_in": "t2"}},
        {"id": "t2", "type": "sensor"},
    ]
    await plant.sync()
    before = await plant.head()
    plant.config["relations"][relation] = {"functional": functional}

    with pytest.raises(ConfigurationError, match=f"relations.{relation}.functional") as refused:
        await apply_in(plant.store, plant.twin, dry_run=dry_run)

    assert "declare a new relation" in refused.value.hint
    assert await plant.head() == before


async def test_a_relation_that_was_taken_out_can_not_come_back_with_another_cardinality_s5(plant: SmallWorld):
    model = [{"id": "t1", "type": "sensor", "relations": {"feeds": ["t2"]}}, {"id": "t2", "type": "sensor"}]
    plant.config["entities"] = model
    await plant.sync()
    plant.config["entities"], relation = [{"id": "t2", "type": "sensor"}], plant.config["relations"].pop("feeds")
    await apply_in(plant.store, plant.twin, dry_run=False)
    plant.config["relations"]["feeds"] = relation | {"functional": True}

    with pytest.raises(ConfigurationError, match="claimed with many"):
        await apply_in(plant.store, plant.twin, dry_run=False)


async def test_a_relation_that_nobody_claimed_may_change_its_cardinality(plant: SmallWorld):
    await plant.sync()
    plant.config["relations"]["feeds"]["functional"] = True

    assert (await apply_in(plant.store, plant.twin, dry_run=False)).committed
