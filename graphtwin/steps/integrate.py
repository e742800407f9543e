"""integrate: the events that are new, in the order of their own time, with rosters guarded (S5, S24)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphtwin.model.commit import Draft, EventRecord, EvidenceItem, Quarantined
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import ROSTER, Fact
from graphtwin.model.finding import RosterHold

_LARGEST_DROP: Final = 0.2
_LARGEST_LOSS: Final = 5


@dataclass(frozen=True, slots=True)
class IntegrateOut:
    """What will be written: new facts in event-time order, what belongs to them, and what was left out."""

    facts: tuple[Fact, ...]
    events: tuple[EventRecord, ...]
    evidence: tuple[EvidenceItem, ...]
    quarantined: tuple[Quarantined, ...]
    duplicates: int
    late: int
    holds: tuple[RosterHold, ...]
    anchors: tuple[str, ...]

    @property
    def records(self) -> tuple[str, ...]:
        """The records that the new facts are about, sorted."""
        return tuple(sorted({fact.record for fact in self.facts if fact.name != ROSTER}))

    def draft(self, now: int, cursors: Mapping[str, object], decisions: Sequence[Fact] = ()) -> Draft:
        """The commit's draft: these facts and the decisions that belong to them."""
        return Draft(
            now=now,
            facts=(*self.facts, *decisions),
            events=self.events,
            evidence=self.evidence,
            quarantined=self.quarantined,
            cursors=cursors,
        )


def integrate(
    facts: Sequence[Fact],
    events: Sequence[EventRecord],
    evidence: Sequence[EvidenceItem],
    quarantined: Sequence[Quarantined],
    *,
    known_events: Collection[str],
    heard: Mapping[str, int],
    rosters: Mapping[str, int],
    config: TwinConfig,
) -> IntegrateOut:
    """Leave out what was committed before or comes twice, sort by event time, and hold rosters that drop too much.

    `heard` gives each source's newest valid time before this run (older events are late); `rosters` how many records
    each source's newest roster named.
    """
    seen = set(known_events)
    fresh: list[EventRecord] = []
    for event in sorted(events, key=lambda event: (event.timestamp, event.id)):
        if event.id not in seen:
            seen.add(event.id)
            fresh.append(event)
    new = {event.id for event in fresh}
    holds = _holds(facts, rosters, config)
    held = {hold.source for hold in holds}
    kept = {
        fact.id: fact
        for fact in facts
        if (fact.event in new or (fact.name == ROSTER and fact.event not in known_events))
        and not (fact.name == ROSTER and fact.source in held)
    }
    return IntegrateOut(
        facts=tuple(sorted(kept.values(), key=lambda fact: (fact.valid_from, fact.id))),
        events=tuple(fresh),
        evidence=tuple(item for item in evidence if item.event in new),
        quarantined=tuple(quarantined),
        duplicates=len(events) - len(fresh),
        late=sum(event.timestamp < heard.get(event.source, event.timestamp) for event in fresh),
        holds=holds,
        anchors=tuple(sorted({event.anchor for event in fresh}))[:100],
    )


def _holds(facts: Sequence[Fact], rosters: Mapping[str, int], config: TwinConfig) -> tuple[RosterHold, ...]:
    holds = []
    for fact in facts:
        source = config.sources.get(fact.source)
        if fact.name != ROSTER or source is None or not source.roster_guard:
            continue
        named, before = len(fact.value), rosters.get(fact.source, 0)
        if reason := _why_hold(named, before):
            holds.append(RosterHold(fact.source, reason, fact.valid_from))
    return tuple(sorted(holds, key=lambda hold: hold.source))


def _why_hold(named: int, before: int) -> str:
    if not named:
        return "the roster is empty"
    lost = before - named
    if lost > _LARGEST_LOSS and lost > _LARGEST_DROP * before:
        return f"the roster names {named} records, {lost} fewer than the last one"
    return ""
