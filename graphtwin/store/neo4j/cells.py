"""Reads of what facts did to their cells: the winners with them and without them (S7, S31)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graphtwin.model.cell import Cell
from graphtwin.model.fact import RANK, Fact, Key
from graphtwin.store.neo4j.moment import Policies, moment_at, moment_of
from graphtwin.store.neo4j.rows import facts_of, key_of
from graphtwin.store.neo4j.session import Database


class CellReads:
    """The part of ports.Store that a rollback asks."""

    _database: Database
    _policies: Policies

    async def cells_since(self, world: str, seq: int) -> tuple[Cell, ...]:
        """Every cell that facts after a version are about."""
        async with self._database.reading() as ask:
            head = (await moment_at(ask, self._policies, world, None)).at
            await moment_of(ask, self._policies, world, seq)
            rows = (await ask("fact/cells_since", world=world, after=seq))[0]
            then = await ask.batched("fact/seek_winners", rows, seq=seq)
            now = await ask.batched("fact/seek_winners", rows, seq=head.seq)
        return _cells(rows, facts_of(then), facts_of(now))

    async def cells_of_run(self, world: str, run: str, *, since: int) -> tuple[Cell, ...]:
        """Every cell that a run decided on after a version."""
        own = {"run": run, "since": since, "rank": RANK}
        async with self._database.reading() as ask:
            head = (await moment_at(ask, self._policies, world, None)).at
            rows = (await ask("fact/cells_of_run", world=world, **own))[0]
            then = await ask.batched("fact/seek_winners_without", rows, seq=head.seq, **own)
            now = await ask.batched("fact/seek_winners", rows, seq=head.seq)
        return _cells(rows, facts_of(then), facts_of(now))

    async def fallen_due(self, world: str, seq: int, *, until: int) -> tuple[Fact, ...]:
        """The facts known at a version that lay ahead of it and don't any more."""
        async with self._database.reading() as ask:
            then = (await moment_of(ask, self._policies, world, seq)).at
            columns = await ask("fact/planned_facts", world=world, after=then.valid, until=until, seq=seq)
        return tuple(sorted(facts_of(columns[0]), key=lambda fact: (fact.valid_from, fact.id)))


def _cells(rows: Sequence[Sequence[Any]], then: Iterable[Fact], now: Iterable[Fact]) -> tuple[Cell, ...]:
    """The cells in order; what a commit that came meanwhile added to one that nothing was said of isn't known yet."""
    was = {(fact.key, fact.valid_from): fact for fact in then}
    held = {(fact.key, fact.valid_from): fact for fact in now}
    places: list[tuple[Key, int]] = sorted((key_of(text), valid_from) for text, valid_from in rows)
    return tuple(Cell(*place, was.get(place), held[place]) for place in places if place in held)
