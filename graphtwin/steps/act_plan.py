"""Carrying out a cleared plan; this version has nothing to act with, so it refuses and says so."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.plan import Clearance, Plan


@dataclass(frozen=True, slots=True)
class ActPlanOut:
    """`changes` is what was changed; `reason` says why nothing was, where `executed` is False."""

    executed: bool
    changes: tuple[str, ...]
    reason: str
    anchors: tuple[str, ...]


def act_plan(plan: Plan, clearance: Clearance | None) -> ActPlanOut:
    """Refuse to act, with the reason that stands first: nothing to do, no clearance for this plan, no actuator."""
    if not plan.actions:
        reason = "the plan is to keep watching"
    elif clearance is None or clearance.plan.id != plan.id:
        reason = f"plan {plan.id} has no clearance of policy, checkpoint and approval"
    else:
        reason = "no actuator exists in this version: a person carries out the commands of the plan"
    return ActPlanOut(False, (), reason, (f"tool:act-plan:{plan.id}",))
