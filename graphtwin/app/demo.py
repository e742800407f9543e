"""The demonstration in four acts: a floor of a building that drifts, is put right once a person says so, and refuses once."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock, make_sources
from graphtwin.app.approving import approve
from graphtwin.app.connect import connect, embedded
from graphtwin.app.demo_story import DemoOutcome, scenario_of, told
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.people import add_user
from graphtwin.app.sync import OnStep, sync_in
from graphtwin.errors import IntegrityError
from graphtwin.model.acting import PlanRecord
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.principal import PRINCIPAL_ID, SERVICE
from graphtwin.model.report import SyncStatus
from graphtwin.ports import Store
from graphtwin.settings import Settings
from graphtwin.store.server.progress import Progress
from graphtwin.workflows.upstream import close_sources

SPEED: Final = 60.0
"""A minute of the building passes in a second."""
BEGINS: Final = "2026-06-15T09:00:00Z"
"""A Monday in June: people, sun, and work for the valves."""
LISTEN_S: Final = 4.0
"""Until every sensor has spoken once, at that speed."""
CALM_SYNCS: Final = 2
MOST_SYNCS: Final = 8
"""In one act, before the demonstration says what didn't come."""

QUERIES: Final = (
    "MATCH (unit:HvacController {{world: '{world}'}})-[r:CONTROLS]->(zone:Zone) RETURN unit, r, zone",
    "MATCH (unit:HvacController {{world: '{world}'}}) RETURN unit.id, unit.setpoint, unit.setpoint_desired ORDER BY unit.id",
    "MATCH (act:GtAct {{world: '{world}'}}) RETURN act.covers, act.entity, act.action, act.outcome, act.answer ORDER BY act.at",
)
"""Worth pasting into Neo4j Browser."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story is played: the world and its file, the building behind it, and the person who decides."""

    store: Store
    world: str
    twin: Path
    building: Any
    person: str
    on_step: OnStep | None
    say: Say
    outcomes: list[SyncOutcome]

    async def sync(self) -> SyncOutcome:
        """One more sync, told."""
        outcome = await sync_in(self.store, self.twin, on_step=self.on_step)
        self.outcomes.append(outcome)
        self.say(told(len(self.outcomes), outcome))
        return outcome


async def demo(
    settings: Settings,
    *,
    folder: Path | None = None,
    on_step: OnStep | None = None,
    say: Say = lambda _text: None,
    serve: Callable[[DemoOutcome], Awaitable[None]] | None = None,
    progress: Progress | None = None,
) -> DemoOutcome:
    """Play it once, in a world of its own, and end everything that was started. `say` hears what happens, in sentences;
    with `serve` the building stays on the ports that examples/requirement.yaml names until that returns.
    """
    world = RandomIds(SystemClock()).new("demo").replace("_", "-")
    address = await embedded(settings, progress)
    place = folder or settings.home / "demo" / world
    with scenario_of("building-floor-3") as scenario:
        twin = await asyncio.to_thread(_prepare, scenario, place, world, published=serve is not None)
        say("A floor of a building begins its day: sensors over MQTT, its management over HTTP, an inventory")
        await asyncio.to_thread(scenario.start, speed=SPEED, begins=BEGINS)
        await _listen(twin)
        async with connect(settings) as store:
            stage = Stage(store, world, twin, scenario.building, _person(), on_step, say, [])
            await _calm(stage)
            await _put_right(stage)
            await _refused(stage)
        last = stage.outcomes[-1]
        outcome = DemoOutcome(
            world=world,
            folder=place,
            outcomes=tuple(stage.outcomes),
            report_path=last.report_path,
            audit_path=Path(last.report.audit.log_path),
            queries=tuple(query.format(world=world) for query in QUERIES),
            browser_url=address.browser_url,
        )
        if serve:
            await serve(outcome)
    return outcome


def _prepare(scenario: Any, place: Path, world: str, *, published: bool) -> Path:
    ports = {"http_port": 18080, "mqtt_port": 18831} if published else {}
    twin: Path = scenario.prepare(place, world=world, **ports)
    return twin


async def _listen(twin: Path) -> None:
    """Let the broker keep messages for this world, and every sensor speak once, before the first sync: what is read here
    isn't acknowledged, so it comes again.
    """
    config = load_twin(twin)
    sources = make_sources(config, twin.parent)
    for source in sources:
        if config.sources[source.name].type == "mqtt":
            await source.read(None, full=False, now=SystemClock().now())
    await close_sources(sources, config.world.id)
    await asyncio.sleep(LISTEN_S)


def _person() -> str:
    """Who approves: the one who plays it, by the name that the system has for them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return name if PRINCIPAL_ID.fullmatch(name) and name.casefold() != SERVICE else "visitor"


async def _calm(stage: Stage) -> None:
    """Act one: three sources become one twin, and nothing is wrong."""
    first = await stage.sync()
    built: Any = (first.full.details or {}).get("baseline") or {}
    stage.say(f"Baseline: {built.get('version', 'there already')}, three sources that name the same things differently")
    await _until(
        stage, lambda outcome: outcome.report.status is SyncStatus.SYNCED, "a calm floor", least=CALM_SYNCS - 1
    )
    await add_user(stage.store, stage.world, stage.person, role="approver", public_key=None, by=None)
    stage.say(f"{stage.person} may approve plans in {stage.world}")


async def _put_right(stage: Stage) -> None:
    """Acts two and three: a wrong setpoint is found; approved, it is put back, and seen to be so."""
    await asyncio.to_thread(stage.building.inject, id="knob", kind="wrong_setpoint", unit="hvac-unit-3a", value=26)
    stage.say("Somebody turns the knob of hvac-unit-3a to 26 °C")
    plan = await _waiting(stage, "hvac-unit-3a")
    await _approve(stage, plan)
    await _until(stage, lambda outcome: outcome.report.status is SyncStatus.ACTION_TAKEN, f"plan {plan.id} carried out")
    stage.say("Verified by what the building says since: PASS")


async def _refused(stage: Stage) -> None:
    """Act four: the building refuses, and everything is as before."""
    await asyncio.to_thread(
        stage.building.inject, id="no", kind="refuses_commands", unit="hvac-unit-3b", how="interlock"
    )
    await asyncio.to_thread(stage.building.inject, id="knob-b", kind="wrong_setpoint", unit="hvac-unit-3b", value=25)
    stage.say("Somebody turns the knob of hvac-unit-3b, whose interlock refuses every command")
    plan = await _waiting(stage, "hvac-unit-3b")
    await _approve(stage, plan)
    outcome = await _until(
        stage, lambda outcome: outcome.report.status is SyncStatus.ROLLED_BACK, f"plan {plan.id} rolled back"
    )
    stage.say(f"Refused, and rolled back to {outcome.report.rollback.restore_point}: the twin's hash is as before")


async def _waiting(stage: Stage, unit: str) -> PlanRecord:
    """Sync until a plan to reset the unit's setpoint waits for a person."""
    found: list[PlanRecord] = []

    def waits(outcome: SyncOutcome) -> bool:
        return outcome.report.status is SyncStatus.DRIFT_DETECTED

    for _ in range(MOST_SYNCS):
        await _until(stage, waits, f"the wrong setpoint of {unit}")
        found = [
            one
            for one in await stage.store.plans(stage.world, statuses=("waiting",))
            if any(step.action == "reset_setpoint" and step.entity.endswith(f"/{unit}") for step in one.plan.acts)
        ]
        if found:
            return found[0]
    raise _missing(stage, f"a plan for {unit}")


async def _approve(stage: Stage, plan: PlanRecord) -> None:
    await approve(stage.store, stage.world, plan.id, named=stage.person, risk_ceiling=1.0)
    stage.say(f"{stage.person} approves {plan.id}: {plan.plan.summary}")


async def _until(stage: Stage, wanted: Callable[[SyncOutcome], bool], what: str, *, least: int = 1) -> SyncOutcome:
    """Sync until it has come to what is wanted, `least` times. Raises IntegrityError where it doesn't."""
    for number in range(1, MOST_SYNCS + 1):
        outcome = await stage.sync()
        if number >= least and wanted(outcome):
            return outcome
    raise _missing(stage, what)


def _missing(stage: Stage, what: str) -> IntegrityError:
    return IntegrityError(
        f"The demonstration waited in vain for {what}.",
        hint=f"The report tells what was found: {stage.outcomes[-1].report_path}",
    )
