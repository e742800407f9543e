"""Commands about acting that need a world's sources and actuators: act, resume, take back what was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from graphtwin.app.acting import acting
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.contexts import make_context
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.resuming import Resumed, resume_run
from graphtwin.app.sync import OnStep, sync_in
from graphtwin.errors import Conflict, NotFound, Refused, RollbackFailed, UsageError
from graphtwin.model.acting import WENT_OUT, PlanRecord
from graphtwin.model.configuration.load import load_input
from graphtwin.model.principal import Role
from graphtwin.ports import Store
from graphtwin.steps.rollback import RollbackOut
from graphtwin.workflows.ending import undo
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.upstream import close_sources

_LOOKED_THROUGH = 50
"""Runs in which the place of a world's twin.yaml is looked for."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The sync that was asked to carry a plan out, and the plan as it is now; `done` says whether it was."""

    outcome: SyncOutcome
    record: PlanRecord
    done: bool


async def act(
    store: Store, world: str, plan: str, *, twin: Path | None, run_id: str = "", on_step: OnStep | None = None
) -> Acted:
    """Carry out an approved plan, in a sync of its own: nothing skips detection and policy on the way to an act. Raises
    NotFound, Conflict for a plan that is over, Refused where the sync didn't carry it out (S27).
    """
    record = await store.plan(world, plan)
    if record.status in ("executed", "rolled_back", "rejected", "stale", "failed"):
        raise Conflict(
            f"Plan {plan} is {record.status.replace('_', ' ')}: it is over.", hint=f"graphtwin plan list {world}"
        )
    if record.status == "waiting":
        raise Refused(f"Plan {plan} waits for a person's approval.", hint=f"graphtwin plan approve {world} {plan}")
    outcome = await sync_in(store, await twin_of(store, world, twin), plan=plan, run_id=run_id, on_step=on_step)
    after = await store.plan(world, plan)
    return Acted(outcome, after, after.run == outcome.run_id and after.status in ("executed", "rolled_back", "failed"))


async def resume(store: Store, world: str, run: str, *, twin: Path | None, on_step: OnStep | None = None) -> Resumed:
    """Bring to its end what a run that died had left on its way. Raises NotFound, Conflict."""
    async with _context(store, world, twin, on_step) as (context, ids):
        return await resume_run(context, ids, run)


async def take_back(
    store: Store,
    world: str,
    plan: str | None,
    *,
    reason: str,
    named: str | None = None,
    twin: Path | None = None,
    on_step: OnStep | None = None,
) -> tuple[PlanRecord, RollbackOut]:
    """Take back a plan that was carried out and verified: a person's decision. The last one, where none is named.

    Raises NotFound where there is none, Conflict for one that isn't executed, that has no way back, or that a later plan
    stands on, RollbackFailed where it couldn't be done whole.
    """
    who = await acting(store, world, named, least=Role.APPROVER)
    record = await executed_plan(store, world, plan)
    await _must_have_a_way_back(store, world, record)
    async with _context(store, world, twin, on_step) as (context, ids):
        run = Run(
            id=ids.new("rollback"),
            world=world,
            workflow="digital-twin-sync-loop",
            mode="incremental",
            started_at=context.clock.now(),
            now=await context.world_now(),
        )
        done = await undo(run, context, record, by=who.id, reason=reason or f"{who.id} asked for it")
    if done.failed:
        raise RollbackFailed(
            f"Plan {record.id} couldn't be taken back whole: {'; '.join(done.failed)}.",
            hint=f"the world {world} is frozen; look at it, then: graphtwin unfreeze {world}",
        )
    return replace(record, status="rolled_back"), done


async def executed_plan(store: Store, world: str, plan: str | None) -> PlanRecord:
    """The plan that is meant: the one named, else the last that was carried out. Raises NotFound, Conflict."""
    if plan is not None:
        record = await store.plan(world, plan)
        if record.status != "executed":
            raise Conflict(
                f"Plan {plan} is {record.status.replace('_', ' ')}: there is nothing of it to take back.",
                hint=f"graphtwin plan list {world}",
            )
        return record
    done = await store.plans(world, statuses=("executed",))
    if not done:
        raise NotFound(
            f"Nothing was carried out in {world} that could be taken back.",
            hint=f"to go back to a version: graphtwin rollback {world} --to vN",
        )
    return max(done, key=lambda one: (one.updated_at, one.id))


async def _must_have_a_way_back(store: Store, world: str, record: PlanRecord) -> None:
    """Raises Conflict where something of the plan can't be made up for, and where a later plan set the same since: the
    values before this one are no values to go back to then.
    """
    acts = [act for act in await store.acts(world, plan=record.id) if act.covers == "act" and act.outcome in WENT_OUT]
    final = next((record.plan.steps[act.place] for act in acts if not record.plan.steps[act.place].compensation), None)
    if final is not None:
        raise Conflict(
            f"Plan {record.id} can't be taken back: {final.title} ({final.entity}) has no way back.",
            hint="a person has to make up for it outside",
        )
    first = min((act.at for act in acts), default=0)
    ours = {(act.entity, name): act.at for act in acts for name in act.effects}
    for later in await store.acts(world, since=first):
        if later.plan == record.id or later.covers != "act" or later.outcome not in WENT_OUT:
            continue
        if not any(later.at > ours.get((later.entity, name), later.at) for name in later.effects):
            continue
        if (await store.plan(world, later.plan)).status in ("executed", "executing"):
            raise Conflict(
                f"Plan {later.plan} set {later.entity} after plan {record.id} did.",
                hint=f"take that back first: graphtwin rollback {world} --plan {later.plan}",
            )


@asynccontextmanager
async def _context(
    store: Store, world: str, twin: Path | None, on_step: OnStep | None
) -> AsyncIterator[tuple[Context, RandomIds]]:
    """The context of a world that is there already, under the configuration in force."""
    path = await twin_of(store, world, twin)
    config = await store.configuration(world)
    context = await make_context(store, config, path.parent.resolve(), on_step=on_step)
    try:
        yield context, RandomIds(SystemClock())
    finally:
        await close_sources(context.sources, world)


async def twin_of(store: Store, world: str, named: Path | None) -> Path:
    """Where the world's twin.yaml lies: the file named, else the one that its last run was asked with. Raises UsageError."""
    if named is not None:
        if load_input(named).config.world.id != world:
            raise UsageError(f"{named} is of another world than {world}.", hint="name the twin.yaml of this one")
        return named
    for run in await store.runs(world, limit=_LOOKED_THROUGH):
        path = Path(str(run.details.get("twin", "")))
        if path.is_file():
            return path
    raise UsageError(f"Where the twin.yaml of {world} lies isn't known.", hint="name it with --twin FILE")
