"""Findings that appear, change and end, from each run that looked for drift to the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graphtwin.api.streams.world_readers import WorldReader
from graphtwin.app.judged import last_judged, was_judged
from graphtwin.errors import NotFound, UsageError
from graphtwin.model.commit import AuditRecord, Commit, RunRecord
from graphtwin.model.pulse import Pulse

_RUN: Final = "run"
"""The kind of the audit record that a run leaves at its end, just before its report is kept."""
_PATIENCE_S: Final = 60.0
"""A run whose report isn't there after so long has died; what it found shows with the next one."""
_WEIGHED: Final = ("severity", "exceeds", "disputed")
"""What has to differ for a finding to have changed: that a value moves on isn't news."""

Findings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Drifted:
    """What a run found otherwise than the one before that looked; `n` is the number of its audit record."""

    n: int
    run: RunRecord
    commit: Commit | None
    appeared: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    ended: tuple[Mapping[str, Any], ...]


async def drift_stream(reader: WorldReader, after: int, before: RunRecord | None) -> AsyncIterator[Drifted]:
    """What runs find whose audit records have numbers greater than `after`, beside what `before` found; without an end."""
    pulse: Pulse | None = None
    known = findings_of(before)
    while True:
        pulse = await reader.beyond(pulse)
        while after < pulse.audit_n:
            for record in await reader.records(after, pulse.audit_n):
                after = record.n
                run = await _reported(reader, record) if record.kind == _RUN else None
                if run is None:
                    continue
                found = findings_of(run)
                told = await _told(reader, record, run, known, found)
                known = found
                if told.appeared or told.changed or told.ended:
                    yield told


async def told_before(reader: WorldReader, n: int) -> RunRecord | None:
    """The run of an audit record that a cursor names. Raises UsageError where it isn't the record of one."""
    if not n:
        return None
    records = await reader.store.audit(reader.world, after=n - 1, limit=1)
    if not records or records[0].kind != _RUN:
        raise UsageError("after isn't a cursor of drift.", hint="give the cursor of a message of it, unchanged")
    return await _judged(reader, records[0])


async def newest(reader: WorldReader) -> RunRecord | None:
    """The run that looked for drift last; None where none did."""
    try:
        return (await last_judged(reader.store, reader.world))[0]
    except NotFound:
        return None


def findings_of(run: RunRecord | None) -> Findings:
    """What a run found, by id."""
    details = (run.details.get("report") or {}) if run else {}
    return {str(one["id"]): one for one in details.get("findings") or ()}


async def _reported(reader: WorldReader, record: AuditRecord) -> RunRecord | None:
    """The run once its report is kept, if it looked for drift; None for one that didn't, or died before."""
    return await reader.once(("reported", record.n), partial(_wait_for_report, reader, record))


async def _wait_for_report(reader: WorldReader, record: AuditRecord) -> RunRecord | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                runs = await reader.store.runs_named(reader.world, [record.run])
                if not runs or runs[0].ended_at is not None:
                    return await _judged(reader, record)
                await asyncio.sleep(reader.limits.look)
    except TimeoutError:
        return None


async def _judged(reader: WorldReader, record: AuditRecord) -> RunRecord | None:
    runs = await reader.store.runs_named(reader.world, [record.run])
    return runs[0] if runs and was_judged(runs[0]) else None


async def _told(reader: WorldReader, record: AuditRecord, run: RunRecord, before: Findings, now: Findings) -> Drifted:
    commit = await reader.once(("commit of", run.id), partial(reader.store.commit_of, reader.world, run.id))
    return Drifted(
        n=record.n,
        run=run,
        commit=commit,
        appeared=tuple(one for name, one in now.items() if name not in before),
        changed=tuple(one for name, one in now.items() if name in before and _weight(one) != _weight(before[name])),
        ended=tuple(one for name, one in before.items() if name not in now),
    )


def _weight(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(finding.get(name) for name in _WEIGHED)
