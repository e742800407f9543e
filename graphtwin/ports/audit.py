"""What is asked of the audit: the chain of a store, and the log that it is exported to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from graphtwin.model.api_key import ApiKey
from graphtwin.model.commit import (
    AuditRecord,
    RunRecord,
)
from graphtwin.model.principal import Principal
from graphtwin.model.pulse import Pulse, RunMark

if TYPE_CHECKING:
    from graphtwin.ports.store import Store


class ChainReads(Protocol):
    """The audit chain, the runs, and the persons who may decide."""

    async def audit(self, world: str, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        """Audit records with n greater than `after`, oldest first."""
        ...

    async def audit_of(self, world: str, kinds: Sequence[str]) -> tuple[AuditRecord, ...]:
        """All audit records of some kinds, oldest first. Raises NotFound."""
        ...

    async def audit_of_runs(self, world: str, runs: Sequence[str]) -> tuple[AuditRecord, ...]:
        """All audit records of some runs, oldest first. Raises NotFound."""
        ...

    async def principals(self, world: str) -> tuple[Principal, ...]:
        """Everybody who was ever a principal, revoked ones too, as the audit chain says: by id, then by when (S35). Raises
        IntegrityError for a record of it that was altered.
        """
        ...

    async def api_keys(self, world: str) -> tuple[ApiKey, ...]:
        """Every API key that a principal was ever given, ended ones too, as the audit chain says: by principal, then by
        when. Raises NotFound, IntegrityError.
        """
        ...

    async def holders(self, digest: str) -> tuple[Principal, ...]:
        """Whose API key in force has this SHA-256 (hex digits): the principal of each world, by world."""
        ...

    async def save_run(self, run: RunRecord) -> None:
        """Keep a run's record outside a commit (its start, its failure); a later record of the same world and id replaces it."""
        ...

    async def runs(self, world: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """Runs by when they started, newest first, then by id."""
        ...

    async def runs_named(self, world: str, ids: Sequence[str]) -> tuple[RunRecord, ...]:
        """Those of the runs that are kept, by id. Raises NotFound."""
        ...

    async def runs_since(self, world: str, since: int, *, after: str = "", limit: int) -> tuple[RunMark, ...]:
        """Where the runs stand that started at `since` (epoch µs) or later, oldest first, then by id; of those that started
        at `since` itself, the ones with ids greater than `after`. Raises NotFound.
        """
        ...

    async def pulse(self, world: str, *, runs: int) -> Pulse:
        """How far the world has come, with at most so many of its newest runs. Raises NotFound."""
        ...


class AuditSink(Protocol):
    """Where a world's audit records go outside the database."""

    def check_writable(self) -> None:
        """Prove that it can be written, before anything changes. Raises AuditUnwritable."""
        ...

    async def check_belongs(self, store: Store) -> None:
        """Prove that what it holds is this world's chain, and not another one's. Raises IntegrityError."""
        ...

    async def export(self, store: Store) -> str:
        """Bring it up to the database's head, signed; answers where it is. Raises AuditUnwritable, IntegrityError."""
        ...
