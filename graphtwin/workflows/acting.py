"""From a judged plan to a verified outcome: checkpoint, act, verify, roll back (S28 to S32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graphtwin.errors import GateClosed, GraphtwinError, LeaseLost, Unavailable
from graphtwin.methods.acting.approving import verified_approval
from graphtwin.model.acting import WENT_OUT, ActRecord, PlanRecord
from graphtwin.model.commit import AuditEntry
from graphtwin.model.durations import SECOND
from graphtwin.model.plan import Approval, Clearance, Plan, PlanStep, RestorePoint, clear, clear_compensation
from graphtwin.model.principal import SERVICE
from graphtwin.model.report import VerificationResult
from graphtwin.steps.act_plan import ActPlanOut, act_plan, not_acted
from graphtwin.steps.checkpoint import checkpoint
from graphtwin.steps.rollback import (
    RestoredState,
    RollbackOut,
    WayBack,
    can_be_taken_back,
    nothing_to_take_back,
    rollback,
)
from graphtwin.steps.verify import Seen, VerifyOut, failed_outright, nothing_to_verify, verify
from graphtwin.workflows.journal import ALIVE_FOR, Journal, plan_entry
from graphtwin.workflows.observing import Observer
from graphtwin.workflows.restoring import Word, restore_run
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer

STANDS_STILL: Final = 60 * SECOND
"""Of the machine's time without a tick of the world's own clock: then nothing can be awaited."""
_LOOKS: Final = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """One plan on its way: what carries it out, and when it began by the world's clock (epoch µs)."""

    plan: Plan
    record: PlanRecord
    point: RestorePoint
    acting: str
    since: int
    journal: Journal


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
    attempt = Attempt(chosen, record, point, acting, await context.world_now(), journal)
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
    approval = await _approval(run, context, record) if constrained.needs_approval else None
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


async def check_outcome(run: Run, context: Context) -> Any:
    """verify: SKIPPED where nothing was attempted, FAIL where the plan broke off, else what readings say."""
    if not attempted(run):
        return nothing_to_verify()
    done: ActPlanOut = run.out("act_plan")
    verified = await verify_acts(
        run, context, run.outputs["attempt"], done.acts, complete=done.complete, why=done.reason
    )
    if verified.result == VerificationResult.PASS:
        await _settle(context, run.outputs["attempt"], "executed", verified)
    return verified


async def verify_acts(
    run: Run, context: Context, attempt: Attempt, acts: Sequence[ActRecord], *, complete: bool, why: str
) -> VerifyOut:
    """Whether the criteria of all steps come to hold. An act whose outcome isn't known is as good as its criteria, if it
    was the last: what comes after it was never sent.
    """
    steps = attempt.plan.acts
    unknown_last = len(acts) == len(steps) and all(act.outcome == "done" for act in acts[:-1]) and (
        acts[-1].outcome in ("unknown", "intended")
    )  # fmt: skip
    if not complete and not unknown_last:
        return failed_outright(why or "the plan wasn't carried out whole")
    if unknown_last and not attempt.plan.steps[acts[-1].place].criteria:
        return failed_outright("what came of the last act isn't known, and it has no criteria that could tell")
    try:
        return await _seen_to_hold(run, context, attempt, steps)
    except LeaseLost:
        raise
    except GraphtwinError as error:
        # Who can't tell what an act did must not leave it standing.
        return failed_outright(f"what came of it can't be told: {error.message}")


async def _seen_to_hold(run: Run, context: Context, attempt: Attempt, steps: Sequence[PlanStep]) -> VerifyOut:
    observer = Observer(run, context, steps, since=attempt.since)
    moved = _Moved(context)

    async def look() -> Seen:
        context.on_step("look", "start")
        until = context.clock.now() + ALIVE_FOR
        world, plan = run.world, attempt.plan.id
        if not await context.store.still_carrying(world, plan, holder=context.holder, until=until):
            raise LeaseLost(
                f"Plan {plan} is brought to its end by another process.", hint=f"graphtwin plan show {plan}"
            )
        seen = await _looked(observer)
        moved.must_have(seen.now)
        context.on_step("look", "end")
        return seen

    return await verify(steps, look, observer.wait, since=attempt.since)


async def _looked(observer: Observer) -> Seen:
    """One look, tried again where the world can't be read just now."""
    for attempt in range(_LOOKS):
        try:
            return await observer.look()
        except GraphtwinError as error:
            if attempt == _LOOKS - 1 or not error.retryable:
                raise
            await observer.wait()
    raise AssertionError("unreachable: the last look returns or raises")


class _Moved:
    """Knows whether the world's clock moves on: one that stands still would make a window last for ever."""

    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._own = context.config.world.clock != "system"
        self._last = -1
        self._since = self._clock.now()

    def must_have(self, now: int) -> None:
        """Raises Unavailable where the world's clock hasn't moved for too long by the machine's."""
        if now > self._last:
            self._last, self._since = now, self._clock.now()
        elif self._own and self._clock.now() - self._since > STANDS_STILL:
            raise Unavailable("the world's clock stands still", hint="see what its source of time says")


async def _settle(context: Context, attempt: Attempt, status: Any, verified: VerifyOut) -> None:
    """The plan's end in store and chain: it is carried out no more."""
    record = replace(attempt.journal.record, status=status, reason=verified.reason)
    body = {
        "principal": SERVICE,
        "plan": record.id,
        "result": verified.result.value,
        "criteria_met": list(verified.criteria_met),
        "unmet": list(verified.unmet),
    }
    entry = AuditEntry("verification", context.clock.now(), attempt.acting, body)
    await attempt.journal.settle(record, entry)


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
    observer = Observer(run, context, attempt.plan.acts, since=since, lease=lambda: journal.lease)
    way = WayBack(cleared, context.gateway, attempt.journal, observer.as_before)

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
    return can_be_taken_back(
        attempt.point, f"graphtwin rollback {run.world} --plan {attempt.plan.id}", "verified; nothing was taken back"
    )


def _has_way(step: PlanStep) -> bool:
    return step.compensation is not None


async def resume(run: Run, context: Context, record: PlanRecord) -> tuple[VerifyOut, RollbackOut | None]:
    """Bring a plan that was left on its way to an end: verified where it went out whole, else taken back. Nothing of it is
    sent a second time. `run` is the one that does it.
    """
    acts = [act for act in await context.store.acts(run.world, plan=record.id) if act.covers == "act"]
    acts.sort(key=lambda act: act.place)
    acting = acts[0].run if acts else f"{record.run}:act1"
    state = await context.store.state(run.world)
    types = {
        step.entity: state.entities[step.entity].type for step in record.plan.acts if step.entity in state.entities
    }
    taken = replace(record, holder=context.holder, alive_until=context.clock.now() + ALIVE_FOR)
    journal = Journal(context, taken, acting, types)
    attempt = Attempt(
        record.plan, taken, await _point(context, record), acting, min((act.at for act in acts), default=0), journal
    )
    await journal.take_over()
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
        await _settle(context, attempt, "executed", verified)
        return verified, None
    return verified, await roll_back(run, context, attempt, acts, verified.reason)


async def undo(run: Run, context: Context, record: PlanRecord, *, by: str, reason: str) -> RollbackOut:
    """Take back a plan that was carried out and verified, on a person's word."""
    acts = [act for act in await context.store.acts(run.world, plan=record.id) if act.covers == "act"]
    acts.sort(key=lambda act: act.place)
    state = await context.store.state(run.world)
    types = {one.entity: state.entities[one.entity].type for one in record.plan.acts if one.entity in state.entities}
    acting = acts[0].run if acts else f"{record.run}:act1"
    journal = Journal(context, record, acting, types)
    since = min((act.at for act in acts), default=0)
    attempt = Attempt(record.plan, record, await _point(context, record), acting, since, journal)
    return await roll_back(run, context, attempt, acts, reason, by=by)


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
