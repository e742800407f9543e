"""Confidence of a sync, by S25."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.judging.confidence import combine, receive_confidence, share_left
from graphtwin.model.configuration.acting import Constraints


def test_a_trusted_source_that_does_not_answer_weighs_more():
    trust = {"sensor": 0.9, "note": 0.3}

    assert receive_confidence({"sensor": False, "note": True}, trust) == pytest.approx(0.25)
    assert receive_confidence({"sensor": True, "note": False}, trust) == pytest.approx(0.75)


def test_no_source_no_confidence_and_untrusted_sources_weigh_alike():
    assert receive_confidence({}, {}) == 0
    assert receive_confidence({"a": True, "b": False}, {}) == 0.5


def test_what_is_not_bad_is_left_and_nothing_at_all_is_not_bad():
    assert share_left(1, 4) == 0.75
    assert share_left(0, 0) == 1.0
    with pytest.raises(ValueError, match="can't be"):
        share_left(5, 4)


def test_one_weak_step_stops_the_run_and_is_named():
    found = combine({"receive": 0.4, "transform": 1.0}, None)

    assert found.product == pytest.approx(0.4)
    assert found.stop.startswith("confidence of receive is 0.40")


def test_steps_that_pass_one_by_one_may_fail_together():
    found = combine({"receive": 0.7, "transform": 0.7}, Constraints(min_confidence=0.5))

    assert "the whole sync" in found.stop


def test_at_the_minimum_the_run_goes_on():
    assert combine({"receive": 0.5}, Constraints(min_confidence=0.5)).stop == ""


def test_a_confidence_that_is_no_number_counts_as_none():
    assert combine({"receive": math.nan}, Constraints(min_confidence=0.1)).stop != ""


@given(st.dictionaries(st.text(max_size=3), st.booleans(), min_size=1), st.randoms())
def test_the_receive_confidence_is_a_share(answered, chance):
    trust = {name: chance.random() for name in answered}

    assert 0 <= receive_confidence(answered, trust) <= 1
