"""Who exists, who is whom and what is claimed, at one instant: at the head by the registry, anywhere else by facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from graphtwin.methods.state.lifecycle import lifecycle_of, roster_key, rosters_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, Key
from graphtwin.model.state import At, Lifecycle
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.tops import seek_cells_of, seek_last_claims, seek_tops


@dataclass(frozen=True, slots=True)
class Standing:
    """A record at an instant: its entity, the `@type` claim it exists by (None: it doesn't), and its lifecycle."""

    entity: str
    type: Fact | None
    lifecycle: Lifecycle = "active"


class View(Protocol):
    """A world at one instant of both axes."""

    at: At

    async def tops(self, keys: Iterable[Key]) -> dict[Key, Fact]:
        """The top of each key that has one, asserts and ends."""
        ...

    async def standing(self, records: Iterable[str]) -> dict[str, Standing]:
        """Each record's standing; one that was never heard of is its own entity and doesn't exist."""
        ...

    async def members(self, entities: Iterable[str]) -> dict[str, list[str]]:
        """The records that belong to each entity, existing or not."""
        ...


class PastView:
    """Any instant, from facts alone."""

    def __init__(
        self, ask: Statements, world: str, at: At, policy: Policy, *, horizon: int, rostered: Collection[str]
    ) -> None:
        """`horizon` is V(at.seq); `rostered` names the sources that ever took a roster."""
        self.at = at
        self.policy = policy
        self.registry = Registry(ask, world)
        self._rostered = rostered
        self._ask = ask
        self._world = world
        self._horizon = horizon
        self._tops: dict[Key, Fact | None] = {}
        self._rosters: dict[str, list[tuple[int, frozenset[str]]]] = {}
        self._lifecycles: dict[str, Lifecycle] = {}

    async def tops(self, keys: Iterable[Key]) -> dict[Key, Fact]:
        wanted = set(keys)
        unknown = wanted - self._tops.keys()
        if unknown:
            found = await seek_tops(self._ask, self._world, unknown, self.at, horizon=self._horizon)
            self._tops |= dict.fromkeys(unknown) | found
        return {key: top for key in wanted if (top := self._tops[key]) is not None}

    async def standing(self, records: Iterable[str]) -> dict[str, Standing]:
        wanted = set(records)
        keys = {Key("reported", record, name) for record in wanted for name in (TYPE, ENTITY)}
        tops = await self.tops(keys)
        lifecycles = await self.lifecycles(wanted)
        return {record: _standing(record, tops, lifecycles.get(record, "active")) for record in wanted}

    async def members(self, entities: Iterable[str]) -> dict[str, list[str]]:
        wanted = set(entities)
        candidates = wanted | {record for _, record in await self.registry.members_ever(wanted)}
        members: dict[str, list[str]] = {entity: [] for entity in wanted}
        mapping = await self.tops(Key("reported", record, ENTITY) for record in candidates)
        for record in sorted(candidates):
            entity = _mapped(record, mapping)
            if entity in members:
                members[entity].append(record)
        return members

    async def lifecycles(self, records: Iterable[str]) -> dict[str, Lifecycle]:
        """The lifecycle of those records that aren't active, by their sources' rosters and their own claims (S24)."""
        wanted = [record for record in set(records) if record not in self._lifecycles]
        missed = []
        for record in wanted:
            self._lifecycles[record] = "active"
            source, _, local = record.partition(":")
            rosters = await self.rosters(source)
            if rosters and local not in rosters[0][1] and record != roster_key(source).record:
                missed.append(record)
        if missed:
            tops = await self.tops(await self.registry.keys_of(missed))
            for record, last in (await seek_last_claims(self._ask, self._world, tops, self.at)).items():
                source = record.partition(":")[0]
                rosters = await self.rosters(source)
                self._lifecycles[record] = lifecycle_of(record, last, rosters, self.policy.retire_after(source))
        found = {record: self._lifecycles[record] for record in records}
        return {record: lifecycle for record, lifecycle in found.items() if lifecycle != "active"}

    async def rosters(self, source: str) -> list[tuple[int, frozenset[str]]]:
        """As many of the source's newest rosters as can retire a record, newest first."""
        if source not in self._rostered:
            return []
        if not self._rosters:
            limits = {roster_key(one): self.policy.retire_after(one) for one in self._rostered}
            cells = await seek_cells_of(self._ask, self._world, limits, self.at)
            for one in self._rostered:
                self._rosters[one] = rosters_of(cells[roster_key(one)], valid=self.at.valid, seq=self.at.seq)
        return self._rosters[source]


class HeadView:
    """The head under the world's lock, from the registry of records; tops from facts."""

    def __init__(self, ask: Statements, world: str, at: At) -> None:
        self.at = at
        self._ask = ask
        self._world = world
        self._tops: dict[Key, Fact | None] = {}
        self._standing: dict[str, Standing] = {}
        self._members: dict[str, list[str]] = {}
        self.known: set[str] = set()
        """Records that the registry has."""
        self.buried: set[Key] = set()
        """Keys read so far whose newest cell is withdrawn."""

    async def tops(self, keys: Iterable[Key]) -> dict[Key, Fact]:
        wanted = set(keys)
        unknown = wanted - self._tops.keys()
        if unknown:
            self._tops |= dict.fromkeys(unknown) | await seek_tops(
                self._ask, self._world, unknown, self.at, buried=self.buried
            )
        return {key: top for key in wanted if (top := self._tops[key]) is not None}

    async def standing(self, records: Iterable[str]) -> dict[str, Standing]:
        wanted = set(records)
        unknown = sorted(wanted - self._standing.keys())
        if unknown:
            await self._learn(await self._ask.batched("identity/siblings", unknown, world=self._world))
            for record in unknown:
                self._standing.setdefault(record, Standing(record, None))
        return {record: self._standing[record] for record in wanted}

    async def members(self, entities: Iterable[str]) -> dict[str, list[str]]:
        wanted = set(entities)
        unknown = sorted(wanted - self._members.keys())
        if unknown:
            await self._learn(await self._ask.batched("identity/members", unknown, world=self._world))
            for entity in unknown:
                self._members.setdefault(entity, [])
        return {entity: self._members[entity] for entity in wanted}

    async def _learn(self, rows: Iterable[tuple[str, str, str | None, Lifecycle]]) -> None:
        """Take in whole entities. Where their records claim different types, the claims themselves are read."""
        members: dict[str, dict[str, tuple[str | None, Lifecycle]]] = defaultdict(dict)
        for record, entity, kind, lifecycle in rows:
            members[entity][record] = (kind, lifecycle)
        mixed = {
            record
            for own in members.values()
            if len({kind for kind, lifecycle in own.values() if kind and lifecycle != "retired"}) > 1
            for record in own
        }
        claims = await self.tops(Key("reported", record, TYPE) for record in mixed) if mixed else {}
        for entity, own in members.items():
            self._members[entity] = sorted(own)
            for record, (kind, lifecycle) in own.items():
                self.known.add(record)
                held = claims[Key("reported", record, TYPE)] if record in mixed and kind else None
                self._standing[record] = Standing(
                    entity, held or (type_claim(record, kind) if kind else None), lifecycle
                )


class NextView:
    """The head as a commit leaves it: what changed laid over what was."""

    def __init__(
        self, before: HeadView, at: At, tops: Mapping[Key, Fact | None], moved: Mapping[str, Standing]
    ) -> None:
        self.at = at
        self._before = before
        self._tops = tops
        self._moved = moved

    async def tops(self, keys: Iterable[Key]) -> dict[Key, Fact]:
        wanted = set(keys)
        found = await self._before.tops(wanted - self._tops.keys())
        for key in wanted & self._tops.keys():
            top = self._tops[key]
            if top is not None:
                found[key] = top
        return found

    async def standing(self, records: Iterable[str]) -> dict[str, Standing]:
        wanted = set(records)
        found = await self._before.standing(wanted)
        return found | {record: self._moved[record] for record in wanted & self._moved.keys()}

    async def members(self, entities: Iterable[str]) -> dict[str, list[str]]:
        before = await self._before.members(entities)
        after = {entity: {one for one in own if one not in self._moved} for entity, own in before.items()}
        for record, standing in self._moved.items():
            if standing.entity in after:
                after[standing.entity].add(record)
        return {entity: sorted(own) for entity, own in after.items()}


def type_claim(record: str, kind: str) -> Fact:
    """A stand-in for a record's `@type` claim, where only its value matters."""
    return Fact("", "reported", record, TYPE, "", "assert", kind, "", BEGIN, BEGIN, 0, 0, "decision", 1.0, "", "", "", "")  # fmt: skip


def entity_claim(record: str, entity: str) -> Fact:
    """A stand-in for a record's `@entity` claim."""
    return Fact("", "reported", record, ENTITY, "", "assert", entity, "", BEGIN, BEGIN, 0, 0, "decision", 1.0, "", "", "", "")  # fmt: skip


def _standing(record: str, tops: Mapping[Key, Fact], lifecycle: Lifecycle) -> Standing:
    kind = tops.get(Key("reported", record, TYPE))
    return Standing(_mapped(record, tops), kind if kind and kind.op == "assert" else None, lifecycle)


def _mapped(record: str, tops: Mapping[Key, Fact]) -> str:
    top = tops.get(Key("reported", record, ENTITY))
    return str(top.value) if top and top.op == "assert" else record
