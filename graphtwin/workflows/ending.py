"""Bringing a plan to its end outside of its sync: one that a run left on its way, and one that a person wants taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphtwin.errors import GateClosed
from graphtwin.model.acting import ActRecord, PlanRecord
from graphtwin.model.plan import RestorePoint
from graphtwin.model.report import VerificationResult
from graphtwin.steps.rollback import RollbackOut
from graphtwin.steps.verify import VerifyOut, failed_outright
from graphtwin.workflows.attempt import Attempt
from graphtwin.workflows.journal import ALIVE_FOR, Journal
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.taking_back import roll_back
from graphtwin.workflows.verifying import settle_verified, verify_acts


async def resume(run: Run, context: Context, record: PlanRecord) -> tuple[VerifyOut, RollbackOut | None]:
    """Bring a plan that was left on its way to an end: verified where it went out whole, else taken back. Nothing of it is
    sent a second time. `run` is the one that does it.
    """
    taken = replace(record, holder=context.holder, alive_until=context.clock.now() + ALIVE_FOR)
    attempt, acts = await _taken_up(run, context, taken)
    await attempt.journal.take_over()
    begun_back = any(act.covers == "compensation" for act in await context.store.acts(run.world, plan=record.id))
    if begun_back:
        verified = failed_outright(f"plan {record.id} was being taken back when its run ended")
    else:
        complete = len(acts) == len(record.plan.acts) and all(act.outcome == "done" for act in acts)
        verified = await verify_acts(
            run,
            context,
            attempt,
            acts,
            complete=complete,
            why=f"the run {record.run} ended before plan {record.id} went out whole",
        )
    if verified.result == VerificationResult.PASS:
        await settle_verified(context, attempt, verified)
        return verified, None
    return verified, await roll_back(run, context, attempt, acts, verified.reason)


async def undo(run: Run, context: Context, record: PlanRecord, *, by: str, reason: str) -> RollbackOut:
    """Take back a plan that was carried out and verified, on a person's word."""
    attempt, acts = await _taken_up(run, context, record)
    return await roll_back(run, context, attempt, acts, reason, by=by)


async def _taken_up(run: Run, context: Context, record: PlanRecord) -> tuple[Attempt, list[ActRecord]]:
    """The attempt that the plan was carried out in, and its acts in the order of their steps."""
    acts = [act for act in await context.store.acts(run.world, plan=record.id) if act.covers == "act"]
    acts.sort(key=lambda act: act.place)
    acting = acts[0].run if acts else f"{record.run}:act1"
    journal = Journal(context, record, acting, await _types(run, context, record))
    return Attempt(record.plan, record, await _point(context, record), acting, journal), acts


async def _types(run: Run, context: Context, record: PlanRecord) -> Mapping[str, str]:
    """The types of the entities that the plan acts on."""
    state = await context.store.state(run.world)
    return {one.entity: state.entities[one.entity].type for one in record.plan.acts if one.entity in state.entities}


async def _point(context: Context, record: PlanRecord) -> RestorePoint:
    """The restore point that the plan was carried out from."""
    world = context.config.world.id
    seq = int(record.restore_point.removeprefix("v"))
    commits = await context.store.commits(world, after=seq - 1, limit=1)
    if not commits or commits[0].seq != seq:
        raise GateClosed(f"The restore point {record.restore_point} of plan {record.id} isn't there any more")
    made = commits[0]
    return RestorePoint(
        world, record.restore_point, seq, made.hash, made.version_id, made.configuration, made.valid, record.run
    )
