"""Changes that followed each other, as one: what was undone on the way is none."""

from __future__ import annotations

from contracts.scene import NOON, belongs, born, depends, say
from contracts.strategies import POLICY, histories
from hypothesis import given

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.net_changes import net_changes
from graphtwin.model.fact import Fact
from graphtwin.model.state import At, State

A, B = "bus:a", "bus:b"


def state_of(*facts: Fact, seq: int = 1) -> State:
    return assemble(asserted(tops_at(facts, valid=2**62, seq=9)), POLICY, At(NOON, seq))


@given(histories(), histories(), histories())
def test_two_changes_name_what_differs_between_the_first_state_and_the_last(
    one: list[Fact], two: list[Fact], three: list[Fact]
):
    first, middle, last = state_of(*one, seq=1), state_of(*two, seq=2), state_of(*three, seq=3)

    net = net_changes([compare(first, middle, hashes=("1", "2")), compare(middle, last, hashes=("2", "3"))])
    direct = compare(first, last, hashes=("1", "3"))

    assert (net.before_seq, net.after_seq, net.before_hash, net.after_hash) == (1, 3, "1", "3")
    assert [one.entity for one in net.entities] == [one.entity for one in direct.entities]
    assert [one.key for one in net.edges] == [one.key for one in direct.edges]
    assert [(v.entity, v.layer, v.name) for v in net.values] == [(v.entity, v.layer, v.name) for v in direct.values]


def test_what_came_and_went_again_is_no_change():
    empty, full = state_of(born(A)), state_of(born(A), born(B), say(A, "reading", 1), depends(A, B))

    assert not compare(empty, full).empty
    assert net_changes([compare(empty, full), compare(full, empty)]).empty


def test_a_lifecycle_that_came_back_is_no_change():
    here = state_of(born(A), belongs(A, "s", event="1"))
    there, back = ({}, {A: "stale"}), ({A: "stale"}, {})

    assert net_changes([compare(here, here, lifecycles=there)]).lifecycles
    assert not net_changes([compare(here, here, lifecycles=there), compare(here, here, lifecycles=back)]).lifecycles
