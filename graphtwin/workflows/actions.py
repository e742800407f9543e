"""The actions that a state lists: what was decided, done and moved by rules in its world by then."""

from __future__ import annotations

from typing import Final

from graphtwin.methods.views.view_actions import DECIDED, actions_view
from graphtwin.methods.views.view_firings import firing_actions
from graphtwin.model.action import ActionRecord
from graphtwin.model.state import At
from graphtwin.ports import Store

NEWEST: Final = 100
"""Actions that a printed state lists; older ones stand in the audit chain and in the history of values."""


async def actions_at(store: Store, world: str, at: At, *, committed_at: int) -> tuple[ActionRecord, ...]:
    """The newest actions up to a state's valid time and the wall clock of its commit (epoch µs), oldest first."""
    decided = [one for one in await store.audit_of(world, DECIDED) if one.at <= committed_at]
    acts = [one for one in await store.acts(world) if one.at <= at.valid]
    moved = firing_actions(await store.fired(world, at=at, limit=NEWEST))
    return actions_view(decided, acts, moved)[-NEWEST:]
