"""A person's word about a thing holds while the thing is there, through syncs, and goes with it."""

from __future__ import annotations

import pytest
from e2e.small_world import SmallWorld

from graphtwin.app.claims import ValueOf, override_claim
from graphtwin.app.people import add_user
from graphtwin.app.person import Given
from graphtwin.model.state import At

BOOK = "id,type,reading,ts\nt1,sensor,20,2026-01-01T00:00:00Z\nt2,sensor,21,2026-01-01T00:00:00Z\n"
WITHOUT = "id,type,reading,ts\nt2,sensor,21,2026-01-01T00:00:00Z\n"
ALICE = Given(by="alice")


@pytest.fixture
async def roster(plant: SmallWorld) -> SmallWorld:
    """Two sensors that one book lists; who isn't on the newest list is gone."""
    plant.config["sources"] = {"book": {"type": "file", "path": "book.csv", "roster": True, "retire_after": 1}}
    plant.write("book.csv", BOOK)
    await plant.sync()
    await add_user(plant.store, plant.id, "alice", role="approver", public_key=None, by=None)
    return plant


async def override(world: SmallWorld, value: str, until: str | None = None) -> None:
    await override_claim(world.store, ValueOf(world.id, "sensor:local/t1", "reading"), value, ALICE, until=until)


async def list_without_t1(world: SmallWorld) -> None:
    world.write("book.csv", WITHOUT)
    await world.sync(mode="full")


async def test_an_override_goes_with_its_thing_and_does_not_come_back_with_it(roster: SmallWorld):
    await override(roster, "99", until="30d")
    overridden, head = await roster.value("t1"), await roster.head()

    await list_without_t1(roster)
    gone = await roster.entity("t1")
    roster.write("book.csv", BOOK.replace("00:00:00Z", "00:05:00Z"))
    await roster.sync(mode="full")

    assert overridden == 99
    assert gone is None
    assert await roster.value("t1") == 20
    then = await roster.store.entity(roster.id, "sensor:local/t1", At(head.valid, head.seq))
    assert then is not None
    assert then[0].reported["reading"].value == 99
    assert (await roster.store.verify(roster.id)).problems == ()


async def test_the_end_that_lay_ahead_of_it_does_not_end_a_later_one(roster: SmallWorld):
    await override(roster, "99", until="1h")
    await list_without_t1(roster)
    roster.write("book.csv", BOOK.replace("00:00:00Z", "00:05:00Z"))
    await roster.sync(mode="full")

    await override(roster, "98")

    head = await roster.head()
    ahead = await roster.store.entity(roster.id, "sensor:local/t1", At(head.valid + 2 * 3600 * 10**6, head.seq))
    assert ahead is not None
    assert ahead[0].reported["reading"].value == 98
