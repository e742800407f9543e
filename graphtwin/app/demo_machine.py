"""The demonstration: a twin of this machine, really disturbed, found drifting, judged and reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.connect import connect, embedded
from graphtwin.app.demo_story import DemoOutcome, scenario_of, told
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.sync import OnStep, sync_in
from graphtwin.errors import IntegrityError
from graphtwin.model.durations import SECOND
from graphtwin.ports import Store
from graphtwin.settings import Settings
from graphtwin.store.server.progress import Progress

CALM_SYNCS: Final = 7
"""Before anything is disturbed: enough history for a median (S26)."""
MOST_SYNCS: Final = 12
"""After it: the last finding to come is the silence of what was killed."""
PAUSE: Final = 2 * SECOND

QUERIES: Final = (
    "MATCH (s:Service {{world: '{world}'}})-[r:DEPENDS_ON|IMPLEMENTED_BY|STORED_ON]->(on) RETURN s, r, on",
    "MATCH (s:Service {{world: '{world}'}}) RETURN s.id, s.health, s.port, s.port_desired, s.port_at ORDER BY s.id",
    "MATCH (c:GtCommit {{world: '{world}'}}) RETURN 'v' + c.seq AS version, c.facts AS facts, c.hash AS hash ORDER BY c.seq",
)
"""Worth pasting into Neo4j Browser."""


async def demo_machine(
    settings: Settings,
    *,
    folder: Path | None = None,
    on_step: OnStep | None = None,
    say: Callable[[str], None] = lambda _text: None,
    progress: Progress | None = None,
) -> DemoOutcome:
    """Play it once, in a world of its own, and end everything that was started. `say` hears what happens, in sentences."""
    clock = SystemClock()
    world = RandomIds(clock).new("demo").replace("_", "-")
    address = await embedded(settings, progress)
    place = folder or settings.home / "demo" / world
    with scenario_of("this-machine") as scenario:
        twin = await asyncio.to_thread(scenario.prepare, place)
        twin.write_text(twin.read_text("utf-8").replace("  id: this-machine\n", f"  id: {world}\n", 1), "utf-8")
        say("Three small services start: storefront → orders → ledger")
        await asyncio.to_thread(scenario.start)
        async with connect(settings) as store:
            outcomes = await _calm(store, twin, on_step, say)
            done = await asyncio.to_thread(scenario.disturb)
            say(f"{done.killed} is killed; {done.moved} is moved to port {done.wrong_port}; the processor is kept busy")
            outcomes += await _until_found(store, twin, done, on_step, say)
    last = outcomes[-1]
    return DemoOutcome(
        world=world,
        folder=place,
        outcomes=tuple(outcomes),
        report_path=last.report_path,
        audit_path=Path(last.report.audit.log_path),
        queries=tuple(query.format(world=world) for query in QUERIES),
        browser_url=address.browser_url,
    )


async def _calm(store: Store, twin: Path, on_step: OnStep | None, say: Callable[[str], None]) -> list[SyncOutcome]:
    outcomes = []
    for number in range(1, CALM_SYNCS + 1):
        outcomes.append(await _one(store, twin, on_step))
        if number == 1:
            say(f"Baseline: {_baseline(outcomes[0])}, from a first reading of every source")
        say(told(number, outcomes[-1]))
    return outcomes


def _baseline(first: SyncOutcome) -> str:
    """The version that the first sync built before it read again."""
    built: Any = (first.full.details or {}).get("baseline") or {}
    return str(built.get("version", "there already"))


async def _until_found(
    store: Store, twin: Path, disturbance: Any, on_step: OnStep | None, say: Callable[[str], None]
) -> list[SyncOutcome]:
    """Sync until everything that was done to the machine shows, silence last."""
    outcomes: list[SyncOutcome] = []
    missing: list[tuple[str, str, str]] = []
    while len(outcomes) < MOST_SYNCS:
        outcomes.append(await _one(store, twin, on_step))
        say(told(CALM_SYNCS + len(outcomes), outcomes[-1]))
        missing = _missing(outcomes[-1], disturbance)
        if not missing:
            return outcomes
    names = ", ".join(f"{name} of {thing}" for _, name, thing in missing)
    raise IntegrityError(
        f"After {MOST_SYNCS} syncs the demonstration hasn't found {names}.",
        hint=f"The report tells what was found: {outcomes[-1].report_path}",
    )


async def _one(store: Store, twin: Path, on_step: OnStep | None) -> SyncOutcome:
    """A sync, and what is left of the pause until the next one."""
    clock = SystemClock()
    started = clock.now()
    outcome = await sync_in(store, twin, on_step=on_step)
    await asyncio.sleep(max(0, started + PAUSE - clock.now()) / SECOND)
    return outcome


def _missing(outcome: SyncOutcome, disturbance: Any) -> list[tuple[str, str, str]]:
    """Which of the findings that must follow haven't been made yet."""
    details: Any = outcome.full.details or {}
    found = {(one["kind"], one["name"], str(one["entity"]).rpartition("/")[2]) for one in details.get("findings", ())}
    return [expected for expected in disturbance.expected if tuple(expected) not in found]
