"""A state from claims: in any order the same, closed parts as in the whole, identity without touching a fact (S10 to S15)."""

from __future__ import annotations

import random

from contracts.scene import MINUTE, NOON, belongs, born, depends, located, say
from contracts.strategies import POLICY, histories
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.state_hash import EMPTY, add, digest, state_hash, state_items
from graphtwin.model.fact import BEGIN, ENTITY, RANK, TYPE, Fact
from graphtwin.model.state import At, State

EVER = 2**62
A, B, C, HALL = "bus:a", "book:b", "bus:c", "book:hall"


def state_of(facts: list[Fact], valid: int = EVER, seq: int = EVER) -> State:
    return assemble(asserted(tops_at(facts, valid=valid, seq=seq)), POLICY, At(valid, seq))


@given(histories(), st.randoms(use_true_random=False))
def test_a_state_does_not_depend_on_the_order_of_facts(history: list[Fact], chance: random.Random):
    shuffled = list(history)
    chance.shuffle(shuffled)

    assert state_of(shuffled) == state_of(history)


@given(histories())
def test_a_state_holds_together(history: list[Fact]):
    state = state_of(history)

    records = [record for entity in state.entities.values() for record in entity.records]
    assert len(records) == len(set(records))
    assert all(entity.records for entity in state.entities.values())
    assert all(key == edge.key for key, edge in state.edges.items())
    assert all({edge.subject, edge.object} <= state.entities.keys() for edge in state.edges.values())
    assert len({(edge.layer, edge.subject) for edge in state.edges.values() if edge.relation == "located_in"}) == sum(
        edge.relation == "located_in" for edge in state.edges.values()
    )


@given(histories(), histories())
def test_the_hash_moves_by_what_changed_to_that_of_the_whole(one: list[Fact], other: list[Fact]):
    before, after = state_of(one), state_of(other)
    was, now = set(state_items(before)), set(state_items(after))

    moved = add(add(EMPTY, was), now - was, was - now)

    assert digest(moved) == state_hash(after)


@given(histories(), st.sampled_from(("x", "y", "bus:a")), st.integers(0, 6))
def test_merge_and_unmerge_leave_every_instant_as_it_was(history: list[Fact], kept: str, minutes: int):
    record, valid = "bus:b", minutes * MINUTE
    history = [fact for fact in history if (fact.record, fact.name) != (record, ENTITY)]
    merge = belongs(record, kept, event="m")._replace(prio=RANK + 100, seq=6)
    undo = merge._replace(id="undo", op="withdraw", value=None, prio=RANK + 101, seq=7)

    all_of_it = [*history, merge, undo]

    assert state_of(all_of_it, valid, 5) == state_of(history, valid, 5)
    before, after = state_of(history, valid, 5), state_of(all_of_it, valid, 7)
    assert (after.entities, after.edges, after.loose) == (before.entities, before.edges, before.loose)


@given(histories())
def test_an_entity_is_the_same_in_a_closed_part_as_in_the_whole(history: list[Fact]):
    claims = asserted(tops_at(history, valid=EVER, seq=EVER))
    whole = assemble(claims, POLICY, At(EVER, EVER))

    for entity in whole.entities.values():
        part = [claim for claim in claims if claim.record in entity.records or claim.name in (TYPE, ENTITY)]
        alone = assemble(part, POLICY, whole.at)
        assert alone.entities[entity.id] == entity
        assert {key: edge for key, edge in alone.edges.items() if edge.subject == entity.id} == {
            key: edge for key, edge in whole.edges.items() if edge.subject == entity.id
        }


def test_a_retired_record_does_not_exist_and_a_stale_one_does():
    facts = [born(A), born(B), depends(A, B), say(B, "mode", "on")]
    claims = asserted(tops_at(facts, valid=EVER, seq=EVER))

    stale = assemble(claims, POLICY, At(NOON, 1), {B: "stale"})
    retired = assemble(claims, POLICY, At(NOON, 1), {B: "retired"})

    assert (stale.entities[B].lifecycle, stale.entities[B].status, len(stale.edges)) == ("stale", "stale", 1)
    assert list(retired.entities) == [A]
    assert [(one.reason, one.object_record) for one in retired.loose] == [("dangling", B)]


def test_a_claimed_status_is_shown_instead_of_the_lifecycle():
    state = state_of([born(A), say(A, "status", "degraded")])

    assert (state.entities[A].lifecycle, state.entities[A].status) == ("active", "degraded")


def test_a_functional_relation_has_one_edge_and_no_fallback():
    facts = [born(A), born(B), born(HALL, "zone"), *(belongs(one, "s", event=one) for one in (A, B))]
    facts += [located(B, HALL), located(A, "book:nowhere")]

    state = state_of(facts)

    assert state.edges == {}
    assert [(one.reason, one.object_record, one.fact) for one in state.loose] == [
        ("dangling", "book:nowhere", facts[-1].id)
    ]


def test_a_denial_by_the_winner_leaves_no_edge_and_nothing_loose():
    facts = [born(A), born(B), born(C), *(belongs(one, "s", event=one) for one in (A, B))]
    facts += [depends(A, C, value=False), depends(B, C, at=NOON - 99 * MINUTE)]

    state = state_of(facts)

    assert (state.edges, state.loose) == ({}, ())


def test_a_relation_to_its_own_record_is_drawn_and_one_made_by_a_merge_is_loose():
    own = state_of([born(A), depends(A, A)])
    merged = state_of([born(A), born(B), depends(A, B), belongs(A, B, event="m")])

    assert list(own.edges) == [("reported", A, "depends_on", A)]
    assert merged.edges == {}
    assert [one.reason for one in merged.loose] == ["self_loop"]


def test_the_type_from_the_beginning_holds_before_every_reading():
    state = state_of([born(A), say(A, "reading", 1)], valid=BEGIN)

    assert (state.entities[A].type, dict(state.entities[A].reported)) == ("sensor", {})
