"""A roster as an event: the claim that a source, read then, reported exactly these records (S24)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from graphtwin.methods.reading.event_id import roster_event_id
from graphtwin.model.commit import EventRecord, EvidenceItem
from graphtwin.model.fact import ROSTER, Fact, claim, roster_record
from graphtwin.model.instants import format_instant

ROSTER_EVENT: Final = "roster"
"""The event type of rosters."""


def roster_event(
    source: str, records: Iterable[str], *, at: int, read_at: int, reading: int | None, kind: str, run: str
) -> tuple[EventRecord, EvidenceItem, Fact]:
    """The event, its evidence (the list itself) and its one fact; `reading` numbers the source's readings where it has
    such a number: of two rosters at one instant the later reading's wins. `kind` is that of the source's anchors.
    """
    prefix = len(source) + 1
    locals_ = sorted(record[prefix:] for record in records)
    event, record = roster_event_id(source, at, reading, locals_), roster_record(source)
    anchor = f"{kind}:{source}@{format_instant(at)}"
    body = {"source": source, "roster": locals_}
    fact = claim(
        record=record, name=ROSTER, value=locals_, valid_from=at, event=event, source=source, position=reading,
        place=ROSTER_EVENT, run=run,
    )  # fmt: skip
    return (
        EventRecord(event, source, at, ROSTER_EVENT, anchor, record, body),
        EvidenceItem(event, json.dumps(body, ensure_ascii=False).encode(), source, anchor, read_at),
        fact,
    )
