"""What should be done about the findings: watch, or declared remedies, for a person or for graphtwin to carry out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graphtwin.methods.acting.planning import make_plan
from graphtwin.methods.state.policy import Policy
from graphtwin.model.finding import Finding
from graphtwin.model.plan import Plan
from graphtwin.model.state import State


@dataclass(frozen=True, slots=True)
class PlanOut:
    """The plan, with its verification criteria; `stop` is what kept it from proposing actions, "" if nothing did;
    `passed_over` tells each remedy that can't be done now, and why.
    """

    plan: Plan
    verification: tuple[str, ...]
    stop: str
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]
    passed_over: tuple[str, ...] = ()


def plan(
    findings: Sequence[Finding],
    state: State,
    policy: Policy,
    *,
    stop: str = "",
    without: Collection[tuple[str, str]] = (),
) -> PlanOut:
    """The plan for a version of a world; the order of the findings doesn't matter.

    It only watches where no constraints are declared, and where `stop` (low confidence, unknown risk) says why nothing
    may be planned (S25). `without` are (action, entity) that failed in this run.
    """
    config = policy.config
    because = stop or ("" if config.constraints else "no constraints are declared, so nothing is ever acted on")
    made = make_plan(config.world.id, findings, config.actions, state, policy, observe_because=because, without=without)
    return plan_out(made.plan, because, made.passed_over)


def plan_out(chosen: Plan, stop: str = "", passed_over: tuple[str, ...] = ()) -> PlanOut:
    """The answer of the step for a plan that was made here or that a person approved before."""
    return PlanOut(
        plan=chosen,
        verification=chosen.verification,
        stop=stop,
        anchors=(f"tool:plan:{chosen.id}",),
        assumptions=("Actions have the effects that twin.yaml declares for them",) if chosen.actions else (),
        passed_over=passed_over,
    )
