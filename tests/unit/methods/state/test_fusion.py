"""One value from several claims: whatever their order, by trust, confidence and age (S10, S11)."""

from __future__ import annotations

import random
from math import inf, log2

import pytest
from contracts.scene import NOON, decide, say, twin
from contracts.strategies import MINUTE, POLICY, facts
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.fusion import fuse, rank, score
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import Fact

HOUR = 60 * MINUTE
groups = st.lists(
    facts(name="reading", with_ops=False),
    min_size=1,
    max_size=6,
    unique_by=(lambda fact: fact.record, lambda fact: fact.id),
)
strategies = st.sampled_from(
    (
        "prefer_authoritative_sources",
        "prefer_recent",
        "prefer_high_confidence",
        "merge_with_uncertainty",
        "escalate_to_human",
    )
)


def policy(strategy: str) -> Policy:
    return Policy(twin("w", trust={"strategy": strategy}))


POLICIES = {name: policy(name) for name in ("prefer_recent", "prefer_high_confidence", "escalate_to_human")} | {
    "prefer_authoritative_sources": POLICY,
    "merge_with_uncertainty": policy("merge_with_uncertainty"),
}


@given(groups, strategies, st.randoms(use_true_random=False))
def test_a_fused_value_does_not_depend_on_the_order_of_claims(group: list[Fact], strategy: str, chance: random.Random):
    shuffled = list(group)
    chance.shuffle(shuffled)

    assert fuse(shuffled, POLICIES[strategy], "sensor", "reading") == fuse(
        group, POLICIES[strategy], "sensor", "reading"
    )


@given(groups)
def test_the_winner_is_one_of_the_claims_and_an_assumption_only_among_assumptions(group: list[Fact]):
    held = fuse(group, POLICY, "sensor", "reading")

    winner = next(claim for claim in group if claim.id == held.fact)
    assert (held.value, held.record, held.valid_from) == (winner.value, winner.record, winner.valid_from)
    assert winner.kind != "assumption" or all(claim.kind == "assumption" for claim in group)
    assert held.rivals == len(group) - 1


@given(groups)
def test_a_claim_that_loses_does_not_change_who_wins_by_being_there(group: list[Fact]):
    standing = [claim for claim in group if claim.kind != "assumption"] or group
    ranked = [claim for _, claim in rank(standing, POLICY, "sensor", "reading")]

    for loser in ranked[1:]:
        rest = [claim for claim in ranked if claim is not loser]
        assert fuse(rest, POLICY, "sensor", "reading").fact == ranked[0].id


@given(groups, st.integers(0, 10**6))
def test_nothing_flips_as_time_goes_by(group: list[Fact], minutes: int):
    later = [claim._replace(observed_at=claim.observed_at + minutes * MINUTE) for claim in group]

    assert fuse(later, POLICY, "sensor", "reading").fact == fuse(group, POLICY, "sensor", "reading").fact


@given(groups)
def test_a_mean_lies_in_the_range_of_its_claims(group: list[Fact]):
    held = fuse(group, POLICIES["merge_with_uncertainty"], "sensor", "reading")

    if held.fact == "":
        assert held.low is not None
        assert held.high is not None
        assert held.low - 1e-9 <= held.value <= held.high + 1e-9
        assert 0 <= held.confidence <= 1


def test_the_score_is_log2_of_trust_and_confidence_less_the_age_in_half_lives():
    claim = say("bus:a", "reading", 1, confidence=0.5)

    assert score(claim, NOON + 2 * HOUR, POLICY, "sensor", "reading") == round(log2(0.95 * 0.5) - 2, 9)


def test_what_is_not_trusted_at_all_loses_by_a_finite_score():
    nobody = Policy(twin("w", trust={"min_trust": 0, "sources": {"bus": 0}}))

    held = fuse([say("bus:a", "reading", 1), say("notes:a", "reading", 2)], nobody, "sensor", "reading")

    assert held.value == 2


def test_an_override_outranks_every_strategy_and_settles_a_dispute():
    override = decide("override:a", "reading", 5, NOON - 99 * HOUR, event="o", source="override")
    reading = say("bus:a", "reading", 20)

    for name, one in POLICIES.items():
        held = fuse([reading, override], one, "sensor", "reading")
        assert (name, held.value, held.disputed) == (name, 5, False)
    assert score(override, NOON, POLICY, "sensor", "reading") == inf


def test_true_and_1_contradict_each_other():
    held = fuse([say("bus:a", "x", True), say("bus:b", "x", 1)], POLICY, "sensor", "x")

    assert held.disputed


def test_values_in_different_units_have_no_mean():
    group = [say("bus:a", "level", 1, unit="m"), say("bus:b", "level", 2, unit="cm")]

    assert fuse(group, POLICY, "sensor", "level").fact != ""


@pytest.mark.parametrize(("strategy", "value"), [("prefer_recent", 3), ("prefer_high_confidence", 2)])
def test_a_strategy_looks_first_at_what_it_names(strategy: str, value: int):
    group = [
        say("bus:a", "reading", 1, confidence=0.9),
        say("bus:b", "reading", 2, NOON - HOUR, confidence=1.0),
        say("notes:a", "reading", 3, NOON + 1, confidence=0.1),
    ]

    assert fuse(group, POLICIES[strategy], "sensor", "reading").value == value
