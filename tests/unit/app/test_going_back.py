"""rollback --to: what a version knew comes back as a version of its own, signed, and syncs go on from there."""

from __future__ import annotations

import json

import pytest
from e2e.small_world import SmallWorld, reading

from graphtwin.app.configure import apply_in
from graphtwin.app.people import add_user
from graphtwin.app.rollback import preview_rollback, rollback
from graphtwin.errors import HeadMoved, NotFound, Refused, UsageError
from graphtwin.model.commit import Commit
from graphtwin.workflows.restoring import Restored

SECOND, THIRD = "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"


@pytest.fixture
async def lived(plant: SmallWorld) -> SmallWorld:
    """v1 read 20; v2 read 25, and met a second sensor. Anna may approve, Otto may operate."""
    await plant.sync()
    plant.say(reading("t1", 25, SECOND), reading("t2", 5, SECOND))
    await plant.sync()
    for name, role in (("anna", "approver"), ("otto", "operator")):
        await add_user(plant.store, plant.id, name, role=role, public_key=None, by=None)
    return plant


async def back(plant: SmallWorld, to: int = 1, by: str = "anna") -> Restored:
    return await rollback(plant.store, plant.id, to, by=by, reason="a bad batch")


def made(restored: Restored) -> Commit:
    assert restored.commit
    return restored.commit


async def test_what_was_synced_since_is_taken_back_and_the_world_agrees_with_itself_s31(lived: SmallWorld):
    first = (await lived.store.commits(lived.id, limit=1))[0]

    restored = await back(lived)

    assert (made(restored).seq, made(restored).hash, restored.differs) == (3, first.hash, ())
    assert (await lived.value("t1"), await lived.entity("t2")) == (20, None)
    assert (await lived.store.verify(lived.id)).problems == ()


async def test_the_next_sync_goes_on_where_the_sources_are_s31(lived: SmallWorld):
    await back(lived)
    lived.say(reading("t1", 30, THIRD))

    outcome = await lived.sync()

    assert (outcome.exit_code, await lived.value("t1"), await lived.entity("t2")) == (0, 30, None)


async def test_a_person_signs_it_and_the_log_outside_has_it_s35(lived: SmallWorld):
    await back(lived)

    lines = (lived.folder / "audit" / "plant.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    told = next(one["body"] for one in records if one.get("kind") == "restore")
    assert (told["principal"], told["restore_point"], told["reason"]) == ("anna", "v1", "a bad batch")
    assert told["signature"]
    assert told["restored"]["between"] == ["v2"]


async def test_an_operator_may_not_go_back_and_may_look_s35(lived: SmallWorld):
    seen = await preview_rollback(lived.store, lived.id, 1)

    with pytest.raises(Refused, match="otto is operator"):
        await back(lived, by="otto")

    assert (seen.commit, seen.seq_before, seen.differs) == (None, 2, ())
    assert (await lived.head()).seq == 2


async def test_what_was_looked_at_must_still_stand(lived: SmallWorld):
    seen = await preview_rollback(lived.store, lived.id, 1)
    lived.say(reading("t1", 26, THIRD))
    await lived.sync()

    with pytest.raises(HeadMoved, match="v3 now, and v2 was looked at"):
        await rollback(lived.store, lived.id, 1, by="anna", seen=seen.seq_before)


@pytest.mark.parametrize(
    ("to", "error", "told"), [(0, UsageError, "before its baseline"), (9, NotFound, "no version v9")]
)
async def test_a_version_that_can_not_be_gone_back_to_is_told(
    lived: SmallWorld, to: int, error: type[Exception], told: str
):
    with pytest.raises(error, match=told):
        await back(lived, to)


async def test_a_configuration_that_was_applied_since_stays_and_is_named_s31(lived: SmallWorld):
    lived.config["types"]["sensor"]["variables"]["reading"]["half_life"] = "2h"
    lived.config["entities"] = [{"id": "t9", "type": "sensor"}]
    await apply_in(lived.store, lived.twin, dry_run=False)

    restored = await back(lived, 2)

    assert await lived.entity("t9") is None
    assert (await lived.store.configuration(lived.id)).hash() == (await lived.head()).configuration
    assert (made(restored).seq, restored.differs, restored.newer_configuration) == (4, (), True)
