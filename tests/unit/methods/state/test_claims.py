"""Which fact speaks for a key: order of arrival never matters, withdrawn is never said, an end is an end (S7, S8)."""

from __future__ import annotations

import random

from contracts.strategies import MINUTE, facts, histories, instants
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.claims import asserted, last_claims, last_said, top_of, tops_at, wins_over
from graphtwin.model.fact import RANK, Fact

EVER = 2**62


def by_definition(history: list[Fact], valid: int, seq: int) -> Fact | None:
    """S8 in other words: sort everything, look from the top."""
    known = [fact for fact in history if fact.seq <= seq and fact.valid_from <= valid]
    known.sort(key=lambda fact: (fact.valid_from, fact.prio, fact.id), reverse=True)
    seen: set[int] = set()
    for fact in known:
        if fact.valid_from not in seen:
            seen.add(fact.valid_from)
            if fact.op != "withdraw":
                return fact
    return None


@given(histories(name="reading", record="bus:a"), instants, st.integers(0, 5))
def test_the_top_is_what_the_definition_says(history: list[Fact], valid: int, seq: int):
    reported = [fact for fact in history if fact.layer == "reported"]

    assert top_of(reported, valid=valid, seq=seq) == by_definition(reported, valid, seq)


@given(histories(), instants, st.integers(0, 5), st.randoms(use_true_random=False))
def test_tops_do_not_depend_on_the_order_of_facts(history: list[Fact], valid: int, seq: int, chance: random.Random):
    shuffled = list(history)
    chance.shuffle(shuffled)

    assert tops_at(shuffled, valid=valid, seq=seq) == tops_at(history, valid=valid, seq=seq)


@given(histories(), instants, st.integers(0, 5))
def test_tops_do_not_see_what_came_later_on_either_axis(history: list[Fact], valid: int, seq: int):
    seen = [fact for fact in history if fact.seq <= seq and fact.valid_from <= valid]

    assert tops_at(history, valid=valid, seq=seq) == tops_at(seen, valid=EVER, seq=EVER)


@given(histories(), st.data())
def test_a_fact_that_is_withdrawn_by_the_greatest_decision_was_never_said(history: list[Fact], data: st.DataObject):
    withdrawn = data.draw(st.lists(st.sampled_from(history), max_size=3) if history else st.just([]))
    cells = {(fact.key, fact.valid_from) for fact in withdrawn}
    decisions = [
        fact._replace(id=f"w{number}", op="withdraw", value=None, prio=RANK + 100 + number)
        for number, fact in enumerate(withdrawn)
    ]
    never_said = [fact for fact in history if (fact.key, fact.valid_from) not in cells]

    assert tops_at(history + decisions, valid=EVER, seq=EVER) == tops_at(never_said, valid=EVER, seq=EVER)


@given(histories(name="reading", record="bus:a", with_ops=False), facts(name="reading", record="bus:a", with_ops=False))
def test_from_an_end_on_nothing_is_said_until_the_next_claim(history: list[Fact], end: Fact):
    history = [fact for fact in history if fact.layer == end.layer]
    end = end._replace(op="end", value=None, prio=RANK + 100)
    before = [fact for fact in history if fact.valid_from < end.valid_from]
    after = [fact for fact in history if fact.valid_from > end.valid_from]

    held = top_of([*history, end], valid=EVER, seq=EVER)

    assert held == (top_of(after, valid=EVER, seq=EVER) or end)
    assert top_of([*history, end], valid=end.valid_from - 1, seq=EVER) == top_of(before, valid=EVER, seq=EVER)


@given(facts(), facts())
def test_of_two_facts_in_a_cell_exactly_one_wins(one: Fact, other: Fact):
    if (one.prio, one.id) != (other.prio, other.id):
        assert wins_over(one, other) != wins_over(other, one)


@given(histories())
def test_claims_are_asserted_tops_and_a_source_last_spoke_at_its_newest(history: list[Fact]):
    tops = tops_at(history, valid=3 * MINUTE, seq=5)

    claims, spoken = asserted(tops), last_claims(history, valid=3 * MINUTE, seq=5)

    assert all(claim.op == "assert" for claim in claims)
    assert len({claim.key for claim in claims}) == len(claims)
    assert all(at <= 3 * MINUTE for at in spoken.values())
    assert all(spoken[top.record] >= top.valid_from for top in tops.values() if top.prio < RANK)


@given(histories(name="reading", record="bus:a"), facts(name="reading", record="bus:a"))
def test_a_decision_about_a_cell_hides_that_its_source_spoke_only_by_withdrawing_it(history: list[Fact], told: Fact):
    history = [fact._replace(layer="reported") for fact in history]
    told = told._replace(layer="reported", prio=RANK + 100)
    before = last_said(history, valid=EVER, seq=EVER)
    others = [fact for fact in history if fact.valid_from != told.valid_from]

    after = last_said([*history, told], valid=EVER, seq=EVER)

    if told.op == "withdraw":
        assert after == last_said(others, valid=EVER, seq=EVER)
    else:
        assert (after or 0) >= (before or 0)
        assert {after} <= {fact.valid_from for fact in history if fact.prio < RANK} | {None}
