"""What a variable's own past makes ordinary."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.judging.ordinary import is_ordinary

CHANCE = random.Random(8)
CALM = [CHANCE.gauss(100, 2) for _ in range(60)]


def test_noise_is_ordinary_and_a_leap_is_not():
    assert is_ordinary(104.0, CALM)
    assert not is_ordinary(120.0, CALM)


def test_a_fault_that_lasts_is_not_learnt_as_ordinary_while_it_is_news():
    lasting = [*CALM, *[120.0] * 20]

    assert not is_ordinary(120.0, lasting)


def test_a_new_level_becomes_ordinary_when_most_of_the_past_has_it():
    settled = [*CALM, *[CHANCE.gauss(120, 2) for _ in range(80)]]

    assert is_ordinary(120.0, settled)


def test_peaks_that_come_regularly_are_ordinary_where_the_scale_alone_would_not_say_so():
    peaky = [100.0 + CHANCE.gauss(0, 1) + (place % 7 == 0) * 15 for place in range(98)]

    assert is_ordinary(115.0, [*peaky, 100.0])
    assert not is_ordinary(140.0, [*peaky, 100.0])


def test_a_short_past_is_trusted_less():
    short = [99.0, 100.0, 100.0, 101.0, 102.0]

    assert is_ordinary(107.0, short)
    assert not is_ordinary(107.0, short * 10)


def test_a_step_of_the_declared_resolution_is_ordinary_on_a_constant_past():
    assert is_ordinary(6.0, [5.0] * 30, resolution=1.0)
    assert not is_ordinary(7.0, [5.0] * 30, resolution=1.0)


@given(st.lists(st.integers(-100, 100).map(float), min_size=5, max_size=40), st.integers(-300, 300))
def test_the_verdict_is_the_same_upside_down(history, value):
    upside_down = [-point for point in history]

    assert is_ordinary(float(value), history) == is_ordinary(float(-value), upside_down)


@pytest.mark.parametrize("size", [5, 19, 20, 200])
def test_the_median_itself_is_always_ordinary(size):
    assert is_ordinary(5.0, [5.0] * size)
