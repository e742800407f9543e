"""What the audit chain says of a run: who, what was committed, and a tool log with a line for every step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import orjson

from graphtwin.model.answers import Timing
from graphtwin.model.commit import AuditEntry, Draft, EvidenceItem, Head
from graphtwin.model.fact import Fact
from graphtwin.model.principal import SERVICE

ROLLBACK: Final = "rollback"
"""The kind of the entry of a run's rollback."""
RESTORE: Final = "restore"
"""The kind of the entry of a person's rollback to a version, which is signed."""

_ASIDE: Final = ("search",)
"""Steps that read the version before, beside the way of the signals."""


def commit_entry(
    drafts: Sequence[Draft],
    parent: Head,
    *,
    run: str,
    at: int,
    principal: str = SERVICE,
    more: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """The entry of a commit: what it adds, by count and digest, on which version. Goes into the commit's transaction.

    It commits to facts and to the SHA-256 of each event's raw bytes, so payloads can be erased and it still holds (S33).
    """
    facts = [fact for draft in drafts for fact in draft.facts]
    evidence = [item for draft in drafts for item in draft.evidence]
    return AuditEntry(
        kind="commit",
        at=at,
        run=run,
        body={
            "principal": principal,
            "parent": {"version": parent.version, "version_id": parent.version_id, "hash": parent.hash},
            "facts": {"count": len(facts), "sha256": facts_digest(facts)},
            "events": {"count": len(evidence), "sha256": events_digest(evidence)},
            "quarantined": sum(len(draft.quarantined) for draft in drafts),
            **(more or {}),
        },
    )


def facts_digest(facts: Iterable[Fact]) -> str:
    """SHA-256 over the facts in the order of their ids, without what only the store gives them (prio, seq, evidence)."""
    digest = hashlib.sha256()
    for fact in sorted(facts, key=lambda one: one.id):
        digest.update(orjson.dumps([*fact[:10], *fact[12:16], fact.run], option=orjson.OPT_SORT_KEYS))
        digest.update(b"\n")
    return digest.hexdigest()


def events_digest(evidence: Iterable[EvidenceItem]) -> str:
    """SHA-256 over `<event id> <SHA-256 of its raw bytes>` lines, sorted."""
    return pieces_digest((item.event, hashlib.sha256(item.raw).hexdigest()) for item in evidence)


def pieces_digest(pieces: Iterable[tuple[str, str]]) -> str:
    """The same from (event id, SHA-256 of its raw bytes)."""
    lines = sorted(f"{event} {digest}\n" for event, digest in pieces)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def run_entry(
    *,
    run: str,
    at: int,
    workflow: str,
    principal: str,
    status: str,
    steps: Sequence[Timing],
    counts: Mapping[str, Mapping[str, int]],
    more: Mapping[str, Any],
) -> AuditEntry:
    """The entry of a whole run, with its tool log. `counts` are what a step handled, by step and by what; times in µs."""
    return AuditEntry(
        kind="run",
        at=at,
        run=run,
        body={
            "principal": principal,
            "workflow": workflow,
            "status": status,
            "tool_log": [_tool_line(step, counts.get(step.step, {})) for step in steps],
            **more,
        },
    )


def rollback_entry(*, run: str, at: int, principal: str, restore_point: str, undone: str, reason: str) -> AuditEntry:
    """A rollback's own entry: to which version, of which run ("" where it is of everything since), and why."""
    body = {"principal": principal, "restore_point": restore_point, "undone": undone, "reason": reason}
    return AuditEntry(ROLLBACK if undone else RESTORE, at, run, body)


def restored_entry(entry: AuditEntry, restored: Mapping[str, Any], parent: Head, facts: Sequence[Fact]) -> AuditEntry:
    """The entry of a rollback with what became of it, and the facts that it wrote."""
    return replace(
        entry,
        body={
            **entry.body,
            "restored": dict(restored),
            "parent": {"version": parent.version, "version_id": parent.version_id, "hash": parent.hash},
            "facts": {"count": len(facts), "sha256": facts_digest(facts)},
        },
    )


def provenance_chain(sources: Sequence[str], steps: Sequence[Timing], prior: str = "") -> tuple[str, ...]:
    """How signals became the answer, an arrow for each step that was done: "inventory.csv → receive".

    `sources` are the places that answered, `prior` the version before, which entered through search.
    """
    done = list(dict.fromkeys(step.step for step in steps if step.outcome in ("done", "again")))
    way = [name for name in done if name not in _ASIDE]
    arrows = [f"{source} → receive" for source in sources if "receive" in done]
    if prior and "search" in done:
        arrows.append(f"{prior} → search")
        arrows += ["search → integrate"] if "integrate" in done else []
    arrows += [f"{_hyphened(one)} → {_hyphened(next_)}" for one, next_ in pairwise(way)]
    return tuple(arrows)


def _tool_line(step: Timing, counts: Mapping[str, int]) -> dict[str, Any]:
    line: dict[str, Any] = {
        "step": _hyphened(step.step),
        "started_at": step.started_at,
        "ended_at": step.ended_at,
        "outcome": step.outcome,
        "attempts": step.attempts,
        "counts": dict(counts),
    }
    return {**line, "reason": step.reason} if step.reason else line


def _hyphened(step: str) -> str:
    return step.replace("_", "-")
