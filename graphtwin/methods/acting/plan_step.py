"""One declared action as a step of a plan: its values worked out, its request and its way back filled in."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from graphtwin.methods.acting.as_told import as_told
from graphtwin.methods.acting.request_units import in_units
from graphtwin.methods.acting.told import reported_values, told_about
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.typed_value import typed_value
from graphtwin.methods.state.canonical_json import same_json
from graphtwin.methods.state.policy import Policy
from graphtwin.model.condition import evaluate, holds
from graphtwin.model.configuration import acting as declared
from graphtwin.model.configuration.acting import Action
from graphtwin.model.durations import MINUTE
from graphtwin.model.finding import Finding
from graphtwin.model.ids import unquote_segment
from graphtwin.model.plan import PlannedCriterion, PlanStep, Request
from graphtwin.model.request_template import filled, filled_text, placeholders, text_of
from graphtwin.model.state import EntityState, State

_SHELL_NAME: Final = re.compile(r"\{(id|local_id)\}")
_LEAST_TOLERANCE: Final = 1e-6
"""Of a number's own size: what a way through a text format may cost."""


class Infeasible(ValueError):
    """The action can't be done to this entity now; the text says why."""


def action_step(action: Action, entity: str, answered: Sequence[Finding], state: State, policy: Policy) -> PlanStep:
    """The step. Raises Infeasible where a precondition doesn't hold, a value isn't known, or it would change nothing."""
    held = state.entities.get(entity)
    told = told_about(held) if held else {}
    for text in action.requires:
        held_now, why = holds(text, {"entity": told})
        if not held_now:
            raise Infeasible(f"it requires {text}: {why}")
    effects = _effects(action, told, held.type if held else "", policy)
    before = reported_values(held, effects)
    request = compensation = None
    if action.actuator and action.request:
        if held is None:
            raise Infeasible("the entity isn't in the world any more")
        if effects and all(name in before and same_json(before[name], value) for name, value in effects.items()):
            raise Infeasible("everything that it would set is so already")
        names = _names(entity, held)
        units = _units(effects, held.type, policy)
        request = _request(action.request, {**names, **effects}, units)
        compensation = _compensation(action, names, effects, before, units=units)
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
        effects=effects,
        before=before,
        actuator=action.actuator,
        request=request,
        compensation=compensation,
        requires=action.requires,
        criteria=_criteria(action, effects, held, policy) if action.actuator else (),
        verification=_verification(action, entity, answered, effects),
        rollback=_rollback(action, before),
    )


def _effects(action: Action, told: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, Any]:
    """The values that it gives, worked out where they are written as `=CEL`, each of its variable's kind."""
    values: dict[str, Any] = {}
    for name, said in sorted(action.effects.items()):
        value, why = said, ""
        if isinstance(said, str) and said.startswith("="):
            value, why = evaluate(said[1:], {"entity": told})
            value = as_told(value, told)
        if why or value is None:
            raise Infeasible(f"its effect on {name} can't be told: {why or 'nothing'}")
        try:
            variable = policy.variable(kind, name)
            values[name] = typed_value(value, variable.unit if variable else "", variable)[0]
        except Refusal as error:
            raise Infeasible(f"its effect on {name} can't be {_written(value)}: {error.reason}") from error
    return values


def _names(entity: str, held: EntityState) -> dict[str, Any]:
    """What placeholders about the entity stand for; of several records of a source, the smallest."""
    records = {f"record:{record.partition(':')[0]}": record.partition(":")[2] for record in reversed(held.records)}
    return {"id": entity, "local_id": unquote_segment(entity.rpartition("/")[2]), **records}


def _units(effects: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, str]:
    variables = {name: policy.variable(kind, name) for name in effects}
    return {name: variable.unit for name, variable in variables.items() if variable}


def _request(template: declared.Request, values: Mapping[str, Any], units: Mapping[str, str]) -> Request:
    wanted = placeholders([template.path, template.body])
    try:
        values = {**values, **in_units(wanted - values.keys(), values, units)}
    except Refusal as error:
        raise Infeasible(error.reason) from error
    missing = sorted(wanted - values.keys())
    if missing:
        raise Infeasible(f"nothing fills in {{{missing[0]}}}: the entity has no such record or value")
    return Request(template.method, filled_text(template.path, values, _in_a_path), filled(template.body, values))


def _in_a_path(value: Any) -> str:
    """A value inside one part of a path: what a source calls a thing can't lead an act elsewhere."""
    return quote(text_of(value), safe="")


def _compensation(
    action: Action,
    names: Mapping[str, Any],
    effects: Mapping[str, Any],
    before: Mapping[str, Any],
    *,
    units: Mapping[str, str],
) -> Request | None:
    """The way back: the same request with the values before, or the one that is declared. None where there is none."""
    if action.reversible == "irreversible" or action.request is None:
        return None
    unknown = sorted(effects.keys() - before.keys())
    if unknown and action.reversible == "reversible":
        raise Infeasible(f"it couldn't be taken back: what {unknown[0]} is now isn't known")
    if action.reversible == "reversible":
        return _request(action.request, {**names, **before}, units)
    if action.compensation is None:
        return None
    given = {f"effect:{name}": value for name, value in effects.items()}
    return _request(action.compensation.request, {**names, **before, **given}, units)


def _criteria(
    action: Action, effects: Mapping[str, Any], held: EntityState | None, policy: Policy
) -> tuple[PlannedCriterion, ...]:
    if action.criteria:
        return tuple(
            PlannedCriterion(
                one.description or one.expect or f"a query returns {action.title.lower()}",
                one.within,
                expect=one.expect,
                cypher=one.cypher,
            )
            for one in action.criteria
        )
    kind = held.type if held else ""
    return tuple(
        PlannedCriterion(f"{name} = {_written(value)}", 5 * MINUTE, expect=_is_about(kind, name, value, policy))
        for name, value in effects.items()
    )


def _is_about(kind: str, name: str, value: Any, policy: Policy) -> str:
    """CEL that holds where the value is reported, as near as its source can tell."""
    read = f"entity[{json.dumps(name)}]"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{read} == {_literal(value)}"
    variable = policy.variable(kind, name)
    tolerance = max(variable.resolution if variable else 0.0, _LEAST_TOLERANCE * max(1.0, abs(value)))
    return f"{read} >= {float(value) - tolerance!r} && {read} <= {float(value) + tolerance!r}"


def _literal(value: Any) -> str:
    """A JSON value as CEL writes it."""
    return json.dumps(value, ensure_ascii=False)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _command(template: str, entity: str) -> str:
    """With the entity's names as single words of a shell: ids come from sources, and people paste commands."""
    names = {"id": entity, "local_id": unquote_segment(entity.rpartition("/")[2])}
    return _SHELL_NAME.sub(lambda found: shlex.quote(names[found[1]]), template)


def _verification(
    action: Action, entity: str, answered: Sequence[Finding], effects: Mapping[str, Any]
) -> tuple[str, ...]:
    if action.criteria:
        return tuple(one.description or one.expect or "a query of its own" for one in action.criteria)
    reported = tuple(f"{entity} reports {name} = {_written(value)}" for name, value in sorted(effects.items()))
    if action.actuator:
        return reported
    gone = dict.fromkeys(f"the next sync no longer finds {f.name} at {f.entity or 'the world'}" for f in answered)
    return (*gone, *reported)


def _rollback(action: Action, before: Mapping[str, Any]) -> str:
    if action.reversible == "irreversible":
        return "can't be taken back"
    way = "undo it" if action.reversible == "reversible" else "compensate for it"
    values = ", ".join(f"{name} = {_written(value)}" for name, value in sorted(before.items()))
    if values:
        return f"{way}, back to {values}"
    return way if action.actuator else f"{way} by hand"
