"""The probability of leaving a limit, counted on paths."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.methods.judging.forecast import forecast_violation, is_outside
from graphtwin.model.fact import BEGIN
from graphtwin.ports import Sample

S = 1_000_000


def series(values, step=S):
    return [Sample(place * step, value) for place, value in enumerate(values)]


def forecast(values, *, upper=None, lower=None, horizon=30 * S, seed=1, step=S):
    samples = series(values, step)
    return forecast_violation(samples, now=samples[-1].valid_from, horizon=horizon, lower=lower, upper=upper, seed=seed)


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1e300, 1e300), min_size=5, max_size=60),
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
    st.integers(1, 10**9),
)
def test_the_probability_is_between_zero_and_one_whatever_the_past(values, one, other, horizon):
    outlook = forecast(values, lower=min(one, other), upper=max(one, other), horizon=horizon)

    assert 0 < outlook.probability < 1
    assert outlook.low <= outlook.high


@settings(max_examples=20)
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=60), st.integers(0, 2**63))
def test_the_same_seed_gives_the_same_answer(values, seed):
    assert forecast(values, upper=50.0, seed=seed) == forecast(values, upper=50.0, seed=seed)


@settings(max_examples=20)
@given(st.lists(st.floats(-100, 100), min_size=30, max_size=60))
def test_a_higher_limit_is_not_left_more_often_on_the_same_paths(values):
    """Below 24 points the models aren't chosen by the limit, so that the paths are the same."""
    few = values[:20]

    assert forecast(few, upper=10.0).probability >= forecast(few, upper=60.0).probability


def test_a_steady_rise_towards_the_limit_is_foreseen_and_a_steady_level_far_below_is_not_feared():
    chance = random.Random(3)
    rising = [50 + 0.5 * place + chance.gauss(0, 0.5) for place in range(60)]
    steady = [50 + chance.gauss(0, 0.5) for _ in range(60)]

    assert forecast(rising, upper=90.0).probability > 0.8
    assert forecast(steady, upper=90.0).probability < 0.05


def test_a_lower_limit_is_watched_as_well():
    falling = [100 - 0.5 * place for place in range(60)]

    assert forecast(falling, lower=60.0).probability > 0.8
    assert forecast(falling, lower=0.0).probability < 0.2


def test_a_trend_is_not_believed_much_farther_than_it_was_seen():
    rising = [float(place) for place in range(30)]

    near = forecast(rising, upper=1000.0, horizon=900 * S)

    assert near.probability < 0.3
    assert near.high < 300


def test_a_daily_rhythm_is_recognised_from_its_days():
    hour = 3_600 * S
    day = [1.0] * 8 + [5.0] * 10 + [1.0] * 6
    values = [value + random.Random(place).gauss(0, 0.2) for place, value in enumerate(day * 20)]

    outlook = forecast(values, upper=6.5, horizon=24 * hour, step=hour)

    assert outlook.method == "day profile"
    assert outlook.probability < 0.2


@pytest.mark.parametrize(
    "samples",
    [
        series([1.0] * 4),
        series([1.0, True, "2", None, float("nan"), 3.0]),
        [Sample(BEGIN, 1.0), *series([1.0] * 4)],
        [Sample(7, 1.0)] * 9,
    ],
)
def test_fewer_than_five_numbers_at_different_times_say_nothing(samples):
    assert forecast_violation(samples, now=100 * S, horizon=S, lower=None, upper=9.0, seed=1) is None


def test_without_any_limit_there_is_nothing_to_forecast():
    assert forecast(list(range(40))) is None


def test_what_is_dated_after_now_is_not_known_yet():
    samples = series([1.0] * 20 + [100.0] * 20)

    outlook = forecast_violation(samples, now=19 * S, horizon=5 * S, lower=None, upper=50.0, seed=1)

    assert outlook.probability < 0.05


def test_standing_on_the_limit_is_still_inside():
    assert not is_outside(5.0, 1.0, 5.0)
    assert is_outside(5.1, 1.0, 5.0)
    assert is_outside(0.9, 1.0, None)
