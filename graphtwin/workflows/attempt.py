"""One plan on its way from its checkpoint to its end."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.acting import PlanRecord
from graphtwin.model.plan import Plan, RestorePoint
from graphtwin.workflows.journal import Journal


@dataclass(frozen=True, slots=True)
class Attempt:
    """One plan on its way, and what carries it out."""

    plan: Plan
    record: PlanRecord
    point: RestorePoint
    acting: str
    journal: Journal
