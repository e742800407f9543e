"""A kill around an act leaves nothing half done: its plan ends verified or taken back, and nothing is done twice (S30, S31)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from e2e.acting_world import DEVICES, ActingWorld
from e2e.children import KILLED, Children, children
from e2e.real_world import environment, real_store
from fakes.building_actuator import Behaviour, BuildingActuator, building

from graphtwin.app import verify_audit
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]

WRONG, RIGHT = 25.0, 22.0
BOTH_WRONG = {name: {**values, "setpoint": WRONG} for name, values in DEVICES.items()}
SYNCED = (0, 6)
"""How a sync ends after which the world stands: well, or with what it did taken back."""
ENOUGH = 4
"""Syncs within which every plan must have come to its end."""


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


@pytest.fixture
def floors(
    tmp_path: Path, store: Neo4jStore, forked: Children, config_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Floors:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(config_folder))

    @contextmanager
    def one() -> Iterator[Attacked]:
        name = f"floor-{uuid4().hex[:8]}"
        with building(tmp_path / name / "building", BOTH_WRONG) as bms:
            world = ActingWorld(tmp_path / name, store, bms)
            world.config["world"]["id"] = name
            yield Attacked(world, bms, forked)

    return one


@pytest.fixture
def floor(floors: Floors) -> Iterator[Attacked]:
    with floors() as one:
        yield one


@dataclass
class Attacked:
    """A floor on which both zones stand wrong, the building, and the program in whose children its syncs run and die."""

    world: ActingWorld
    building: BuildingActuator
    forked: Children

    def killed(self, *, at: str = "", after: float | None = None) -> int:
        """One sync that is to die."""
        return self.forked.sync(self.world.twin, kill_at=at, kill_after=after)

    def patient(self) -> None:
        """Let acts have so much time that a dead run's lease lasts longer than anybody waits for one."""
        self.world.config["actuators"]["bms"]["timeout"] = "30s"

    def mend(self) -> None:
        """Start the building again where it has ended."""
        if not self.building.running:
            self.building.start()

    async def ends(self) -> list[str]:
        """Sync until no plan is on its way, and look at everything that must hold then; answers how the plans ended."""
        store, world = self.world.store, self.world.id
        for _ in range(ENOUGH):
            self.mend()
            assert self.forked.sync(self.world.twin) in SYNCED
            if not await store.plans(world, statuses=("executing",)):
                break
        await self._nothing_was_done_twice()
        await self._every_plan_ended_as_it_says()
        checked = await store.verify(world)
        audited = await verify_audit(store, world, log=None, head=None)
        assert (checked.problems, audited.verdict) == ((), "intact")
        return [plan.status for plan in reversed(await store.plans(world)) if plan.restore_point]

    async def _nothing_was_done_twice(self) -> None:
        acts = {act.id: act for act in await self.world.store.acts(self.world.id)}
        arrived = Counter(one.key for one in self.building.arrivals())
        effects = Counter(one.key for one in self.building.effects())
        assert set(arrived) <= set(acts), "something went out of which no intent was committed"
        assert [key for key, count in arrived.items() if count > 1 and acts[key].covers == "act"] == []
        assert [key for key, count in effects.items() if count > 1] == []

    async def _every_plan_ended_as_it_says(self) -> None:
        """What was executed was done, what was rolled back was taken back, as far as nothing came after it."""
        store, world = self.world.store, self.world.id
        plans = sorted(await store.plans(world), key=lambda plan: plan.created_at)
        carried_out = [plan for plan in plans if plan.restore_point]
        assert {plan.status for plan in carried_out} <= {"executed", "rolled_back"}, carried_out
        setpoints = dict.fromkeys(DEVICES, WRONG)
        for plan in carried_out:
            if plan.status == "executed":
                setpoints |= {step.entity.rpartition("/")[2]: RIGHT for step in plan.plan.acts}
        assert {name: values["setpoint"] for name, values in self.building.devices().items()} == setpoints


Floors = Callable[[], AbstractContextManager[Attacked]]
"""Each call is another floor in a world of its own."""
STEPS = [step.name for step in SYNC_LOOP.steps]
DOING = ("act_plan", "intend", "conclude", "verify", "look")
AROUND_ACTS = [
    *(f"{what}:{phase}" for what in DOING for phase in ("start", "end")),
    "intend:start:2", "intend:end:2", "conclude:start:2", "conclude:end:2",
    "audit:end", "summarize:start",
]  # fmt: skip
AROUND_ROLLBACKS = [
    "rollback:start", "intend:start:3", "intend:end:3", "conclude:start:3", "conclude:end:3", "restore:start",
    "restore:end", "rollback:end",
]  # fmt: skip
"""The third intent is the compensation of the first act."""


@pytest.mark.parametrize("at", AROUND_ACTS)
async def test_a_plan_killed_on_its_way_ends_verified_or_taken_back(at: str, floor: Attacked):
    floor.patient()

    ended = floor.killed(at=at)

    assert ended == KILLED
    assert await floor.ends()


@pytest.mark.parametrize("at", AROUND_ROLLBACKS)
async def test_a_rollback_killed_on_its_way_is_brought_to_its_end(at: str, floor: Attacked):
    floor.patient()
    floor.building.behave("apply", "refuse", "apply", "refuse")

    ended = floor.killed(at=at)

    assert ended == KILLED
    assert "rolled_back" in await floor.ends()


@pytest.mark.parametrize(
    ("how", "at", "again"),
    [
        (("apply",), "intend:end:2", ""),
        (("apply",), "act_plan:end", "look:end"),
        (("apply", "refuse", "apply", "refuse"), "conclude:start:3", "restore:start"),
    ],
)
async def test_resume_brings_a_killed_run_to_its_end_also_when_it_is_killed_itself(
    how: tuple[Behaviour, ...], at: str, again: str, floor: Attacked
):
    floor.patient()
    floor.building.behave(*how)
    assert floor.killed(at=at) == KILLED
    (left,) = await floor.world.store.plans(floor.world.id, statuses=("executing",))

    if again:
        assert floor.forked.resume(floor.world.twin, left.run, kill_at=again) == KILLED
    ended = floor.forked.resume(floor.world.twin, left.run)

    plan = await floor.world.store.plan(floor.world.id, left.id)
    run = next(one for one in await floor.world.store.runs(floor.world.id) if one.id == left.run)
    assert (ended, plan.status, run.status) in [(0, "executed", "action_taken"), (6, "rolled_back", "rolled_back")]
    assert await floor.ends()


@pytest.mark.parametrize("how", ["hang", "slow", "drop_before", "drop_after", "crash_before", "crash_after"])
async def test_a_kill_while_the_building_leaves_it_open_does_nothing_twice(how: Behaviour, floor: Attacked):
    floor.building.behave(how, "apply")

    floor.killed(at="conclude:start")

    assert await floor.ends()


BEHAVIOURS: tuple[Behaviour, ...] = (
    "apply", "apply", "slow", "refuse", "fail", "hang", "drop_before", "drop_after",
)  # fmt: skip
"""One that crashes can't take anything back until somebody starts it again: that needs a person."""
BOUNDARIES = [
    f"{what}:{phase}" for what in (*STEPS, "intend", "conclude", "look", "restore") for phase in ("start", "end")
]
LONGEST_S = (1.5, 3.0, 6.0)
"""When a sync of this floor has ended, on machines that are quiet or busy."""
KILLS = 30
BLOCKS = 5


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(BLOCKS))
async def test_nothing_is_done_twice_at_whatever_boundary_it_is_killed(seed: int, floors: Floors):
    await kill_often(floors, Random(f"boundaries {seed}"), _at_a_boundary)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(BLOCKS))
async def test_nothing_is_done_twice_at_whatever_moment_it_is_killed(seed: int, floors: Floors):
    await kill_often(floors, Random(f"moments {seed}"), _at_a_moment)


async def kill_often(floors: Floors, chance: Random, draw: Callable[[Random], dict[str, Any]]) -> None:
    """KILLS kills, some of them of the sync that was to mend the one before, of floors whose building does as it likes.

    Compensations it always takes: one that it refuses needs a person, and says so.
    """
    kills, ended = 0, Counter[str]()
    while kills < KILLS:
        with floors() as floor:
            floor.building.behave(
                *chance.choices(BEHAVIOURS, k=chance.randint(1, 3)), "apply", taking={"setpoint": WRONG}
            )
            for _ in range(chance.choice((1, 1, 2, 3))):
                kills += floor.killed(**draw(chance)) == KILLED
                floor.mend()
            ended.update(await floor.ends())
    plans = {f"plans {how.replace('_', ' ')}": count for how, count in sorted(ended.items())}
    print(json.dumps({"kills": kills, **plans}))  # noqa: T201 - the size of the proof


def _at_a_boundary(chance: Random) -> dict[str, Any]:
    return {"at": f"{chance.choice(BOUNDARIES)}:{chance.choice((1, 1, 2, 3))}"}


def _at_a_moment(chance: Random) -> dict[str, Any]:
    return {"after": chance.uniform(0.0, chance.choice(LONGEST_S))}
