"""Which declared remedies answer which findings, in what order, and what policy says about them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.judging.risk import noisy_or, unknown_to_one
from graphtwin.model.configuration.acting import Action, Constraints
from graphtwin.model.finding import Finding
from graphtwin.model.ids import unquote_segment
from graphtwin.model.plan import Compliance, Gate, Plan, PlanStep, plan_id
from graphtwin.model.state import State

MONITOR: Final = "monitor"

_PLACEHOLDER: Final = re.compile(r"\{(id|local_id)\}")

_TOLD: Final = 3  # steps that a summary names


def make_plan(
    world: str, findings: Iterable[Finding], actions: Sequence[Action], state: State, *, observe_because: str = ""
) -> Plan:
    """The plan that answers the findings over the threshold, gravest first; equal input in any order, equal plan.

    A finding is answered by the declared action with the least risk, then cost, then id, whose `when` has its name. It
    is only watched where none is declared, where `observe_because` says why nothing may be proposed, or where its value
    is disputed (S11). An action whose command names no entity is one step, whatever the number of findings.
    """
    wanted = sorted((finding for finding in findings if finding.exceeds), key=lambda finding: finding.order)
    answers: dict[tuple[str, str], list[Finding]] = {}
    for finding in wanted:
        action = _answer(finding, actions) if not observe_because and not finding.disputed else None
        key = (action.id, "" if _is_general(action) else finding.entity) if action else (MONITOR, "")
        answers.setdefault(key, []).append(finding)
    by_id = {action.id: action for action in actions}
    acting = [_action_step(by_id[a], e, found, state) for (a, e), found in answers.items() if a != MONITOR]
    watched = answers.get((MONITOR, ""), [])
    steps = (*acting, *([_monitor_step(watched)] if watched or not acting else []))
    return Plan(
        id=plan_id(world, steps),
        world=world,
        summary=_summary(acting, watched, observe_because),
        steps=steps,
        risk=noisy_or(step.risk for step in steps),
        cost=sum(step.cost for step in steps),
    )


def judge_plan(
    plan: Plan,
    constraints: Constraints | None,
    *,
    current_risk: float,
    forecasted_risk: float,
    pre_approved: Collection[str] = (),
) -> Compliance:
    """Policy's verdict on a plan: what isn't allowed is denied, and a risk that isn't a number refuses (S26).

    A plan that only watches complies with any policy, but not with none at all. Approval is needed above
    `require_approval_above_risk`, for what can't be taken back, and for every action that isn't `pre_approved`: each is
    a side effect outside.
    """
    risks = (current_risk, forecasted_risk, plan.risk)
    risk = max(unknown_to_one(value) for value in risks)
    gates = (
        _policy_gate(constraints),
        _allowed_gate(plan, constraints),
        _risk_gate(risks),
    )
    refused = [gate for gate in gates if not gate.passed] if plan.actions or constraints is None else []
    asks = constraints is not None and _approval_reasons(plan, constraints, risk, pre_approved)
    return Compliance(
        plan=plan.id,
        compliant=not refused,
        needs_approval=bool(plan.actions) and bool(asks),
        risk=risk,
        violations=tuple(gate.message for gate in refused),
        gates=(*gates, *([Gate("approval", False, f"needs approval: {'; '.join(asks)}")] if asks else [])),
    )


def _answer(finding: Finding, actions: Sequence[Action]) -> Action | None:
    fitting = [a for a in actions if finding.name in a.when and (finding.entity or _is_general(a))]
    return min(fitting, key=lambda action: (action.risk, action.cost, action.id), default=None)


def _is_general(action: Action) -> bool:
    """Not about one entity: it has a command that names none, and no effects on variables."""
    return bool(action.command) and not _PLACEHOLDER.search(action.command) and not action.effects


def _action_step(action: Action, entity: str, answered: Sequence[Finding], state: State) -> PlanStep:
    return PlanStep(
        kind="action",
        action=action.id,
        title=action.title,
        entity=entity,
        answers=tuple(finding.id for finding in answered),
        command=_command(action.command, entity),
        cost=action.cost,
        risk=action.risk,
        reversible=action.reversible,
        effects=dict(sorted(action.effects.items())),
        verification=tuple(one.description or one.expect or "a query of its own" for one in action.criteria)
        or _criteria(entity, answered, action.effects),
        rollback=_rollback(action, entity, state),
    )


def _command(template: str, entity: str) -> str:
    """With the entity's names as single words of a shell: ids come from sources, and people paste commands."""
    names = {"id": entity, "local_id": unquote_segment(entity.rpartition("/")[2])}
    return _PLACEHOLDER.sub(lambda found: shlex.quote(names[found[1]]), template)


def _criteria(entity: str, answered: Sequence[Finding], effects: Mapping[str, Any]) -> tuple[str, ...]:
    gone = dict.fromkeys(f"the next sync no longer finds {f.name} at {f.entity or 'the world'}" for f in answered)
    return (*gone, *(f"{entity} reports {name} = {value}" for name, value in sorted(effects.items())))


def _rollback(action: Action, entity: str, state: State) -> str:
    if action.reversible == "irreversible":
        return "can't be taken back"
    held = state.entities[entity].reported if entity in state.entities else {}
    before = [f"{name} = {held[name].value}" for name in sorted(action.effects) if name in held]
    way = "undo it" if action.reversible == "reversible" else "compensate for it"
    return f"{way}, back to {', '.join(before)}" if before else f"{way} by hand; graphtwin can't act"


def _monitor_step(watched: Sequence[Finding]) -> PlanStep:
    return PlanStep(
        kind="monitor", action=MONITOR, title="Keep watching", entity="", answers=tuple(f.id for f in watched)
    )


def _summary(acting: Sequence[PlanStep], watched: Sequence[Finding], observe_because: str) -> str:
    only = f" Observing only: {observe_because}." if observe_because else ""
    if not acting and not watched:
        return "Keep watching: nothing is over the threshold." + only
    parts = [f"{step.title} ({step.entity})" if step.entity else step.title for step in acting[:_TOLD]]
    if len(acting) > _TOLD:
        parts.append(f"{len(acting) - _TOLD} more such steps")
    if watched:
        parts.append(f"keep watching {len(watched)} finding{'s' if len(watched) > 1 else ''}")
    text = "; then ".join(parts)
    proposed = "Proposed to a person: " if acting else ""
    return f"{proposed}{text[:1].upper()}{text[1:]}." + only


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


def _approval_reasons(plan: Plan, constraints: Constraints, risk: float, pre_approved: Collection[str]) -> list[str]:
    reasons = []
    if plan.actions and risk > constraints.require_approval_above_risk:
        reasons.append(f"risk {risk:.2f} is above {constraints.require_approval_above_risk:.2f}")
    outside = [step.action for step in plan.actions if step.action not in pre_approved]
    if outside:
        reasons.append(f"{', '.join(dict.fromkeys(outside))}: a side effect that policy doesn't pre-approve")
    final = [step.action for step in plan.actions if step.reversible == "irreversible"]
    if final:
        reasons.append(f"{', '.join(dict.fromkeys(final))} can't be taken back")
    return reasons
