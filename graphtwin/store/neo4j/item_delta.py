"""Which items of the state hash a change adds and removes, without hashing what stayed the same (S21)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.state_hash import add, edge_item, entity_items
from graphtwin.model.state import EntityState, Held, State

_PLAIN = (str, float, int, bool, type(None))


def moved_hash(accumulator: bytes, before: State, after: State) -> bytes:
    """The accumulator of a world, one closed part of which went from `before` to `after`."""
    removed, added = item_delta(before, after)
    return add(accumulator, added, removed) if removed or added else accumulator


def item_delta(before: State, after: State) -> tuple[list[bytes], list[bytes]]:
    """(items removed, items added)."""
    was: set[bytes] = set()
    now: set[bytes] = set()
    for entity in before.entities.keys() | after.entities.keys():
        _entity_delta(before.entities.get(entity), after.entities.get(entity), was, now)
    for key in before.edges.keys() | after.edges.keys():
        if key[0] == "reported":
            old, new = before.edges.get(key), after.edges.get(key)
            if old is not None:
                was.add(edge_item(old))
            if new is not None:
                now.add(edge_item(new))
    return sorted(was - now), sorted(now - was)


def _entity_delta(old: EntityState | None, new: EntityState | None, was: set[bytes], now: set[bytes]) -> None:
    if old is None or new is None or (old.type, old.records) != (new.type, new.records):
        was.update(entity_items(old) if old else ())
        now.update(entity_items(new) if new else ())
        return
    for layer, before, after in (("reported", old.reported, new.reported), ("desired", old.desired, new.desired)):
        for name in before.keys() | after.keys():
            one, other = before.get(name), after.get(name)
            if one is None or other is None or not _equal(one, other):
                # Arrays join: both items share the text of their place.
                place = canonical_json(["value", old.id, layer, name])[:-1]
                was.update(_item(place, one))
                now.update(_item(place, other))


def _item(place: bytes, held: Held | None) -> Iterator[bytes]:
    if held is not None:
        yield b"%s,%s,%s]" % (place, canonical_json(held.value), _unit(held.unit))


@lru_cache(maxsize=1024)
def _unit(unit: str) -> bytes:
    """Units are few."""
    return canonical_json(unit)


def _equal(one: Held, other: Held) -> bool:
    """Surely one item; False where only the canonical form can tell (True is no 1)."""
    kind = type(one.value)
    return kind in _PLAIN and kind is type(other.value) and one.value == other.value and one.unit == other.unit
