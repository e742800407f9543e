"""Whether what was done came to hold: looked at until a plan's windows end (S31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from graphtwin.errors import GraphtwinError, LeaseLost, Unavailable
from graphtwin.methods.acting.criteria import Awaited
from graphtwin.model.acting import ActRecord
from graphtwin.model.commit import AuditEntry
from graphtwin.model.durations import SECOND
from graphtwin.model.principal import SERVICE
from graphtwin.model.report import VerificationResult
from graphtwin.steps.act_plan import ActPlanOut
from graphtwin.steps.verify import Seen, VerifyOut, failed_outright, nothing_to_verify, verify
from graphtwin.workflows.acting import attempted
from graphtwin.workflows.attempt import Attempt
from graphtwin.workflows.journal import ALIVE_FOR
from graphtwin.workflows.observing import Observer
from graphtwin.workflows.run import Context, Run

STANDS_STILL: Final = 60 * SECOND
"""Of the machine's time without a tick of the world's own clock: then nothing can be awaited."""
_LOOKS: Final = 4


async def check_outcome(run: Run, context: Context) -> Any:
    """verify: SKIPPED where nothing was attempted, FAIL where the plan broke off, else what readings say."""
    if not attempted(run):
        return nothing_to_verify()
    done: ActPlanOut = run.out("act_plan")
    verified = await verify_acts(
        run, context, run.outputs["attempt"], done.acts, complete=done.complete, why=done.reason
    )
    if verified.result == VerificationResult.PASS:
        await settle_verified(context, run.outputs["attempt"], verified)
    return verified


async def verify_acts(
    run: Run, context: Context, attempt: Attempt, acts: Sequence[ActRecord], *, complete: bool, why: str
) -> VerifyOut:
    """Whether the criteria of all steps come to hold. An act whose outcome isn't known is as good as its criteria, if it
    was the last: what comes after it was never sent.
    """
    unknown_last = len(acts) == len(attempt.plan.acts) and all(act.outcome == "done" for act in acts[:-1]) and (
        acts[-1].outcome in ("unknown", "intended")
    )  # fmt: skip
    if not complete and not unknown_last:
        return failed_outright(why or "the plan wasn't carried out whole")
    if unknown_last and not attempt.plan.steps[acts[-1].place].criteria:
        return failed_outright("what came of the last act isn't known, and it has no criteria that could tell")
    try:
        return await _seen_to_hold(run, context, attempt, acts)
    except LeaseLost:
        raise
    except GraphtwinError as error:
        # Who can't tell what an act did must not leave it standing.
        return failed_outright(f"what came of it can't be told: {error.message}")


async def _seen_to_hold(run: Run, context: Context, attempt: Attempt, acts: Sequence[ActRecord]) -> VerifyOut:
    awaited = [Awaited(attempt.plan.steps[act.place], act.at) for act in acts]
    observer = Observer(run, context, attempt.plan.acts)
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

    return await verify(awaited, look, observer.wait, policy=context.policy)


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


async def settle_verified(context: Context, attempt: Attempt, verified: VerifyOut) -> None:
    """The end of a plan that did what it was for, in store and chain: it is carried out no more."""
    record = replace(attempt.journal.record, status="executed", reason=verified.reason)
    body = {
        "principal": SERVICE,
        "plan": record.id,
        "result": verified.result.value,
        "criteria_met": list(verified.criteria_met),
        "unmet": list(verified.unmet),
    }
    entry = AuditEntry("verification", context.clock.now(), attempt.acting, body)
    await attempt.journal.settle(record, entry)
