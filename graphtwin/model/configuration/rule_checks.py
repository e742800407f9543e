"""What rules and state machines of a twin.yaml can have wrong: states nobody knows, steps that no machine allows (S22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.tree_reading import Path, fields_of, items_of, problem_at, text_of
from graphtwin.model.configuration.twin_words import nearest
from graphtwin.model.configuration.yaml_tree import Tree

Machines = Mapping[str, Mapping[str, frozenset[str]]]
"""For each variable that is a state machine of some type: its states, each with those that may follow."""


def rule_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every such mistake, in the order of the sections."""
    machines = _machines(tree)
    yield from _assumed_states(tree)
    for index, rule in enumerate(items_of(tree, "rules")):
        for place, item in enumerate(items_of(rule, "writes")):
            if isinstance(item.value, str) and item.value in machines:
                what = f"{item.value!r} is the state of a machine: no rule derives it"
                hint = "give the rule a `transition` instead"
                yield problem_at(tree, ("rules", index, "writes", place), what, hint)
        step = rule.child("transition")
        if step is not None and step.fields is not None:
            yield from _transition(tree, ("rules", index, "transition"), step, machines)


def machines_by_type(tree: Tree) -> dict[str, dict[str, Tree]]:
    """The state machines of each declared type by variable, inherited ones included."""
    declared = fields_of(tree, "types")
    found: dict[str, dict[str, Tree]] = {}
    for name in declared:
        own: dict[str, Tree] = {}
        kind, seen = name, {""}
        while kind in declared and kind not in seen:
            seen.add(kind)
            for variable, told in fields_of(declared[kind], "variables").items():
                machine = told.child("machine") if told.fields is not None else None
                if machine is not None and machine.fields is not None:
                    own.setdefault(variable, machine)
            kind = text_of(declared[kind], "is_a")
        found[name] = own
    return found


def _machines(tree: Tree) -> Machines:
    """Of types that disagree about a variable, every state and every step that one of them allows."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for own in machines_by_type(tree).values():
        for variable, machine in own.items():
            states = found.setdefault(variable, {})
            for state, following in fields_of(machine, "allowed_next_states").items():
                names = {item.value for item in following.items or () if isinstance(item.value, str)}
                states[state] = states.get(state, frozenset()) | names
    return found


def _transition(tree: Tree, path: Path, step: Tree, machines: Machines) -> Iterator[ConfigurationProblem]:
    variable, to = text_of(step, "variable"), text_of(step, "to")
    if variable and variable not in machines:
        hint = nearest(variable, machines) or "give a variable of a type a `machine`"
        yield problem_at(tree, (*path, "variable"), f"no type has a state machine {variable!r}", hint)
    if variable not in machines:
        return
    states = machines[variable]
    given = step.child("from")
    listed = [(("from", place), item) for place, item in enumerate(given.items or ())] if given else []
    named = [(("from",), given)] if given is not None and isinstance(given.value, str) else listed
    for where, item in (*named, (("to",), step.child("to"))):
        if item is not None and isinstance(item.value, str) and item.value not in states:
            what = f"{item.value!r} isn't a state of {variable}"
            yield problem_at(tree, (*path, *where), what, nearest(item.value, states))
    for where, item in named:
        before = str(item.value)
        if before in states and to in states and before != to and to not in states[before]:
            what = f"{variable} may not go from {before!r} to {to!r}"
            allowed = ", ".join(sorted(states[before]))
            hint = f"allowed there: {allowed}" if allowed else f"{before} is a last state"
            yield problem_at(tree, (*path, *where), what, hint)


def _assumed_states(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What is assumed, wished or expected of a machine is one of its states."""
    machines = machines_by_type(tree)
    for index, entity in enumerate(items_of(tree, "entities")):
        own = machines.get(text_of(entity, "type"), {})
        for section in ("baseline", "expected", "desired"):
            for name, given in fields_of(entity, section).items():
                states = fields_of(own[name], "allowed_next_states") if name in own else {}
                if states and given.fields is None and given.value not in states:
                    what = f"{given.value!r} isn't a state of {name}"
                    yield problem_at(tree, ("entities", index, section, name), what, nearest(given.value, states))
