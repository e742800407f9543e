"""The audit chain of a world: each record's hash covers the record and the hash before it (S20, S35)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.commit import AuditEntry, AuditRecord

FIRST_PREV = ""
"""The previous hash of record 1."""


def link(world: str, prev: AuditRecord | None, entry: AuditEntry) -> AuditRecord:
    """The record that follows `prev` (None: the world's first, n 1). Raises ValueError for a body that isn't JSON."""
    return link_at(world, prev.n if prev else 0, prev.hash if prev else FIRST_PREV, entry)


def link_at(world: str, last_n: int, last_hash: str, entry: AuditEntry) -> AuditRecord:
    """As `link`, from what a head keeps of the record before: its number and its hash ("" before the first)."""
    n = last_n + 1
    digest = record_hash(world, n, entry, last_hash)
    return AuditRecord(world, n, entry.at, entry.kind, entry.run, entry.body, last_hash, digest)


def link_all(world: str, last_n: int, last_hash: str, entries: Iterable[AuditEntry]) -> tuple[AuditRecord, ...]:
    """The entries as links, in order, behind record `last_n`."""
    records: list[AuditRecord] = []
    for entry in entries:
        record = link_at(world, last_n, last_hash, entry)
        records.append(record)
        last_n, last_hash = record.n, record.hash
    return tuple(records)


def record_hash(world: str, n: int, told: AuditEntry | AuditRecord, prev: str) -> str:
    """SHA-256 in hex over the canonical JSON of [world, n, at, kind, run, body, prev]; `at` in epoch microseconds."""
    fields = [world, n, told.at, told.kind, told.run, told.body, prev]
    return hashlib.sha256(canonical_json(fields)).hexdigest()


def verify_chain(records: Sequence[AuditRecord], *, last_n: int = 0, last_hash: str = FIRST_PREV) -> int | None:
    """The n at which the chain first breaks, None when it holds; it must follow on record `last_n`.

    A missing record is named by the number that should have come. That the end is missing can't be seen here:
    compare the last hash with a head.
    """
    for record in records:
        due = last_n + 1
        told = record_hash(record.world, record.n, record, record.prev)
        if record.n != due or record.prev != last_hash or told != record.hash:
            return due
        last_n, last_hash = record.n, record.hash
    return None
