"""Taking back what an attempt did: compensated outside, restored in the twin (S31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graphtwin.model.acting import WENT_OUT, ActRecord
from graphtwin.model.plan import PlanStep, clear_compensation
from graphtwin.model.principal import SERVICE
from graphtwin.model.report import VerificationResult
from graphtwin.steps.rollback import (
    RestoredState,
    RollbackOut,
    WayBack,
    can_be_taken_back,
    nothing_to_take_back,
    rollback,
)
from graphtwin.workflows.acting import executed
from graphtwin.workflows.attempt import Attempt
from graphtwin.workflows.journal import plan_entry
from graphtwin.workflows.observing import Observer
from graphtwin.workflows.restoring import Word, restore_run
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer


def verification_failed(run: Run) -> str:
    """The condition of rollback."""
    failed = run.has("verify") and run.out("verify").result == VerificationResult.FAIL
    return "" if failed else "verification didn't fail"


async def take_back(run: Run, context: Context) -> Any:
    """rollback: everything that this attempt did."""
    attempt: Attempt = run.outputs["attempt"]
    restored = await roll_back(run, context, attempt, run.out("act_plan").acts, run.out("verify").reason)
    failed = {(step.action, step.entity) for step in attempt.plan.acts}
    return Answer(restored, {"failed_steps": run.outputs.get("failed_steps", frozenset()) | failed})


async def roll_back(
    run: Run, context: Context, attempt: Attempt, acts: Sequence[ActRecord], reason: str, *, by: str = SERVICE
) -> RollbackOut:
    """Compensate outside, restore the twin, and keep how the plan ended. `by` says on whose word."""
    went_out = {act.place for act in acts if act.outcome in WENT_OUT}
    can = {place for place in went_out if attempt.plan.steps[place].compensation is not None}
    cleared = clear_compensation(attempt.plan, attempt.point, can) if can else None
    journal, since = attempt.journal, await context.world_now()
    observer = Observer(run, context, attempt.plan.acts, lease=lambda: journal.lease)
    way = WayBack(cleared, context.gateway, attempt.journal, lambda step: observer.as_before(step, since=since))

    async def restore() -> RestoredState:
        await attempt.journal.leave()
        context.on_step("restore", "start")
        word = Word(context.config, context.rules, by, reason)
        state = await restore_run(
            context.store, context.audit, attempt.point, attempt.acting, word, clock=context.clock
        )
        context.on_step("restore", "end")
        version = f"v{state.commit.seq}" if state.commit else (await context.store.head(run.world)).version
        return RestoredState(version, state.hash_after, state.differs)

    try:
        done = await rollback(attempt.plan, acts, way, restore, point=attempt.point)
    finally:
        await attempt.journal.leave()
    record = replace(
        attempt.journal.record,
        status="rolled_back" if done.executed else "failed",
        reason=f"{reason}; {done.reason}" if done.failed else reason,
    )
    await attempt.journal.settle(
        record, plan_entry(record, attempt.plan, at=context.clock.now(), kind="plan_rolled_back")
    )
    await context.audit.export(context.store)
    return done


def way_back(run: Run) -> RollbackOut:
    """What the report says of rollback where none was tried: whether a person can have it done."""
    if not executed(run) or "attempt" not in run.outputs:
        return nothing_to_take_back()
    attempt: Attempt = run.outputs["attempt"]
    steps = [attempt.plan.steps[act.place] for act in run.out("act_plan").acts if act.outcome in WENT_OUT]
    if not all(_has_way(step) for step in steps):
        return nothing_to_take_back("what was done can't be taken back")
    if not run.has("verify") or run.out("verify").result != VerificationResult.PASS:
        command = f"graphtwin run resume {run.world} {run.id}"
        return can_be_taken_back(
            attempt.point, command, "it was left on its way, and the next sync brings it to its end"
        )
    return can_be_taken_back(
        attempt.point, f"graphtwin rollback {run.world} --plan {attempt.plan.id}", "verified; nothing was taken back"
    )


def _has_way(step: PlanStep) -> bool:
    return step.compensation is not None
