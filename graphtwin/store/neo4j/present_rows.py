"""Writes the present: a change of it, or the whole of it."""

from __future__ import annotations

from graphtwin.methods.state.policy import Policy
from graphtwin.model.state import At, State
from graphtwin.store.neo4j.present import PresentChange, Projection, patched_extra
from graphtwin.store.neo4j.session import Statements


async def apply_present(ask: Statements, world: str, change: PresentChange) -> None:
    """Bring nodes and relationships to what the change says; a statement a kind of change."""
    changed = {row[0]: row for row in change.changed}
    if change.extras:
        for entity, text in await ask.batched("entity/read_extras", sorted(change.extras), world=world):
            row = changed.setdefault(entity, [entity, {}, []])
            row[1]["extra"] = patched_extra(text, change.extras[entity])
    await ask.batched("entity/erase_edges", change.erased, world=world)
    await ask.batched("entity/remove_entities", change.removed, world=world)
    await ask.batched("entity/replace_entities", change.replaced, world=world)
    await ask.batched("entity/create_entities", change.created, world=world)
    await ask.batched("entity/change_entities", [changed[entity] for entity in sorted(changed)], world=world)
    await ask.batched("entity/draw_edges", change.drawn, world=world)
    await ask.batched("entity/redraw_edges", change.redrawn, world=world)


async def draw_present(ask: Statements, world: str, state: State, policy: Policy) -> None:
    """Take the whole present away and draw it anew."""
    while (await ask("entity/clear_present", world=world, limit=_CHUNK))[0]:
        pass
    nothing = State(At(state.at.valid, state.at.seq), {}, {})
    await apply_present(ask, world, Projection(policy).change(nothing, state))


_CHUNK = 10_000
