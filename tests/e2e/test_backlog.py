"""A broker that had more to say than one reading takes: who hasn't been read yet isn't silent (S11, S26)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from brokers import needs_mosquitto
from e2e.plants import VARIABLES, Plant, plant, publish_all
from e2e.small_world import details

from graphtwin.model.durations import MINUTE


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Plant]:
    needs_mosquitto()
    with ExitStack() as stack:
        made = plant(tmp_path, stack)
        made.world.config["sources"]["bus"]["max_messages"] = 2 * len(VARIABLES)
        yield made


async def speak_and_sync(hall: Plant, minutes: int, base: float) -> list[str]:
    """Everything speaks once a minute, and then a sync comes; the sensors that it finds silent."""
    for minute in range(minutes):
        publish_all((hall,), base + minute)
        hall.pass_time(MINUTE)
    found = details(await hall.sync())["findings"]
    return sorted(one["entity"] for one in found if one["name"] == "silence:bus")


async def test_a_backlog_is_no_silence_and_is_caught_up(hall: Plant):
    await hall.sync()  # from now on the broker keeps what is said
    await speak_and_sync(hall, 1, 20)

    first = await speak_and_sync(hall, 6, 30)
    later = [await speak_and_sync(hall, 0, 0) for _ in range(3)]
    hall.pass_time(6 * MINUTE)
    quiet = await speak_and_sync(hall, 0, 0)

    assert (first, later) == ([], [[]] * 3)
    assert await hall.kept() == hall.said
    assert quiet == [f"sensor:local/{name}" for name in VARIABLES]
