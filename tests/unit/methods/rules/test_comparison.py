"""What the rows of a rule with `for:` may compare, when two values stand so, and the sentence that says it."""

from __future__ import annotations

from typing import Any

import pytest

from graphtwin.errors import RuleRefused
from graphtwin.methods.rules.comparison import Comparison, comparison_of, held_row, held_since
from graphtwin.methods.rules.lasting import Past, Stretch
from graphtwin.methods.rules.words import lasting_words
from graphtwin.model.commit import RuleText
from graphtwin.model.durations import DAY, HOUR, MINUTE, SECOND
from graphtwin.model.state import Held

RULE = RuleText("too-warm", "MATCH …", kind="held", lasting=10 * MINUTE)
AHU = "ahu:floor/3a"


def row(**changes: Any) -> dict[str, Any]:
    said = {"subject": AHU, "variable": "temperature", "op": ">=", "reference": [AHU, "setpoint"], "margin": 1.5}
    return said | changes


def holds(one: Any, op: str, other: Any, margin: float = 0, *, units: tuple[str, str] = ("", "")) -> bool:
    compared = Comparison(AHU, "temperature", op, 0, margin)
    return compared.holds(Stretch(0, one, units[0]), Stretch(0, other, units[1]))


def held(value: Any, unit: str = "Cel") -> Held:
    return Held(value, unit, 0, 0, 1.0, "observation", "bus", "bus:a", "f")


@pytest.mark.parametrize(
    ("one", "op", "other", "margin", "so"),
    [
        (23.5, ">=", 22.0, 1.5, True),
        (23.5, ">", 22.0, 1.5, False),
        (23.6, ">", 22, 1.5, True),
        (0.3, ">=", 0.2, 0.1, True),
        (20.5, "<=", 22, 1.5, True),
        (20.5, "<", 22, 1.5, False),
        (20.4, "<", 22, 1.5, True),
        (1.1, "=", 1.0, 0.1, True),
        (1.2, "=", 1.0, 0.1, False),
        (1.2, "<>", 1.0, 0.1, True),
        (1, "=", 1.0, 0, True),
        (1, "=", True, 0, False),
        ("on", "=", "on", 0, True),
        ("on", "<>", "off", 0, True),
        ("on", ">", "off", 0, False),
        (True, ">", 0, 0, False),
        ([1], "=", [1.0], 0, True),
    ],
)
def test_two_values_stand_to_each_other_as_people_read_them_s23(one: Any, op: str, other: Any, margin: float, so: bool):
    assert holds(one, op, other, margin) is so


def test_values_in_different_units_are_compared_in_one_and_never_where_there_is_none_s23():
    assert holds(23.5, ">=", 295.15, 1.5, units=("Cel", "K"))
    assert not holds(23.4, ">=", 295.15, 1.5, units=("Cel", "K"))
    assert not holds(1000, ">", 1, units=("Pa", "Cel"))
    assert not holds(1000, "<>", 1, units=("Pa", "Cel"))


@pytest.mark.parametrize(
    "changes",
    [
        {"variable": ""}, {"variable": None}, {"op": "=>"}, {"op": None}, {"margin": -1}, {"margin": "1"},
        {"margin": True}, {"reference": None}, {"reference": [AHU]}, {"reference": [AHU, None]},
        {"reference": {"value": 1}}, {"reference": "warm"}, {"subject": None}, {"extra": 1},
    ],
)  # fmt: skip
def test_a_row_that_cant_be_compared_is_refused_and_its_rule_named_s23(changes: dict[str, Any]):
    with pytest.raises(RuleRefused, match="too-warm") as refused:
        comparison_of(RULE, row(**changes))

    assert refused.value.hint


def test_a_row_is_a_comparison_of_two_variables_or_with_a_value_s23():
    assert comparison_of(RULE, row()) == Comparison(AHU, "temperature", ">=", (AHU, "setpoint"), 1.5)
    assert comparison_of(RULE, row()).variables == ((AHU, "temperature"), (AHU, "setpoint"))
    assert comparison_of(RULE, row(reference=30, margin=None)) == Comparison(AHU, "temperature", ">=", 30, 0)
    assert comparison_of(RULE, row(reference="on", op="=")).variables == ((AHU, "temperature"),)


def test_it_holds_since_the_last_instant_at_which_it_didnt_s23():
    left, right = Past([Stretch(0, 30), Stretch(5, 20), Stretch(8, 31)], held(31)), Past([Stretch(0, 25)], held(25))

    compared = comparison_of(RULE, row(margin=0))

    assert held_since(compared, {compared.left: left, (AHU, "setpoint"): right}, until=9) == 8
    assert held_since(comparison_of(RULE, row(reference=40)), {compared.left: left}, until=9) is None


def test_the_finding_says_both_values_and_for_how_long_s23():
    compared = comparison_of(RULE, row())
    pasts = {compared.left: Past([], held(23.5)), (AHU, "setpoint"): Past([], held(22.0))}

    said = held_row(RULE, compared, pasts, since=7)

    assert said.finding == {
        "message": f"{AHU} temperature is 23.5 Cel, at least 1.5 Cel above its setpoint of 22 Cel, for more than 10 minutes",
        "about": "temperature",
        "variable": "temperature",
        "reported": 23.5,
        "reference": 22.0,
    }
    assert (said.subject, said.premises, said.since) == (AHU, compared.variables, 7)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"op": ">", "reference": 20, "margin": 0}, "is 23.5 Cel, above 20 Cel, for"),
        ({"op": "<", "reference": 30, "margin": 2}, "is 23.5 Cel, more than 2 Cel below 30 Cel, for"),
        ({"op": "<>", "reference": 30, "margin": 0}, "is 23.5 Cel, not 30 Cel, for"),
        ({"op": "=", "reference": 23, "margin": 1}, "is 23.5 Cel, within 1 Cel of 23 Cel, for"),
        ({"reference": ["zone:x", "wish"]}, "at least 1.5 Cel above zone:x's wish of 22 Cel, for"),
    ],
)
def test_each_way_to_compare_has_its_words_s23(changes: dict[str, Any], says: str):
    compared = comparison_of(RULE, row(**changes))
    pasts = dict.fromkeys(compared.variables, Past([], held(22.0))) | {compared.left: Past([], held(23.5))}

    finding = held_row(RULE, compared, pasts, since=0).finding

    assert finding is not None
    assert says in finding["message"]


def test_durations_are_said_in_words_where_one_unit_says_them():
    said = [lasting_words(one) for one in (10 * MINUTE, HOUR, 90 * MINUTE, 2 * DAY, 61 * SECOND, SECOND // 2)]

    assert said == ["10 minutes", "1 hour", "90 minutes", "2 days", "61 seconds", "500ms"]
