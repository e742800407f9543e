"""The natural graph of the present: what a change of state makes of nodes, properties and relationships (S17, S18)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.reserved import label_token, relation_token
from graphtwin.model.fact import BEGIN, LAYERS
from graphtwin.model.state import Edge, EntityState, Held, State

_SUFFIX: Final = {"reported": "", "desired": "_desired", "expected": "_expected"}
_OWN: Final = frozenset({"id", "type", "status", "labels", "aliases"})
"""Incoming names that feed the entity's own properties (S17)."""
_INT64: Final = 2**63
_MICROS: Final = 1_000_000

Properties = dict[str, Any]
Instants = list[list[Any]]
"""[property, epoch seconds, nanoseconds]: the server makes native datetimes of them."""


@dataclass(slots=True)
class PresentChange:
    """Rows for the statements of cypher/entity."""

    created: list[list[Any]] = field(default_factory=list)
    """[id, labels, properties, instants]"""
    replaced: list[list[Any]] = field(default_factory=list)
    """[id, old labels, labels, properties, instants]"""
    changed: list[list[Any]] = field(default_factory=list)
    """[id, properties (null takes one away), instants]"""
    removed: list[str] = field(default_factory=list)
    extras: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By entity, layer and name: what `extra` must say; None takes it away."""
    drawn: list[list[Any]] = field(default_factory=list)
    """[subject, TYPE, object, properties]"""
    redrawn: list[list[Any]] = field(default_factory=list)
    erased: list[list[Any]] = field(default_factory=list)
    """[subject, TYPE, object]"""


class Projection:
    """How a configuration shows states as a graph."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.labels = lru_cache(maxsize=None)(self._labels)
        self._shown = lru_cache(maxsize=None)(self._is_shown)

    def change(self, before: State, after: State) -> PresentChange:
        """What must be done so that a graph that shows `before` shows `after`; both are closed parts of one world."""
        change = PresentChange()
        for entity in sorted(before.entities.keys() | after.entities.keys()):
            was, now = before.entities.get(entity), after.entities.get(entity)
            if now is None:
                change.removed.append(entity)
            elif was is None:
                change.created.append([entity, self.labels(now.type), *self.properties(now)])
            elif was.type != now.type:
                change.replaced.append([entity, self.labels(was.type), self.labels(now.type), *self.properties(now)])
            else:
                self._values(was, now, change)
        for key in sorted(before.edges.keys() | after.edges.keys()):
            if key[0] == "reported":
                self._edge(before.edges.get(key), after.edges.get(key), change)
        return change

    def edge_row(self, edge: Edge) -> list[Any]:
        """[subject, TYPE, object, properties] of a drawn edge; `extra` holds each attribute that isn't declared, or that
        no property can hold.
        """
        declared = self._policy.config.relations[edge.relation].attributes
        values = {name: held.value for name, held in edge.attributes.items()}
        shown = {name: value for name, value in values.items() if name in declared and is_primitive(value)}
        rest = {name: value for name, value in values.items() if name not in shown}
        if rest:
            shown["extra"] = json.dumps(rest, sort_keys=True, ensure_ascii=True)
        return [edge.subject, relation_token(edge.relation), edge.object, shown]

    def _edge(self, was: Edge | None, now: Edge | None, change: PresentChange) -> None:
        if was is None and now is not None:
            change.drawn.append(self.edge_row(now))
        elif was is not None and now is None:
            change.erased.append([was.subject, relation_token(was.relation), was.object])
        elif was is not None and now is not None and (row := self.edge_row(now)) != self.edge_row(was):
            change.redrawn.append(row)

    def properties(self, entity: EntityState) -> tuple[Properties, Instants]:
        """Everything that the entity's node holds, except what its label says and the world."""
        shown: Properties = _own(entity)
        instants: Instants = []
        extra: dict[str, dict[str, Any]] = {}
        for layer in LAYERS:
            for name, held in entity.layer(layer).items():
                if self._as_property(entity.type, name, held):
                    shown[name + _SUFFIX[layer]] = held.value
                    instants += _instant(name, layer, held)
                elif not (layer == "reported" and name in _OWN):
                    extra.setdefault(layer, {})[name] = held.value
        shown["extra"] = extra_text(extra)
        return {name: value for name, value in shown.items() if value is not None}, instants

    def _values(self, was: EntityState, now: EntityState, change: PresentChange) -> None:
        properties: Properties = {}
        instants: Instants = []
        if was.records != now.records or was.lifecycle != now.lifecycle or _feeds_own(was) or _feeds_own(now):
            own, had = _own(now), _own(was)
            properties |= {name: value for name, value in own.items() if value != had[name]}
        for layer in LAYERS:
            old, new = was.layer(layer), now.layer(layer)
            if old is new:
                continue
            for name in old.keys() | new.keys():
                self._value(was, name, layer, old.get(name), new.get(name), properties, instants, change)
        if properties or instants:
            change.changed.append([now.id, properties, sorted(instants)])

    def _value(  # noqa: PLR0917 - one value on its way into four places
        self,
        entity: EntityState,
        name: str,
        layer: str,
        old: Held | None,
        new: Held | None,
        properties: Properties,
        instants: Instants,
        change: PresentChange,
    ) -> None:
        if new is not None and old is not None and _shows_same(old, new):
            return
        was_property = old is not None and self._as_property(entity.type, name, old)
        is_property = new is not None and self._as_property(entity.type, name, new)
        token = name + _SUFFIX[layer]
        if is_property and new is not None:
            properties[token] = new.value
            found = _instant(name, layer, new)
            instants += found
            if not found and layer == "reported":
                properties[name + "_at"] = None
        elif was_property:
            properties[token] = None
            if layer == "reported":
                properties[name + "_at"] = None
        if layer == "reported" and name in _OWN:
            return
        was_extra, is_extra = old is not None and not was_property, new is not None and not is_property
        if was_extra or is_extra:
            changes = change.extras.setdefault(entity.id, {}).setdefault(layer, {})
            changes[name] = [new.value] if is_extra and new is not None else None

    def _as_property(self, type_name: str, name: str, held: Held) -> bool:
        """Declared, and a value that a property holds exactly."""
        return self._shown(type_name, name) and is_primitive(held.value)

    def _is_shown(self, type_name: str, name: str) -> bool:
        variable = self._policy.variable(type_name, name)
        return variable is not None and variable.datatype != "object"

    def _labels(self, type_name: str) -> list[str]:
        """The label of a declared type and of each declared type that it is a kind of."""
        labels: list[str] = []
        types = self._policy.config.types
        while type_name in types and (token := label_token(type_name, types[type_name].label)) not in labels:
            labels.append(token)
            type_name = types[type_name].is_a
        return labels


def extra_text(extra: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The JSON of what has no property of its own, by layer; None when there is nothing."""
    said = {layer: values for layer, values in extra.items() if values}
    return json.dumps(said, sort_keys=True, ensure_ascii=True) if said else None


def patched_extra(text: str | None, changes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """`extra` after the changes: [value] sets one, None takes it away."""
    extra: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    for layer, values in changes.items():
        held = extra.setdefault(layer, {})
        for name, boxed in values.items():
            if boxed is None:
                held.pop(name, None)
            else:
                held[name] = boxed[0]
    return extra_text(extra)


def is_primitive(value: Any) -> bool:
    """A property holds it exactly."""
    kind = type(value)
    if kind is str:
        return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
    return kind is float or kind is bool or (kind is int and -_INT64 <= value < _INT64)


def _own(entity: EntityState) -> Properties:
    return {
        "type": entity.type,
        "status": entity.status,
        "labels": _texts(entity.reported.get("labels")),
        "aliases": sorted({*entity.records, *_texts(entity.reported.get("aliases"))}),
    }


def _feeds_own(entity: EntityState) -> bool:
    return not _OWN.isdisjoint(entity.reported)


def _texts(held: Held | None) -> list[str]:
    if held is None:
        return []
    items: Iterable[Any] = held.value if isinstance(held.value, list | tuple) else [held.value]
    return [str(item) for item in items]


def _instant(name: str, layer: str, held: Held) -> Instants:
    if layer != "reported" or held.valid_from <= BEGIN:
        return []
    seconds, micros = divmod(held.valid_from, _MICROS)
    return [[name + "_at", seconds, micros * 1000]]


def _shows_same(old: Held, new: Held) -> bool:
    if old is new:
        return True
    return (
        type(old.value) is type(new.value)
        and old.value == new.value
        and old.valid_from == new.valid_from
        and not isinstance(old.value, dict | list)
    )
