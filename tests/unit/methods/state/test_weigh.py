"""Why a value is what it is: its claims, best first, with scores and reasons (S10, S11)."""

from __future__ import annotations

from math import inf

from contracts.scene import decide, depends, say
from contracts.strategies import POLICY, facts
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.weigh import weigh
from graphtwin.model.fact import Fact


def same(record: str) -> str:
    return record


@given(
    st.lists(facts(name="reading", with_ops=False), max_size=6, unique_by=(lambda fact: fact.key, lambda fact: fact.id))
)
def test_every_claim_is_told_once_and_the_winner_of_each_layer_is_that_of_fusion(claims: list[Fact]):
    told = weigh(claims, POLICY, "sensor", "reading", same)

    assert sorted(one.fact for one in told) == sorted(claims)
    for layer in ("reported", "desired"):
        group = [claim for claim in claims if claim.layer == layer]
        winners = [one.fact.id for one in told if one.wins and one.fact.layer == layer]
        assert winners == ([fuse(group, POLICY, "sensor", "reading").fact] if group else [])


def test_claims_come_by_layer_and_then_best_first():
    claims = [say("bus:a", "mode", 1, layer="desired"), say("notes:a", "mode", 2), say("bus:a", "mode", 3)]

    told = weigh(claims, POLICY, "sensor", "mode", same)

    assert [(one.fact.layer, one.fact.value, one.wins) for one in told] == [
        ("reported", 3, True), ("reported", 2, False), ("desired", 1, True),
    ]  # fmt: skip
    assert told[0].reason == "greatest by prefer_authoritative_sources"


def test_an_override_says_that_it_outranks():
    override = decide("override:a", "mode", 1, event="o", source="override")

    told = weigh([say("bus:a", "mode", 2), override], POLICY, "sensor", "mode", same)

    assert (told[0].fact, told[0].score, told[0].wins) == (override, inf, True)
    assert told[0].reason == "an override outranks every claim"


def test_all_claims_of_a_mean_have_a_part_in_it():
    told = weigh([say("bus:a", "level", 1), say("book:a", "level", 3)], POLICY, "sensor", "level", same)

    assert [(one.wins, one.reason) for one in told] == [(True, "part of the weighted mean")] * 2


def test_an_assumption_says_why_it_does_not_count():
    claims = [say("book:a", "mode", "off", kind="assumption"), say("notes:a", "mode", "on", confidence=0.1)]

    told = weigh(claims, POLICY, "sensor", "mode", same)

    assert [(one.fact.value, one.wins) for one in told] == [("on", True), ("off", False)]
    assert "assumption" in told[1].reason


def test_claims_of_a_many_valued_relation_are_weighed_by_the_entity_they_name():
    claims = [depends("bus:a", "bus:c"), depends("bus:b", "bus:d", value=False), depends("bus:b", "bus:e")]
    entity_of = {"bus:c": "cd", "bus:d": "cd", "bus:e": "e"}

    told = weigh(claims, POLICY, "sensor", "depends_on", lambda record: entity_of[record])

    assert [(one.fact.object, one.wins) for one in told] == [("bus:d", True), ("bus:c", False), ("bus:e", True)]
