"""What is asked of a world's states, at any instant of both time axes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphtwin.model.cell import Cell
from graphtwin.model.commit import (
    Changes,
)
from graphtwin.model.fact import Fact, Layer
from graphtwin.model.state import At, Edge, EntityState, State


@dataclass(frozen=True, slots=True)
class Subgraph:
    """The part of a world within some hops of an entity, or along paths, at one instant."""

    at: At
    centre: str
    entities: Mapping[str, EntityState]
    edges: tuple[Edge, ...]
    distance: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows of a person's own query as plain values (nodes as dictionaries, times as text); `cut`: there were more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """Some entities of a world at one instant, by id, with the edges out of them in every layer, by key.

    `claims` are all claims in force of the entities' records by fact id, those that lost among them.
    """

    entities: tuple[EntityState, ...]
    edges: tuple[Edge, ...]
    claims: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim of a fused value, with the score it was weighed by (higher wins)."""

    fact: Fact
    score: float
    wins: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of a variable's past: the winning claim's record said `value` from `valid_from` on."""

    valid_from: int
    value: Any


class StateReads(Protocol):
    """A world as it was, and as it was known; all reads are pinned to one version (S19)."""

    async def state(self, world: str, at: At | None = None) -> State:
        """The whole world; None reads the head, at its own valid time. A valid time ahead of V(seq) reads what is
        planned. Raises NotFound for a seq that isn't there (so do all reads `at`).
        """
        ...

    def portions(self, world: str, at: At, *, size: int = 500, after: str = "") -> AsyncIterator[Portion]:
        """The world in portions of at most `size` entities, so that no more than one need be held; together they are
        `state(world, at)`, or what of it has ids greater than `after`. Raises NotFound.
        """
        ...

    async def page(self, world: str, at: At, *, limit: int, after: str = "") -> Portion:
        """The next `limit` entities of `state(world, at)` with ids greater than `after`, as a portion. Raises NotFound."""
        ...

    async def entity(
        self, world: str, entity: str, at: At | None = None
    ) -> tuple[EntityState, tuple[Edge, ...]] | None:
        """One entity with its edges in both directions, of every layer, by key; None where it doesn't exist.

        An id merged away is answered, here and in every read by entity, by the entity its records belong to: of the
        records that an `@entity` fact known by then ever gave to that id (and the record of that name), the smallest
        id that exists decides.
        """
        ...

    async def neighbourhood(self, world: str, entity: str, hops: int, at: At | None = None) -> Subgraph:
        """Everything within `hops` edges (reported layer, either direction): the entities that far away, and the edges
        of which one end is nearer than `hops`, by key. Raises NotFound.
        """
        ...

    async def paths(
        self, world: str, source: str, target: str, *, max_hops: int, at: At | None = None
    ) -> tuple[tuple[Edge, ...], ...]:
        """All shortest paths between two entities (reported layer, either direction), sorted by the keys of their edges;
        empty when there is none, when an end doesn't exist, and from an entity to itself.
        """
        ...

    async def diff(self, world: str, before: int, after: int) -> Changes:
        """What differs between the states of two versions, each at its own valid time, as methods/state/compare.py has it."""
        ...

    async def claims(self, world: str, entity: str, name: str, at: At | None = None) -> tuple[Claimed, ...]:
        """Every claim in force about a variable or relation of an entity, in all layers, as methods/state/weigh.py has it: by
        layer, then by the entity at the far end, best first.
        """
        ...

    async def history(
        self, world: str, entity: str, name: str, *, layer: Layer = "reported", limit: int = 100
    ) -> tuple[Fact, ...]:
        """The facts about a variable of the entity's records at the head, greatest (valid_from, prio, id) first: all ops,
        all commits, planned ones too.
        """
        ...

    async def samples(
        self,
        world: str,
        variables: Sequence[tuple[str, str]],
        *,
        at: At,
        limit: int,
        winners: Mapping[tuple[str, str], str] | None = None,
    ) -> Mapping[tuple[str, str], tuple[Sample, ...]]:
        """For each (entity, name): the past of its winning reported record, a sample for each cell whose winner asserts
        (also before an end), the newest `limit` of them, oldest first; () where there is no value.

        `winners` names those records, for a caller who has the state at `at` (`Held.record`); else they are looked up.
        """
        ...

    async def cells_since(self, world: str, seq: int) -> tuple[Cell, ...]:
        """Every cell that facts after version `seq` are about (planned ones too), by key and valid time: its winner as
        known at `seq` and at the head. Raises NotFound.
        """
        ...

    async def cells_of_run(self, world: str, run: str, *, since: int) -> tuple[Cell, ...]:
        """Every cell that a run decided on (rank 1) after version `since`, by key and valid time: the winner that it would
        have without these decisions, and that at the head. What `run:…` wrote was the run's, too.
        """
        ...

    async def fallen_due(self, world: str, seq: int, *, until: int) -> tuple[Fact, ...]:
        """The facts known at version `seq` that were dated ahead of its V, and at or before `until`; by valid time, then id."""
        ...

    async def fired(self, world: str, *, at: At | None = None, limit: int = 100) -> tuple[Fact, ...]:
        """The steps that state machines took, the newest `limit` of them, newest first: facts of the records
        `transition:<entity id>`, those of things that are gone too.
        """
        ...

    async def last_heard(self, world: str) -> Mapping[str, int]:
        """For each source: the newest valid time of its claims (rank 0, whatever their op) up to the head's V."""
        ...
