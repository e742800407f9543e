"""What differs between two states: sorted, empty for equal ones, and the mirror image backwards."""

from __future__ import annotations

from contracts.scene import MINUTE, NOON, belongs, born, depends, say
from contracts.strategies import POLICY, histories
from hypothesis import given

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.fact import Fact
from graphtwin.model.state import At, State

A, B = "bus:a", "bus:b"


def state_of(*facts: Fact) -> State:
    return assemble(asserted(tops_at(facts, valid=2**62, seq=9)), POLICY, At(NOON, 1))


@given(histories(), histories())
def test_a_difference_backwards_is_its_mirror_image(one: list[Fact], other: list[Fact]):
    there = compare(state_of(*one), state_of(*other))
    back = compare(state_of(*other), state_of(*one))

    for kind in ("entities", "values", "edges"):
        assert [(c.before, c.after) for c in getattr(there, kind)] == [(c.after, c.before) for c in getattr(back, kind)]


@given(histories(), histories())
def test_states_without_a_difference_have_one_hash(one: list[Fact], other: list[Fact]):
    before, after = state_of(*one), state_of(*other)

    if compare(before, after).empty:
        assert state_hash(before) == state_hash(after)
    assert compare(before, before).empty


def test_a_restated_value_is_no_difference_but_another_speaker_or_unit_is():
    before = state_of(born(A), say(A, "reading", 1))
    restated = state_of(born(A), say(A, "reading", 1, NOON + MINUTE))
    other_unit = state_of(born(A), say(A, "reading", 1, unit="K"))

    assert compare(before, restated).empty
    assert len(compare(before, other_unit).values) == 1


def test_true_in_place_of_1_is_a_difference():
    changes = compare(state_of(born(A), say(A, "x", 1)), state_of(born(A), say(A, "x", True)))

    assert [(one.entity, one.layer, one.name) for one in changes.values] == [(A, "reported", "x")]


def test_everything_is_told_in_order():
    before = state_of(born(B), say(B, "mode", "on"))
    after = state_of(born(A), born(B), say(A, "mode", "off"), say(A, "level", 1, layer="desired"), depends(A, B))

    changes = compare(before, after, hashes=("h1", "h2"))

    assert [one.entity for one in changes.entities] == [A]
    assert [(one.entity, one.layer, one.name) for one in changes.values] == [
        (A, "reported", "mode"), (A, "desired", "level"), (B, "reported", "mode"),
    ]  # fmt: skip
    assert [one.key for one in changes.edges] == [("reported", A, "depends_on", B)]
    assert (changes.before_hash, changes.after_hash) == ("h1", "h2")


def test_lifecycles_and_new_loose_ends_are_told():
    before, after = state_of(born(A)), state_of(born(A), depends(A, B), belongs(A, "s", event="m"))

    changes = compare(before, after, lifecycles=({}, {A: "stale", "bus:z": "retired"}))

    assert [(one.record, one.entity, one.before, one.after) for one in changes.lifecycles] == [
        (A, "s", "active", "stale"), ("bus:z", "bus:z", "active", "retired"),
    ]  # fmt: skip
    assert [one.object_record for one in changes.loose] == [B]
