"""What becomes of plans: that one waits, is approved, rejected, given up, carried out or taken back, as the audit chain has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.api.streams.world_readers import WorldReader
from graphtwin.methods.audit.decisions import APPROVAL, REJECTION
from graphtwin.model.commit import AuditRecord
from graphtwin.model.pulse import Pulse

_HAPPENED: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "plan": lambda body: str(body["status"]),
    APPROVAL: lambda _: "approved",
    REJECTION: lambda _: "rejected",
    "act": lambda body: "acting" if body["covers"] == "act" else "taking_back",
    "act_outcome": lambda body: f"act_{body['outcome']}",
    "verification": lambda body: "verified" if body["result"] == "PASS" else "not_verified",
    "plan_resumed": lambda _: "resumed",
    "plan_rolled_back": lambda body: str(body["status"]),
}
"""The kinds of audit records that tell of plans, and what each says has happened."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a plan, in a word, and the record that says so."""

    what: str
    record: AuditRecord


async def plan_stream(reader: WorldReader, after: int) -> AsyncIterator[Happened]:
    """Whatever the audit chain says of plans behind the record numbered `after`; without an end."""
    pulse: Pulse | None = None
    while True:
        pulse = await reader.beyond(pulse)
        while after < pulse.audit_n:
            for record in await reader.records(after, pulse.audit_n):
                after = record.n
                if record.kind in _HAPPENED:
                    yield Happened(_HAPPENED[record.kind](record.body), record)
