"""world_state: write what was learned, and bring the twin to its new version, inside the run's transaction."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.commit import Changes, Draft
from graphtwin.ports import Transaction


@dataclass(frozen=True, slots=True)
class WorldStateOut:
    """What changed by these facts, and how many groups they touched and left disputed."""

    changes: Changes
    facts: int
    conflicts: tuple[tuple[str, str], ...]
    """(entity, variable) whose sources contradict each other without a clear winner."""
    anchors: tuple[str, ...]


async def world_state(transaction: Transaction, draft: Draft) -> WorldStateOut:
    """Facts, evidence and present in one write; nothing is visible to others before the transaction commits."""
    changes = await transaction.write(draft)
    conflicts = sorted({(one.entity, one.name) for one in changes.values if one.after and one.after.disputed})
    return WorldStateOut(
        changes=changes,
        facts=len(draft.facts),
        conflicts=tuple(conflicts),
        anchors=tuple(f"sha256:{item.event}" for item in draft.evidence[:50]),
    )
