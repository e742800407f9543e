"""Reads of state: whole worlds, entities, neighbourhoods, paths, differences, each pinned to one version (S19)."""

from __future__ import annotations

from typing import Final

from graphtwin.errors import NotFound
from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.lifecycle import roster_key
from graphtwin.model.commit import Changes
from graphtwin.model.fact import Key
from graphtwin.model.state import At, Edge, EntityState, State
from graphtwin.ports import Subgraph
from graphtwin.store.neo4j.moment import Moment, Policies, moment_at, moment_of
from graphtwin.store.neo4j.part import Shape, changed_part
from graphtwin.store.neo4j.rows import facts_of, key_of
from graphtwin.store.neo4j.session import Database
from graphtwin.store.neo4j.walk import rings, shortest

_LOOKS: Final = 3
"""How often the head is read by who exists now, before its facts alone are asked: a commit may come between (S19)."""


class StateReads:
    """The part of ports.Store that answers with states."""

    _database: Database
    _policies: Policies

    async def state(self, world: str, at: At | None = None) -> State:
        """The whole world."""
        async with self._database.reading() as ask:
            for _ in range(_LOOKS if at is None else 0):
                moment = await moment_at(ask, self._policies, world, None)
                absent = await moment.registry.absent_records()
                state = (await moment.whole(absent)).state
                if (await moment_at(ask, self._policies, world, None)).at == moment.at:
                    return state
            return (await (await moment_at(ask, self._policies, world, at)).whole()).state

    async def entity(
        self, world: str, entity: str, at: At | None = None
    ) -> tuple[EntityState, tuple[Edge, ...]] | None:
        """One entity with its edges in both directions."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            resolved = (await moment.resolve([entity])).get(entity)
            if resolved is None:
                return None
            state = await moment.part([resolved])
        edges = (edge for _, edge in sorted(state.edges.items()) if resolved in (edge.subject, edge.object))
        return state.entities[resolved], tuple(edges)

    async def neighbourhood(self, world: str, entity: str, hops: int, at: At | None = None) -> Subgraph:
        """Everything within some hops."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            centre = (await moment.resolve([entity])).get(entity)
            if centre is None:
                raise NotFound(f"World {world!r} has no entity {entity!r}.", hint="Was it there at another time?")
            distance, edges, entities = await rings(moment, centre, hops)
            outermost = distance.keys() - entities.keys()
            if outermost:
                state = await moment.own(outermost)
                entities |= {one: state.entities[one] for one in outermost}
        return Subgraph(
            moment.at,
            centre,
            {one: entities[one] for one in sorted(distance)},
            tuple(edges[key] for key in sorted(edges)),
            distance,
        )

    async def paths(
        self, world: str, source: str, target: str, *, max_hops: int, at: At | None = None
    ) -> tuple[tuple[Edge, ...], ...]:
        """All shortest paths between two entities."""
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            resolved = await moment.resolve([source, target])
            start, end = resolved.get(source), resolved.get(target)
            if start is None or end is None or start == end:
                return ()
            distance, edges, _ = await rings(moment, start, max_hops, until=end)
        return shortest(distance, edges, start, end)

    async def diff(self, world: str, before: int, after: int) -> Changes:
        """What differs between two versions: by the change index, or in full where the configuration differs."""
        async with self._database.reading() as ask:
            one = await moment_of(ask, self._policies, world, before)
            other = await moment_of(ask, self._policies, world, after)
            if one.policy is not other.policy:
                was, now = await one.whole(), await other.whole()
                states, standing = (was.state, now.state), (was.lifecycles, now.lifecycles)
            else:
                touched = await _touched(*sorted((one, other), key=lambda moment: moment.at.seq))
                shifted = await _shifted(one, other, touched)
                shape = Shape(one.policy, one.shape.objected)
                parts = await changed_part(one.view, other.view, one.registry, shape, touched=touched, shifted=shifted)
                states = (
                    assemble(parts[0].claims, one.policy, one.at, parts[0].lifecycles),
                    assemble(parts[1].claims, one.policy, other.at, parts[1].lifecycles),
                )
                standing = (parts[0].lifecycles, parts[1].lifecycles)
        return compare(*states, hashes=(one.hash, other.hash), lifecycles=standing)


async def _touched(older: Moment, newer: Moment) -> set[Key]:
    """Keys of facts that came after the older version, and of planned ones that fell due since (S16)."""
    ask, world = older.ask, older.world
    columns = await ask("fact/keys_changed", world=world, after=older.at.seq, until=newer.at.seq)
    planned = await ask("fact/planned_facts", world=world, after=older.at.valid, until=newer.at.valid, seq=newer.at.seq)
    return set(map(key_of, columns[0])) | {fact.key for fact in facts_of(planned[0])}


async def _shifted(one: Moment, other: Moment, touched: set[Key]) -> set[str]:
    """The records whose lifecycle differs between the two (S24)."""
    records = {key.record for key in touched if key.record.partition(":")[0] in one.rostered}
    retaken = [source for source in sorted(one.rostered) if roster_key(source) in touched]
    records |= {record for record, _ in await one.ask.batched("identity/records_of_sources", retaken, world=one.world)}
    was, now = await one.view.lifecycles(records), await other.view.lifecycles(records)
    return {record for record in records if was.get(record) != now.get(record)}
