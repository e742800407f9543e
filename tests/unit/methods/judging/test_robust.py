"""Robust location and scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.judging.robust import is_number, numbers, robust_scale

reals = st.integers(-1000, 1000).map(float)


def test_one_wild_value_does_not_move_the_scale():
    tame = [9.0, 10.0, 10.0, 11.0, 12.0]

    wild = [*tame, 1e9]

    assert robust_scale(wild) < 3 * robust_scale(tame)


def test_a_mostly_constant_sample_still_has_a_scale_and_a_constant_one_has_none():
    mostly = [5.0] * 8 + [6.0, 4.0]

    assert robust_scale(mostly) > 0
    assert robust_scale([5.0] * 10) == 0


def test_booleans_text_and_numbers_beyond_reckoning_are_no_numbers():
    values = [1, 2.5, True, "3", None, float("nan"), float("inf"), 10**400, -(10**400), 1e301]

    assert numbers(values) == [1.0, 2.5]
    assert not is_number(10**400)


@given(st.lists(reals, min_size=2, max_size=40), st.sampled_from([0.125, 0.5, 4.0, 1024.0]), reals)
def test_scale_grows_with_the_unit_and_not_with_the_origin(values, factor, shift):
    moved = [value * factor + shift for value in values]

    assert robust_scale(moved) == pytest.approx(robust_scale(values) * factor, rel=1e-6, abs=1e-4)
