"""The state hash: an incremental set hash (LtHash16) over items, so that a commit costs what it changed (S21).

LtHash (Bellare, Micciancio 1997; parameters as in Lewi et al. 2019): each item is expanded by SHAKE-128 to 1,024
little-endian 16-bit lanes; a set's hash is the lane-wise sum modulo 2^16. Adding and removing items commute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.state import Edge, EntityState, State

LANES: Final = 1024
EMPTY: Final = bytes(2 * LANES)
"""The accumulator of the empty state."""

_HASHED_LAYERS: Final = ("reported", "desired")


def add(accumulator: bytes, added: Iterable[bytes], removed: Iterable[bytes] = ()) -> bytes:
    """The accumulator (2 KiB) after adding and removing items; the order doesn't matter."""
    lanes = np.frombuffer(accumulator, dtype="<u2").copy()
    lanes += _sum(added)
    lanes -= _sum(removed)
    return lanes.tobytes()


def digest(accumulator: bytes) -> str:
    """The printed hash of a state: `sha256:<hex>` of its accumulator."""
    return "sha256:" + hashlib.sha256(accumulator).hexdigest()


def state_items(state: State) -> Iterator[bytes]:
    """The items of a state: entity types, membership, reported and desired values, reported edges with attributes."""
    for entity in state.entities.values():
        yield from entity_items(entity)
    for edge in state.edges.values():
        if edge.layer == "reported":
            yield edge_item(edge)


def entity_items(entity: EntityState) -> Iterator[bytes]:
    """The items of one entity, without its edges."""
    yield canonical_json(["entity", entity.id, entity.type])
    for record in entity.records:
        yield canonical_json(["member", entity.id, record])
    for layer in _HASHED_LAYERS:
        for name, held in entity.layer(layer).items():
            yield canonical_json(["value", entity.id, layer, name, held.value, held.unit])


def edge_item(edge: Edge) -> bytes:
    """The item of one edge: its ends, its type, and its attributes by name."""
    attributes = {name: [held.value, held.unit] for name, held in edge.attributes.items()}
    return canonical_json(["edge", edge.subject, edge.relation, edge.object, attributes])


def state_hash(state: State) -> str:
    """The hash of a whole state, computed from nothing."""
    return digest(add(EMPTY, state_items(state)))


def _sum(items: Iterable[bytes]) -> NDArray[np.uint16]:
    total = np.zeros(LANES, dtype="<u2")
    for item in items:
        total += np.frombuffer(hashlib.shake_128(item).digest(2 * LANES), dtype="<u2")
    return total
