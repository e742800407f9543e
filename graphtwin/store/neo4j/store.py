"""The store in Neo4j: a ports.Store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from graphtwin.errors import Conflict, LeaseLost
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.policy_lists import policy_lists
from graphtwin.methods.state.state_hash import EMPTY, digest
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.commit import Commit, Head, Lease, RuleText, RunRecord, Verification
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.ports import Answered, Clock
from graphtwin.store.neo4j.acting import ActingReads
from graphtwin.store.neo4j.admission import admit_rule
from graphtwin.store.neo4j.asking import ClaimReads
from graphtwin.store.neo4j.cells import CellReads
from graphtwin.store.neo4j.describing import describe_undescribed
from graphtwin.store.neo4j.heads import commit_from, head_of, run_row
from graphtwin.store.neo4j.keeping import KeptReads
from graphtwin.store.neo4j.moment import Policies, moment_at, moment_of, world_not_found
from graphtwin.store.neo4j.portions import Listed, PortionReads
from graphtwin.store.neo4j.query import run_query
from graphtwin.store.neo4j.reading import StateReads
from graphtwin.store.neo4j.rebuild import rebuild_world
from graphtwin.store.neo4j.schema import make_schema
from graphtwin.store.neo4j.session import Database
from graphtwin.store.neo4j.transaction import Neo4jTransaction
from graphtwin.store.neo4j.verify import verify_world

TIMEOUT_S: Final = 300.0
"""Long enough for the baseline of a large world on a busy machine."""


class Neo4jStore(StateReads, PortionReads, ClaimReads, CellReads, KeptReads, ActingReads):
    """Worlds in one Neo4j database. Every transaction ends within `transaction_timeout_s`."""

    def __init__(
        self,
        uri: str,
        *,
        auth: tuple[str, str],
        clock: Clock,
        database: str = "neo4j",
        transaction_timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._database = Database(uri, auth, database, transaction_timeout_s)
        self._clock = clock
        self._policies = Policies()
        self._listed = Listed()
        self._admitted: set[RuleText] = set()
        self._queries: set[str] = set()

    async def open(self) -> None:
        """Make the schema, and what worlds of an earlier version lack."""
        await make_schema(self._database)
        await describe_undescribed(self._database, self._policies)

    async def close(self) -> None:
        """Let go of connections."""
        await self._database.close()

    async def worlds(self) -> tuple[Head, ...]:
        """The heads of all worlds."""
        return tuple(map(head_of, (await self._database.read("world/heads"))[0]))

    async def create_world(self, config: TwinConfig, now: int) -> Head:
        """The empty world, whose V(0) is `now`."""
        world, configuration, empty = config.world.id, config.hash(), digest(EMPTY)
        await self._database.write(
            "world/create_world",
            world=world,
            valid=now,
            hash=empty,
            accumulator=EMPTY,
            version_id=version_id(world, 0, "", empty, configuration),
            configuration=configuration,
            lists=policy_lists(Policy(config)),
            configuration_json=json.dumps(config.normalised(), sort_keys=True, separators=(",", ":")),
            committed_at=self._clock.now(),
        )
        return await self.head(world)

    async def head(self, world: str) -> Head:
        """The newest version."""
        columns = await self._database.read("world/head", world=world)
        if not columns:
            raise world_not_found(world)
        return head_of(columns[0])

    async def commit_of(self, world: str, key: str) -> Commit | None:
        """The version made under an idempotency key."""
        columns = await self._database.read("world/commit_of", world=world, key=key)
        return commit_from(columns[0]) if columns else None

    async def commits(self, world: str, *, after: int = 0, limit: int = 100) -> tuple[Commit, ...]:
        """Versions after one, oldest first."""
        columns = await self._database.read("world/commits", world=world, after=after, limit=limit)
        if not columns[0]:
            await self.head(world)
        return tuple(map(commit_from, columns[0]))

    async def commit_at(self, world: str, *, known_at: int) -> Commit | None:
        """The version that was the head at an instant of the wall clock."""
        columns = await self._database.read("world/commit_at", world=world, known_at=known_at)
        if not columns:
            await self.head(world)
        return commit_from(columns[0]) if columns else None

    async def configuration(self, world: str, seq: int | None = None) -> TwinConfig:
        """The configuration in force at a version."""
        async with self._database.reading() as ask:
            if seq is None:
                return (await moment_at(ask, self._policies, world, None)).policy.config
            return (await moment_of(ask, self._policies, world, seq)).policy.config

    async def admit(self, rules: Sequence[RuleText]) -> None:
        """Check that every rule only reads."""
        for rule in rules:
            if rule not in self._admitted:
                await admit_rule(self._database, rule)
                self._admitted.add(rule)

    async def query(self, text: str, params: Mapping[str, Any], *, rows: int, seconds: float) -> Answered:
        """A person's own query."""
        return await run_query(self._database, text, params, rows=rows, seconds=seconds, admitted=self._queries)

    async def acquire(self, world: str, holder: str, *, ttl: int) -> Lease:
        """Take the world with a new epoch."""
        now = self._clock.now()
        columns = await self._database.write(
            "world/acquire_lease", world=world, holder=holder, now=now, expires=now + ttl
        )
        if not columns:
            raise world_not_found(world)
        taken_by, epoch, expires = columns
        if taken_by != holder:
            raise Conflict(f"World {world!r} is being written by {taken_by}.", hint="Try again when it is done.")
        return Lease(world, holder, epoch, expires)

    async def release(self, lease: Lease) -> None:
        """Give the world back."""
        await self._database.write("world/release_lease", world=lease.world, holder=lease.holder, epoch=lease.epoch)

    @asynccontextmanager
    async def begin(self, lease: Lease, *, within: int | None = None) -> AsyncIterator[Neo4jTransaction]:
        """A transaction under the world's lock; leaving it without a commit writes nothing."""
        async with self._database.writing(timeout_s=None if within is None else within / SECOND) as ask:
            locked = await ask("world/lock_world", world=lease.world, epoch=lease.epoch, holder=lease.holder)
            if not locked:
                await self.head(lease.world)
                raise LeaseLost(
                    f"World {lease.world!r} was taken by another writer.",
                    hint="Run the sync again: nothing was written.",
                )
            yield Neo4jTransaction(ask, self._database, self._clock, locked, head_of(locked[0]))

    async def save_run(self, run: RunRecord) -> None:
        """Keep a run's record outside a commit."""
        await self._database.write("run/save_runs", rows=[run_row(run)])

    async def rebuild(self, world: str) -> Verification:
        """Derive everything that can be derived anew, then verify it."""
        await rebuild_world(self._database, self._policies, world)
        return await self.verify(world)

    async def verify(self, world: str) -> Verification:
        """Recompute everything at the head's as_of and compare."""
        return await verify_world(self._database, self._policies, world)
