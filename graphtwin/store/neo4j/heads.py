"""Heads, commits and runs as the database's rows have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from graphtwin.model.commit import AuditRecord, Commit, Head, RunRecord


def head_of(row: Sequence[Any]) -> Head:
    """The head of a returned row."""
    return Head(*row)


def commit_from(row: Sequence[Any]) -> Commit:
    """The commit of a returned row."""
    return Commit(*row)


def run_row(run: RunRecord) -> list[Any]:
    """The columns of run/save_runs."""
    return [
        run.id, run.world, run.workflow, run.started_at, run.ended_at, run.status, run.step,
        None if run.report is None else _json(run.report), _json(run.details),
    ]  # fmt: skip


def run_of(row: Sequence[Any]) -> RunRecord:
    """The run of a returned row."""
    ident, world, workflow, started_at, ended_at, status, step, report, details = row
    told = None if report is None else json.loads(report)
    return RunRecord(ident, world, workflow, started_at, ended_at, status, step, told, json.loads(details))


def audit_row(record: AuditRecord) -> list[Any]:
    """The columns of audit/append."""
    return [record.n, record.at, record.kind, record.run, _json(record.body), record.prev, record.hash]


def audit_of(world: str, row: Sequence[Any]) -> AuditRecord:
    """The audit record of a returned row."""
    n, at, kind, run, body, prev, digest = row
    return AuditRecord(world, n, at, kind, run, json.loads(body), prev, digest)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    """Mappings and tuples that the json module doesn't know."""
    return dict(value) if hasattr(value, "items") else list(value)
