"""A kill at every step boundary leaves the old version or the new one, never anything between, and costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from e2e.children import KILLED, Children, children
from e2e.real_world import environment, real_store, real_world
from e2e.small_world import SmallWorld, memory, reading

from graphtwin.app import verify_audit
from graphtwin.errors import NotFound
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(600)]

STEPS = [step.name for step in SYNC_LOOP.steps]
BUILDING = [step.name for step in WORLD_MODEL_BUILD.steps]
COMMITTED_FROM = STEPS.index("detect_anomaly")
BUILT_FROM = BUILDING.index("causal_model")


@pytest.fixture(scope="module")
def config_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


@pytest.fixture(scope="module")
def forked(neo4j_server: ServerAddress, neo4j_settings: Settings, config_folder: Path) -> Iterator[Children]:
    with children(environment(neo4j_settings, config_folder)) as program:
        yield program


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@dataclass
class Disturbed:
    """A world whose syncs are killed, beside one in memory that reads the same files undisturbed."""

    real: SmallWorld
    calm: SmallWorld
    batch: int = 0
    hashes: list[str] = field(default_factory=list)

    async def hear(self) -> str:
        """Something new to read; answers the hash that a sync of it must end with."""
        self.batch += 1
        ts = f"2026-01-02T00:{self.batch % 60:02d}:00Z"
        self.real.say(
            reading("t1", self.batch, ts),
            reading(f"n{self.batch}", 1, ts, feeds=["t1"]),
            reading("t2", -self.batch, ts),
        )
        self.real.say_raw(f"n{self.batch},sensor,S-{self.batch},{ts}\n", to="book.csv")
        for name in ("readings.jsonl", "book.csv"):
            self.calm.write(name, (self.real.folder / name).read_bytes())
        await self.calm.sync()
        self.hashes.append((await self.calm.head()).hash)
        return self.hashes[-1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def disturbed(tmp_path_factory: pytest.TempPathFactory, store: Neo4jStore, forked: Children) -> Disturbed:
    folder = tmp_path_factory.mktemp("kill")
    real = real_world(folder / "real", store)
    both = Disturbed(real, SmallWorld(folder / "calm", memory()))
    await both.calm.sync()
    assert forked.sync(real.twin) == 0
    return both


BOUNDARIES = [
    pytest.param("receive", "start"),
    # Nothing acts in this version, so that a rollback is never begun.
    *(pytest.param(step, "skipped" if step == "rollback" else "end") for step in STEPS),
    *(pytest.param(step, "start", marks=pytest.mark.nightly) for step in STEPS if step not in ("receive", "rollback")),
]
"""The end of a step is the beginning of the next one, but for what the runner does in between."""


@pytest.mark.parametrize(("step", "phase"), BOUNDARIES)
async def test_a_sync_killed_at_this_boundary_leaves_a_whole_version_and_the_next_one_catches_up(
    step: str, phase: str, disturbed: Disturbed, forked: Children
):
    before = await disturbed.real.head()
    wanted = await disturbed.hear()

    ended = forked.sync(disturbed.real.twin, kill_at=f"{step}:{phase}")

    after = await disturbed.real.head()
    committed = STEPS.index(step) >= COMMITTED_FROM
    assert ended == KILLED
    assert (after.seq, after.hash) == ((before.seq + 1, wanted) if committed else (before.seq, before.hash))
    assert state_hash(await disturbed.real.state()) == after.hash
    assert forked.sync(disturbed.real.twin) == 0
    assert (await disturbed.real.head()).hash == wanted


async def test_after_all_these_kills_everything_verifies_and_nothing_is_there_twice(
    disturbed: Disturbed, forked: Children, store: Neo4jStore, config_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(config_folder))
    await disturbed.hear()
    assert forked.sync(disturbed.real.twin, kill_at="audit:start") == KILLED
    assert forked.sync(disturbed.real.twin) == 0

    checked = await store.verify(disturbed.real.id)
    audited = await verify_audit(store, disturbed.real.id, log=None, head=None)

    told = await store.history(disturbed.real.id, "sensor:local/t1", "reading", limit=1000)
    assert checked.problems == ()
    assert audited.verdict == "intact"
    assert len(told) == len({fact.valid_from for fact in told}) == disturbed.batch + 1


@pytest.mark.parametrize(
    ("step", "phase"),
    [
        *(pytest.param(step, "end") for step in BUILDING),
        *(pytest.param(step, "start", marks=pytest.mark.nightly) for step in BUILDING),
    ],
)
async def test_a_first_sync_killed_at_this_boundary_leaves_no_world_or_a_whole_baseline(
    step: str, phase: str, forked: Children, store: Neo4jStore, tmp_path: Path
):
    fresh = real_world(tmp_path / "fresh", store, "fresh")

    ended = forked.sync(fresh.twin, kill_at=f"{step}:{phase}")

    head = await fresh.head()
    built = BUILDING.index(step) >= BUILT_FROM
    assert ended == KILLED
    assert head.seq == (1 if built else 0)
    assert forked.sync(fresh.twin) == 0
    assert (await store.verify(fresh.id)).problems == ()


async def test_a_kill_before_the_first_step_leaves_a_world_that_the_next_sync_begins(
    forked: Children, store: Neo4jStore, tmp_path: Path
):
    fresh = real_world(tmp_path / "fresh", store, "fresh")
    with pytest.raises(NotFound):
        await fresh.head()

    forked.sync(fresh.twin, kill_at="retrieve:start")

    assert (await fresh.head()).seq == 0
    assert forked.sync(fresh.twin) == 0
    assert (await fresh.value("t1")) == 20
