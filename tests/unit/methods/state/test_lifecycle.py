"""Active, stale or retired: told from rosters and claims alone (S24)."""

from __future__ import annotations

import random

from contracts.scene import MINUTE, NOON, born, decide, roster, say
from contracts.strategies import POLICY
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.claims import last_claims
from graphtwin.methods.state.lifecycle import Roster, lifecycle_of, lifecycles, roster_key, rosters_of
from graphtwin.model.fact import BEGIN, ROSTER, Fact, roster_record

EVER = 2**62
B = "book:b"


def called(*members: str, minute: int) -> Roster:
    return (NOON + minute * MINUTE, frozenset(members))


def test_a_record_that_the_newest_roster_names_is_active():
    rosters = [called("a", "b", minute=2), called("a", minute=1), called("a", minute=0)]

    assert lifecycle_of(B, BEGIN, rosters, 2) == "active"


def test_missed_once_is_stale_and_missed_as_often_as_configured_is_retired():
    rosters = [called("a", minute=2), called("a", minute=1), called("b", minute=0)]

    assert lifecycle_of(B, BEGIN, rosters[1:], 2) == "stale"
    assert lifecycle_of(B, BEGIN, rosters, 2) == "retired"
    assert lifecycle_of(B, BEGIN, rosters, 3) == "stale"


def test_a_claim_after_a_roster_speaks_against_it_and_all_before():
    rosters = [called("a", minute=2), called("a", minute=1)]

    assert lifecycle_of(B, NOON + 3 * MINUTE, rosters, 2) == "active"
    assert lifecycle_of(B, NOON + 2 * MINUTE, rosters, 2) == "stale"
    assert lifecycle_of(B, NOON + MINUTE, rosters, 2) == "retired"


def test_without_rosters_everything_is_active():
    assert lifecycle_of(B, BEGIN, [], 2) == "active"


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=8), st.randoms(use_true_random=False))
def test_rosters_count_at_their_own_time_whatever_their_order(taken: list[tuple[int, bool]], chance: random.Random):
    facts = [
        roster("book", ["a", "b"] if named else ["a"], NOON + minute * MINUTE)._replace(
            id=f"{number:032x}", prio=number
        )
        for number, (minute, named) in enumerate(taken)
    ]
    shuffled = list(facts)
    chance.shuffle(shuffled)

    assert rosters_of(shuffled, valid=EVER, seq=EVER) == rosters_of(facts, valid=EVER, seq=EVER)
    assert [at for at, _ in rosters_of(facts, valid=EVER, seq=EVER)] == sorted(
        {NOON + minute * MINUTE for minute, _ in taken}, reverse=True
    )


def test_a_withdrawn_roster_was_never_taken():
    facts: list[Fact] = [roster("book", ["a"], NOON), roster("book", ["b"], NOON + MINUTE)]
    withdrawn = decide(roster_record("book"), ROSTER, None, NOON + MINUTE, event="w", op="withdraw")._replace(
        prio=2**60
    )

    assert [members for _, members in rosters_of([*facts, withdrawn], valid=EVER, seq=EVER)] == [frozenset("a")]
    assert {fact.key for fact in facts} == {roster_key("book")}


def test_only_records_of_sources_with_rosters_are_judged_and_decisions_do_not_keep_them_active():
    facts = [
        born(B), born("bus:b"), say(B, "mode", "on"), roster("book", ["a"], NOON + MINUTE),
        decide(B, "mode", "off", NOON + 2 * MINUTE, event="d")._replace(prio=2**60),
    ]  # fmt: skip
    spoken = last_claims(facts, valid=EVER, seq=EVER)

    found = lifecycles(spoken, {"book": [called("a", minute=1)]}, POLICY)

    assert found == {B: "stale"}
