"""The database dies during a sync: a clear error, the old version or the new one, and the next sync loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
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
            pid = status(self._settings).pid
            assert pid
            os.kill(pid, signal.SIGKILL)
            self.killed = True


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
