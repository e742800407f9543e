"""Reads of what is kept beside facts: cursors, events, raw bytes, quarantine, audit, runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphtwin.methods.audit.api_keys import HOLDER_KINDS, KEY_ADDED, KEY_KINDS, api_keys_of, holder_of
from graphtwin.methods.audit.principals import PRINCIPAL_KINDS, principals_of
from graphtwin.model.api_key import ApiKey
from graphtwin.model.commit import AuditRecord, Commit, EventRecord, EvidenceItem, Quarantined, RunRecord
from graphtwin.model.principal import Principal
from graphtwin.model.pulse import Pulse, RunMark
from graphtwin.store.neo4j.evidence import event_of, quarantined_of, unpack
from graphtwin.store.neo4j.heads import audit_of, commit_from, run_of
from graphtwin.store.neo4j.moment import world_not_found
from graphtwin.store.neo4j.session import Database


class KeptReads:
    """The part of ports.Store that answers with what was kept as it came."""

    _database: Database

    async def last_heard(self, world: str) -> Mapping[str, int]:
        """For each source: the newest valid time of its claims."""
        return dict((await self._of(world, "run/last_heard"))[0])

    async def cursors(self, world: str) -> Mapping[str, Mapping[str, Any]]:
        """Each source's committed cursor."""
        return {source: json.loads(text) for source, text in (await self._of(world, "run/cursors"))[0]}

    async def known_events(self, world: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of the event ids that were committed before."""
        return frozenset(await self._of_each(world, "run/known_events", ids))

    async def evidence(self, world: str, event: str) -> EvidenceItem | None:
        """The raw bytes of an event, checked against their SHA-256."""
        columns = await self._of(world, "run/segment_of", event=event)
        if not columns:
            return None
        return next((item for item in unpack(columns[0]) if item.event == event), None)

    async def evidence_of(self, world: str, events: Sequence[str]) -> tuple[EvidenceItem, ...]:
        """The raw bytes of events; a segment that holds several is unpacked once."""
        segments = {one["id"]: one for one in await self._of_each(world, "run/segments_of", events)}
        wanted = frozenset(events)
        found = (item for segment in segments.values() for item in unpack(segment) if item.event in wanted)
        return tuple(sorted(found, key=lambda item: item.event))

    async def events(self, world: str, ids: Sequence[str]) -> tuple[EventRecord, ...]:
        """Canonical events by id."""
        rows = await self._of_each(world, "run/events", ids)
        return tuple(sorted(map(event_of, rows), key=lambda event: event.id))

    async def quarantined(self, world: str, *, source: str | None = None, limit: int = 100) -> tuple[Quarantined, ...]:
        """Messages that were not taken, newest first."""
        columns = await self._of(world, "run/quarantined", source=source, limit=limit)
        return tuple(map(quarantined_of, columns[0]))

    async def audit(self, world: str, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        """Audit records after one, oldest first."""
        columns = await self._of(world, "audit/records", after=after, limit=limit)
        return tuple(audit_of(world, row) for row in columns[0])

    async def audit_of(self, world: str, kinds: Sequence[str]) -> tuple[AuditRecord, ...]:
        """Audit records of some kinds, oldest first."""
        columns = await self._of(world, "audit/records_of_kinds", kinds=sorted(kinds))
        return tuple(audit_of(world, row) for row in sorted(columns[0], key=lambda row: row[0]))

    async def audit_of_runs(self, world: str, runs: Sequence[str]) -> tuple[AuditRecord, ...]:
        """Audit records of some runs, oldest first."""
        rows = await self._of_each(world, "audit/records_of_runs", runs)
        return tuple(sorted((audit_of(world, row) for row in rows), key=lambda record: record.n))

    async def principals(self, world: str) -> tuple[Principal, ...]:
        """Everybody who was ever a principal."""
        return principals_of(await self.audit_of(world, PRINCIPAL_KINDS))

    async def api_keys(self, world: str) -> tuple[ApiKey, ...]:
        """Every API key that a principal was ever given."""
        return api_keys_of(await self.audit_of(world, KEY_KINDS))

    async def holders(self, digest: str) -> tuple[Principal, ...]:
        """Whose API key in force has this digest, in each world."""
        [worlds] = await self._database.read("audit/worlds_of_key", kind=KEY_ADDED, digest=digest)
        found = [holder_of(await self.audit_of(world, HOLDER_KINDS), digest) for world in sorted(worlds)]
        return tuple(one for one in found if one is not None)

    async def runs(self, world: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """Runs, newest first."""
        return tuple(map(run_of, (await self._database.read("run/runs", world=world, limit=limit))[0]))

    async def runs_named(self, world: str, ids: Sequence[str]) -> tuple[RunRecord, ...]:
        """Runs by id."""
        return tuple(sorted(map(run_of, await self._of_each(world, "run/runs_named", ids)), key=lambda run: run.id))

    async def runs_since(self, world: str, since: int, *, after: str = "", limit: int) -> tuple[RunMark, ...]:
        """Where runs stand, oldest first."""
        columns = await self._of(world, "run/runs_since", since=since, after=after, limit=limit)
        return tuple(RunMark(*mark) for mark in columns[0])

    async def pulse(self, world: str, *, runs: int) -> Pulse:
        """Head, end of the chain and newest runs."""
        columns = await self._database.read("run/pulse", world=world, limit=runs)
        if not columns:
            raise world_not_found(world)
        seq, audit_n, marks = columns
        return Pulse(seq, audit_n, tuple(RunMark(*mark) for mark in marks))

    async def commits_named(self, world: str, seqs: Sequence[int]) -> tuple[Commit, ...]:
        """Versions by seq."""
        rows = await self._of_each(world, "world/commits_named", seqs)
        return tuple(sorted(map(commit_from, rows), key=lambda commit: commit.seq))

    async def _of_each(self, world: str, statement: str, ids: Sequence[Any]) -> list[Any]:
        """The answers about ids of a world that must exist; asked for only where nothing was found."""
        async with self._database.reading() as ask:
            rows = await ask.batched(statement, sorted(set(ids)), world=world)
            if not rows and not await ask("world/head", world=world):
                raise world_not_found(world)
        return rows

    async def _of(self, world: str, statement: str, **params: Any) -> list[Any]:
        """The answer about a world that must exist; where it is empty, whether the world is there is asked too."""
        columns = await self._database.read(statement, world=world, **params)
        if (not columns or not columns[0]) and not await self._database.read("world/head", world=world):
            raise world_not_found(world)
        return columns
