"""What can be asked about a state. Each root reads its selection once; what is nested is read from that answer."""

from __future__ import annotations

import strawberry

from graphtwin.api import limits
from graphtwin.api.asking import Asking, Info
from graphtwin.api.reading.cursor import read_cursor, write_cursor
from graphtwin.api.reading.difference_types import Difference, difference_of
from graphtwin.api.reading.scalars import Instant
from graphtwin.api.reading.state_types import (
    Entity,
    EntityAnswer,
    EntityConnection,
    EntityEdge,
    EntityFilter,
    Near,
    Neighbourhood,
    PageInfo,
    Path,
    Paths,
    Snapshot,
    entities_of,
    entity_of,
    relationship_of,
)
from graphtwin.api.reading.world_types import at_of
from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.state import At


@strawberry.type
class StateRoots:
    @strawberry.field(description="A whole world at an instant; a large one is read by `entities`.")
    async def snapshot(
        self,
        info: Info,
        world: str,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> Snapshot:
        asking = info.context
        at = await asking.at(world, as_of, known_at, version)
        state = await asking.store.state(world, at)
        limits.whole(len(state.entities), asking.limits)
        states = [state.entities[one] for one in sorted(state.entities)]
        return Snapshot(
            at=at_of(state.at),
            world=world,
            hash=state_hash(state),
            entity_count=len(states),
            relationship_count=len(state.edges),
            entities=entities_of(states, [state.edges[key] for key in sorted(state.edges)]),
        )

    @strawberry.field(description="One entity; an id that was merged away is answered by the entity it belongs to now.")
    async def entity(
        self,
        info: Info,
        world: str,
        id: str,  # noqa: A002 - the name in the schema
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> EntityAnswer | None:
        asking = info.context
        at = await asking.at(world, as_of, known_at, version)
        found = await asking.store.entity(world, id, at)
        if found is None:
            return None
        one, edges = found
        return EntityAnswer(
            at=at_of(at),
            entity=entity_of(one, edges),
            relationships_in=[relationship_of(edge) for edge in edges if edge.object == one.id],
        )

    @strawberry.field(description="Entities by id, a page at a time. A page after another is of the same instant.")
    async def entities(
        self,
        info: Info,
        world: str,
        first: int = 50,
        after: str | None = None,
        where: EntityFilter | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> EntityConnection:
        asking = info.context
        size = limits.page(first, asking.limits)
        last, at = await _begin(asking, world, after, (as_of, known_at, version))
        found = await _matching(asking, world, at, last, size + 1, where)
        edges = [EntityEdge(cursor=write_cursor(one.id, at), node=one) for one in found[:size]]
        return EntityConnection(
            at=at_of(at),
            edges=edges,
            page_info=PageInfo(
                has_next_page=len(found) > size,
                has_previous_page=last != "",
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )

    @strawberry.field(description="What is within some reported relationships of an entity, in either direction.")
    async def neighbourhood(
        self,
        info: Info,
        world: str,
        entity: str,
        hops: int = 1,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> Neighbourhood:
        asking = info.context
        far = limits.hops(hops, asking.limits)
        at = await asking.at(world, as_of, known_at, version)
        found = await asking.store.neighbourhood(world, entity, far, at)
        limits.whole(len(found.entities), asking.limits)
        states = [found.entities[one] for one in sorted(found.entities, key=lambda one: (found.distance[one], one))]
        return Neighbourhood(
            at=at_of(found.at),
            centre=found.centre,
            entities=[Near(distance=found.distance[one.id], entity=one) for one in entities_of(states, found.edges)],
        )

    @strawberry.field(description="All shortest ways between two entities over reported relationships.")
    async def paths(
        self,
        info: Info,
        world: str,
        source: str,
        target: str,
        max_hops: int = 5,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> Paths:
        asking = info.context
        far = limits.hops(max_hops, asking.limits)
        at = await asking.at(world, as_of, known_at, version)
        found = await asking.store.paths(world, source, target, max_hops=far, at=at)
        return Paths(at=at_of(at), paths=[Path(relationships=[relationship_of(edge) for edge in one]) for one in found])

    @strawberry.field(description="What differs between two versions, each at its own valid time.")
    async def diff(self, info: Info, world: str, before: str, after: str) -> Difference:
        asking = info.context
        seqs = await asking.seq(world, before), await asking.seq(world, after)
        return difference_of(await asking.store.diff(world, *seqs))


async def _begin(
    asking: Asking, world: str, after: str | None, named: tuple[Instant | None, Instant | None, str | None]
) -> tuple[str, At]:
    """The id that the page begins behind, and the instant that it is of."""
    if after is None:
        return "", await asking.at(world, *named)
    last, at = read_cursor(after)
    if any(one is not None for one in named) and await asking.at(world, *named) != at:
        raise UsageError("after belongs to pages of another instant.", hint="leave asOf, knownAt and version out")
    head = await asking.head(world)
    if at.seq > head.seq:
        raise NotFound(f"The world {world} has no version v{at.seq}.", hint="begin again, without after")
    return last, at


async def _matching(
    asking: Asking, world: str, at: At, after: str, wanted: int, where: EntityFilter | None
) -> list[Entity]:
    """The next entities behind an id, at most as many as wanted. A portion is read at a time, until there are enough."""
    found: list[Entity] = []
    size = wanted if where is None else max(wanted, asking.limits.page)
    while len(found) < wanted:
        portion = await asking.store.page(world, at, limit=size, after=after)
        kept = [one for one in portion.entities if where is None or where.holds(one)]
        found += entities_of(kept, portion.edges)
        if len(portion.entities) < size:
            break
        after = portion.entities[-1].id
    return found[:wanted]
