"""The state of a world, or of a closed part of it, from the claims in force (S10 to S15).

A part is closed when, for each group it is asked about, it holds every claim of the group, and the `@type` and
`@entity` claims of every record at either end. So one function serves whole worlds and single commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.policy import FOLLOWERS, SYSTEM_NAMES, Policy
from graphtwin.model.fact import ENTITY, TYPE, Fact, Layer
from graphtwin.model.state import At, Edge, EdgeKey, EntityState, Held, Lifecycle, Loose, LooseReason, State

_OWN_VOICES: Final = (*FOLLOWERS, "model:")
"""Records by which graphtwin itself or a person speaks: they never fall silent, so they can't keep an entity active."""


@dataclass(slots=True)
class _Records:
    """Who exists, and who is whom."""

    types: dict[str, Fact] = field(default_factory=dict)
    entity_of: dict[str, str] = field(default_factory=dict)

    def entity(self, record: str) -> str:
        """The entity a record belongs to; its own by default (S13)."""
        return self.entity_of.get(record, record)


def assemble(
    claims: Iterable[Fact], policy: Policy, at: At, lifecycles: Mapping[str, Lifecycle] | None = None
) -> State:
    """The state that a closed set of claims (asserted tops, one a key) amounts to. `lifecycles` names the records
    that aren't active; a retired one doesn't exist (S24).
    """
    standing = lifecycles or {}
    held = list(claims)
    records = _read_records(held, standing)
    values, edges, attributes = _group(held, records, policy)
    entities = _entities(records, values, standing, policy)
    drawn, loose = _draw(edges, attributes, entities, records, policy)
    return State(at, entities, drawn, tuple(sorted(loose, key=_loose_order)))


def _read_records(claims: Iterable[Fact], lifecycles: Mapping[str, Lifecycle]) -> _Records:
    records = _Records()
    for claim in claims:
        if claim.layer != "reported":
            continue
        if claim.name == ENTITY:
            records.entity_of[claim.record] = str(claim.value)
        elif claim.name == TYPE and lifecycles.get(claim.record) != "retired":
            records.types[claim.record] = claim
    return records


_ValueGroups = dict[str, dict[Layer, dict[str, list[Fact]]]]
_EdgeGroups = dict[tuple[Layer, str, str, str, str], list[Fact]]
_AttributeGroups = dict[EdgeKey, dict[str, list[Fact]]]


def _group(
    claims: Iterable[Fact], records: _Records, policy: Policy
) -> tuple[_ValueGroups, _EdgeGroups, _AttributeGroups]:
    """The claims of existing records by (entity, layer, name), by edge, and by attribute of an edge. The groups of a
    functional relation have no object: its claims are rivals. What is said about an object record that doesn't exist
    stands in a group of that record: it neither draws nor denies the edge to the entity that the record was part of.
    """
    values: _ValueGroups = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    edges: _EdgeGroups = defaultdict(list)
    attributes: _AttributeGroups = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        name = claim.name
        if name in SYSTEM_NAMES or claim.record not in records.types:
            continue
        subject = records.entity(claim.record)
        if policy.is_relation(name):
            target, missing = "", ""
            if not policy.functional(name):
                target = records.entity(claim.object)
                missing = "" if claim.object in records.types else claim.object
            edges[claim.layer, subject, name, target, missing].append(claim)
        elif claim.object and (parts := policy.attribute_of(name)):
            key = (claim.layer, subject, parts[0], records.entity(claim.object))
            attributes[key][parts[1]].append(claim)
        else:
            values[subject][claim.layer][name].append(claim)
    return values, edges, attributes


def _entities(
    records: _Records, values: _ValueGroups, lifecycles: Mapping[str, Lifecycle], policy: Policy
) -> dict[str, EntityState]:
    members: dict[str, list[str]] = defaultdict(list)
    for record in records.types:
        members[records.entity(record)].append(record)
    entities: dict[str, EntityState] = {}
    for entity in sorted(members):
        own = sorted(members[entity])
        kind = str(fuse([records.types[record] for record in own], policy, "", TYPE).value)
        layers = values.get(entity, {})
        fused = {
            layer: {name: fuse(layers[layer][name], policy, kind, name) for name in sorted(layers[layer])}
            for layer in layers
        }
        speaking = [record for record in own if not record.startswith(_OWN_VOICES)] or own
        stale = all(lifecycles.get(record) == "stale" for record in speaking)
        entities[entity] = EntityState(
            entity, kind, "stale" if stale else "active", tuple(own),
            fused.get("reported", {}), fused.get("desired", {}), fused.get("expected", {}),
        )  # fmt: skip
    return entities


def _draw(
    groups: _EdgeGroups,
    attributes: _AttributeGroups,
    entities: Mapping[str, EntityState],
    records: _Records,
    policy: Policy,
) -> tuple[dict[EdgeKey, Edge], list[Loose]]:
    """The edges that are drawn, and those that can't be: the winner of each group decides (S15)."""
    drawn: dict[EdgeKey, Edge] = {}
    loose: list[Loose] = []
    for (layer, subject, relation, _, _), claims in sorted(groups.items()):
        held = fuse(claims, policy, entities[subject].type, relation)
        object_record = _object_record(claims, held, functional=policy.functional(relation))
        if object_record is None:
            continue
        reason = _why_loose(held, subject, object_record, records)
        if reason:
            loose.append(Loose(reason, layer, subject, relation, object_record, held.fact))
            continue
        target = records.entity(object_record)
        key: EdgeKey = (layer, subject, relation, target)
        fused = {
            name: fuse(group, policy, entities[subject].type, f"{relation}.{name}")
            for name, group in sorted(attributes.get(key, {}).items())
        }
        drawn[key] = Edge(layer, subject, relation, target, _with_value(held, object_record), fused)
    return drawn, loose


def _object_record(claims: list[Fact], held: Held, *, functional: bool) -> str | None:
    """The record at the far end that the winning claim names; None when it says that the relation doesn't hold."""
    if functional:
        return str(held.value)
    if held.value is not True:
        return None
    return next(claim.object for claim in claims if claim.id == held.fact)


def _why_loose(held: Held, subject: str, object_record: str, records: _Records) -> LooseReason | None:
    if object_record not in records.types:
        return "dangling"
    if records.entity(object_record) == subject and object_record != held.record:
        return "self_loop"
    return None


def _with_value(held: Held, value: str) -> Held:
    return Held(
        value, held.unit, held.valid_from, held.observed_at, held.confidence, held.kind, held.source, held.record,
        held.fact, held.rivals, held.disputed,
    )  # fmt: skip


def _loose_order(one: Loose) -> tuple[str, ...]:
    return (one.reason, one.layer, one.subject, one.relation, one.object_record, one.fact)
