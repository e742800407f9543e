"""identity_resolution: which entity each touched record belongs to, as decisions that can be undone (S13, S14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.methods.matching.clusters import RecordView, Unresolved
from graphtwin.methods.matching.entity_ids import MODEL, DeclaredIds, id_spaces, same_id_records
from graphtwin.methods.matching.identity import Resolution, resolve
from graphtwin.methods.matching.judgements import (
    IDENTITY_KINDS,
    Judgements,
    decisions_of,
    judgements_of,
    matching_event,
    reference_event,
)
from graphtwin.methods.matching.record_views import forms_of, member_views, same_id_pairs, views_of_facts, with_known
from graphtwin.methods.reading.identifiers import is_suspicious
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, decision
from graphtwin.model.state import EntityState
from graphtwin.ports import Store

_ONE_BY_ONE: Final = 20
"""Entities that are read one by one; more are read with the whole state at once."""


@dataclass(frozen=True, slots=True)
class Merge:
    """An entity whose records all became another's, and why."""

    gone: str
    into: str
    records: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class IdentityResolutionOut:
    """Decisions to be written with the facts, the map they amount to, and what stayed open."""

    decisions: tuple[Fact, ...]
    identity_map: Mapping[str, str]
    merged: tuple[tuple[str, str], ...]
    """(entity id that records left, entity id that they are part of now)."""
    merges: tuple[Merge, ...]
    """Where nothing was left of an entity: it became one with another."""
    touched: int
    unresolved: tuple[Unresolved, ...]
    """Everything that is open, also what earlier runs left open."""
    carried: frozenset[str]
    """Records that only earlier runs spoke of: they are looked at again, but this run's confidence isn't about them."""
    anchors: tuple[str, ...]


async def identity_resolution(
    store: Store,
    world: str,
    facts: Sequence[Fact],
    policy: Policy,
    *,
    run: str,
    dangling: Sequence[str] = (),
    named: Sequence[str] = (),
) -> IdentityResolutionOut:
    """Resolve the records that new facts speak of, and the objects that relations name. `dangling` are objects that the
    last run couldn't find, `named` known records to look at again although nothing new is said of them.
    """
    views = views_of_facts(facts)
    judged = judgements_of(decisions_of(await store.audit_of(world, IDENTITY_KINDS)))
    settled = await store.records_of(world, sorted(views))
    mistaken = await _mistaken(store, world, views, settled)
    settled = {record: one for record, one in settled.items() if record not in mistaken}
    identifying = policy.config.identity.key_attributes
    # A record that has its entity stays there, unless it says something that may identify it with another.
    new = {
        record: view
        for record, view in views.items()
        if record not in settled or any(name in view.attributes for name in identifying)
    }
    named_now = _objects(facts, policy)
    objects_named = {*named_now, *dangling}
    known = await store.records_of(world, sorted({*new, *_candidates(new, policy), *objects_named, *named}))
    by_attribute = await _by_attribute(store, world, new, policy)
    known = {**known, **await store.records_of(world, sorted(by_attribute.keys() - known.keys()))}
    known = {record: one for record, one in known.items() if record not in mistaken}
    gone = (new.keys() - known.keys() - mistaken) | (objects_named - known.keys())
    mapped = await store.mapped(world, sorted(gone)) if gone else {}
    returning = await _returning(store, world, {one: mapped[one] for one in new.keys() & mapped.keys() - mistaken})
    records = await _with_partners(store, world, with_known(new, known, by_attribute, returning), judged)
    resolution = resolve(records, same_id_pairs(new, records, policy), policy, judged=judged)
    looked_at: set[str] = set()
    while joined := (_joined(records, resolution) | set(returning.values())) - looked_at:
        looked_at |= joined
        members = member_views(await _held(store, world, sorted(joined)), records, policy)
        records = await _with_partners(store, world, {**records, **members}, judged)
        resolution = resolve(records, same_id_pairs(new, records, policy), policy, judged=judged)
    if rivals := _rivals(records, resolution):
        founded = await store.founded(world, sorted(rivals))
        resolution = resolve(records, same_id_pairs(new, records, policy), policy, founded, judged)
    objects = sorted(objects_named - resolution.entity_of.keys() - known.keys())
    carried = frozenset(objects) - named_now
    # What is known to be somebody and isn't there has ended or is retired: to be named doesn't bring it back.
    unheard = [record for record in objects if record not in mapped and not is_suspicious(record.partition(":")[2])]
    found = await _referenced(store, world, unheard, resolution, policy, records)
    decisions = [
        *_type_decisions(mistaken, views, run),
        *_decisions(records, resolution, mapped, run),
        *_reference_decisions(found, run),
    ]
    lost = tuple(
        Unresolved(record, "", "a relation names it, but no source reports it")
        for record in objects
        if record not in found
    )
    return IdentityResolutionOut(
        decisions=tuple(decisions),
        identity_map={**resolution.entity_of, **{record: entity for record, (_, entity) in found.items()}},
        merged=_merged(records, resolution),
        merges=_merges(records, resolution),
        touched=len({*views, *objects} - carried),
        unresolved=(*resolution.unresolved, *lost),
        carried=carried,
        anchors=tuple(f"tool:identity-resolution:{fact.record}" for fact in decisions[:50]),
    )


async def _with_partners(
    store: Store, world: str, records: dict[str, RecordView], judged: Judgements
) -> dict[str, RecordView]:
    """With the records that persons judged together with these: their word is about both."""
    asked: set[str] = set()
    while partners := judged.partners(records) - asked:
        asked |= partners
        known = await store.records_of(world, sorted(partners))
        records = {**records, **{one: RecordView(one, kind, entity) for one, (kind, entity) in known.items()}}
    return records


async def _mistaken(
    store: Store, world: str, views: Mapping[str, RecordView], settled: Mapping[str, tuple[str, str]]
) -> set[str]:
    """Records that were only referred to, and so were taken for what bears their id elsewhere, but whose source now
    says that they are of another type: they are looked at as new ones.
    """
    found = set()
    for record in sorted(settled):
        kind, entity = settled[record]
        if views[record].type != kind:
            types = [one.fact for one in await store.claims(world, entity, TYPE) if one.fact.record == record]
            found |= {fact.record for fact in types if fact.is_decision and fact.kind == "inference"}
    return found


def _type_decisions(mistaken: Iterable[str], views: Mapping[str, RecordView], run: str) -> list[Fact]:
    """What the source says takes the place of what was inferred: a decision, since it was one."""
    return [
        decision(
            record=record, name=TYPE, value=views[record].type, valid_from=BEGIN, event=f"type:{run}", run=run,
            kind="inference",
        )
        for record in sorted(mistaken)
    ]  # fmt: skip


async def _returning(store: Store, world: str, mapped: Mapping[str, str]) -> dict[str, str]:
    """The entity of each record that is mapped, doesn't exist and is heard of again: its own, or the one that this is part
    of by now.
    """
    called = await store.entities_called(world, sorted(set(mapped.values()))) if mapped else {}
    return {record: called.get(entity, entity) for record, entity in mapped.items()}


def _candidates(new: Mapping[str, RecordView], policy: Policy) -> set[str]:
    spaces = id_spaces(policy.config)
    return {other for record in new for other in same_id_records(record, spaces, policy.config)}


def _objects(facts: Iterable[Fact], policy: Policy) -> set[str]:
    """The records that relations point to."""
    found = set()
    for fact in facts:
        if fact.op == "assert" and policy.is_relation(fact.name):
            found.add(str(fact.value) if policy.functional(fact.name) else fact.object)
    return found


async def _by_attribute(
    store: Store, world: str, new: Mapping[str, RecordView], policy: Policy
) -> dict[str, dict[str, Any]]:
    """Known records that share an identifying attribute's value with a new one, with that value."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in policy.config.identity.key_attributes:
        values = {form for view in new.values() for form in forms_of(view.attributes.get(name))}
        if values:
            ordered = sorted(values, key=lambda value: (str(value), type(value).__name__))
            for value, records in (await store.identify(world, name, ordered)).items():
                for record in records:
                    found[record][name] = value
    return found


def _joined(records: Mapping[str, RecordView], resolution: Resolution) -> set[str]:
    """The existing entities that get another record, or give one away: a component is resolved whole (S13)."""
    changed = {
        resolution.entity_of[record] for record, view in records.items() if view.entity != resolution.entity_of[record]
    }
    return {view.entity for record, view in records.items() if view.entity and resolution.entity_of[record] in changed}


def _rivals(records: Mapping[str, RecordView], resolution: Resolution) -> set[str]:
    """The existing entities that become one with another: how old they are may tell which id stays (S14)."""
    held: dict[str, set[str]] = defaultdict(set)
    for record, view in records.items():
        if view.entity:
            held[resolution.entity_of[record]].add(view.entity)
    return {entity for several in held.values() if len(several) > 1 for entity in several}


async def _held(store: Store, world: str, entities: Sequence[str]) -> list[EntityState]:
    """The entities; one by one where they are few, else out of the whole state."""
    if len(entities) > _ONE_BY_ONE:
        state = await store.state(world)
        return [state.entities[entity] for entity in entities if entity in state.entities]
    found = [await store.entity(world, entity) for entity in entities]
    return [one[0] for one in found if one]


async def _referenced(  # noqa: PLR0917 - the view of the whole component
    store: Store,
    world: str,
    objects: Sequence[str],
    resolution: Resolution,
    policy: Policy,
    records: Mapping[str, RecordView],
) -> dict[str, tuple[str, str]]:
    """For objects that no source reports under that record: (type, entity) of the one thing that carries the same id in
    another source or in the model; nothing where there is none or more than one.
    """
    spaces = id_spaces(policy.config)
    candidates = {
        record: [*same_id_records(record, spaces, policy.config), f"model:{record.partition(':')[2]}"]
        for record in objects
    }
    known = await store.records_of(world, sorted({other for others in candidates.values() for other in others}))
    declared = {name.rpartition("/")[2]: (kind, name) for name, kind in DeclaredIds(policy.config).types.items()}
    found: dict[str, tuple[str, str]] = {}
    for record, others in candidates.items():
        hits = {
            (records[other].type, resolution.entity_of[other]) if other in resolution.entity_of else known[other]
            for other in others
            if other in resolution.entity_of or other in known
        }
        local = record.partition(":")[2]
        if not hits and local in declared:
            hits = {declared[local]}
        if len({entity for _, entity in hits}) == 1:
            found[record] = min(hits)
    return found


def _decisions(
    records: Mapping[str, RecordView], resolution: Resolution, mapped: Mapping[str, str], run: str
) -> list[Fact]:
    return [
        decision(record=record, name=ENTITY, value=entity, valid_from=BEGIN, event=matching_event(run), run=run)
        for record, entity in sorted(resolution.entity_of.items())
        if mapped.get(record, records[record].entity) != entity
        and records[record].source != MODEL  # the model says so itself
    ]


def _reference_decisions(found: Mapping[str, tuple[str, str]], run: str) -> list[Fact]:
    """A record for what is only referred to: it exists as the thing that carries its id elsewhere."""
    event = reference_event(run)
    return [
        fact
        for record, (kind, entity) in sorted(found.items())
        for fact in (
            decision(record=record, name=TYPE, value=kind, valid_from=BEGIN, event=event, run=run, kind="inference"),
            decision(record=record, name=ENTITY, value=entity, valid_from=BEGIN, event=event, run=run),
        )
    ]


def _merged(records: Mapping[str, RecordView], resolution: Resolution) -> tuple[tuple[str, str], ...]:
    moved = {
        (view.entity, resolution.entity_of[record])
        for record, view in records.items()
        if view.entity and resolution.entity_of[record] != view.entity
    }
    return tuple(sorted(moved))


def _merges(records: Mapping[str, RecordView], resolution: Resolution) -> tuple[Merge, ...]:
    """The entities that went as a whole; their components were read as a whole."""
    members: dict[str, list[str]] = defaultdict(list)
    for record, view in records.items():
        if view.entity:
            members[view.entity].append(record)
    found = []
    for gone, own in sorted(members.items()):
        into = {resolution.entity_of[record] for record in own}
        if len(into) == 1 and gone not in into:
            why = next((resolution.evidence[one] for one in sorted(own) if one in resolution.evidence), "")
            found.append(Merge(gone, min(into), tuple(sorted(own)), why))
    return tuple(found)
