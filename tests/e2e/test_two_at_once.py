"""Two syncs of one world at once: both end well, and every fact is there once."""

from __future__ import annotations

import asyncio

from e2e.small_world import SmallWorld, memory, reading

LATER = "2026-01-01T00:01:00Z"


async def undisturbed(plant: SmallWorld) -> str:
    """The hash that one sync of the same files ends with."""
    calm = SmallWorld(plant.folder.parent / "calm", memory())
    for name in ("readings.jsonl", "book.csv"):
        calm.write(name, (plant.folder / name).read_bytes())
    await calm.sync()
    return (await calm.head()).hash


async def test_two_syncs_at_once_both_end_well_and_facts_are_there_once(plant: SmallWorld):
    await plant.sync()
    plant.say(*(reading(f"t{number}", number, LATER) for number in range(20)))

    both = await asyncio.gather(plant.sync(), plant.sync())

    history = await plant.store.history(plant.id, "sensor:local/t1", "reading")
    assert [one.exit_code for one in both] == [0, 0]
    assert [fact.value for fact in history] == [1, 20]
    assert (await plant.head()).hash == await undisturbed(plant)


async def test_two_first_syncs_at_once_make_one_baseline(plant: SmallWorld):
    plant.config["entities"] = [{"id": "t1", "type": "sensor", "baseline": {"mode": "on"}}]

    both = await asyncio.gather(plant.sync(), plant.sync())

    history = await plant.store.history(plant.id, "sensor:local/t1", "mode")
    baselines = [one for one in await plant.store.commits(plant.id) if one.run.startswith("build_")]
    assert [one.exit_code for one in both] == [0, 0]
    assert len(baselines) == 1
    assert len(history) == 1


async def test_many_syncs_at_once_lose_nothing(plant: SmallWorld):
    await plant.sync()
    for number in range(6):
        plant.say(reading("t1", number, f"2026-01-01T00:0{number}:30Z"))

    ended = await asyncio.gather(*(plant.sync() for _ in range(5)))

    history = await plant.store.history(plant.id, "sensor:local/t1", "reading")
    assert {one.exit_code for one in ended} == {0}
    assert [fact.value for fact in history] == [5, 4, 3, 2, 1, 0, 20]
    assert (await plant.store.verify(plant.id)).problems == ()
