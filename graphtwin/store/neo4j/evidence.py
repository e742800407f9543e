"""Raw bytes packed into segments, and what else a draft keeps that needs no version (S33)."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from graphtwin.errors import IntegrityError
from graphtwin.model.commit import Draft, EventRecord, EvidenceItem, Quarantined
from graphtwin.store.neo4j.session import Statements

SEGMENT: Final = 512 * 2**10
"""Bytes of a segment before compression, so that it is never more after it."""


async def keep_draft(ask: Statements, world: str, draft: Draft) -> Mapping[str, str]:
    """Keep events, evidence and quarantine once, and cursors anew. What is known stays as it is. Answers the segment of
    each event whose raw bytes came with this draft.
    """
    segments = await _keep_events(ask, world, draft) if draft.events or draft.evidence else {}
    if draft.quarantined:
        await ask.batched("run/keep_quarantined", [_quarantine_row(one) for one in draft.quarantined], world=world)
    if draft.cursors:
        rows = [[source, json.dumps(cursor)] for source, cursor in sorted(draft.cursors.items())]
        await ask.batched("run/save_cursors", rows, world=world)
    return segments


async def _keep_events(ask: Statements, world: str, draft: Draft) -> Mapping[str, str]:
    ids = sorted({event.id for event in draft.events} | {item.event for item in draft.evidence})
    known = set(await ask.batched("run/known_pieces", ids, world=world))
    fresh = {item.event: item for item in reversed(draft.evidence) if item.event not in known}
    where: dict[str, str] = {}
    segments = []
    for segment, row in _segments(world, fresh.values()):
        where |= dict.fromkeys(segment, row[0])
        segments.append(row)
    await ask.batched("run/keep_segments", segments, world=world)
    recorded = set(await ask.batched("run/known_events", sorted({event.id for event in draft.events}), world=world))
    events = {event.id: event for event in reversed(draft.events) if event.id not in recorded}
    rows = [_event_row(events[event], where.get(event)) for event in sorted(events)]
    await ask.batched("run/keep_events", rows, world=world)
    apart = [[event, segment] for event, segment in sorted(where.items()) if event not in events]
    await ask.batched("run/keep_pieces", apart, world=world)
    return where


def _segments(world: str, items: Iterable[EvidenceItem]) -> Iterator[tuple[list[str], list[Any]]]:
    """(event ids, row) of each segment; one source a segment. A segment's id is the hash of its table."""
    by_source: dict[str, list[EvidenceItem]] = defaultdict(list)
    for item in items:
        by_source[item.source].append(item)
    for source in sorted(by_source):
        batch: list[EvidenceItem] = []
        size = 0
        for item in sorted(by_source[source], key=lambda one: one.event):
            if batch and size + len(item.raw) > SEGMENT:
                yield _segment(world, source, batch)
                batch, size = [], 0
            batch.append(item)
            size += len(item.raw)
        if batch:
            yield _segment(world, source, batch)


def _segment(world: str, source: str, batch: Sequence[EvidenceItem]) -> tuple[list[str], list[Any]]:
    table, offset = [], 0
    for item in batch:
        digest = sha256(item.raw).hexdigest()
        table.append([item.event, offset, len(item.raw), digest, item.anchor, item.received_at])
        offset += len(item.raw)
    text = json.dumps(table, ensure_ascii=True, separators=(",", ":"))
    packed = zlib.compress(b"".join(item.raw for item in batch), 6)
    name = sha256(f"{world}\x1f{source}\x1f{text}".encode()).hexdigest()[:32]
    return [item.event for item in batch], [name, source, packed, text, len(batch)]


def unpack(segment: Mapping[str, Any]) -> Iterator[EvidenceItem]:
    """The items of a stored segment {source, bytes, table}. Raises IntegrityError where bytes and hashes differ."""
    try:
        raw = zlib.decompress(segment["bytes"])
    except zlib.error as error:
        raise IntegrityError("A segment of evidence can't be unpacked.", hint="See: graphtwin verify") from error
    for event, offset, length, digest, anchor, received_at in json.loads(segment["table"]):
        piece = raw[offset : offset + length]
        if sha256(piece).hexdigest() != digest:
            raise IntegrityError(
                f"The raw bytes of event {event} aren't those that were stored.", hint="See: graphtwin verify"
            )
        yield EvidenceItem(event, piece, segment["source"], anchor, received_at)


def _event_row(event: EventRecord, segment: str | None) -> list[Any]:
    return [
        event.id, event.source, event.timestamp, event.event_type, event.anchor, event.record,
        json.dumps(dict(event.canonical), ensure_ascii=True, separators=(",", ":")), segment,
    ]  # fmt: skip


def event_of(row: Sequence[Any]) -> EventRecord:
    """The event of a returned row."""
    ident, source, timestamp, event_type, anchor, record, canonical = row
    return EventRecord(ident, source, timestamp, event_type, anchor, record, json.loads(canonical))


def _quarantine_row(one: Quarantined) -> list[Any]:
    return [one.id, one.source, one.place, one.reason, one.hint, one.raw, one.size, one.sha256, one.at, one.run]


def quarantined_of(row: Sequence[Any]) -> Quarantined:
    """The quarantined message of a returned row."""
    ident, source, place, reason, hint, raw, size, digest, at, run = row
    return Quarantined(ident, source, place, reason, hint, bytes(raw), size, digest, at, run)
