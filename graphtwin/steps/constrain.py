"""What policy says about a plan, gate by gate; what isn't allowed is denied."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.methods.acting.verdict import Circumstances, judge_plan
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.plan import Compliance, Gate, Plan


@dataclass(frozen=True, slots=True)
class ConstrainOut:
    """The verdict, and its parts by name; `compliance` is what a clearance asks for.

    `observe_only` says that no constraints are declared, so that no plan may ever act.
    """

    compliance: Compliance
    compliant: bool
    needs_approval: bool
    observe_only: bool
    risk: float
    violations: tuple[str, ...]
    gates: tuple[Gate, ...]
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]


def constrain(plan: Plan, constraints: Constraints | None, about: Circumstances) -> ConstrainOut:
    """Check a plan against policy; a plan that only watches complies. A risk that isn't a number refuses to act."""
    verdict = judge_plan(plan, constraints, about)
    observe_only = constraints is None
    return ConstrainOut(
        compliance=verdict,
        compliant=verdict.compliant,
        needs_approval=verdict.needs_approval,
        observe_only=observe_only,
        risk=verdict.risk,
        violations=verdict.violations,
        gates=verdict.gates,
        anchors=(f"tool:constrain:{plan.id}",),
        assumptions=("No constraints are declared: graphtwin observes and never acts",) if observe_only else (),
    )
