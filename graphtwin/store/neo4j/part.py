"""The closed part of a world that a set of touched keys can change: the claims before and the claims after.

Closed means what `assemble` asks for: each group that can differ is whole on both sides, and each record at either end
has its type and its entity. Groups that can't differ may be incomplete: they are equally so before and after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from graphtwin.methods.state.policy import SYSTEM_NAMES, Policy
from graphtwin.model.fact import ENTITY, TYPE, Fact, Key
from graphtwin.model.state import Lifecycle
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.views import View, entity_claim


@dataclass(frozen=True, slots=True)
class Part:
    """What `assemble` takes: claims in force, and the records that aren't active."""

    claims: list[Fact]
    lifecycles: dict[str, Lifecycle]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the configuration and the world's past say about names."""

    policy: Policy
    objected: Collection[str]
    """Names that any fact ever used with an object."""

    def is_many(self, name: str) -> bool:
        """A many-valued relation."""
        return self.policy.is_relation(name) and not self.policy.functional(name)

    def is_functional(self, name: str) -> bool:
        return self.policy.is_relation(name) and self.policy.functional(name)

    def attributes(self, relation: str) -> list[str]:
        """The attribute names of a relation that were ever used with an object."""
        return [name for name in self.objected if name.startswith(relation + ".")]


async def changed_part(
    before: View, after: View, registry: Registry, shape: Shape, *, touched: Iterable[Key], shifted: Iterable[str]
) -> tuple[Part, Part]:
    """The parts before and after. `touched` are keys whose claim may differ, `shifted` records whose lifecycle does."""
    keys = set(touched)
    tops_before, tops_after = await before.tops(keys), await after.tops(keys)
    changed = {key for key in keys if tops_before.get(key) != tops_after.get(key)}
    seeds = {key.record for key in changed if key.layer == "reported" and key.name in (TYPE, ENTITY)} | set(shifted)
    moved = await _moved_records(before, after, seeds)
    wanted = await _keys_of_moved(before, registry, moved, shape)
    wanted |= await _keys_of_groups(before, registry, (key for key in changed if key.record not in moved), shape)
    wanted |= changed
    # A record that one side only speaks of stands in both, else it would seem to come or go.
    was, now = await before.tops(wanted), await after.tops(wanted)
    ends = _ends(was, shape) | _ends(now, shape)
    return await _part(before, was, ends, moved), await _part(after, now, ends, moved)


async def whole_part(view: View, registry: Registry, entities: Iterable[str], shape: Shape) -> Part:
    """Everything about some entities: their records' claims and every edge at them."""
    members = await view.members(entities)
    records = {record for own in members.values() for record in own}
    tops = await view.tops(await _keys_of_moved(view, registry, records, shape))
    return await _part(view, tops, _ends(tops, shape), records)


async def own_part(view: View, registry: Registry, entities: Iterable[str], shape: Shape) -> Part:
    """Everything that some entities' own records claim: values, and edges out of them. Edges into them are left out."""
    members = await view.members(entities)
    records = {record for own in members.values() for record in own}
    tops = await view.tops(await registry.keys_of(records))
    return await _part(view, tops, _ends(tops, shape), records)


async def _moved_records(before: View, after: View, seeds: set[str]) -> set[str]:
    """The records of every entity that gains, loses or has one of the seeds."""
    if not seeds:
        return set()
    standing = [await before.standing(seeds), await after.standing(seeds)]
    entities = {one.entity for side in standing for one in side.values()}
    members = [await before.members(entities), await after.members(entities)]
    return seeds | {record for side in members for own in side.values() for record in own}


async def _keys_of_moved(view: View, registry: Registry, records: set[str], shape: Shape) -> set[Key]:
    """All keys of the records, the keys that point to them, and the rivals of functional relations among these."""
    if not records:
        return set()
    links = await registry.links_into(records)
    outside = [key for key in links if shape.is_functional(key.name) and key.record not in records]
    return await registry.keys_of(records) | links | await _rivals(view, registry, outside, shape)


async def _keys_of_groups(view: View, registry: Registry, changed: Iterable[Key], shape: Shape) -> set[Key]:
    """The groups of changed claims whose records stay who they are."""
    values: list[Key] = []
    many: list[Key] = []
    functional: list[Key] = []
    for key in changed:
        name = key.name
        parts = shape.policy.attribute_of(name) if key.object else None
        relation = parts[0] if parts else name
        if name in SYSTEM_NAMES:
            continue
        if shape.is_many(relation):
            many.append(key)
        elif shape.is_functional(relation):
            functional.append(key if not parts else key._replace(name=relation, object=""))
        else:
            values.append(key)
    keys = await _rivals(view, registry, functional, shape)
    keys |= await _same_name(view, registry, values, shape)
    return keys | await _same_edge(view, many, shape)


async def _same_name(view: View, registry: Registry, keys: Collection[Key], shape: Shape) -> set[Key]:
    """What all records of the same entity say under the same name."""
    siblings = await _siblings(view, {key.record for key in keys})
    odd = {(one, key.name) for key in keys if key.name in shape.objected for one in siblings[key.record]}
    found = {key for key in await registry.keys_named(odd) if (key.record, key.name) in odd} if odd else set()
    found.update(Key(key.layer, one, key.name) for key in keys for one in siblings[key.record])
    return found


async def _rivals(view: View, registry: Registry, keys: Collection[Key], shape: Shape) -> set[Key]:
    """What all records of the same entity say about a functional relation, and about its attributes."""
    if not keys:
        return set()
    found = await _same_name(view, registry, keys, shape)
    siblings = await _siblings(view, {key.record for key in keys})
    named = {(one, key.name + ".") for key in keys if shape.attributes(key.name) for one in siblings[key.record]}
    return found | (await registry.keys_named(named) if named else set())


async def _same_edge(view: View, keys: Collection[Key], shape: Shape) -> set[Key]:
    """What all records of one entity say about a relation, and its attributes, to all records of another."""
    if not keys:
        return set()
    siblings = await _siblings(view, {key.record for key in keys} | {key.object for key in keys})
    found: set[Key] = set()
    for key in keys:
        relation = key.name if shape.policy.is_relation(key.name) else key.name.partition(".")[0]
        names = [relation, *shape.attributes(relation)]
        found.update(
            Key(key.layer, record, name, far)
            for record in siblings[key.record]
            for far in siblings[key.object]
            for name in names
        )
    return found


async def _siblings(view: View, records: set[str]) -> dict[str, list[str]]:
    """The records of each record's entity; itself at least."""
    standing = await view.standing(records)
    members = await view.members({one.entity for one in standing.values()})
    return {record: members[one.entity] or [record] for record, one in standing.items()}


async def _part(view: View, tops: Mapping[Key, Fact], ends: Collection[str], whole: Collection[str]) -> Part:
    """The claims among the tops, with stand-ins for the type and entity of records whose own claims aren't among them."""
    claims = [top for top in tops.values() if top.op == "assert"]
    standing = await view.standing({*ends, *whole})
    if standing.keys() - whole:
        # What an entity is depends on all its records.
        members = await view.members({one.entity for one in standing.values()})
        standing |= await view.standing(record for own in members.values() for record in own)
    for record, one in standing.items():
        if record in whole:
            continue
        if one.type is not None and Key("reported", record, TYPE) not in tops:
            claims.append(one.type)
        if one.entity != record and Key("reported", record, ENTITY) not in tops:
            claims.append(entity_claim(record, one.entity))
    return Part(claims, {record: one.lifecycle for record, one in standing.items() if one.lifecycle != "active"})


def _ends(tops: Mapping[Key, Fact], shape: Shape) -> set[str]:
    """The records at either end of the claims."""
    found = set()
    functional = {name for name in {key.name for key in tops} if shape.is_functional(name)}
    for key, top in tops.items():
        if top.op == "assert":
            found.add(key.record)
            if key.object:
                found.add(key.object)
            if key.name in functional:
                found.add(str(top.value))
    return found
