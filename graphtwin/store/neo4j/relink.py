"""Derives the registries anew where a configuration or a rebuild asks for it (S16, S18)."""

from __future__ import annotations

from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import ENTITY, TYPE
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.whole import Whole


async def relink_values(ask: Statements, world: str, before: Policy, after: Policy) -> None:
    """Register links by value for relations that have become functional."""
    was = {name for name in before.config.relations if before.functional(name)}
    names = sorted(name for name in after.config.relations if after.functional(name) and name not in was)
    for name in names:
        await ask("fact/link_values", world=world, name=name)


async def save_whole_records(ask: Statements, world: str, whole: Whole) -> None:
    """Register the standing of every record that has a key."""
    await ask.batched("identity/save_records", await whole_record_rows(ask, world, whole), world=world)


async def whole_record_rows(ask: Statements, world: str, whole: Whole) -> list[list[str | None]]:
    """[id, source, entity, type, lifecycle] of every record that has a key, as the facts say."""
    kinds, mapped = {}, {}
    for key, top in whole.tops.items():
        if key.layer == "reported" and top.op == "assert":
            if key.name == TYPE:
                kinds[key.record] = str(top.value)
            elif key.name == ENTITY:
                mapped[key.record] = str(top.value)
    return [
        [
            record,
            record.partition(":")[0],
            mapped.get(record, record),
            kinds.get(record),
            whole.lifecycles.get(record, "active"),
        ]
        for record in sorted((await ask("fact/records", world=world))[0])
    ]
