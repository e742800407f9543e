"""How far a world has come: what changes as soon as anything is committed or a run goes on, and is quickly read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunMark:
    """Where a run stands; times in epoch µs. `ended_at` is None while it is at work, or where it died."""

    id: str
    workflow: str
    started_at: int
    ended_at: int | None
    status: str
    step: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """The newest version, the newest audit record, and the newest runs, newest first, then by id."""

    seq: int
    audit_n: int
    runs: tuple[RunMark, ...]
