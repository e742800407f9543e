"""A whole world in portions: what is known of some entities is read, answered and forgotten before the next (S19)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphtwin.methods.state.assemble import assemble
from graphtwin.model.durations import SECOND
from graphtwin.model.fact import TYPE
from graphtwin.model.state import At
from graphtwin.ports import Clock, Portion
from graphtwin.store.neo4j.heads import head_of
from graphtwin.store.neo4j.moment import Policies, exists, moment_at
from graphtwin.store.neo4j.part import own_part
from graphtwin.store.neo4j.rows import key_of
from graphtwin.store.neo4j.session import Database

_RECORDS: Final = 5_000
"""Records asked at once whether they exist."""
_SETTLED: Final = SECOND
"""How long after a commit every index shows what it wrote; until then the present isn't asked for a page."""
_LISTED: Final = 4
"""Lists of ids that are kept for the next pages."""


@dataclass(slots=True)
class Listed:
    """The ids of all entities at the instants that were paged through last: what was so at an instant of a version never
    changes.
    """

    _known: dict[tuple[str, At], list[str]] = field(default_factory=dict)

    def of(self, world: str, at: At) -> list[str] | None:
        """The ids, sorted, where they are known."""
        return self._known.get((world, at))

    def keep(self, world: str, at: At, ids: list[str]) -> None:
        """Keep them in the place of the oldest."""
        if len(self._known) >= _LISTED:
            del self._known[next(iter(self._known))]
        self._known[world, at] = ids


class PortionReads:
    """The part of ports.Store that answers with portions. Facts never change, so each is read in a transaction of its own."""

    _database: Database
    _policies: Policies
    _clock: Clock
    _listed: Listed

    async def page(self, world: str, at: At, *, limit: int, after: str = "") -> Portion:
        """The next entities. The ids of the head are those of the present; those of the past are listed for the first page."""
        ids = await self._ids_of_head(world, at, limit, after)
        if ids is None:
            listed = self._listed.of(world, at)
            if listed is None:
                listed = await self._existing_entities(world, at)
                self._listed.keep(world, at, listed)
            place = bisect_right(listed, after)
            ids = listed[place : place + limit]
        return await self._portion(world, at, ids) if ids else Portion((), (), {})

    async def _ids_of_head(self, world: str, at: At, limit: int, after: str) -> list[str] | None:
        """None where `at` isn't the head, or the head moved just now (S19)."""
        async with self._database.reading() as ask:
            head = (await moment_at(ask, self._policies, world, at)).head
            if At(head.valid, head.seq) != at or self._clock.now() - head.committed_at < _SETTLED:
                return None
            [ids] = await ask("entity/ids", world=world, after=after, limit=limit)
            [row] = await ask("world/head", world=world)
        found: list[str] = ids
        return found if head_of(row).seq == at.seq else None

    async def portions(self, world: str, at: At, *, size: int = 500, after: str = "") -> AsyncIterator[Portion]:
        """The world in portions of at most `size` entities, from the id behind `after` on."""
        existing = await self._existing_entities(world, at)
        entities = existing[bisect_right(existing, after) :]
        for start in range(0, len(entities), size):
            yield await self._portion(world, at, entities[start : start + size])

    async def _existing_entities(self, world: str, at: At) -> list[str]:
        """The ids of all entities at the instant, sorted: all that is held of them at once."""
        async with self._database.reading() as ask:
            await moment_at(ask, self._policies, world, at)
            records = sorted(
                {key_of(key).record for key in (await ask("fact/keys_under_name", world=world, name=TYPE))[0]}
            )
        found: set[str] = set()
        for start in range(0, len(records), _RECORDS):
            async with self._database.reading() as ask:
                moment = await moment_at(ask, self._policies, world, at)
                standing = await moment.view.standing(records[start : start + _RECORDS])
            found.update(one.entity for one in standing.values() if exists(one))
        return sorted(found)

    async def _portion(self, world: str, at: At, entities: Sequence[str]) -> Portion:
        async with self._database.reading() as ask:
            moment = await moment_at(ask, self._policies, world, at)
            part = await own_part(moment.view, moment.registry, entities, moment.shape)
        state = assemble(part.claims, moment.policy, moment.at, part.lifecycles)
        here = tuple(state.entities[one] for one in entities)
        subjects = frozenset(entities)
        records = {record for one in here for record in one.records}
        return Portion(
            here,
            tuple(edge for _, edge in sorted(state.edges.items()) if edge.subject in subjects),
            {claim.id: claim for claim in part.claims if claim.record in records},
        )
