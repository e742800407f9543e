"""The store in memory: a ports.Store without any index or cache, the measure that the others are compared with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from graphtwin.errors import Conflict, LeaseLost, RuleRefused, UsageError
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.commit import Commit, Head, Lease, RuleText, RunRecord, Verification
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import At, State
from graphtwin.ports import Answered, Clock
from graphtwin.store.memory.reading import Reading
from graphtwin.store.memory.transaction import MemoryRule, MemoryTransaction
from graphtwin.store.memory.verify import verify_world
from graphtwin.store.memory.world import World


class MemoryStore(Reading):
    """Worlds that live as long as this object. `rules` are Python stand-ins for rules, by rule id."""

    def __init__(self, clock: Clock, rules: Mapping[str, MemoryRule] | None = None) -> None:
        super().__init__()
        self._clock = clock
        self._rules = rules or {}

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def admit(self, rules: Sequence[RuleText]) -> None:
        """A rule without a stand-in can't be run here."""
        missing = next((rule.id for rule in rules if rule.id not in self._rules), None)
        if missing:
            raise RuleRefused(
                f"The rule {missing} has no stand-in in memory.", hint="give one to MemoryStore(rules=...)"
            )

    async def query(
        self,
        text: str,  # noqa: ARG002
        params: Mapping[str, Any],  # noqa: ARG002
        *,
        rows: int,  # noqa: ARG002
        seconds: float,  # noqa: ARG002
    ) -> Answered:
        """There is no Cypher here."""
        raise UsageError("A store in memory can't be asked in Cypher.", hint="Ask a world in Neo4j.")

    async def create_world(self, config: TwinConfig, now: int) -> Head:
        """The empty world, whose V(0) is `now`."""
        world = config.world.id
        if world not in self._worlds:
            configuration, digest = config.hash(), state_hash(State(At(now, 0), {}, {}))
            first = version_id(world, 0, "", digest, configuration)
            at = self._clock.now()
            head = Head(world, 0, now, digest, first, configuration, at)
            empty = Commit(world, 0, "", "", now, at, digest, first, "", configuration, 0)
            self._worlds[world] = World(head, [empty], {configuration: config})
        return self._worlds[world].head

    async def acquire(self, world: str, holder: str, *, ttl: int) -> Lease:
        """A holder that asks again gets a new epoch: its older lease is lost."""
        held = self._world(world)
        async with held.lock:
            return self._take(held, holder, ttl)

    def _take(self, held: World, holder: str, ttl: int) -> Lease:
        world, now = held.head.world, self._clock.now()
        if held.lease and held.lease.holder != holder and held.lease.expires > now:
            raise Conflict(
                f"World {world!r} is being written by {held.lease.holder}.", hint="Try again when it is done."
            )
        lease = Lease(world, holder, held.head.epoch + 1, now + ttl)
        held.lease = lease
        held.head = replace(held.head, epoch=lease.epoch)
        return lease

    async def release(self, lease: Lease) -> None:
        world = self._world(lease.world)
        if world.lease and world.lease.epoch == lease.epoch:
            world.lease = None

    @asynccontextmanager
    async def begin(
        self,
        lease: Lease,
        *,
        within: int | None = None,  # noqa: ARG002
    ) -> AsyncIterator[MemoryTransaction]:
        """An expired lease is good until another holder takes the world: the epoch decides. Nothing here takes so long
        that `within` would end it.
        """
        world = self._world(lease.world)
        async with world.lock:
            if world.lease is None or world.lease.epoch != lease.epoch:
                raise LeaseLost(
                    f"World {lease.world!r} was taken by another writer.",
                    hint="Run the sync again: nothing was written.",
                )
            yield MemoryTransaction(world, self._clock, self._rules, self._runs)

    async def save_run(self, run: RunRecord) -> None:
        self._runs[run.world, run.id] = run

    async def rebuild(self, world: str) -> Verification:
        """Everything is derived at each read, so nothing is left to do but to look."""
        return verify_world(self._world(world))

    async def verify(self, world: str) -> Verification:
        return verify_world(self._world(world))
