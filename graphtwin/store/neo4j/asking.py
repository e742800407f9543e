"""Reads about claims, histories and identities, each pinned to one version (S19)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.policy import SYSTEM_NAMES
from graphtwin.methods.state.weigh import weigh
from graphtwin.model.fact import ENTITY, TYPE, Fact, Key, Layer
from graphtwin.model.state import At
from graphtwin.ports import Claimed, Sample
from graphtwin.store.neo4j.moment import Moment, Policies, existing, exists, moment_at
from graphtwin.store.neo4j.premises import machine_keys
from graphtwin.store.neo4j.rows import fact_of, key_of, key_text
from graphtwin.store.neo4j.session import Database
from graphtwin.store.neo4j.tops import seek_cells, seek_cells_of

_NEVER: Final = 2**63 - 1
_SPARE: Final = 8
"""Entries asked for beyond the samples wanted: cells that were said twice, or ended."""
_ENTRIES: Final = 200_000
"""Entries that one statement may return, so that long pasts of many variables fit the server's memory."""


class ClaimReads:
    """The part of ports.Store that answers with claims and records."""

    _database: Database
    _policies: Policies

    async def claims(self, world: str, entity: str, name: str, at: At | None = None) -> tuple[Claimed, ...]:
        """Every claim in force about a variable or relation of an entity."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            resolved = (await moment.resolve([entity])).get(entity)
            if resolved is None:
                return ()
            records, kind = (await _consists(moment, [resolved]))[resolved]
            tops = await moment.view.tops(await _keys_named(moment, ((record, name) for record in records)))
            about = sorted((top for top in tops.values() if top.op == "assert"), key=lambda top: top.key)
            standing = await moment.view.standing({claim.object for claim in about} | set(records))
        entity_of = {record: one.entity for record, one in standing.items() if exists(one)}
        return weigh(about, moment.policy, kind, name, lambda record: entity_of.get(record, record))

    async def history(
        self, world: str, entity: str, name: str, *, layer: Layer = "reported", limit: int = 100
    ) -> tuple[Fact, ...]:
        """The facts about a variable of the entity's records."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            resolved = (await moment.resolve([entity])).get(entity)
            if resolved is None:
                return ()
            records, _ = (await _consists(moment, [resolved]))[resolved]
            keys = await _keys_named(moment, ((record, name) for record in records))
            rows = [[key_text(world, key), _NEVER] for key in sorted(keys) if key.layer == layer]
            found = await ask.batched("fact/seek_below", rows, depth=limit, seq=moment.at.seq)
        facts = sorted(map(fact_of, found), key=lambda fact: (fact.valid_from, fact.prio, fact.id), reverse=True)
        return tuple(facts[:limit])

    async def samples(
        self,
        world: str,
        variables: Sequence[tuple[str, str]],
        *,
        at: At,
        limit: int,
        winners: Mapping[tuple[str, str], str] | None = None,
    ) -> Mapping[tuple[str, str], tuple[Sample, ...]]:
        """For each (entity, name): the past of its winning record."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            held = await _winning_records(moment, variables) if winners is None else winners
            keys = {one: Key("reported", held[one], one[1]) for one in variables if one in held}
            pasts = await _pasts(moment, set(keys.values()), limit)
        return {variable: pasts[keys[variable]] if variable in keys else () for variable in variables}

    async def fired(self, world: str, *, at: At | None = None, limit: int = 100) -> tuple[Fact, ...]:
        """The newest steps that state machines took."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            keys = await machine_keys(ask, world)
            cells = await seek_cells_of(ask, world, dict.fromkeys(keys, limit), moment.at)
        steps = [cell for own in cells.values() for cell in own]
        return tuple(sorted(steps, key=lambda cell: (-cell.valid_from, cell.key))[:limit])

    async def records_of(self, world: str, records: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """(type, entity id) of each record that exists at the head."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            standing = await moment.view.standing(records)
        return {
            record: (str(one.type.value), one.entity)
            for record, one in sorted(standing.items())
            if one.type is not None and exists(one)
        }

    async def names_used(self, world: str, names: Sequence[str]) -> frozenset[tuple[str, bool]]:
        """(name, whether with an object) of those of the names that are in use."""
        rows = [[name, objected] for name in sorted(set(names)) for objected in (False, True)]
        async with self._database.reading() as ask:
            await moment_at(ask, self._policies, world, None)
            used = await ask.batched("fact/names_used", rows, world=world)
        return frozenset((name, objected) for name, objected in used)

    async def mapped(self, world: str, records: Sequence[str]) -> Mapping[str, str]:
        """The entity of each record that an `@entity` claim maps at the head."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            tops = await moment.view.tops(Key("reported", record, ENTITY) for record in records)
        return {key.record: str(top.value) for key, top in sorted(tops.items()) if top.op == "assert"}

    async def entities_called(self, world: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The existing entity that each id names at the head."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            return dict(sorted((await moment.resolve(ids)).items()))

    async def founded(self, world: str, entities: Sequence[str]) -> Mapping[str, int]:
        """The first version at which a record was given to each id."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            ever = await moment.registry.members_ever(entities)
            rows = sorted([key_text(world, Key("reported", record, ENTITY)), entity] for entity, record in ever)
            given = await ask.batched("identity/first_given", rows, seq=moment.at.seq)
        first: dict[str, int] = {}
        for entity, seq in given:
            first[entity] = min(seq, first.get(entity, seq))
        return dict(sorted(first.items()))

    async def records_ever(self, world: str, entities: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The records that a decision ever put into each id."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            ever: dict[str, list[str]] = defaultdict(list)
            for entity, record in await moment.registry.members_ever(entities):
                ever[entity].append(record)
        return {entity: tuple(sorted(records)) for entity, records in sorted(ever.items())}

    async def entity_facts(self, world: str, records: Sequence[str]) -> tuple[Fact, ...]:
        """Every fact about whose the records are."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            rows = [[key_text(world, Key("reported", one, ENTITY)), _NEVER] for one in sorted(set(records))]
            found = await ask.batched("fact/seek_below", rows, depth=_ENTRIES, seq=moment.at.seq)
        facts = map(fact_of, found)
        return tuple(sorted(facts, key=lambda fact: (fact.record, fact.valid_from, fact.prio, fact.id)))

    async def identify(self, world: str, name: str, values: Sequence[Any]) -> Mapping[Any, tuple[str, ...]]:
        """The records whose claim of an identifying variable holds one of the values, at the head."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, None)
            keys = map(key_of, (await ask("fact/keys_under_name", world=world, name=name))[0])
            tops = await moment.view.tops(key for key in keys if key.layer == "reported")
            wanted = {canonical_json(value): value for value in values}
            held: dict[Any, set[str]] = defaultdict(set)
            for top in tops.values():
                if top.op == "assert" and (text := canonical_json(top.value)) in wanted:
                    held[text].add(top.record)
            standing = await moment.view.standing(record for records in held.values() for record in records)
        there = set(existing(standing))
        found = {value: tuple(sorted(held[text] & there)) for text, value in wanted.items() if text in held}
        return {value: records for value, records in found.items() if records}


async def _consists(moment: Moment, entities: Iterable[str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """The existing records of each entity that exists, and its type."""
    members = await moment.view.members(entities)
    standing = await moment.view.standing(record for own in members.values() for record in own)
    consists = {}
    for entity, own in members.items():
        records = existing({record: standing[record] for record in own})
        types = [kind for record in records if (kind := standing[record].type) is not None]
        if types:
            consists[entity] = (tuple(records), str(fuse(types, moment.policy, "", TYPE).value))
    return consists


async def _keys_named(moment: Moment, named: Iterable[tuple[str, str]]) -> set[Key]:
    """The keys of each (record, name), of all layers and objects."""
    wanted = set(named)
    return {key for key in await moment.registry.keys_named(wanted) if (key.record, key.name) in wanted}


async def _winning_records(moment: Moment, variables: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The record that each reported value is shown under."""
    resolved = await moment.resolve({entity for entity, _ in variables})
    consists = await _consists(moment, set(resolved.values()))
    asked = {
        (entity, name): consists[resolved[entity]]
        for entity, name in variables
        if entity in resolved
        and resolved[entity] in consists
        and name not in SYSTEM_NAMES
        and not moment.policy.is_relation(name)
    }
    named = {(record, name) for (_, name), (records, _) in asked.items() for record in records}
    tops = await moment.view.tops(key for key in await _keys_named(moment, named) if key.layer == "reported")
    claims: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for top in tops.values():
        if top.op == "assert" and not (top.object and moment.policy.attribute_of(top.name)):
            claims[top.record, top.name].append(top)
    winners = {}
    for (entity, name), (records, kind) in asked.items():
        group = [claim for record in records for claim in claims[record, name]]
        if group:
            winners[entity, name] = fuse(group, moment.policy, kind, name).record
    return winners


async def _pasts(moment: Moment, keys: set[Key], limit: int) -> dict[Key, tuple[Sample, ...]]:
    """The newest `limit` asserting cells of each key, oldest first; a key that needs a second look gets its own."""
    depth = limit + _SPARE
    asked = {key_text(moment.world, key): key for key in keys}
    texts = sorted(asked)
    few = max(1, _ENTRIES // depth)
    found: dict[Key, list[list[Any]]] = {}
    for start in range(0, len(texts), few):
        rows = texts[start : start + few]
        columns = await moment.ask(
            "fact/seek_samples", rows=rows, valid=moment.at.valid, depth=depth, seq=moment.at.seq
        )
        found |= {asked[text]: entries for text, entries in columns[0]}
    pasts = {}
    for key, entries in found.items():
        said = _said(entries)
        if len(said) < limit and len(entries) == depth:
            cells = await seek_cells(moment.ask, moment.world, key, moment.at, limit=limit)
            said = [Sample(cell.valid_from, cell.value) for cell in cells]
        pasts[key] = tuple(reversed(said[:limit]))
    return pasts


def _said(entries: Iterable[Sequence[Any]]) -> list[Sample]:
    """What asserts among the winners of the cells, each of which is the first entry of its instant (S7)."""
    said: list[Sample] = []
    last: int | None = None
    for valid_from, op, value, value_json in entries:
        if valid_from != last and op == "assert":
            said.append(Sample(valid_from, value if value_json is None else json.loads(value_json)))
        last = valid_from
    return said
