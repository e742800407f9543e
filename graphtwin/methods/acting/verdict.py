"""Policy's verdict on a plan, gate by gate: what isn't allowed is denied, and what can't be told refuses (S26, S28, S29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from graphtwin.methods.acting.timing import outside_windows, over_rate
from graphtwin.methods.judging.risk import unknown_to_one
from graphtwin.model.acting import ActRecord, Freeze
from graphtwin.model.condition import holds
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.plan import Compliance, Gate, Plan, PlanStep


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a what-if showed: what interlocks returned, in words, and which rules would still find something at which
    entity. `error` says why it couldn't be tried; then nothing of it is known.
    """

    violations: tuple[str, ...] = ()
    remaining: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan is judged in the light of: risks, the world's clock (epoch µs) and time zone, acts that went out lately,
    what conditions are told about each target, its type, and whether the world is frozen.
    """

    current_risk: float
    forecasted_risk: float
    now: int = 0
    timezone: str = "UTC"
    recent: Sequence[ActRecord] = ()
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each target's type and the declared ones that it is a kind of, its own first."""
    frozen: Freeze | None = None
    foreseen: Foreseen | None = None
    failed_before: bool = False
    """The same plan was rolled back before."""


def judge_plan(plan: Plan, constraints: Constraints | None, about: Circumstances) -> Compliance:
    """The verdict. A plan that only watches complies with any policy, but not with none at all.

    Approval is needed above `require_approval_above_risk`, for what can't be taken back, and for every action that isn't
    pre-approved: each is a side effect outside. The bounds, windows, rates, conditions and interlocks are about what
    graphtwin would carry out itself.
    """
    risks = (about.current_risk, about.forecasted_risk, plan.risk)
    risk = max(unknown_to_one(value) for value in risks)
    gates = [_policy_gate(constraints), _allowed_gate(plan, constraints), _risk_gate(risks)]
    if constraints is not None and plan.acts:
        gates += [gate(plan, constraints, about) for gate in _GATES]
    refused = [gate for gate in gates if not gate.passed] if plan.actions or constraints is None else []
    asks = _approval_reasons(plan, constraints, risk, about) if constraints is not None else []
    return Compliance(
        plan=plan.id,
        compliant=not refused,
        needs_approval=bool(plan.actions) and bool(asks),
        risk=risk,
        violations=tuple(gate.message for gate in refused),
        gates=(*gates, *([Gate("approval", False, f"needs approval: {'; '.join(asks)}")] if asks else [])),
    )


def _policy_gate(constraints: Constraints | None) -> Gate:
    if constraints is None:
        return Gate("policy", False, "no constraints are declared in twin.yaml: observe only, never act")
    return Gate("policy", True, "constraints are declared")


def _allowed_gate(plan: Plan, constraints: Constraints | None) -> Gate:
    allowed = constraints.allowed_actions if constraints else ()
    denied = sorted({step.action for step in plan.actions} - set(allowed))
    if denied:
        return Gate("allowed", False, f"constraints.allowed_actions doesn't name {', '.join(denied)}")
    return Gate("allowed", True, "every action is named in constraints.allowed_actions, or there is none")


def _risk_gate(risks: Sequence[float]) -> Gate:
    if any(unknown_to_one(value) != value for value in risks):
        return Gate("risk", False, "a risk isn't a number between 0 and 1: unknown risk counts as 1 and refuses")
    return Gate("risk", True, "current, forecast and plan risk are known")


def _freeze_gate(_plan: Plan, _constraints: Constraints, about: Circumstances) -> Gate:
    if about.frozen:
        why = f": {about.frozen.reason}" if about.frozen.reason else ""
        return Gate("freeze", False, f"{about.frozen.by} froze the world{why}")
    return Gate("freeze", True, "the world isn't frozen")


def _size_gate(plan: Plan, constraints: Constraints, _about: Circumstances) -> Gate:
    count = len(plan.acts)
    if count > constraints.max_actions:
        return Gate("size", False, f"{count} acts in one plan, {constraints.max_actions} are allowed")
    return Gate("size", True, f"{count} of at most {constraints.max_actions} acts")


def _bounds_gate(plan: Plan, constraints: Constraints, about: Circumstances) -> Gate:
    told = [why for step in plan.acts for why in _out_of_bounds(step, constraints, about)]
    return Gate("bounds", not told, "; ".join(told) or "every value that is set lies within its bounds")


def _out_of_bounds(step: PlanStep, constraints: Constraints, about: Circumstances) -> list[str]:
    told = []
    for name, value in step.effects.items():
        for kind in about.types.get(step.entity, ()):
            limit = constraints.bounds.get(f"{kind}.{name}")
            if limit is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                told.append(f"{step.entity} {name} would be {value!r}, which has no place within bounds")
            elif (limit.min is not None and not value >= limit.min) or (
                limit.max is not None and not value <= limit.max
            ):
                told.append(f"{step.entity} {name} would be {value:g}, allowed is {_range(limit.min, limit.max)}")
    return told


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most:g}"
    return f"at least {least:g}" if most is None else f"{least:g} to {most:g}"


def _window_gate(plan: Plan, constraints: Constraints, about: Circumstances) -> Gate:
    actions = sorted({step.action for step in plan.acts})
    shut = [one for one in actions if outside_windows(one, constraints.windows, about.now, about.timezone)]
    if shut:
        return Gate("windows", False, f"{', '.join(shut)} may not act at this time of the week")
    return Gate("windows", True, "this time of the week is one for acting")


def _rate_gate(plan: Plan, constraints: Constraints, about: Circumstances) -> Gate:
    told = over_rate(plan.acts, constraints.rate_limits, about.recent, about.now)
    return Gate("rate", not told, "; ".join(told) or "within every rate limit")


def _condition_gate(plan: Plan, constraints: Constraints, about: Circumstances) -> Gate:
    told: list[str] = []
    risk = max(unknown_to_one(value) for value in (about.current_risk, about.forecasted_risk, plan.risk))
    for step in plan.acts:
        known = {
            "entity": about.told.get(step.entity, {}),
            "action": {"id": step.action, "reversible": step.reversible, "risk": step.risk, "cost": step.cost},
            "effects": dict(step.effects),
            "risk": risk,
            "plan_cost": plan.cost,
        }
        for condition in constraints.conditions:
            held, why = holds(condition.expect, known)
            if not held:
                told.append(f"{step.action} ({step.entity}): {condition.message or why}")
        for text in step.requires:
            held, why = holds(text, known)
            if not held:
                told.append(f"{step.action} ({step.entity}) requires {text}: {why}")
    return Gate("conditions", not told, "; ".join(told) or "every condition holds")


def _interlock_gate(_plan: Plan, _constraints: Constraints, about: Circumstances) -> Gate:
    if about.foreseen is None or about.foreseen.error:
        why = about.foreseen.error if about.foreseen else "it wasn't tried"
        return Gate("interlocks", False, f"what the plan would bring about isn't known: {why}")
    told = about.foreseen.violations
    return Gate("interlocks", not told, "; ".join(told) or "no interlock forbids what the plan would bring about")


_GATES: tuple[Callable[[Plan, Constraints, Circumstances], Gate], ...] = (
    _freeze_gate,
    _size_gate,
    _bounds_gate,
    _window_gate,
    _rate_gate,
    _condition_gate,
    _interlock_gate,
)


def _approval_reasons(plan: Plan, constraints: Constraints, risk: float, about: Circumstances) -> list[str]:
    reasons = []
    if plan.actions and risk > constraints.require_approval_above_risk:
        reasons.append(f"risk {risk:.2f} is above {constraints.require_approval_above_risk:.2f}")
    outside = [step.action for step in plan.actions if step.action not in constraints.pre_approved]
    if outside:
        reasons.append(f"{', '.join(dict.fromkeys(outside))}: a side effect that policy doesn't pre-approve")
    final = [step.action for step in plan.actions if step.reversible == "irreversible"]
    if final:
        reasons.append(f"{', '.join(dict.fromkeys(final))} can't be taken back")
    if plan.acts and about.failed_before:
        reasons.append("the same plan was rolled back before")
    return reasons


def policy_document(constraints: Constraints | None) -> dict[str, Any]:
    """Policy as JSON, for the hash that an approval signs."""
    return constraints.model_dump(mode="json") if constraints else {}


def compliance_document(compliance: Compliance) -> dict[str, Any]:
    """The verdict as JSON."""
    return asdict(compliance)
