"""provenance: every claim of the new version leads back to evidence or to a named decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphtwin.errors import IntegrityError
from graphtwin.model.commit import EventRecord
from graphtwin.model.fact import Fact


@dataclass(frozen=True, slots=True)
class ProvenanceOut:
    """How many claims rest on raw evidence and how many on decisions; together they are all."""

    by_evidence: int
    by_decision: int
    anchors: tuple[str, ...]


def provenance(facts: Sequence[Fact], events: Sequence[EventRecord]) -> ProvenanceOut:
    """Check the anchors of a baseline's facts. Raises IntegrityError for a claim that leads nowhere."""
    known = {event.id for event in events}
    rosters = {fact.event for fact in facts if fact.record.endswith(":@roster")}
    decided = [fact for fact in facts if fact.is_decision]
    claims = [fact for fact in facts if not fact.is_decision]
    lost = next((fact for fact in claims if fact.event not in known and fact.event not in rosters), None)
    if lost:
        raise IntegrityError(
            f"The claim {lost.record} {lost.name} has no evidence: its event {lost.event} isn't among those read.",
            hint="This is a defect of the mapping; please report it with the twin.yaml of the source.",
        )
    return ProvenanceOut(len(claims), len(decided), tuple(sorted({event.anchor for event in events}))[:50])
