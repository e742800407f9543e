"""Whether a version's facts and raw bytes are still those that the audit chain committed to (S20, S33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.audit.audit_entries import facts_digest, pieces_digest
from graphtwin.model.commit import AuditRecord, Commit
from graphtwin.model.fact import Fact


@dataclass(frozen=True, slots=True)
class Promise:
    """What audit record `n` says that the version of its run holds; `events` is None where it says nothing of them."""

    n: int
    run: str
    facts: tuple[int, str]
    events: tuple[int, str] | None


def promise_of(record: AuditRecord) -> Promise | None:
    """What the record commits to, None when that aren't facts."""
    facts = _told(record.body.get("facts"))
    return Promise(record.n, record.run, facts, _told(record.body.get("events"))) if facts else None


def promised_versions(promises: Sequence[Promise], commits: Iterable[Commit]) -> dict[int, Promise]:
    """The promise about each version, by seq: of the runs that made one version and wrote one such record."""
    told = Counter(promise.run for promise in promises)
    seqs: dict[str, list[int]] = {}
    for commit in commits:
        seqs.setdefault(commit.run, []).append(commit.seq)
    return {
        seqs[promise.run][0]: promise
        for promise in promises
        if told[promise.run] == 1 and len(seqs.get(promise.run, ())) == 1
    }


def history_problems(
    seq: int, promise: Promise, facts: Sequence[Fact], pieces: Mapping[str, str] | None = None
) -> Iterator[str]:
    """What of version `seq` isn't as promised. `pieces` are the events of its facts whose raw bytes are kept, with the
    SHA-256 of these. They are compared when there are as many as promised: an event without facts is of no version.
    """
    count, due = promise.facts
    told = facts_digest(facts)
    if (len(facts), told) != (count, due):
        yield (
            f"v{seq} has {len(facts)} facts with the digest {told}; "
            f"audit record {promise.n} committed to {count} with {due}"
        )
    if promise.events and pieces and len(pieces) == promise.events[0]:
        told = pieces_digest(pieces.items())
        if told != promise.events[1]:
            yield f"the raw bytes behind v{seq} have the digest {told}; audit record {promise.n} committed to {promise.events[1]}"


def _told(said: Any) -> tuple[int, str] | None:
    """(count, digest) of a part of a record's body."""
    return (said["count"], said["sha256"]) if isinstance(said, Mapping) and "sha256" in said else None
