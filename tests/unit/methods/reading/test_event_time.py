"""event_time: timestamps to microseconds, or a reason why not."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.reading.event_time import BadTime, read_time, usual_name, zone_of
from graphtwin.model.instants import format_instant

NOON = 1_769_860_800_000_000


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000000999Z",
        "2026-01-31 13:00:00+01:00",
        "20260131T120000Z",
        " 2026-01-31T12:00Z ",
        1_769_860_800,
        1_769_860_800.0,
        "1769860800",
        1_769_860_800_000,
        1_769_860_800_000_000,
        1_769_860_800_000_000_000,
    ],
)
def test_many_ways_to_write_noon(value):
    assert read_time(value) == NOON


def test_fractions_of_epoch_seconds_are_exact():
    assert read_time("1769860800.123456") == NOON + 123_456
    assert read_time(1769860800.1) == NOON + 100_000


def test_a_leap_second_is_the_second_after():
    assert read_time("2016-12-31T23:59:60Z") == read_time("2017-01-01T00:00:00Z")


def test_a_day_is_its_midnight_where_the_world_is():
    assert format_instant(read_time("2026-07-01", zone_of("Europe/Berlin"))) == "2026-06-30T22:00:00Z"


def test_a_local_time_is_read_where_the_world_is():
    assert format_instant(read_time("2026-07-01T12:00:00", zone_of("Europe/Berlin"))) == "2026-07-01T10:00:00Z"


@pytest.mark.parametrize("text", ["2026-03-29T02:30:00", "2026-10-25T02:30:00"])
def test_a_local_time_that_never_was_or_was_twice_is_refused(text):
    with pytest.raises(BadTime, match="skipped or repeated"):
        read_time(text, zone_of("Europe/Berlin"))


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "12:00",
        "1e400",
        "nan",
        "9" * 100,
        float("nan"),
        float("inf"),
        253_402_300_799,
        True,
        ["2026-01-31"],
        {},
    ],
)
def test_it_refuses(value):
    with pytest.raises(BadTime) as refusal:
        read_time(value)

    assert refusal.value.hint


def test_an_unknown_zone_is_refused():
    with pytest.raises(BadTime, match="Mars/Base"):
        zone_of("Mars/Base")


def test_the_first_usual_name_that_holds_something_counts():
    assert usual_name({"time": "x", "ts": "", "timestamp": None}) == "time"
    assert usual_name({"when": "x"}) is None
    assert usual_name(["ts"]) is None


@given(st.integers(0, 4_102_444_799_999_999))
def test_instants_survive_writing_and_reading(micros):
    assert read_time(format_instant(micros)) == micros


@given(st.one_of(st.text(max_size=70), st.floats(), st.integers()))
def test_nothing_makes_it_fail_otherwise(value):
    with contextlib.suppress(BadTime):
        assert isinstance(read_time(value), int)
