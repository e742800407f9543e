"""Carrying out a cleared plan, act by act: the intent is committed, then it is sent once, then its outcome is kept (S30)."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.errors import GraphtwinError
from graphtwin.model.acting import WENT_OUT, ActRecord
from graphtwin.model.plan import Clearance, Plan, PlanStep
from graphtwin.ports import ActJournal, Gateway


@dataclass(frozen=True, slots=True)
class ActPlanOut:
    """`attempted`: at least one intent was committed, so that there is something to verify and perhaps to take back;
    `executed`: at least one act may have had an effect; `complete`: every act was done. `changes` is what was changed;
    `reason` says why nothing was, or what broke off.
    """

    executed: bool
    changes: tuple[str, ...]
    reason: str
    anchors: tuple[str, ...]
    attempted: bool = False
    complete: bool = False
    acts: tuple[ActRecord, ...] = ()


def not_acted(plan: Plan, reason: str) -> ActPlanOut:
    """The answer where nothing was even intended."""
    return ActPlanOut(False, (), reason, (f"tool:act-plan:{plan.id}",))


async def act_plan(plan: Plan, clearance: Clearance | None, gateway: Gateway, journal: ActJournal) -> ActPlanOut:
    """Carry the plan out, in its order, up to the first act that isn't known to be done: that one is verified, and never
    sent again blindly. Without a clearance for exactly this plan nothing happens, and the answer says why.
    """
    if not plan.acts:
        return not_acted(plan, _why_nothing(plan))
    if clearance is None or clearance.plan.id != plan.id or clearance.covers != "act":
        return not_acted(plan, f"plan {plan.id} has no clearance of policy, checkpoint and approval")
    acts: list[ActRecord] = []
    reason = ""
    for place, step in enumerate(plan.steps):
        if step.kind != "action" or not step.actuator:
            continue
        try:
            intent = await journal.intend(clearance, place)
        except GraphtwinError as error:
            reason = error.message
            break
        acts.append(intent)
        answer = await gateway.send(clearance, intent)
        acts[-1] = await journal.conclude(intent, answer)
        if answer.outcome != "done":
            reason = f"{step.title} ({step.entity}): {answer.outcome.replace('_', ' ')}; {answer.text}"
            break
    return ActPlanOut(
        executed=any(act.outcome in WENT_OUT for act in acts),
        changes=tuple(_change(plan.steps[act.place], act) for act in acts),
        reason=reason,
        anchors=(f"tool:act-plan:{plan.id}", *(f"tool:act:{act.id}" for act in acts)),
        attempted=bool(acts),
        complete=not reason,
        acts=tuple(acts),
    )


def _why_nothing(plan: Plan) -> str:
    if plan.actions:
        return "the plan's actions have no actuator: a person carries out their commands"
    return "the plan is to keep watching"


def _change(step: PlanStep, act: ActRecord) -> str:
    """What an act changed, or what became of it."""
    values = ", ".join(
        f"{name} {step.before.get(name, 'unknown')} → {value}" for name, value in sorted(step.effects.items())
    )
    outcome = "" if act.outcome == "done" else f" [{act.outcome.replace('_', ' ')}]"
    return f"{step.entity}: {values or step.title}{outcome}"
