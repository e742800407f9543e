"""The one door that every side effect goes through: what isn't cleared to the letter isn't sent (S30)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from graphtwin.errors import GateClosed
from graphtwin.methods.state.canonical_json import same_json
from graphtwin.model.acting import ActRecord
from graphtwin.model.plan import Clearance, Plan, Request, plan_id
from graphtwin.ports import ActAnswer, Actuator, Clock, Command

_log: Final = logging.getLogger("graphtwin.actuators")

_OPEN: Final = {"act": ("intended",), "compensation": ("intended", "unknown")}
"""Outcomes of what may go out. A compensation that another process sent, and that had no effect as readings tell, goes out
again under its key; an act never does.
"""


class Door(Actuator, Protocol):
    """An actuator that can be asked beforehand whether it can be used."""

    def check(self) -> None:
        """Raises ConfigurationError when it can't be, such as for a secret that isn't there."""
        ...


class OneGateway:
    """Sends an act when its clearance covers exactly this act, once, and not too late."""

    def __init__(self, actuators: Mapping[str, Door], clock: Clock) -> None:
        self._actuators = dict(actuators)
        self._clock = clock
        self._sent: set[str] = set()
        self._used: set[tuple[object, ...]] = set()

    def check(self) -> None:
        """Ask every actuator whether it can be used, before anything is planned. Raises ConfigurationError."""
        for actuator in self._actuators.values():
            actuator.check()

    async def send(self, clearance: Clearance, act: ActRecord) -> ActAnswer:
        """The actuator's answer. Raises GateClosed for an act that its clearance doesn't cover to the letter, or that went
        this way before; not_sent when its time is over.
        """
        objection = next(self._objections(clearance, act), "")
        if objection:
            _log.warning("act refused", extra={**_fields(act), "reason": objection})
            raise GateClosed(f"The act {_id_of(act)} isn't sent: {objection}", hint="plan, check and clear it anew")
        if self._clock.now() > act.not_after:
            answer = ActAnswer("not_sent", "its time was over before it was sent")
        else:
            use = _use(clearance, act)
            self._sent.add(act.id)
            self._used.add(use)
            command = Command(act.id, act.actuator, act.request, act.not_after)
            answer = await self._actuators[act.actuator].send(command)
            if answer.outcome == "not_sent":
                self._used.discard(use)  # nothing left this machine: another intent of the step may be made
        _log.info("act answered", extra={**_fields(act), "outcome": answer.outcome, "answer": answer.text})
        return answer

    def _objections(self, clearance: Clearance, act: ActRecord) -> Iterator[str]:
        """Why it isn't sent; each holds only where those before don't."""
        yield from _objections(clearance, act)
        if act.actuator not in self._actuators:
            yield f"there is no actuator {act.actuator}"
        if act.id in self._sent or _use(clearance, act) in self._used:
            yield "it was sent before under this clearance"


def _objections(clearance: Clearance, act: ActRecord) -> Iterator[str]:
    """What of the act its clearance doesn't cover."""
    if type(clearance) is not Clearance:
        yield "what came with it isn't a clearance"
    if type(act) is not ActRecord or not act.id:
        yield "it isn't an act that can be told from others"
    if clearance.covers != act.covers:
        yield f"its clearance covers the {clearance.covers}, and it is the {act.covers}"
    if clearance.plan.id != act.plan:
        yield f"its clearance is for plan {clearance.plan.id}, not {act.plan}"
    if plan_id(clearance.plan.world, clearance.plan.steps, clearance.plan.occasion) != clearance.plan.id:
        yield f"the steps that came with plan {clearance.plan.id} aren't those that its id names"
    if act.outcome not in _OPEN[act.covers] or act.answered_at is not None:
        yield f"it was sent before: {act.outcome}"
    yield from _step_objections(clearance.plan, act)


def _step_objections(plan: Plan, act: ActRecord) -> Iterator[str]:
    """What of the act isn't the step that it names."""
    if type(act.place) is not int or not 0 <= act.place < len(plan.steps):
        yield f"plan {act.plan} has no step {act.place}"
    step = plan.steps[act.place]
    for name in ("entity", "action", "actuator"):
        if getattr(step, name) != getattr(act, name):
            yield f"its {name} isn't the one of step {act.place}"
    cleared = step.request if act.covers == "act" else step.compensation
    if step.kind != "action" or not _same(cleared, act.request):
        yield f"its request isn't what was cleared for step {act.place}"


def _same(cleared: Request | None, asked: Request) -> bool:
    if not type(cleared) is type(asked) is Request or cleared is None:
        return False
    if (cleared.method, cleared.path) != (asked.method, asked.path):
        return False
    try:
        return same_json(cleared.body, asked.body)
    except ValueError:  # what JSON can't say isn't the same as anything
        return False


def _use(clearance: Clearance, act: ActRecord) -> tuple[object, ...]:
    """A clearance is for each step of its plan once: another act of the step needs another restore point."""
    return clearance.plan.id, clearance.restore_point, clearance.covers, act.place


def _fields(act: ActRecord) -> dict[str, object]:
    names = ("id", "plan", "run", "place", "covers", "entity", "action", "actuator")
    return {"act" if name == "id" else name: getattr(act, name, None) for name in names}


def _id_of(act: object) -> str:
    return str(getattr(act, "id", act))
