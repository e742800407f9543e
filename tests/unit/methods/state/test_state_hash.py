"""The state hash by its recipe, computed here a second time in plain Python, and by the published test vector (S21)."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

from contracts.scene import NOON, belongs, born, depends, say
from contracts.strategies import POLICY
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.state_hash import EMPTY, add, digest, state_hash, state_items
from graphtwin.model.fact import Fact
from graphtwin.model.state import At, State

VECTOR = Path(__file__).parents[4] / "reference" / "state_hash_vector.json"
items = st.lists(st.binary(max_size=20), max_size=6)


def by_recipe(texts: list[bytes]) -> str:
    """Sum 1,024 lanes of 16 bits a text, modulo 2^16, and hash the sum."""
    lanes = [0] * 1024
    for text in texts:
        for place, lane in enumerate(struct.unpack("<1024H", hashlib.shake_128(text).digest(2048))):
            lanes[place] = (lanes[place] + lane) % 65536
    return "sha256:" + hashlib.sha256(struct.pack("<1024H", *lanes)).hexdigest()


def state_of(*facts: Fact) -> State:
    return assemble(asserted(tops_at(facts, valid=2**62, seq=9)), POLICY, At(NOON, 1))


def sample() -> State:
    return state_of(
        born("bus:t1"), born("book:7", "sensor"), belongs("book:7", "bus:t1", event="m"), born("bus:room", "zone"),
        say("bus:t1", "reading", 20.0, unit="Cel"), say("bus:t1", "mode", "é"),
        say("bus:t1", "reading", 21.5, layer="desired", unit="Cel"), say("bus:t1", "reading", 19, layer="expected"),
        depends("bus:t1", "bus:room"), say("bus:t1", "depends_on.load", 0.25, object="bus:room"),
    )  # fmt: skip


def test_the_published_vector_is_what_its_items_and_the_code_make():
    vector = json.loads(VECTOR.read_text(encoding="utf-8"))

    texts = [text.encode() for text in vector["items"]]

    assert sorted(state_items(sample())) == sorted(texts)
    assert by_recipe(texts) == vector["hash"] == state_hash(sample())
    assert by_recipe([]) == vector["empty"] == digest(EMPTY)


@given(items, items)
def test_adding_and_removing_commute(one: list[bytes], other: list[bytes]):
    assert add(add(EMPTY, one), other) == add(EMPTY, [*other, *one])
    assert add(add(EMPTY, [*one, *other]), (), one) == add(EMPTY, other)
    assert digest(add(EMPTY, one)) == by_recipe(one)


def test_the_world_its_times_and_expectations_are_not_hashed():
    one = state_of(born("bus:a"), say("bus:a", "reading", 1))
    other = state_of(born("bus:a"), say("bus:a", "reading", 1.0, NOON + 5), say("bus:a", "x", 2, layer="expected"))

    assert state_hash(one) == state_hash(other)


def test_type_membership_layer_value_unit_and_edges_are_hashed():
    base = [born("bus:a"), born("bus:b"), say("bus:a", "reading", 1)]
    others = [
        [born("bus:a", "zone"), *base[1:]],
        [*base, belongs("bus:b", "bus:a", event="m")],
        [*base[:2], say("bus:a", "reading", 1, layer="desired")],
        [*base[:2], say("bus:a", "reading", 2)],
        [*base[:2], say("bus:a", "reading", True)],
        [*base[:2], say("bus:a", "reading", 1, unit="K")],
        [*base, depends("bus:a", "bus:b")],
        [*base, depends("bus:b", "bus:a")],
        [*base, depends("bus:a", "bus:b"), say("bus:a", "depends_on.load", 1, object="bus:b")],
    ]

    hashes = [state_hash(state_of(*facts)) for facts in (base, *others)]

    assert len(set(hashes)) == len(hashes)
