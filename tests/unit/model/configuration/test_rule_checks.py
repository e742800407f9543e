"""State machines and transitions in twin.yaml: what fits is read, each mistake is told at its line."""

from __future__ import annotations

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.twin import TwinConfig

UNIT = """\
world: {id: floor}
sources: {bus: {type: file, path: bus.jsonl}}
types:
  unit:
    variables:
      mode:
        datatype: string
        machine:
          initial: idle
          allowed_next_states: {idle: [cooling], cooling: [idle, broken], broken: []}
  chiller: {is_a: unit}
rules:
- id: start
  cypher: X
  transition: {variable: mode, from: idle, to: cooling, inverse: true}
"""


def problems(text: str) -> list[tuple[str, int, str, str]]:
    """(path, line, message, hint) of each mistake."""
    with pytest.raises(ConfigurationError) as caught:
        parse_twin(text)
    return [(one.path, one.line, one.message, one.hint) for one in caught.value.problems]


def test_a_machine_and_its_transitions_are_read_and_kept_as_written_s22():
    config = parse_twin(UNIT)

    step = config.rules[0].transition
    machine = config.types["unit"].variables["mode"].machine

    assert step is not None
    assert (step.variable, step.from_, step.to, step.inverse) == ("mode", ("idle",), "cooling", True)
    assert machine is not None
    assert machine.allowed_next_states["cooling"] == ("idle", "broken")
    assert TwinConfig.model_validate(config.normalised()) == config


@pytest.mark.parametrize(
    ("old", "new", "path", "says", "hint"),
    [
        ("variable: mode", "variable: mod", "rules[0].transition.variable", "no type has a state machine 'mod'", "`mode`"),
        ("from: idle", "from: idel", "rules[0].transition.from", "'idel' isn't a state of mode", "`idle`"),
        ("from: idle", "from: [idle, idel]", "rules[0].transition.from[1]", "'idel' isn't a state", "`idle`"),
        ("to: cooling", "to: coolng", "rules[0].transition.to", "'coolng' isn't a state", "`cooling`"),
        ("to: cooling", "to: broken", "rules[0].transition.from", "from 'idle' to 'broken'", "allowed there: cooling"),
        ("from: idle", "from: [broken]", "rules[0].transition.from[0]", "may not go from 'broken'", "last state"),
        ("to: cooling", "to: idle", "rules[0].transition", "another state", ""),
        ("from: idle", "from: []", "rules[0].transition", "names no state", ""),
        ("from: idle,", "", "rules[0].transition.from", "`from` is missing", ""),
        ("cooling: [idle, broken]", "cooling: [idle, brokn]", "types.unit.variables.mode.machine", "isn't a state", ""),
        ("initial: idle", "initial: idel", "types.unit.variables.mode.machine", "initial state 'idel'", ""),
        ("datatype: string", "unit: Cel", "types.unit.variables.mode", "`datatype: string`", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place_s22(old: str, new: str, path: str, says: str, hint: str):
    text = UNIT.replace(old, new, 1)

    found = problems(text)

    (problem,) = [one for one in found if one[0] == path]
    assert says in problem[2]
    assert hint in problem[3]
    assert text.splitlines()[problem[1] - 1].strip()


@pytest.mark.parametrize(
    ("more", "path", "says"),
    [
        ("- {id: r, cypher: X, writes: [mode]}", "rules[1].writes[0]", "is the state of a machine"),
        ("- {id: r, cypher: X, writes: [x], transition: {variable: mode, from: idle, to: cooling}}", "rules[1]", "no `writes`"),
        ("entities: [{id: u, type: chiller, baseline: {mode: warming}}]", "entities[0].baseline.mode", "isn't a state"),
        ("actions: [{id: a, title: A, when: [start]}]", "actions[0].when[0]", "no finding is ever called 'start'"),
        ("actions: [{id: a, title: A, when: ['unsupported:stop']}]", "actions[0].when[0]", "no finding"),
    ],
)  # fmt: skip
def test_what_contradicts_a_machine_is_told_s22(more: str, path: str, says: str):
    ((found, _, message, _),) = problems(UNIT + more)

    assert found == path
    assert says in message


def test_troubles_of_machines_can_be_answered_by_actions_s22():
    more = "actions: [{id: a, title: A, when: ['unsupported:start', 'contested:chiller.mode']}]"

    assert parse_twin(UNIT + more).actions[0].when == ("unsupported:start", "contested:chiller.mode")
