"""What persons decide of identity: two entities are one, one is two, a decision is taken back (S13, S14, S35)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from graphtwin.app.person import Given, Person, person_decides
from graphtwin.errors import NotFound, Refused, UsageError
from graphtwin.methods.audit.decisions import IDENTITY
from graphtwin.methods.matching.clusters import RecordView
from graphtwin.methods.matching.entity_ids import MODEL, DeclaredIds, contested_id, founding_id
from graphtwin.methods.matching.identity import resolve, why_two
from graphtwin.methods.matching.judgements import (
    IDENTITY_KINDS,
    IdentityDecision,
    decisions_of,
    judgements_of,
    person_event,
)
from graphtwin.methods.matching.membership import given_away, given_to
from graphtwin.methods.matching.record_views import member_views
from graphtwin.methods.state.policy import FOLLOWERS, Policy
from graphtwin.model.fact import Fact
from graphtwin.model.ids import EntityId
from graphtwin.model.principal import Role
from graphtwin.model.state import EntityState
from graphtwin.ports import Store
from graphtwin.workflows.decide import Decided, Decision, Turn


async def identity_decisions(store: Store, world: str) -> tuple[IdentityDecision, ...]:
    """Every decision about identity by persons, and every merge of entities by matching, oldest first."""
    return decisions_of(await store.audit_of(world, IDENTITY_KINDS))


async def merge_entities(
    store: Store, world: str, pair: tuple[str, str], given: Given, *, force: bool = False
) -> Decided:
    """The two are one thing, and always were. `force` goes over what speaks against it, with evidence; things of
    different types, or that twin.yaml declares as two, are never one. Raises Refused, NotFound, UsageError.
    """

    async def make(person: Person, turn: Turn) -> Decision:
        policy = Policy(person.config)
        one, other = [await _entity(person, name) for name in pair]
        if one.id == other.id:
            raise UsageError(f"{pair[0]} and {pair[1]} are one already: {one.id}.", hint="see: graphtwin identity list")
        left, right = [await views_of(person, side, policy) for side in (one, other)]
        _may_be_one(person, (one, other), why_two(left, right, policy), force=force)
        groups = [spoken_of(side.records) for side in (one, other)]
        judged = judgements_of(await identity_decisions(store, world)).with_merge(groups, forced=force)
        founded = await store.founded(world, [one.id, other.id])
        resolution = resolve({**left, **right}, (), policy, founded, judged)
        into = sorted(set(resolution.entity_of.values()))
        if len(into) > 1:
            raise Refused(
                f"{one.id} and {other.id} can't be one: {'; '.join(x.reason for x in resolution.unresolved)}."
            )
        gone = sorted({one.id, other.id} - set(into))
        facts = await _given(person, turn, gone, into[0], {*one.records, *other.records})
        said = {"action": "merge", "entities": [*into, *gone], "groups": groups, "forced": force}
        return _decision(person, turn, said, facts)

    return await person_decides(store, world, given, make, least=Role.OPERATOR, prefix="identity")


async def split_entity(store: Store, world: str, entity: str, records: Collection[str], given: Given) -> Decided:
    """Some records of an entity are another thing, and always were; it gets an id of its own. Raises Refused, NotFound,
    UsageError.
    """

    async def make(person: Person, turn: Turn) -> Decision:
        found = await _entity(person, entity)
        split = sorted(set(records))
        rest = [one for one in spoken_of(found.records) if one not in split]
        _may_be_split(person, found, split, rest)
        views = await views_of(person, found, Policy(person.config))
        new = await _free_id(person, found, [views[one] for one in split])
        held = await store.entity_facts(world, split)
        cells = given_away(held, {found.id}, await _own(person, [found.id]))
        event = person_event(turn.run)
        facts = given_to((cell for cell in cells if cell[0] in split), new, event=event, run=turn.run)
        return _decision(person, turn, {"action": "split", "entities": [found.id, new], "groups": [split, rest]}, facts)

    return await person_decides(store, world, given, make, least=Role.OPERATOR, prefix="identity")


def _decision(person: Person, turn: Turn, said: Mapping[str, Any], facts: Sequence[Fact]) -> Decision:
    body = {**said, "records": sorted({fact.record for fact in facts})}
    return person.decision(turn, IDENTITY, body, facts, str(said["entities"][0]))


async def _entity(person: Person, name: str) -> EntityState:
    found = await person.store.entity(person.world, name)
    if found is None:
        raise NotFound(
            f"The world {person.world} has no entity {name!r}.", hint=f"see: graphtwin snapshot {person.world}"
        )
    return found[0]


async def views_of(person: Person, entity: EntityState, policy: Policy) -> dict[str, RecordView]:
    """The records of an entity, each of its own type, with the values that may forbid a merge."""
    known = await person.store.records_of(person.world, entity.records)
    views = member_views([entity], {}, policy)
    return {record: replace(view, type=known[record][0]) for record, view in views.items()}


def spoken_of(records: Iterable[str]) -> list[str]:
    """The records by which sources and the model speak."""
    return sorted(record for record in records if not record.startswith(FOLLOWERS))


def _may_be_one(
    person: Person, sides: tuple[EntityState, EntityState], reasons: tuple[str, str], *, force: bool
) -> None:
    hard, soft = reasons
    names = f"{sides[0].id} and {sides[1].id}"
    if hard:
        raise Refused(f"{names} can't be one: {hard}.", hint="what they are is said by their sources and by twin.yaml")
    soft = soft or _organizations_differ(*sides)
    if soft and not force:
        raise Refused(f"{names} aren't one: {soft}.", hint="insist with --force, and evidence: --evidence FILE|URL")
    if soft and person.ground is None:
        raise UsageError(f"{names} are only made one by force with evidence: {soft}.", hint="add: --evidence FILE|URL")


def _organizations_differ(one: EntityState, other: EntityState) -> str:
    try:
        names = [EntityId.parse(side.id).organization for side in (one, other)]
    except ValueError:  # an id that a test or an old world gave as it is
        return ""
    return "" if names[0] == names[1] else f"they belong to different organizations ({names[0]}, {names[1]})"


async def _given(person: Person, turn: Turn, gone: Sequence[str], kept: str, members: Collection[str]) -> list[Fact]:
    """Every cell that names an id that goes, whoever's it is, now names the one that stays."""
    ever = await person.store.records_ever(person.world, gone)
    own = await _own(person, gone)
    records = {*members, *own, *(record for held in ever.values() for record in held)}
    facts = await person.store.entity_facts(person.world, sorted(records))
    return given_to(given_away(facts, gone, own), kept, event=person_event(turn.run), run=turn.run)


async def _own(person: Person, entities: Sequence[str]) -> list[str]:
    """Those of the ids that are records themselves."""
    return sorted(await person.store.records_of(person.world, entities))


def _may_be_split(person: Person, entity: EntityState, split: Sequence[str], rest: Sequence[str]) -> None:
    if strange := [one for one in split if one not in entity.records]:
        known = ", ".join(spoken_of(entity.records))
        raise NotFound(f"{strange[0]} isn't a record of {entity.id}.", hint=f"it has: {known}")
    if follow := [one for one in split if one.startswith((*FOLLOWERS, f"{MODEL}:"))]:
        raise UsageError(f"{follow[0]} is no source's record.", hint="split off records of sources; the others follow")
    if not split or not rest:
        raise UsageError(
            f"Nothing would be left of {entity.id}, or nothing split off.", hint="name some of its records"
        )
    named = {record for declared in person.config.entities for record in declared.aliases}
    named |= {record for aliases in person.config.identity.aliases.values() for record in aliases}
    if said := sorted(named.intersection(split)):
        raise Refused(
            f"twin.yaml says that {said[0]} is {entity.id}.", hint="change it there, then: graphtwin apply TWIN.yaml"
        )


async def _free_id(person: Person, entity: EntityState, split: Sequence[RecordView]) -> str:
    """The id that the split records found, where nothing else bears it; else one with the source's name in it, numbered
    where even that is taken. An id of theirs that was merged away comes back (S14).
    """
    config, policy = person.config, Policy(person.config)
    first = min(split, key=lambda view: (-policy.source_trust(view.source), view.id))
    contested = contested_id(first.id, first.type, config)
    numbered = (f"{contested}-{number}" for number in count(2))
    declared = DeclaredIds(config).types
    for name in chain((founding_id(first.id, first.type, config), contested), numbered):
        if name not in declared and await _is_free(person, entity, name):
            return name
    raise AssertionError("unreachable: numbers don't end")


async def _is_free(person: Person, entity: EntityState, name: str) -> bool:
    found = await person.store.entity(person.world, name)
    return name != entity.id and (found is None or (found[0].id == entity.id and name not in entity.records))
