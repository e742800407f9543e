"""What actuators, actions and constraints of a twin.yaml can have wrong: references, conditions, placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.act_address import SCHEMES, Unsendable, act_endpoint, http_address, mqtt_topic
from graphtwin.model.condition import ConditionError, compile_condition
from graphtwin.model.configuration.tree_reading import Path, fields_of, items_of, problem_at, text_of
from graphtwin.model.configuration.twin_words import nearest
from graphtwin.model.configuration.yaml_tree import Tree
from graphtwin.model.request_template import filled_text, placeholders, value_and_unit

_LISTS: Final = ("allowed_actions", "pre_approved")
_ABOUT_ENTITY: Final = frozenset({"entity"})
_ABOUT_ACT: Final = frozenset({"entity", "action", "effects", "risk", "plan_cost"})


def acting_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every such mistake, in the order of the sections."""
    actions = {text_of(action, "id") for action in items_of(tree, "actions")} - {""}
    yield from _actuators(tree)
    yield from _requests(tree)
    yield from _effects(tree)
    yield from _ways_back(tree)
    yield from _paths(tree)
    yield from _action_conditions(tree)
    yield from _lists(tree, actions)
    yield from _policy(tree, actions)


def _actuators(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = fields_of(tree, "actuators")
    for name, actuator in known.items():
        kind, endpoint = text_of(actuator, "type"), text_of(actuator, "endpoint")
        try:
            if kind in SCHEMES and endpoint:
                act_endpoint(kind, endpoint)
        except Unsendable as error:
            hint = "log in by `username` and `password: ${NAME}`" if "login" in str(error) else ""
            yield problem_at(tree, ("actuators", name, "endpoint"), str(error), hint)
        for field in ("token", "headers"):
            if kind == "mqtt" and actuator.child(field):
                hint = "log in by `username` and `password`"
                yield problem_at(tree, ("actuators", name, field), f"MQTT has no `{field}`", hint)
    for index, action in enumerate(items_of(tree, "actions")):
        asked = text_of(action, "actuator")
        if asked and asked not in known:
            what = f"no actuator {asked!r} is declared"
            yield problem_at(tree, ("actions", index, "actuator"), what, nearest(asked, known))


def _requests(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Placeholders name the entity, a source, or an effect."""
    sources = set(fields_of(tree, "sources"))
    for index, action in enumerate(items_of(tree, "actions")):
        effects = set(fields_of(action, "effects"))
        known = {"id", "local_id", *effects, *(f"record:{source}" for source in sources)}
        places: tuple[tuple[Path, Tree | None, set[str]], ...] = (
            (("actions", index, "request"), action.child("request"), known),
            (
                ("actions", index, "compensation", "request"),
                (action.child("compensation") or action).child("request") if action.child("compensation") else None,
                known | {f"effect:{name}" for name in effects},
            ),
        )
        for path, request, names in places:
            for name in sorted(placeholders(request.plain()) - names) if request else ():
                value, unit = value_and_unit(name)
                if unit and value in names and value.removeprefix("effect:") in effects:
                    continue
                what = f"nothing fills in {{{name}}}"
                yield problem_at(tree, path, what, nearest(name, names))


def _effects(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What graphtwin sets is a variable of some type: nothing else could be read back to verify it."""
    kinds = fields_of(tree, "types")
    variables = {name for kind in kinds.values() for name in fields_of(kind, "variables")}
    for index, action in enumerate(items_of(tree, "actions")):
        if not kinds or not text_of(action, "actuator"):
            continue
        for name in sorted(set(fields_of(action, "effects")) - variables - {"status"}):
            what = f"no type has a variable {name!r}"
            yield problem_at(tree, ("actions", index, "effects", name), what, nearest(name, variables))


def _ways_back(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What is taken back by the same request with the values before has to send them."""
    for index, action in enumerate(items_of(tree, "actions")):
        request = action.child("request")
        if request is None or text_of(action, "reversible") != "reversible":
            continue
        for name in sorted(
            set(fields_of(action, "effects")) - {value_and_unit(name)[0] for name in placeholders(request.plain())}
        ):
            what = f"the request doesn't send {{{name}}}, so the same request can't bring the value before back"
            hint = "put it into the request, or declare `reversible: compensable` with a `compensation`"
            yield problem_at(tree, ("actions", index, "request"), what, hint)


def _paths(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Paths lead below the endpoint of their actuator, whatever the values are that are put in."""
    ways = {"http": http_address, "mqtt": mqtt_topic}
    for index, action in enumerate(items_of(tree, "actions")):
        base = ("actions", index)
        named = text_of(action, "actuator")
        kind, endpoint = (text_of(tree, "actuators", named, part) for part in ("type", "endpoint"))
        for path in (("request", "path"), ("compensation", "request", "path")):
            written = text_of(action, *path)
            try:
                split = act_endpoint(kind, endpoint)
            except Unsendable:
                continue  # told where it stands
            try:
                ways[kind](split, filled_text(written, dict.fromkeys(placeholders(written), "x"), str))
            except Unsendable as error:
                yield problem_at(tree, (*base, *path), str(error))


def _action_conditions(tree: Tree) -> Iterator[ConfigurationProblem]:
    for index, action in enumerate(items_of(tree, "actions")):
        base = ("actions", index)
        for place, item in enumerate(items_of(action, "requires")):
            yield from _condition(tree, (*base, "requires", place), item.value, _ABOUT_ENTITY)
        for name, value in fields_of(action, "effects").items():
            if isinstance(value.value, str) and value.value.startswith("="):
                yield from _condition(tree, (*base, "effects", name), value.value[1:], _ABOUT_ENTITY)
        for place, item in enumerate(items_of(action, "criteria")):
            text = text_of(item, "expect") if item.fields is not None else item.value
            if text:
                yield from _condition(tree, (*base, "criteria", place), text, _ABOUT_ENTITY)


def _condition(tree: Tree, path: Path, text: object, known: frozenset[str]) -> Iterator[ConfigurationProblem]:
    try:
        compile_condition(str(text), known)
    except ConditionError as error:
        yield problem_at(tree, path, str(error), error.hint)


def _lists(tree: Tree, actions: set[str]) -> Iterator[ConfigurationProblem]:
    """What lists of constraints name is declared; what is approved beforehand is allowed at all."""
    constraints = tree.child("constraints")
    allowed = {item.value for item in items_of(constraints, "allowed_actions")} if constraints else set()
    for name in _LISTS:
        for index, item in enumerate(items_of(constraints, name) if constraints else ()):
            path = ("constraints", name, index)
            if isinstance(item.value, str) and item.value not in actions:
                what = f"no action {item.value!r} is declared"
                yield problem_at(tree, path, what, nearest(item.value, actions))
            elif name == "pre_approved" and item.value not in allowed:
                what = f"{item.value!r} is approved beforehand, but not allowed"
                yield problem_at(tree, path, what, "name it in constraints.allowed_actions too")


def _policy(tree: Tree, actions: set[str]) -> Iterator[ConfigurationProblem]:
    constraints = tree.child("constraints")
    if constraints is None:
        return
    for section in ("windows", "rate_limits"):
        for index, item in enumerate(items_of(constraints, section)):
            for place, action in enumerate(items_of(item, "actions")):
                if isinstance(action.value, str) and action.value not in actions:
                    path = ("constraints", section, index, "actions", place)
                    what = f"no action {action.value!r} is declared"
                    yield problem_at(tree, path, what, nearest(action.value, actions))
    for index, item in enumerate(items_of(constraints, "conditions")):
        text = text_of(item, "expect") if item.fields is not None else item.value
        yield from _condition(tree, ("constraints", "conditions", index), text, _ABOUT_ACT)
    kinds = fields_of(tree, "types")
    for name in fields_of(constraints, "bounds"):
        kind, dot, variable = name.partition(".")
        at = ("constraints", "bounds", name)
        if not dot or kind not in kinds or not variable:
            hint = "write it like zone.setpoint: {min: 18, max: 26}"
            yield problem_at(tree, at, f"{name!r} isn't a variable of a type", hint)
        elif variable not in (declared := _variables_about(kind, kinds)):
            what = f"no variable {variable!r} is declared for {kind}: it would bound nothing"
            yield problem_at(tree, at, what, nearest(variable, declared))


def _variables_about(kind: str, kinds: Mapping[str, Tree]) -> set[str]:
    """The variables of a type, of those that it is, and of those that are it."""

    def line(name: str) -> list[str]:
        found: list[str] = []
        while name in kinds and name not in found:
            found.append(name)
            name = text_of(kinds[name], "is_a")
        return found

    related = {one for name in kinds if kind in line(name) for one in (name, *line(kind))}
    return {variable for one in related for variable in fields_of(kinds[one], "variables")}
