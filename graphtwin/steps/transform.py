"""transform: raw messages to canonical events and facts; what can't be taken is set aside with the reason and the place."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphtwin.methods.reading.dating import after_gaps, ahead
from graphtwin.methods.reading.desk import Desk
from graphtwin.methods.reading.event_claims import Claims, Stamp
from graphtwin.methods.reading.event_id import (
    quarantine_id,
    stamped_event_id,
    timestamp_text,
    unstamped_event_id,
)
from graphtwin.methods.reading.event_time import zone_of
from graphtwin.methods.reading.mapping import check_sources
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.roster import roster_event
from graphtwin.model.commit import EventRecord, EvidenceItem, Quarantined
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.model.event import UNCLASSIFIED
from graphtwin.model.fact import Fact
from graphtwin.ports import Malformed, Message, Reading

UNSTAMPED_CONFIDENCE: Final = 0.9
"""How sure an event is that bears no time of its own: it was so when it was received, at the latest."""
DEFAULT_SKEW: Final = 30 * SECOND
SOURCE_STATUS: Final = "source_status"
"""The event type of what a source says about itself, such as its last will."""
KEPT_RAW: Final = 4096
"""Bytes of a refused message that are kept; its size and SHA-256 tell the rest."""
ANCHORS_SHOWN: Final = 5

_UNSTAMPED: Final = {
    "type": "epistemic",
    "confidence": UNSTAMPED_CONFIDENCE,
    "notes": "the message bears no time of its own; this is when it was received",
}


@dataclass(frozen=True, slots=True)
class TransformOut:
    """Canonical events with their facts and raw bytes, and what was refused.

    `messages` and `refused` count by source (malformed messages are in both); `unstamped` those that bore no time;
    `unmapped` events that no mapping applied to. `partial_rosters` says why a source's roster wasn't taken.
    `newest_event` is the newest accepted time (µs) that sources gave, plans left out; None when none gave one.
    """

    events: tuple[EventRecord, ...]
    facts: tuple[Fact, ...]
    evidence: tuple[EvidenceItem, ...]
    quarantined: tuple[Quarantined, ...]
    messages: Mapping[str, int]
    refused: Mapping[str, int]
    unstamped: Mapping[str, int]
    unmapped: int
    duplicates: int
    suspicious_ids: tuple[str, ...]
    rosters: tuple[str, ...]
    partial_rosters: Mapping[str, str]
    newest_event: int | None
    anchors: tuple[str, ...]

    @property
    def quarantined_share(self) -> float:
        """Refused messages over all that came; 0 when none came (S25)."""
        total = sum(self.messages.values())
        return sum(self.refused.values()) / total if total else 0.0


def transform(readings: Sequence[Reading], config: TwinConfig, *, run: str, now: int) -> TransformOut:
    """Every message as one event, or quarantined whole; the same messages in any order give the same events.

    `now` is the world's clock (µs; with `clock: events` the newest event known, 0 for none): it bounds timestamps (S2).
    Raises ConfigurationError where a mapping can't be used at all.
    """
    check_sources(config)
    zone = zone_of(config.world.timezone)
    desks = {reading.source: Desk(reading.source, config, zone) for reading in readings}
    drafts = [draft for reading in readings for draft in _drafts(reading, desks[reading.source])]
    newest = _check_times(drafts, config, now)
    world_time = max(now, newest or now) if config.world.clock == "events" else now
    tray = _Tray(run, now, latest=world_time + _skew(config))
    for reading in readings:
        for bad in reading.malformed:
            _set_aside(reading.source, bad, tray)
    received = {
        reading.source: world_time if config.world.clock == "events" else reading.read_at for reading in readings
    }
    for draft in drafts:
        _take(draft, received[draft.reading.source], tray)
    for reading in readings:
        if reading.answered and config.sources[reading.source].roster:
            _take_roster(reading, desks[reading.source], received[reading.source], tray)
    return _out(readings, tray, newest)


@dataclass(slots=True)
class _Draft:
    """A message on its way to an event: its id, its own time if it bears one, or why it is refused."""

    desk: Desk
    reading: Reading
    message: Message
    event: str = ""
    at: int | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Tray:
    """What has been taken and refused so far."""

    run: str
    now: int
    latest: int
    events: dict[str, EventRecord] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    evidence: list[EvidenceItem] = field(default_factory=list)
    quarantined: dict[str, Quarantined] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    unstamped: Counter[str] = field(default_factory=Counter)
    reported: dict[str, set[str]] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    suspicious: set[str] = field(default_factory=set)
    rosters: list[str] = field(default_factory=list)
    partial: dict[str, str] = field(default_factory=dict)
    unmapped: int = 0
    duplicates: int = 0


def _drafts(reading: Reading, desk: Desk) -> list[_Draft]:
    """The messages of a reading in an order of their own, each with its id and time; the first of equal ids counts."""
    drafts = [_draft(reading, message, desk) for message in reading.messages]
    return sorted(drafts, key=lambda draft: (draft.message.position or 0, draft.message.locus, draft.message.raw))


def _draft(reading: Reading, message: Message, desk: Desk) -> _Draft:
    draft = _Draft(desk, reading, message)
    draft.refusal = _too_large(message, desk.source.max_payload)
    if draft.refusal is None:
        try:
            stamp, draft.at = desk.own_time(message.payload)
        except Refusal as refusal:
            draft.refusal = refusal
        else:
            draft.event = (
                unstamped_event_id(desk.name, message.locus, message.raw, message.channel)
                if draft.at is None
                else stamped_event_id(desk.name, timestamp_text(stamp), message.raw, message.channel)
            )
    return draft


def _too_large(message: Message, most: int) -> Refusal | None:
    if len(message.raw) <= most:
        return None
    return Refusal(
        f"{len(message.raw)} bytes, more than max_payload ({most})",
        "send smaller messages, or raise max_payload of the source",
    )


def _check_times(drafts: Iterable[_Draft], config: TwinConfig, now: int) -> int | None:
    """Refuse what is dated too far ahead (S2); the newest time that stays, plans left out."""
    stamped = [
        (draft, draft.at)
        for draft in drafts
        if draft.at is not None and draft.refusal is None and not draft.desk.source.plans
    ]
    if config.world.clock == "events":
        newest = now if now > 0 else None
        for place, refusal in after_gaps([at for _, at in stamped], config.world.max_event_gap, newest).items():
            stamped[place][0].refusal = refusal
    else:
        latest = now + _skew(config)
        for draft, at in stamped:
            draft.refusal = ahead(at, latest)
    return max((at for draft, at in stamped if draft.refusal is None), default=None)


def _skew(config: TwinConfig) -> int:
    return config.constraints.max_future_skew if config.constraints else DEFAULT_SKEW


def _take(draft: _Draft, received: int, tray: _Tray) -> None:
    """One message becomes one event with all its facts, or is quarantined whole."""
    desk = draft.desk
    if draft.refusal is not None:
        _refuse(draft, draft.refusal, tray)
        return
    if draft.event in tray.events:
        tray.duplicates += 1
        return
    at = received if draft.at is None else draft.at
    if draft.message.status:
        _keep_status(draft, at, tray)
        return
    confidence = 1.0 if draft.at is not None else UNSTAMPED_CONFIDENCE
    try:
        stamp = Stamp(
            draft.event, at, desk.position_of(draft.message.payload, draft.message.position), confidence, tray.run
        )
        things = desk.read(draft.message.payload)
        latest = None if desk.source.plans else max(at, tray.latest)
        dated = [(thing, desk.valid_from(thing, at, latest)) for thing in things]
        claims = desk.writer_of(draft.message).write(dated, stamp)
    except Refusal as refusal:
        _refuse(draft, refusal, tray)
        return
    _keep(draft, at, things[0].event_type if things else UNCLASSIFIED, claims, tray)


def _keep(draft: _Draft, at: int, event_type: str, claims: Claims, tray: _Tray) -> None:
    desk = draft.desk
    anchor = f"{desk.anchor_kind}:{draft.message.place}"
    canonical = claims.canonical
    if draft.at is None:
        tray.unstamped[desk.name] += 1
        canonical = canonical | {"uncertainty": _UNSTAMPED}
    tray.unmapped += not claims.records
    if draft.message.channel:
        canonical = canonical | {"channel": draft.message.channel}
    record = claims.records[0] if claims.records else ""
    tray.events[draft.event] = EventRecord(draft.event, desk.name, at, event_type, anchor, record, canonical)
    tray.evidence.append(EvidenceItem(draft.event, draft.message.raw, desk.name, anchor, draft.reading.read_at))
    tray.facts.extend(claims.facts)
    tray.suspicious.update(claims.suspicious)
    tray.reported.setdefault(desk.name, set()).update(claims.records)
    tray.heard[desk.name] = max(tray.heard.get(desk.name, at), at)


def _keep_status(draft: _Draft, at: int, tray: _Tray) -> None:
    """What a source says about itself is an event with its evidence, and claims nothing about any thing."""
    desk, message = draft.desk, draft.message
    anchor = f"{desk.anchor_kind}:{message.place}"
    canonical = {"status": message.payload, "channel": message.channel}
    tray.events[draft.event] = EventRecord(draft.event, desk.name, at, SOURCE_STATUS, anchor, "", canonical)
    tray.evidence.append(EvidenceItem(draft.event, message.raw, desk.name, anchor, draft.reading.read_at))


def _refuse(draft: _Draft, refusal: Refusal, tray: _Tray) -> None:
    raw, place = draft.message.raw, draft.message.place
    sha256 = hashlib.sha256(raw).hexdigest()
    _set_aside(draft.reading.source, Malformed(raw, len(raw), sha256, place, refusal.reason, refusal.hint), tray)


def _set_aside(source: str, bad: Malformed, tray: _Tray) -> None:
    tray.refused[source] += 1
    name = quarantine_id(source, bad.place, bad.sha256)
    tray.quarantined[name] = Quarantined(
        name, source, bad.place, bad.reason, bad.hint, bad.raw[:KEPT_RAW], bad.size, bad.sha256, tray.now, tray.run
    )


def _take_roster(reading: Reading, desk: Desk, received: int, tray: _Tray) -> None:
    """One claim: the source, read then, reported exactly these records (S24); a partial reading makes none."""
    partial = _why_partial(reading, tray)
    if partial:
        tray.partial[desk.name] = partial
        return
    at = received if desk.source.plans else max(received, tray.heard.get(desk.name, received))
    number = reading.cursor.get("reading")
    event, evidence, fact = roster_event(
        desk.name, tray.reported.get(desk.name, ()), at=at, read_at=reading.read_at,
        reading=number if isinstance(number, int) else None, kind=desk.anchor_kind, run=tray.run,
    )  # fmt: skip
    tray.events[event.id] = event
    tray.evidence.append(evidence)
    tray.facts.append(fact)
    tray.rosters.append(desk.name)


def _why_partial(reading: Reading, tray: _Tray) -> str:
    if not reading.complete:
        return reading.problem or "the reading doesn't cover everything the source holds"
    refused = tray.refused[reading.source]
    return f"{refused} of its messages {'was' if refused == 1 else 'were'} refused" if refused else ""


def _out(readings: Sequence[Reading], tray: _Tray, newest: int | None) -> TransformOut:
    events = tuple(tray.events.values())
    return TransformOut(
        events=events,
        facts=tuple(tray.facts),
        evidence=tuple(tray.evidence),
        quarantined=tuple(sorted(tray.quarantined.values(), key=lambda one: (one.source, one.place, one.id))),
        messages={reading.source: len(reading.messages) + len(reading.malformed) for reading in readings},
        refused=dict(tray.refused),
        unstamped=dict(tray.unstamped),
        unmapped=tray.unmapped,
        duplicates=tray.duplicates,
        suspicious_ids=tuple(sorted(tray.suspicious)),
        rosters=tuple(tray.rosters),
        partial_rosters=tray.partial,
        newest_event=newest,
        anchors=_anchors(events, tray),
    )


def _anchors(events: Sequence[EventRecord], tray: _Tray) -> tuple[str, ...]:
    """The places of the first events of each source and of what was refused: enough to begin to look."""
    shown: Counter[str] = Counter()
    anchors: list[str] = []
    for event in events:
        shown[event.source] += 1
        if shown[event.source] <= ANCHORS_SHOWN:
            anchors.append(event.anchor)
    refused = sorted(f"quarantine:{name}" for name in tray.quarantined)
    return (*anchors, *refused[:ANCHORS_SHOWN])
