"""A world that somebody watches over: small batches, and syncs that are asked for elsewhere and done there (S20)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

import pytest
from e2e.small_world import SmallWorld, details, reading

from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.watching import Asked, sync_here_or_there, watch, watcher_of
from graphtwin.errors import ConfigurationDiffers, GraphtwinError

LATER = "2026-01-01T00:01:00Z"
RARELY = 3600 * 1_000_000


async def until(so: Callable[[], bool]) -> None:
    """Let others work until it is so."""
    while not so():  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.01)


class Watched:
    """A world watched over in the background for a block; `heard` is what each sync came to."""

    def __init__(self, plant: SmallWorld, every: int) -> None:
        self.heard: list[SyncOutcome | GraphtwinError] = []
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(
            watch(plant.store, plant.twin, every=every, stop=self._stop, heard=self.heard.append)
        )

    async def __aenter__(self) -> Self:
        await until(lambda: bool(self.heard))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task


async def test_it_syncs_again_and_again_and_lets_go_at_its_end(plant: SmallWorld):
    async with Watched(plant, every=1) as watched:
        plant.say(reading("t2", 5, LATER))
        before = len(watched.heard)
        await until(lambda: len(watched.heard) > before + 1)
        holder = await watcher_of(plant.store, plant.id)

    assert await plant.value("t2") == 5
    assert holder
    assert await watcher_of(plant.store, plant.id) is None


async def test_a_sync_that_is_asked_for_meanwhile_is_done_by_who_watches(plant: SmallWorld):
    async with Watched(plant, every=RARELY) as watched:
        plant.say(reading("t2", 5, LATER))

        outcome = await sync_here_or_there(plant.store, plant.twin, Asked(mode="delta_only"))

    assert len(watched.heard) == 2
    assert isinstance(watched.heard[1], SyncOutcome)
    assert outcome.run_id == watched.heard[1].run_id
    assert outcome.report == watched.heard[1].report
    assert details(outcome)["checklist"]


async def test_what_stopped_it_there_is_told_here(plant: SmallWorld):
    async with Watched(plant, every=RARELY):
        plant.config["schedule"] = {"interval": "9m"}

        with pytest.raises(GraphtwinError) as refused:
            await sync_here_or_there(plant.store, plant.twin, Asked())

    assert refused.value.exit_code == ConfigurationDiffers.exit_code
    assert "graphtwin apply" in refused.value.hint


async def test_a_failure_does_not_end_the_watch(plant: SmallWorld):
    async with Watched(plant, every=1) as watched:
        plant.config["schedule"] = {"interval": "9m"}
        assert plant.twin
        await until(lambda: any(isinstance(one, GraphtwinError) for one in watched.heard))
        del plant.config["schedule"]
        assert plant.twin
        count = len(watched.heard)
        await until(lambda: any(isinstance(one, SyncOutcome) for one in watched.heard[count:]))

    assert await watcher_of(plant.store, plant.id) is None


async def test_nobody_watching_means_that_it_is_done_here(plant: SmallWorld):
    outcome = await sync_here_or_there(plant.store, plant.twin, Asked())

    assert outcome.report.status == "synced"
