"""Instants: a zone is demanded, microseconds are exact, and text always ends in Z."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.model.instants import format_instant, parse_instant, read_instant

YEAR_1 = -62_135_596_800_000_000
YEAR_9999 = 253_402_300_799_999_999


@given(st.integers(min_value=YEAR_1, max_value=YEAR_9999))
def test_an_instant_reads_back_to_the_microsecond(micros: int) -> None:
    text = format_instant(micros)

    assert text.endswith("Z")
    assert parse_instant(text) == micros


@pytest.mark.parametrize(
    "text",
    ["2024-01-15T16:00:00Z", "2024-01-15T17:00:00+01:00", "2024-01-15 16:00:00z", "2024-01-15T16:00:00.000000999Z"],
)
def test_one_instant_may_be_written_in_many_ways(text: str) -> None:
    assert format_instant(parse_instant(text)) == "2024-01-15T16:00:00Z"


@pytest.mark.parametrize("value", ["2024-01-15T16:00:00", datetime(2024, 1, 15, 16)])  # noqa: DTZ001 - the point
def test_an_instant_without_a_zone_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="has no zone"):
        read_instant(value)


@pytest.mark.parametrize(
    "value",
    [1705334400, 1705334400.0, None, "", "yesterday", "2024-01-15", "2024-13-01T00:00:00Z", "2024-W03-1T00:00:00Z"],
)
def test_what_is_not_an_instant_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        read_instant(value)


def test_an_instant_before_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the years"):
        read_instant("0001-01-01T00:00:00+01:00")
