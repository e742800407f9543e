"""Which declared remedies answer which findings, and in what order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphtwin.methods.acting.plan_step import Infeasible, action_step
from graphtwin.methods.judging.risk import noisy_or
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.acting import Action
from graphtwin.model.finding import Finding
from graphtwin.model.plan import Plan, PlanStep, plan_id
from graphtwin.model.state import State

MONITOR: Final = "monitor"
_TOLD: Final = 3  # steps that a summary names
_NAMES_ENTITY: Final = re.compile(r"\{(id|local_id)\}")


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and for each remedy that was passed over, why: `action (entity): reason`."""

    plan: Plan
    passed_over: tuple[str, ...] = ()


def make_plan(
    world: str,
    findings: Iterable[Finding],
    actions: Sequence[Action],
    state: State,
    policy: Policy,
    *,
    observe_because: str = "",
    without: Collection[tuple[str, str]] = (),
) -> Planned:
    """The plan that answers the findings over the threshold, gravest first; equal input in any order, equal plan.

    A finding is answered by the declared action with the least risk, then cost, then id, whose `when` has its name and
    which can be done now: its preconditions hold, its target is there, it would change something. `without` names (action,
    entity) that failed already. A finding is only watched where no action is left, where `observe_because` says why nothing
    may be proposed, or where its value is disputed (S11). An action that isn't about one entity is one step, whatever the
    number of findings. No two actions of a plan set the same variable: the one that answers the graver finding does.
    """
    wanted = sorted((finding for finding in findings if finding.exceeds), key=lambda finding: finding.order)
    passed_over: dict[str, None] = {}
    chosen: dict[tuple[str, str], tuple[Action, list[Finding]]] = {}
    watched: list[Finding] = []
    for finding in wanted:
        fitting = () if observe_because or finding.disputed else _fitting(finding, actions)
        targets: list[tuple[str, Action]] = []
        for action in fitting:
            targets = [(entity, action) for entity in _targets(action, finding, state)]
            whys = [
                f"{action.id} ({entity or 'the world'}): {why}"
                for entity, _ in targets
                if (why := _why_not(action, entity, state, policy, without) or _set_already(action, entity, chosen))
            ]
            if not targets:
                whys = [f"{action.id} ({finding.entity}): nothing is reached over {action.target}"]
            if not whys:
                break
            passed_over |= dict.fromkeys(whys)
            targets = []
        for entity, action in targets:
            chosen.setdefault((action.id, entity), (action, []))[1].append(finding)
        watched += [] if targets else [finding]
    acting = [action_step(action, entity, found, state, policy) for (_, entity), (action, found) in chosen.items()]
    steps = (*acting, *([_monitor_step(watched)] if watched or not acting else []))
    plan = Plan(
        id=plan_id(world, steps),
        world=world,
        summary=_summary(acting, watched, observe_because),
        steps=steps,
        risk=noisy_or(step.risk for step in steps),
        cost=sum(step.cost for step in steps),
    )
    return Planned(plan, tuple(passed_over))


def _fitting(finding: Finding, actions: Sequence[Action]) -> list[Action]:
    """The actions that answer the finding, the best first."""
    fitting = [a for a in actions if finding.name in a.when and (finding.entity or _is_general(a))]
    return sorted(fitting, key=lambda action: (action.risk, action.cost, action.id))


def _is_general(action: Action) -> bool:
    """Not about one entity: it has a command that names none, no effects on variables, and no actuator."""
    return (
        bool(action.command) and not _NAMES_ENTITY.search(action.command) and not action.effects and not action.actuator
    )


def _targets(action: Action, finding: Finding, state: State) -> list[str]:
    """The entities that the action is done to: the finding's own, or those that a relation leads to."""
    if _is_general(action):
        return [""]
    if not action.target:
        return [finding.entity]
    relation, backwards = action.target.removeprefix("<"), action.target.startswith("<")
    return sorted(
        {
            edge.subject if backwards else edge.object
            for edge in state.edges.values()
            if edge.layer == "reported"
            and edge.relation == relation
            and (edge.object if backwards else edge.subject) == finding.entity
        }
    )


def _why_not(action: Action, entity: str, state: State, policy: Policy, without: Collection[tuple[str, str]]) -> str:
    if (action.id, entity) in without:
        return "it failed already, and nothing new was learned since"
    try:
        action_step(action, entity, (), state, policy)
    except Infeasible as error:
        return str(error)
    return ""


def _set_already(
    action: Action, entity: str, chosen: Mapping[tuple[str, str], tuple[Action, Sequence[Finding]]]
) -> str:
    """Which other action of the plan sets a variable that this one would set; "" where none does."""
    for (name, target), (other, _) in chosen.items():
        if target == entity and name != action.id and (both := sorted(other.effects.keys() & action.effects.keys())):
            return f"{name} sets {both[0]} in this plan already"
    return ""


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
    proposed = "Proposed to a person: " if acting and not any(step.actuator for step in acting) else ""
    return f"{proposed}{text[:1].upper()}{text[1:]}." + only
