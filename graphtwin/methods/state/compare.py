"""What differs between two states, or between two states of the same closed part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from graphtwin.methods.state.canonical_json import same_json
from graphtwin.model.commit import Changes, EdgeChange, EntityChange, LifecycleChange, ValueChange
from graphtwin.model.fact import LAYERS
from graphtwin.model.state import EntityState, Held, Lifecycle, State

_K = TypeVar("_K")


def compare(
    before: State,
    after: State,
    *,
    hashes: tuple[str, str] = ("", ""),
    lifecycles: tuple[Mapping[str, Lifecycle], Mapping[str, Lifecycle]] = ({}, {}),
) -> Changes:
    """The changes from one state to the other, sorted. A value counts as changed when value, unit, or who says it does;
    a restated value with only a newer time does not.
    """
    loose_before = frozenset(before.loose)
    return Changes(
        before_seq=before.at.seq,
        after_seq=after.at.seq,
        before_hash=hashes[0],
        after_hash=hashes[1],
        entities=tuple(_entity_changes(before, after)),
        values=tuple(_value_changes(before, after)),
        edges=tuple(_edge_changes(before, after)),
        lifecycles=tuple(_lifecycle_changes(before, after, *lifecycles)),
        loose=tuple(one for one in after.loose if one not in loose_before),
    )


def _keys(before: Mapping[_K, object], after: Mapping[_K, object]) -> list[_K]:
    return sorted({*before, *after})  # type: ignore[type-var]


def _entity_changes(before: State, after: State) -> Iterable[EntityChange]:
    for entity in _keys(before.entities, after.entities):
        was, now = before.entities.get(entity), after.entities.get(entity)
        if was is None or now is None or shape_of(was) != shape_of(now):
            yield EntityChange(entity, was, now)


def shape_of(entity: EntityState) -> tuple[str, str, tuple[str, ...]]:
    """What makes an entity another one than before: its type, lifecycle and records."""
    return (entity.type, entity.lifecycle, entity.records)


def _value_changes(before: State, after: State) -> Iterable[ValueChange]:
    for entity in _keys(before.entities, after.entities):
        was, now = before.entities.get(entity), after.entities.get(entity)
        for layer in LAYERS:
            old = was.layer(layer) if was else {}
            new = now.layer(layer) if now else {}
            for name in _keys(old, new):
                if not same_value(old.get(name), new.get(name)):
                    yield ValueChange(entity, layer, name, old.get(name), new.get(name))


def same_value(one: Held | None, other: Held | None) -> bool:
    """Equal but for the times: value, unit, who says it, and whether it is disputed."""
    if one is None or other is None:
        return one is other
    said, also = (one.unit, one.record, one.disputed), (other.unit, other.record, other.disputed)
    return said == also and same_json(one.value, other.value)


def _edge_changes(before: State, after: State) -> Iterable[EdgeChange]:
    for key in _keys(before.edges, after.edges):
        was, now = before.edges.get(key), after.edges.get(key)
        if was is None or now is None or not same_attributes(was.attributes, now.attributes):
            yield EdgeChange(key, was, now)


def same_attributes(one: Mapping[str, Held], other: Mapping[str, Held]) -> bool:
    """The same attributes with equal values."""
    return one.keys() == other.keys() and all(same_value(one[name], other[name]) for name in one)


def _lifecycle_changes(
    before: State, after: State, was: Mapping[str, Lifecycle], now: Mapping[str, Lifecycle]
) -> Iterable[LifecycleChange]:
    entity_of = {
        record: entity.id
        for state in (before, after)
        for entity in state.entities.values()
        for record in entity.records
    }
    for record in _keys(was, now):
        old, new = was.get(record, "active"), now.get(record, "active")
        if old != new:
            yield LifecycleChange(record, entity_of.get(record, record), old, new)
