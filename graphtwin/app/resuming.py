"""Bringing to an end what a run that died had left on its way: verified, or taken back, and never sent again (S30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphtwin.app.adapters import RandomIds
from graphtwin.errors import Conflict, NotFound
from graphtwin.model.acting import PlanRecord
from graphtwin.model.commit import RunRecord
from graphtwin.model.report import SyncStatus
from graphtwin.steps.rollback import RollbackOut
from graphtwin.steps.verify import VerifyOut
from graphtwin.workflows.ending import resume
from graphtwin.workflows.run import Context, Run


@dataclass(frozen=True, slots=True)
class Resumed:
    """How a plan that was left on its way ended: the run that it belongs to, and the status of that."""

    run: str
    plan: str
    status: SyncStatus
    verified: VerifyOut
    rolled_back: RollbackOut | None


async def resume_left(context: Context, ids: RandomIds) -> tuple[Resumed, ...]:
    """Every plan whose run died is brought to its end; one whose process still lives is left to it."""
    world, now = context.config.world.id, context.clock.now()
    left = [
        record
        for record in await context.store.plans(world, statuses=("executing",))
        if not context.lives(record.holder, record.alive_until, now)
    ]
    return tuple([await _resume(context, ids, record) for record in left])


async def resume_run(context: Context, ids: RandomIds, run: str) -> Resumed:
    """The same for one run. Raises NotFound where it left nothing on its way, Conflict where its process still lives."""
    world, now = context.config.world.id, context.clock.now()
    executing = await context.store.plans(world, statuses=("executing",))
    record = next((one for one in executing if one.run == run), None)
    if record is None:
        raise NotFound(
            f"The run {run} of {world} left no plan on its way.", hint=f"see how it ended: graphtwin run show {run}"
        )
    if context.lives(record.holder, record.alive_until, now):
        raise Conflict(
            f"The run {run} is still at work in {record.holder}.", hint=f"watch it: graphtwin run watch {run}"
        )
    return await _resume(context, ids, record)


async def _resume(context: Context, ids: RandomIds, record: PlanRecord) -> Resumed:
    run = Run(
        id=ids.new("resume"),
        world=context.config.world.id,
        workflow="digital-twin-sync-loop",
        mode="incremental",
        started_at=context.clock.now(),
        now=await context.world_now(),
    )
    verified, restored = await resume(run, context, record)
    status = SyncStatus.ACTION_TAKEN
    if restored is not None:
        status = SyncStatus.ROLLED_BACK if restored.executed else SyncStatus.FAILED
    await _note(context, record, status, verified, restored)
    return Resumed(record.run, record.id, status, verified, restored)


async def _note(
    context: Context, record: PlanRecord, status: SyncStatus, verified: VerifyOut, restored: RollbackOut | None
) -> None:
    """The record of the run that died says how it ended after all."""
    world = context.config.world.id
    known = next((one for one in await context.store.runs(world, limit=1000) if one.id == record.run), None)
    told: Mapping[str, Any] = {
        "resumed": True,
        "verification": verified.result.value,
        "criteria_met": list(verified.criteria_met),
        "reason": restored.reason if restored else verified.reason,
    }
    before = known or RunRecord(
        record.run, world, "digital-twin-sync-loop", record.updated_at, None, "running", "", None, {}
    )
    ended = replace(
        before, ended_at=context.clock.now(), status=status.value, step="rollback" if restored else "verify",
        details={**before.details, **told},
    )  # fmt: skip
    await context.store.save_run(ended)
