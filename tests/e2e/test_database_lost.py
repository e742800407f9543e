"""The database dies during a sync, of files and of live input: a clear error, the old version or the new one, and the next
sync loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from brokers import needs_mosquitto
from e2e.plants import plant, publish_all
from e2e.real_world import real_store, real_world
from e2e.small_world import SmallWorld, memory, reading

from graphtwin.errors import Unavailable
from graphtwin.settings import Settings
from graphtwin.store.server import ensure_running, status, stop

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]

LATER = "2026-01-01T00:01:00Z"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    """A server that may be killed: the session's is for everybody."""
    settings = settings_for(tmp_path_factory.mktemp("own"), neo4j={"heap_mb": 512, "page_cache_mb": 128})
    ensure_running(settings)
    yield settings
    stop(settings)
    shutil.rmtree(settings.home)


class Killer:
    """Kills the server when a step comes to its boundary, once."""

    def __init__(self, settings: Settings, boundary: str) -> None:
        self._settings, self._boundary, self.killed = settings, boundary, False

    def __call__(self, step: str, phase: str) -> None:
        if f"{step}:{phase}" == self._boundary and not self.killed:
            kill(self._settings)
            self.killed = True


def kill(settings: Settings) -> None:
    """kill -9 of the server's own process."""
    pid = status(settings).pid
    assert pid
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("boundary", "committed"), [("world_state:end", False), ("detect_anomaly:start", True)], ids=["before", "after"]
)
async def test_a_database_killed_during_a_sync_costs_nothing(
    own_server: Settings, tmp_path: Path, boundary: str, *, committed: bool
):
    calm = SmallWorld(tmp_path / "calm", memory())
    async with real_store(ensure_running(own_server)) as store:
        real = real_world(tmp_path / "real", store)
        await real.sync()
        before = await real.head()
        for world in (real, calm):
            world.say(reading("t1", 25, LATER), reading("t2", 2, LATER, feeds=["t1"]))
        with pytest.raises(Unavailable) as told:
            await real.sync(on_step=Killer(own_server, boundary))

    async with real_store(ensure_running(own_server)) as store:
        real.store = store
        found = await real.head()
        outcome = await real.sync()
        checked = await store.verify(real.id)
    await calm.sync()

    assert told.value.exit_code == 8
    assert "graphtwin db start" in str(told.value)
    assert found.seq == before.seq + committed
    assert outcome.exit_code == 0
    assert outcome.report.twin_snapshot.hash == (await calm.head()).hash
    assert checked.problems == ()


async def test_a_database_killed_during_live_input_ends_as_if_nothing_had_been(own_server: Settings, tmp_path: Path):
    needs_mosquitto()
    failed = 0
    with ExitStack() as stack:
        calm = plant(tmp_path / "calm", stack)
        async with real_store(ensure_running(own_server)) as store:
            disturbed = plant(tmp_path / "disturbed", stack, real_world(tmp_path / "disturbed" / "world", store))
            for one in (disturbed, calm):
                await one.sync()
        for round_, moment in enumerate((0.2, 0.6)):  # while it drains the broker, and about its commit
            async with real_store(ensure_running(own_server)) as store:
                disturbed.world.store = store
                publish_all((disturbed, calm), 20 + 10 * round_)
                killer = threading.Timer(moment, kill, [own_server])
                killer.start()
                try:
                    await disturbed.sync()
                except Unavailable:
                    failed += 1
                killer.join()
                publish_all((disturbed, calm), 25 + 10 * round_)
            await calm.sync()
        async with real_store(ensure_running(own_server)) as store:
            disturbed.world.store = store
            outcome = await disturbed.sync()
            kept = await disturbed.kept()
            checked = await store.verify(disturbed.world.id)
        await calm.sync()

    assert failed
    assert outcome.report.twin_snapshot.hash == (await calm.world.head()).hash
    assert kept == disturbed.said
    assert checked.problems == ()
