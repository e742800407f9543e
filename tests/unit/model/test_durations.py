"""Durations: what is read, what is refused, and that writing and reading agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.model.durations import compact_duration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("PT30S", 30_000_000),
        ("P14D", 14 * 86_400_000_000),
        ("P2W", 14 * 86_400_000_000),
        ("P1DT2H", 26 * 3_600_000_000),
        ("PT0.25S", 250_000),
        ("PT0S", 0),
        ("5m", 300_000_000),
        ("1h30m", 5_400_000_000),
        ("250ms", 250_000),
        ("1.5s", 1_500_000),
    ],
)
def test_a_duration_is_read_in_either_form(text: str, micros: int) -> None:
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "P1M", "P1Y", "5", "PT5", "-PT5S", "5 m", "m", "inf", "\u0665m", "1e3s"]
)
def test_what_has_no_fixed_length_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it like PT30S"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**17))
def test_both_written_forms_read_back_as_they_were(micros: int) -> None:
    assert parse_duration(format_duration(micros)) == micros
    assert parse_duration(compact_duration(micros)) == micros


def test_a_negative_duration_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(-1)
