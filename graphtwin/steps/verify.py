"""Whether what was done achieved what was meant, by readings younger than the acts; skipped where nothing was done (S32)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graphtwin.methods.acting.criteria import Awaited, Named, Unmet, judge_criteria
from graphtwin.methods.state.policy import Policy
from graphtwin.model.report import VerificationResult
from graphtwin.model.state import EntityState


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the world after an act: the world's clock (µs), the entities as readings show them, which of them each
    query returned, and where it was read.
    """

    now: int
    entities: Mapping[str, EntityState]
    returned: Named = field(default_factory=dict)
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyOut:
    """`result`, the criteria that hold, those that don't with the reason, and why there is nothing to hold where it was
    skipped.
    """

    result: VerificationResult
    criteria_met: tuple[str, ...]
    reason: str
    anchors: tuple[str, ...]
    unmet: tuple[str, ...] = ()


def nothing_to_verify(reason: str = "nothing was executed, so there is nothing to verify") -> VerifyOut:
    """SKIPPED, with no criteria met: not a single one was tried."""
    return VerifyOut(VerificationResult.SKIPPED, (), reason, ())


def failed_outright(reason: str) -> VerifyOut:
    """FAIL of a plan that wasn't carried out whole: no reading can make up for an act that never went out."""
    return VerifyOut(VerificationResult.FAIL, (), reason, (), (reason,))


async def verify(
    awaited: Sequence[Awaited],
    look: Callable[[], Awaitable[Seen]],
    wait: Callable[[], Awaitable[None]],
    *,
    policy: Policy,
) -> VerifyOut:
    """Look until every criterion of the steps holds, or the window of one that doesn't has passed by the world's clock,
    counted from its own act. `wait` passes the time between two looks. A step without criteria is met by its act alone.
    """
    while True:
        seen = await look()
        met, unmet = judge_criteria(awaited, seen.entities, seen.returned, policy)
        over = [one for one in unmet if seen.now >= one.until]
        if not unmet or over:
            return _answer(met, unmet, seen)
        await wait()


def _answer(met: Sequence[str], unmet: Sequence[Unmet], seen: Seen) -> VerifyOut:
    return VerifyOut(
        result=VerificationResult.FAIL if unmet else VerificationResult.PASS,
        criteria_met=tuple(met),
        reason="; ".join(one.told for one in unmet),
        anchors=seen.anchors,
        unmet=tuple(one.told for one in unmet),
    )
