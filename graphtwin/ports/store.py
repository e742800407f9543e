"""Everything graphtwin knows, behind one door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from graphtwin.model.commit import (
    Commit,
    Head,
    Lease,
    RuleText,
    Verification,
)
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports.acting import PlanReads
from graphtwin.ports.audit import ChainReads
from graphtwin.ports.identity import IdentityReads
from graphtwin.ports.sources import SourceReads
from graphtwin.ports.states import Answered, StateReads
from graphtwin.ports.transaction import Transaction


class Store(StateReads, SourceReads, IdentityReads, PlanReads, ChainReads, Protocol):
    """Everything graphtwin knows, on both time axes. All reads are pinned to one version (S19)."""

    async def open(self) -> None:
        """Connect and make the schema. Raises Unavailable."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    # worlds and versions
    async def worlds(self) -> tuple[Head, ...]:
        """The heads of all worlds, by id."""
        ...

    async def create_world(self, config: TwinConfig, now: int) -> Head:
        """The empty world (seq 0, V(0) = `now`) under this configuration; the existing one, unchanged, if it is there
        already.
        """
        ...

    async def head(self, world: str) -> Head:
        """The newest version. Raises NotFound."""
        ...

    async def commit_of(self, world: str, key: str) -> Commit | None:
        """The version that was made under an idempotency key; None where there was none, or it made no version."""
        ...

    async def commits(self, world: str, *, after: int = 0, limit: int = 100) -> tuple[Commit, ...]:
        """Commits with seq greater than `after`, oldest first; the empty version is seq 0 (`after=-1`)."""
        ...

    async def commits_named(self, world: str, seqs: Sequence[int]) -> tuple[Commit, ...]:
        """Those of the versions that are there, by seq. Raises NotFound."""
        ...

    async def commit_at(self, world: str, *, known_at: int) -> Commit | None:
        """The version that was the head at a wall-clock instant (S1); None before the world was made."""
        ...

    async def configuration(self, world: str, seq: int | None = None) -> TwinConfig:
        """The configuration in force at a version; the head's by default. Raises NotFound."""
        ...

    async def admit(self, rules: Sequence[RuleText]) -> None:
        """Check that every rule only reads, and only what a rule may (S22). Raises RuleRefused."""
        ...

    async def query(self, text: str, params: Mapping[str, Any], *, rows: int, seconds: float) -> Answered:
        """A person's own query, of whichever worlds; admitted, as rules are, only where its plan does nothing but read. At
        most `rows` rows. Raises UsageError for what can't be run, Refused for what writes, calls procedures or plugins,
        reaches outside, or takes longer than `seconds`.
        """
        ...

    # the writer's lease
    async def acquire(self, world: str, holder: str, *, ttl: int) -> Lease:
        """Take the world for `ttl` µs with a new epoch. Raises Conflict while another holds it; a holder that asks again
        gets a new epoch, and its older lease is lost.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give the world back; harmless if it was lost."""
        ...

    def begin(self, lease: Lease, *, within: int | None = None) -> AbstractAsyncContextManager[Transaction]:
        """A transaction under the world's lock: lock first, then compare the epoch. Raises LeaseLost when somebody took
        the world since, or the lease was given back; an expired lease that nobody took is still good.

        `within` µs the database ends it (a what-if, S29); what runs then raises Unavailable.
        """
        ...

    # trust in the store itself
    async def rebuild(self, world: str) -> Verification:
        """Derive the present, the registries and the hash anew from the facts."""
        ...

    async def verify(self, world: str) -> Verification:
        """Recompute everything at the head's as_of and compare: hash, present, registries, evidence, chain."""
        ...
