"""From a judged plan to its acts: the checkpoint, the clearance, and nothing without both (S28 to S30)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphtwin.errors import GateClosed
from graphtwin.methods.acting.approving import verified_approval
from graphtwin.model.acting import ActRecord, PlanRecord
from graphtwin.model.plan import Approval, Clearance, Plan, RestorePoint, clear
from graphtwin.steps.act_plan import act_plan, not_acted
from graphtwin.steps.checkpoint import checkpoint
from graphtwin.workflows.attempt import Attempt
from graphtwin.workflows.journal import Journal, plan_entry
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer


async def take_checkpoint(run: Run, context: Context) -> Any:
    """checkpoint: the committed head."""
    return await checkpoint(context.store, run.world, run=run.id)


def needs_checkpoint(run: Run) -> None:
    """The gate of act_plan: no act without a restore point of this run, and none with one that was used already."""
    if not run.has("checkpoint") or run.out("checkpoint").point.run != run.id:
        raise GateClosed("Nothing acts without a restore point of this run", hint="run checkpoint first")


def may_act(run: Run) -> str:
    """The condition of act_plan: policy complies, and nothing stopped the run."""
    if run.stopped:
        return run.stopped.reason
    constrained = run.out("constrain")
    return "" if constrained.compliant else "; ".join(constrained.violations) or "policy doesn't allow the plan"


async def act(run: Run, context: Context) -> Any:
    """act_plan: with the clearance that policy, checkpoint and approval make together, or not at all."""
    chosen: Plan = run.out("plan").plan
    record: PlanRecord | None = run.outputs.get("plan_record")
    if not chosen.acts or record is None:
        return await act_plan(chosen, None, context.gateway, _NO_JOURNAL)
    if open_elsewhere := await _carried_out_by_others(run, context, chosen):
        return not_acted(chosen, open_elsewhere)
    try:
        clearance = await _clearance(run, context, chosen, record)
    except GateClosed as error:
        await _make_stale(run, context, record, error.message)
        return not_acted(chosen, error.message)
    point: RestorePoint = run.out("checkpoint").point
    acting = f"{run.id}:act{run.attempt}"
    journal = Journal(context, record, acting, run.outputs["types"])
    attempt = Attempt(chosen, record, point, acting, journal)
    try:
        done = await act_plan(chosen, clearance, context.gateway, journal)
    finally:
        await journal.leave()
    return Answer(done, {"attempt": attempt})


class _Nothing:
    """The journal of a plan without acts: there is nothing to write down."""

    async def intend(self, clearance: Clearance, place: int) -> ActRecord:
        raise GateClosed(f"Step {place} of plan {clearance.plan.id} has no journal")

    async def conclude(self, intent: ActRecord, answer: object) -> ActRecord:  # noqa: ARG002
        return intent


_NO_JOURNAL = _Nothing()


async def _carried_out_by_others(run: Run, context: Context, chosen: Plan) -> str:
    """Why nothing may act now because another plan is still on its way; "" where none is."""
    for other in await context.store.plans(run.world, statuses=("executing",)):
        return f"plan {other.id} is being carried out by {other.run}: no second act before it is verified" if (
            other.id != chosen.id
        ) else f"plan {chosen.id} is being carried out already"  # fmt: skip
    return ""


async def _clearance(run: Run, context: Context, chosen: Plan, record: PlanRecord) -> Clearance:
    """Raises GateClosed naming what is missing."""
    constrained = run.out("constrain")
    approval = await _approval(run, context, record)
    return clear(
        chosen,
        constrained.compliance,
        run.out("checkpoint").point,
        approval,
        basis=run.outputs["basis"],
        now=context.clock.now(),
    )


async def _approval(run: Run, context: Context, record: PlanRecord) -> Approval | None:
    """The newest approval of the plan, checked; None where nobody approved. Raises GateClosed where it doesn't hold."""
    signed = await context.store.approvals(run.world, record.id)
    if not signed or record.status != "approved":
        return None
    return verified_approval(
        signed[-1],
        record,
        context.config.constraints,
        configuration=context.config.hash(),
        principals=await context.store.principals(run.world),
    )


async def _make_stale(run: Run, context: Context, record: PlanRecord, reason: str) -> None:
    """What was approved and doesn't hold any more is asked anew, as another occasion."""
    if record.status != "approved":
        return
    journal = Journal(context, record, f"{run.id}:stale{run.attempt}", {})
    stale = replace(record, status="stale", reason=reason)
    await journal.settle(stale, plan_entry(stale, stale.plan, at=context.clock.now()))


def executed(run: Run) -> bool:
    """Whether at least one act may have had an effect."""
    return bool(run.has("act_plan") and run.out("act_plan").executed)


def attempted(run: Run) -> bool:
    """Whether an intent was committed, so that the run has something to verify."""
    return bool(run.has("act_plan") and run.out("act_plan").attempted)
