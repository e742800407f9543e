"""V(k): never back, never behind the clock, moved by claims within the skew and not by planned ones (S4)."""

from __future__ import annotations

from contracts.scene import MINUTE, NOON, SECOND, say, twin

from graphtwin.methods.state.as_of import as_of, max_future_skew

CONFIG = twin("w")


def test_it_never_goes_back():
    assert as_of(NOON, NOON - MINUTE, [say("bus:a", "x", 1, NOON - 2 * MINUTE)], CONFIG) == NOON


def test_it_follows_the_clock():
    assert as_of(NOON, NOON + MINUTE, [], CONFIG) == NOON + MINUTE


def test_a_claim_within_the_skew_moves_it_and_one_beyond_is_planned():
    within, beyond = say("bus:a", "x", 1, NOON + 30 * SECOND), say("bus:a", "x", 1, NOON + 30 * SECOND + 1)

    assert as_of(NOON, NOON, [within, beyond], CONFIG) == NOON + 30 * SECOND
    assert as_of(NOON, NOON, [beyond], CONFIG) == NOON


def test_the_skew_is_configured():
    wide = twin("w", constraints={"max_future_skew": "5m"})

    assert max_future_skew(wide) == 5 * MINUTE
    assert as_of(NOON, NOON, [say("bus:a", "x", 1, NOON + 4 * MINUTE)], wide) == NOON + 4 * MINUTE
