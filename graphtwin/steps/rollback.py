"""Taking back what a run did: outside first, the last act before the others, then what the twin wanted (S31)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from graphtwin.errors import GraphtwinError
from graphtwin.model.acting import WENT_OUT, ActRecord
from graphtwin.model.plan import Clearance, Plan, PlanStep, RestorePoint
from graphtwin.ports import ActJournal, Gateway


@dataclass(frozen=True, slots=True)
class RollbackOut:
    """`executed`: everything was taken back; `failed` says what couldn't be, and needs a person. `restore_point` and
    `command` are None where there is nothing to restore; `reason` says why it was or wasn't done. `hash` is the state's
    after it, `told` what a person should know about it.
    """

    available: bool
    executed: bool
    restore_point: str | None
    command: str | None
    reason: str
    anchors: tuple[str, ...]
    failed: tuple[str, ...] = ()
    hash: str = ""
    told: tuple[str, ...] = ()
    acts: tuple[ActRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoredState:
    """The twin after its cells were restored: version and hash, and what kept the hash from being the checkpoint's."""

    version: str
    hash: str
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WayBack:
    """By what compensations go out. `clearance` covers them; it is None where no act went out. `as_before` looks whether
    what a step changed is reported as before: it decides where the outcome of a compensation isn't known, and only what it
    denies is sent again.
    """

    clearance: Clearance | None
    gateway: Gateway
    journal: ActJournal
    as_before: Callable[[PlanStep], Awaitable[bool]]


def nothing_to_take_back(reason: str = "nothing was executed, so there is nothing to take back") -> RollbackOut:
    """Nothing available, nothing executed: observations are never taken back."""
    return RollbackOut(False, False, None, None, reason, ())


def can_be_taken_back(point: RestorePoint, command: str, reason: str) -> RollbackOut:
    """Nothing was taken back, and a person can still have it done."""
    return RollbackOut(True, False, point.name, command, reason, ())


async def rollback(
    plan: Plan,
    acts: Sequence[ActRecord],
    way: WayBack,
    restore: Callable[[], Awaitable[RestoredState]],
    *,
    point: RestorePoint,
) -> RollbackOut:
    """Compensate in reverse order for every act that may have had an effect, then restore what the run wanted."""
    failed: list[str] = []
    done: list[ActRecord] = []
    for act in sorted((one for one in acts if one.outcome in WENT_OUT), key=lambda one: one.place, reverse=True):
        step = plan.steps[act.place]
        why, compensations = await _make_up(step, act.place, way)
        done += compensations
        failed += [f"{step.title} ({step.entity}): {why}"] if why else []
    restored = await restore()
    return RollbackOut(
        available=not failed,
        executed=not failed,
        restore_point=point.name,
        command=None,
        reason="; ".join(failed) or "everything that was done was taken back",
        anchors=(f"tool:rollback:{point.name}", restored.hash, *(f"tool:act:{act.id}" for act in done)),
        failed=tuple(failed),
        hash=restored.hash,
        told=restored.told,
        acts=tuple(done),
    )


async def _make_up(step: PlanStep, place: int, way: WayBack) -> tuple[str, list[ActRecord]]:
    """Why one act couldn't be made up for, "" where it was; and what was sent for it."""
    if step.compensation is None or way.clearance is None:
        return "it can't be taken back", []
    try:
        intent = await way.journal.intend(way.clearance, place)
    except GraphtwinError as error:
        return error.message, []
    if intent.outcome == "done" or (intent.outcome != "intended" and await way.as_before(step)):
        return "", [intent]
    # One that was sent before goes out anew, under its old key, only because readings deny that it had an effect (S30).
    answer = await way.gateway.send(way.clearance, intent)
    concluded = await way.journal.conclude(intent, answer)
    if answer.outcome == "done" or (answer.outcome == "unknown" and await way.as_before(step)):
        return "", [concluded]
    return f"{answer.outcome.replace('_', ' ')}; {answer.text}", [concluded]
