"""What should be done about the findings: watch, or declared remedies as proposals to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphtwin.methods.judging.planning import make_plan
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.finding import Finding
from graphtwin.model.plan import Plan
from graphtwin.model.state import State


@dataclass(frozen=True, slots=True)
class PlanOut:
    """The plan, with its verification criteria; `stop` is what kept it from proposing actions, "" if nothing did."""

    plan: Plan
    verification: tuple[str, ...]
    stop: str
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]


def plan(findings: Sequence[Finding], state: State, config: TwinConfig, *, stop: str = "") -> PlanOut:
    """The plan for a version of a world; the order of the findings doesn't matter.

    It only watches where no constraints are declared, and where `stop` (low confidence, unknown risk) says why nothing
    may be planned (S25).
    """
    because = stop or ("" if config.constraints else "no constraints are declared, so nothing is ever acted on")
    made = make_plan(config.world.id, findings, config.actions, state, observe_because=because)
    return PlanOut(
        plan=made,
        verification=made.verification,
        stop=because,
        anchors=(f"tool:plan:{made.id}",),
        assumptions=("Actions have the effects that twin.yaml declares for them",) if made.actions else (),
    )
