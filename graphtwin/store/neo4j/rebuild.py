"""Derives everything that can be derived anew from the facts: registries, present, hash (S18)."""

from __future__ import annotations

from typing import Final

from graphtwin.methods.state.state_hash import EMPTY, add, state_items
from graphtwin.store.neo4j.describing import describe_world
from graphtwin.store.neo4j.moment import Policies, moment_at
from graphtwin.store.neo4j.present_rows import draw_present
from graphtwin.store.neo4j.relink import save_whole_records
from graphtwin.store.neo4j.session import Database, Statements, translated

_PAGE: Final = 10_000
_COMMITS: Final = 50
_TIMEOUT_S: Final = 1_800.0


async def rebuild_world(database: Database, policies: Policies, world: str) -> None:
    """In one transaction under the world's lock: readers see the old registries or the new ones. Raises NotFound."""
    async with database.writing(timeout_s=_TIMEOUT_S) as ask:
        await ask("world/touch_lock", world=world)
        moment = await moment_at(ask, policies, world, None)
        for registry in ("fact/clear_keys", "fact/clear_links", "identity/clear_records", "run/clear_heard"):
            while (await ask(registry, world=world, limit=_PAGE))[0]:
                pass
        await _derive_keys(ask, world)
        await describe_world(ask, policies, world)
        functional = sorted(name for name in moment.policy.config.relations if moment.policy.functional(name))
        for name in ["@entity", *functional]:
            await ask("fact/link_values", world=world, name=name)
        names = await ask("fact/used_names", world=world)
        await ask("world/save_names", world=world, objected=sorted(names[0]), rostered=sorted(names[1]))
        heard = (await ask("fact/newest_by_source", world=world, valid=moment.head.valid))[0]
        await ask.batched("run/hear", heard, world=world)
        moment = await moment_at(ask, policies, world, None)
        whole = await moment.whole()
        await save_whole_records(ask, world, whole)
        await draw_present(ask, world, whole.state, moment.policy)
        await ask("world/save_accumulator", world=world, accumulator=add(EMPTY, state_items(whole.state)))
        with translated("rebuild"):
            await ask.transaction.commit()


async def _derive_keys(ask: Statements, world: str) -> None:
    """Page through the facts by commit, so that no statement sees the whole history at once."""
    head = (await ask("world/head", world=world))[0][1]
    for seq in range(0, head, _COMMITS):
        await ask("fact/derive_keys", world=world, after=seq, until=seq + _COMMITS)
