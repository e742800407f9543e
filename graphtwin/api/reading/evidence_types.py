"""What values and acts rest on: facts, claims, events and raw bytes."""

from __future__ import annotations

import base64
import hashlib

import strawberry

from graphtwin.api.reading.scalars import Instant, Json, instant
from graphtwin.api.reading.state_types import Layer
from graphtwin.api.reading.world_types import At
from graphtwin.model.commit import EventRecord, EvidenceItem, Quarantined
from graphtwin.model.fact import Fact as FactValue
from graphtwin.ports import Claimed


@strawberry.type(description="One immutable statement about a record.")
class Fact:
    id: str
    layer: Layer
    record: str
    name: str
    object: str | None = strawberry.field(description="The record at the far end of a relation of many.")
    op: str = strawberry.field(description="assert, end or withdraw.")
    value: Json | None
    unit: str | None
    valid_from: Instant | None
    observed_at: Instant | None
    version: str = strawberry.field(description="The version that it became known with.")
    kind: str
    confidence: float
    source: str
    event: str
    run: str
    prio: str = strawberry.field(
        description="A whole number: the greater one wins the same cell; from 2^60 on it is a decision of a person or graphtwin."
    )
    segment: str | None = strawberry.field(description="The segment that holds its raw bytes; null for decisions.")


@strawberry.type(description="A claim in force about a value: why it won, or lost.")
class Claim:
    wins: bool
    score: float
    reason: str
    fact: Fact


@strawberry.type(description="Every claim in force about a variable or relation, best first in each layer.")
class Why:
    at: At
    entity: str
    variable: str
    claims: list[Claim]


@strawberry.type(description="A message of a source, in the model's terms.")
class Event:
    id: str
    source: str
    event_type: str
    timestamp: Instant | None
    anchor: str = strawberry.field(description="Where it came from, for people.")
    record: str
    canonical: Json


@strawberry.type(description="The raw bytes of an event as they came.")
class Evidence:
    event: str
    source: str
    anchor: str
    received_at: Instant | None
    size: int
    sha256: str
    text: str = strawberry.field(description="The bytes as UTF-8; what isn't is escaped.")
    base64: str


@strawberry.type(description="A winning claim with the event and the raw bytes that it came from.")
class Origin:
    claim: Claim
    event: Event | None
    evidence: Evidence | None = strawberry.field(description="Null for what came without a message.")


@strawberry.type(description="From a value down to raw bytes, as of an instant.")
class ValueLineage:
    at: At
    entity: str
    variable: str
    origins: list[Origin]


@strawberry.type(description="A message that wasn't taken.")
class QuarantinedMessage:
    id: str
    source: str
    place: str
    reason: str
    hint: str
    size: int
    sha256: str
    at: Instant | None
    run: str
    text: str = strawberry.field(description="Its first bytes as UTF-8; what isn't is escaped.")


def fact_of(fact: FactValue) -> Fact:
    """A fact as it is shown."""
    return Fact(
        id=fact.id, layer=Layer(fact.layer), record=fact.record, name=fact.name, object=fact.object or None, op=fact.op,
        value=Json(fact.value), unit=fact.unit or None, valid_from=instant(fact.valid_from),
        observed_at=instant(fact.observed_at), version=f"v{fact.seq}", kind=fact.kind, confidence=fact.confidence,
        source=fact.source, event=fact.event, run=fact.run, prio=str(fact.prio),
        segment=fact.evidence or None,
    )  # fmt: skip


def claim_of(one: Claimed) -> Claim:
    """A claim as it is shown."""
    return Claim(wins=one.wins, score=one.score, reason=one.reason, fact=fact_of(one.fact))


def event_of(event: EventRecord) -> Event:
    """An event as it is shown."""
    return Event(
        id=event.id, source=event.source, event_type=event.event_type, timestamp=instant(event.timestamp),
        anchor=event.anchor, record=event.record, canonical=Json(event.canonical),
    )  # fmt: skip


def evidence_of(item: EvidenceItem) -> Evidence:
    """Raw bytes as they are shown."""
    return Evidence(
        event=item.event, source=item.source, anchor=item.anchor, received_at=instant(item.received_at),
        size=len(item.raw), sha256=hashlib.sha256(item.raw).hexdigest(),
        text=item.raw.decode("utf-8", "backslashreplace"), base64=base64.b64encode(item.raw).decode(),
    )  # fmt: skip


def quarantined_of(one: Quarantined) -> QuarantinedMessage:
    """A message that was set aside, as it is shown."""
    return QuarantinedMessage(
        id=one.id, source=one.source, place=one.place, reason=one.reason, hint=one.hint, size=one.size,
        sha256=one.sha256, at=instant(one.at), run=one.run, text=one.raw.decode("utf-8", "backslashreplace"),
    )  # fmt: skip
