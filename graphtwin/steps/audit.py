"""audit: the run's entry in the world's chain, and the log outside the database brought up to it, signed (S20, S35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.methods.audit.audit_entries import provenance_chain, run_entry
from graphtwin.model.answers import Timing
from graphtwin.model.commit import AuditEntry, RunRecord
from graphtwin.model.durations import SECOND
from graphtwin.model.principal import SERVICE
from graphtwin.ports import AuditSink, Store

LEASE_TTL: Final = 5 * SECOND

_RECENT: Final = 64
"""Records looked through for this run's own before it is written, so that a retry doesn't write it twice."""


@dataclass(frozen=True, slots=True)
class AuditOut:
    """Where the run can be looked up: the log, the number and hash of its record, and how signals became the answer."""

    log_path: str
    entries: tuple[AuditEntry, ...]
    n: int
    hash: str
    provenance_chain: tuple[str, ...]
    anchors: tuple[str, ...]


async def audit(
    store: Store,
    sink: AuditSink,
    *,
    world: str,
    run: str,
    workflow: str,
    status: str,
    at: int,
    steps: Sequence[Timing],
    sources: Sequence[str] = (),
    prior: str = "",
    attempt: int = 1,
    counts: Mapping[str, Mapping[str, int]] | None = None,
    principal: str = SERVICE,
    more: Mapping[str, Any] | None = None,
    record: RunRecord | None = None,
) -> AuditOut:
    """Record who did what with which outcome, in a transaction that makes no version, and export the chain.

    `at` and the times of `steps` are epoch µs; `sources` are the places that answered, `prior` the version before, `more`
    what else the entry should say (JSON), `attempt` which loop of plan, act and verify it tells of. Doing it again adds nothing. Raises AuditUnwritable, Conflict, Unavailable.
    """
    entry = run_entry(
        run=run,
        at=at,
        workflow=workflow,
        principal=principal,
        status=status,
        steps=steps,
        counts=counts or {},
        more={**(more or {}), **({"attempt": attempt} if attempt > 1 else {})},
    )
    found = await _recorded(store, world, run, attempt)
    if found is None:
        await _record(store, world, run, entry, record)
        found = await _recorded(store, world, run, attempt)
    log_path = await sink.export(store)
    n, hash_ = found or (0, "")
    return AuditOut(
        log_path=log_path,
        entries=(entry,),
        n=n,
        hash=hash_,
        provenance_chain=provenance_chain(sources, steps, prior),
        anchors=(f"file:{log_path}", f"tool:audit:{world}:{n}", f"sha256:{hash_}"),
    )


async def _recorded(store: Store, world: str, run: str, attempt: int) -> tuple[int, str] | None:
    """Number and hash of the run's record of this attempt, if it stands among the newest."""
    head = await store.head(world)
    newest = await store.audit(world, after=max(0, head.audit_n - _RECENT), limit=_RECENT)
    return next(
        (
            (one.n, one.hash)
            for one in newest
            if (one.kind, one.run, one.body.get("attempt", 1)) == ("run", run, attempt)
        ),
        None,
    )


async def _record(store: Store, world: str, run: str, entry: AuditEntry, record: RunRecord | None) -> None:
    lease = await store.acquire(world, run, ttl=LEASE_TTL)
    try:
        async with store.begin(lease) as transaction:
            await transaction.record([entry], record)
            await transaction.commit(f"{run}:audit", run)
    finally:
        await store.release(lease)
