"""Figures, their verdicts, and what is made of samples."""

from __future__ import annotations

import json

import pytest

from graphtwin.methods.benchmarks.bench_figures import Figure, bench_document, paired_ratios, shares, spread

FIGURE_FIELDS = {"value", "unit", "floor", "goal", "better", "reference"}


@pytest.mark.parametrize(
    ("better", "value", "holds", "reached"),
    [
        ("higher", 0.11, False, False),
        ("higher", 0.12, True, False),
        ("higher", 0.25, True, True),
        ("lower", 0.3, False, False),
    ],
)
def test_a_figure_holds_at_its_floor_and_reaches_its_goal(
    better: str, value: float, holds: bool, reached: bool
) -> None:
    figure = Figure(value, "ratio", better, "", floor=0.12, goal=0.25 if better == "higher" else 0.1)  # type: ignore[arg-type]

    assert (figure.holds, figure.reached) == (holds, reached)


def test_a_figure_without_a_floor_holds_and_reaches_nothing() -> None:
    figure = Figure(0.4, "share", "lower", "of the whole")

    assert figure.holds
    assert not figure.reached


def test_a_bench_prints_name_machine_versions_and_figures() -> None:
    figures = {
        "b": Figure(1 / 3, "ratio", "higher", "this over that", floor=0.12, goal=0.25),
        "a": Figure(2, "s", "lower", ""),
    }

    document = json.loads(
        json.dumps(bench_document("loop", machine="2 cores", versions={"python": "3.11"}, figures=figures))
    )

    assert list(document) == ["name", "machine", "versions", "figures"]
    assert list(document["figures"]) == ["b", "a"]
    assert all(set(figure) == FIGURE_FIELDS for figure in document["figures"].values())
    assert document["figures"]["b"]["value"] == 0.333333


def test_spread_is_the_median_with_the_medians_of_the_halves() -> None:
    odd, even, one = spread([5, 1, 4, 2, 3]), spread([4, 1, 3, 2]), spread([7])

    assert (odd.low, odd.middle, odd.high, odd.count) == (1.5, 3, 4.5, 5)
    assert (even.low, even.middle, even.high) == (1.5, 2.5, 3.5)
    assert (one.low, one.middle, one.high) == (7, 7, 7)
    assert str(odd) == "median of 5, quartiles 1.5 to 4.5"


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_ratios_are_those_of_pairs() -> None:
    ratios = paired_ratios([2, 9], [4, 3])

    assert ratios == [0.5, 3.0]
    with pytest.raises(ValueError, match="shorter"):
        paired_ratios([1, 2], [1])


def test_shares_are_medians_over_rounds_of_each_part_of_its_whole() -> None:
    rounds = [{"read": 1.0, "write": 3.0}, {"read": 2.0, "write": 2.0}, {"read": 4.0, "write": 3.0, "retry": 1.0}]

    parts = shares(rounds)

    assert parts == {"read": 0.5, "write": 0.5, "retry": 0.0}
