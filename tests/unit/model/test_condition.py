"""Conditions in CEL: what they are told, and that they fail closed."""

from __future__ import annotations

import pytest

from graphtwin.model.condition import ConditionError, compile_condition, evaluate, holds


@pytest.mark.parametrize(
    ("text", "told", "true"),
    [
        ("entity.temperature < 24.0", {"temperature": 23}, True),
        ("entity.temperature == 20", {"temperature": 20.0}, True),
        ("entity.mode == 'auto' && entity.fan > 0", {"mode": "auto", "fan": 0.5}, True),
        ("entity.faults.exists(fault, fault == 'stuck')", {"faults": ["stuck"]}, True),
        ("entity.temperature < 24.0", {"temperature": 25}, False),
        ("entity.temperature < 24.0", {}, False),
        ("entity.temperature < 24.0", {"temperature": None}, False),
        ("entity.temperature < 24.0", {"temperature": "warm"}, False),
        ("entity.temperature < 24.0", {"temperature": float("nan")}, False),
        ("entity.temperature", {"temperature": 1}, False),
    ],
)
def test_a_condition_holds_only_where_it_is_known_to(text: str, told: dict[str, object], true: bool):
    held, why = holds(text, {"entity": told})

    assert held is true
    assert bool(why) is not true


@pytest.mark.parametrize(
    ("text", "what"),
    [("entity.x >", "isn't a CEL condition"), ("pump.x > 1", "reads 'pump'"), ("", "isn't a CEL condition")],
)
def test_a_condition_that_cannot_be_told_is_refused_when_it_is_loaded(text: str, what: str):
    with pytest.raises(ConditionError, match=what) as refused:
        compile_condition(text, frozenset({"entity"}))

    assert refused.value.hint


def test_the_own_names_of_macros_are_no_unknown_variables():
    compile_condition("entity.faults.all(fault, fault != 'stuck')", frozenset({"entity"}))


def test_whole_numbers_and_others_are_one_kind():
    assert evaluate("entity.a - entity.b", {"entity": {"a": 2, "b": 0.5}}) == (1.5, "")
