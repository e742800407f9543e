"""A world goes back to a version of its own: a person's decision, that is shown, signed and audited (S31, S35)."""

from __future__ import annotations

from functools import partial

from graphtwin.app.acting import acting, audit_of, signed
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.errors import UsageError
from graphtwin.methods.rules.strata import stratify
from graphtwin.model.plan import RestorePoint
from graphtwin.model.principal import Role
from graphtwin.ports import Store
from graphtwin.workflows.restoring import Restored, Word, preview_restore, restore_to, version_to_restore


async def preview_rollback(store: Store, world: str, to: int) -> Restored:
    """What going back to version `to` would change now; nothing is written, and anybody may look. Raises NotFound."""
    config, clock = await store.configuration(world), SystemClock()
    point = await _point(store, world, to, clock)
    return await preview_restore(store, point, Word(config, stratify(config.rules), "", ""), clock=clock)


async def rollback(
    store: Store, world: str, to: int, *, by: str | None, reason: str = "", seen: int | None = None
) -> Restored:
    """Give every cell that was touched since version `to` its winner of then. An approver may.

    `seen` is the version that was looked at before: if another is the head now, HeadMoved is raised. Raises NotFound,
    Refused, AuditUnwritable, Conflict, CommitUnknown.
    """
    config, clock = await store.configuration(world), SystemClock()
    point = await _point(store, world, to, clock)
    who = await acting(store, world, by, least=Role.APPROVER)
    word = Word(config, stratify(config.rules), who.id, reason, partial(signed, who))
    return await restore_to(store, await audit_of(store, world), point, word, clock=clock, seen=seen)


async def _point(store: Store, world: str, to: int, clock: SystemClock) -> RestorePoint:
    if to < 1:
        raise UsageError(
            f"v0 is {world} before its baseline: without the declared model it couldn't be synced again.",
            hint=f"the first version to go back to is v1: graphtwin rollback {world} --to v1",
        )
    return await version_to_restore(store, world, to, run=RandomIds(clock).new("rollback"))
