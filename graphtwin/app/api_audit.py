"""What came in by the API, kept in the audit chain of its world: mutations before they are carried out, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from graphtwin.app.acting import audit_of
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.errors import GraphtwinError
from graphtwin.methods.audit.api_entries import Ask, asked_entry, refused_entry
from graphtwin.model.commit import AuditEntry
from graphtwin.ports import Store
from graphtwin.workflows.decide import Decision, Turn, decide


async def note_asked(store: Store, ask: Ask) -> None:
    """Raises AuditUnwritable, and whatever else keeps it from being kept: then nothing may be carried out."""
    await _noted(store, ask.world, partial(asked_entry, ask))


async def note_refused(store: Store, ask: Ask, why: GraphtwinError, *, code: str, left_out: int) -> None:
    """Raises what keeps it from being kept; it stays refused."""
    await _noted(store, ask.world, partial(refused_entry, ask, why, code=code, left_out=left_out))


async def _noted(store: Store, world: str, entry: Callable[..., AuditEntry]) -> None:
    clock = SystemClock()
    config, sink = await store.configuration(world), await audit_of(store, world)

    async def make(turn: Turn) -> Decision:
        return Decision((entry(at=turn.at, run=turn.run),))

    await decide(store, sink, config, make, clock=clock, run=RandomIds(clock).new("api"))
