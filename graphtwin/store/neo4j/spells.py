"""What properties of the present showed over a stretch of valid time, from the facts of their entities' records (S23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from graphtwin.errors import Refused
from graphtwin.methods.state.claims import cells_of
from graphtwin.methods.state.lifecycle import roster_key
from graphtwin.methods.state.past_values import Retired, past_values
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.shown import readings_of
from graphtwin.model.fact import ENTITY, RANK, TYPE, Fact, Key
from graphtwin.model.state import At, Spell
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.rows import facts_of, key_text
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.views import PastView

_KEYS: Final = 200
"""Keys that one statement reads the past of."""
CLAIMS: Final = 500_000
"""Claims that one look at the past may read."""


@dataclass(frozen=True, slots=True)
class Then:
    """A world as a transaction knows it; `at` is its own instant."""

    ask: Statements
    world: str
    at: At
    policy: Policy
    rostered: Collection[str]

    def view(self, valid: int) -> PastView:
        """Another valid time, known as now."""
        at = At(valid, self.at.seq)
        return PastView(self.ask, self.world, at, self.policy, horizon=self.at.valid, rostered=self.rostered)


async def spells(
    then: Then, wanted: Iterable[tuple[str, str]], *, since: int
) -> dict[tuple[str, str], tuple[Spell, ...]]:
    """For each [entity id, property]: its spells over [since, at.valid], oldest first."""
    asked = sorted(set(wanted))
    registry = Registry(then.ask, then.world)
    names: dict[str, set[str]] = defaultdict(set)
    for entity, name in asked:
        names[entity].add(name)
    ever: dict[str, set[str]] = {entity: {entity} for entity in names}
    for entity, record in await registry.members_ever(names):
        ever[entity].add(record)
    keys = await _keys(registry, names, ever)
    before = await then.view(since).tops(keys)
    later = await _between(then, keys, since)
    retired = await _retired(then, registry, {record for records in ever.values() for record in records}, since)
    tops: dict[str, dict[Key, Fact]] = defaultdict(dict)
    for key, top in before.items():
        tops[key.record][key] = top
    found: dict[tuple[str, str], tuple[Spell, ...]] = {}
    for entity, own in names.items():
        records = sorted(ever[entity])
        past = past_values(
            entity,
            own,
            before={key: top for record in records for key, top in tops.get(record, {}).items()},
            later=[fact for record in records for fact in later.get(record, ())],
            retired={record: retired[record] for record in records if record in retired},
            policy=then.policy,
            since=since,
            at=then.at,
        )
        found |= {(entity, name): spells for name, spells in past.items()}
    return {one: found[one] for one in asked}


async def _keys(registry: Registry, names: Mapping[str, set[str]], ever: Mapping[str, set[str]]) -> set[Key]:
    """Who the records were, and what they say under the names."""
    said = {
        (record, layer, bare)
        for entity, records in ever.items()
        for name in names[entity]
        for layer, bare in readings_of(name)
        for record in records
    }
    named = await registry.keys_named((record, bare) for record, _, bare in said)
    who = {Key("reported", record, name) for records in ever.values() for record in records for name in (TYPE, ENTITY)}
    return who | {key for key in named if (key.record, key.layer, key.name) in said}


async def _between(then: Then, keys: Iterable[Key], since: int) -> dict[str, list[Fact]]:
    """The facts of the keys that are valid after `since`, by record. Raises Refused for more than can be read."""
    found: dict[str, list[Fact]] = defaultdict(list)
    left = CLAIMS
    texts = sorted(key_text(then.world, key) for key in keys)
    for start in range(0, len(texts), _KEYS):
        rows = texts[start : start + _KEYS]
        (facts,) = await then.ask(
            "fact/seek_between", rows=rows, since=since, valid=then.at.valid, depth=left + 1, seq=then.at.seq
        )
        left -= len(facts)
        if left < 0:
            raise Refused(
                f"More than {CLAIMS:,} claims would have to be read about the time asked for.",
                hint="Ask about fewer things, or for a shorter time.",
            )
        for fact in facts_of(facts):
            found[fact.record].append(fact)
    return found


async def _retired(then: Then, registry: Registry, records: Collection[str], since: int) -> Retired:
    """When rosters had retired the records: from one roster on, until a later one or any claim of theirs (S24)."""
    rostered = {record for record in records if record.partition(":")[0] in then.rostered}
    if not rostered:
        return {}
    sources = {record.partition(":")[0] for record in rostered}
    rosters = await _between(then, map(roster_key, sources), since)
    instants = sorted({since, *(fact.valid_from for facts in rosters.values() for fact in facts)})
    gone: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for instant, following in pairwise([*instants, then.at.valid + 1]):
        for record, lifecycle in (await then.view(instant).lifecycles(rostered)).items():
            if lifecycle == "retired":
                gone[record].append((instant, following))
    said = await _claimed(then, registry, gone, since)
    return {
        record: [
            (begin, min((one for one in said.get(record, ()) if begin < one < end), default=end))
            for begin, end in stretches
        ]
        for record, stretches in gone.items()
    }


async def _claimed(then: Then, registry: Registry, records: Collection[str], since: int) -> dict[str, set[int]]:
    """When each record's source claimed anything of it after `since` (`last_said` in methods/state/claims.py)."""
    by_key: dict[Key, list[Fact]] = defaultdict(list)
    for facts in (await _between(then, await registry.keys_of(records), since)).values():
        for fact in facts:
            by_key[fact.key].append(fact)
    said: dict[str, set[int]] = defaultdict(set)
    for key, facts in by_key.items():
        standing = {
            cell.valid_from for cell in cells_of(facts, valid=then.at.valid, seq=then.at.seq) if cell.op != "withdraw"
        }
        said[key.record] |= {fact.valid_from for fact in facts if fact.prio < RANK and fact.valid_from in standing}
    return said
