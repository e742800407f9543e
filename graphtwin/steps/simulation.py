"""simulation: each declared action tried on the model before anything real is touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from graphtwin.methods.acting.plan_step import Infeasible, action_step
from graphtwin.methods.acting.verdict import Foreseen
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.acting import Action
from graphtwin.model.plan import Plan, plan_id
from graphtwin.model.state import State


@dataclass(frozen=True, slots=True)
class Simulated:
    """An action on the entity that it was tried on, and what interlocks say of that, in words."""

    action: str
    entity: str
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimulationOut:
    """Actions that were simulated, and those that can't be, with the reason."""

    simulated: tuple[Simulated, ...]
    not_simulated: tuple[tuple[str, str], ...]
    anchors: tuple[str, ...]


async def simulation(state: State, policy: Policy, foresee: Callable[[Plan], Awaitable[Foreseen]]) -> SimulationOut:
    """One what-if for each action that has an actuator, on the first entity, by id, that it could be done to now."""
    simulated: list[Simulated] = []
    left_out: list[tuple[str, str]] = []
    for action in policy.config.actions:
        if not action.actuator:
            left_out.append((action.id, "no actuator carries it out, so it stays a proposal to a person"))
            continue
        plan, why = _plan_for(action, state, policy)
        if plan is None:
            left_out.append((action.id, why))
            continue
        foreseen = await foresee(plan)
        if foreseen.error:
            left_out.append((action.id, foreseen.error))
        else:
            simulated.append(Simulated(action.id, plan.steps[0].entity, foreseen.violations))
    return SimulationOut(tuple(simulated), tuple(left_out), ("file:twin.yaml#actions",))


def _plan_for(action: Action, state: State, policy: Policy) -> tuple[Plan | None, str]:
    """A plan of this action alone, and why there is none: the reason of the last entity that has what it sets."""
    why = "there is nothing that it could be done to"
    world = policy.config.world.id
    for entity in sorted(state.entities):
        if not action.effects.keys() <= policy.variables(state.entities[entity].type):
            continue
        try:
            step = action_step(action, entity, (), state, policy)
        except Infeasible as error:
            why = f"{entity}: {error}"
            continue
        return Plan(plan_id(world, (step,)), world, action.title, (step,), step.risk, step.cost), ""
    return None, why
