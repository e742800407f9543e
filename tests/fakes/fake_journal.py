"""A journal of acts in memory: what was intended, and what came of it, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from graphtwin.errors import GraphtwinError
from graphtwin.model.acting import ActRecord
from graphtwin.model.plan import Clearance
from graphtwin.ports import ActAnswer


@dataclass
class FakeJournal:
    """`refuse` is raised by every intent; `known` are intents of an earlier run, by place."""

    refuse: GraphtwinError | None = None
    known: dict[int, ActRecord] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    async def intend(self, clearance: Clearance, place: int) -> ActRecord:
        if self.refuse:
            raise self.refuse
        self.told.append(f"intend {place}")
        if place in self.known:
            return self.known[place]
        step = clearance.plan.steps[place]
        request = step.request if clearance.covers == "act" else step.compensation
        assert request is not None
        return ActRecord(
            f"act-{clearance.covers}-{place}", clearance.plan.id, "run-1", place, clearance.covers, step.entity, step.action,
            step.actuator, request, step.effects, 1, 2**62, 10,
        )  # fmt: skip

    async def conclude(self, intent: ActRecord, answer: ActAnswer) -> ActRecord:
        self.told.append(f"{answer.outcome} {intent.place}")
        return replace(intent, outcome=answer.outcome, answer=answer.text)
