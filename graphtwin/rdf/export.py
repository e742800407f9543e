"""A world at one instant of both axes, written as RDF: streamed portion by portion, deterministic, without blank nodes."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Final

from graphtwin.errors import NotFound
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.state_hash import EMPTY, add, digest, edge_item, entity_items
from graphtwin.model.commit import Commit
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import At
from graphtwin.ports import Portion, Store
from graphtwin.rdf.acting_lines import ActingLines
from graphtwin.rdf.forms import Form, rewrite
from graphtwin.rdf.names import Names
from graphtwin.rdf.origin_lines import OriginLines
from graphtwin.rdf.schema_lines import SchemaLines
from graphtwin.rdf.state_lines import StateLines
from graphtwin.rdf.version_lines import graph_name, version_lines
from graphtwin.rdf.vocabulary import PREFIXES

_SPOOL: Final = 64 * 2**20
"""Bytes of lines that are held in memory before they are turned into another form; more go to a temporary file."""
_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the IRI of the graph, the hash of the state in it, and how many bytes its lines had."""

    graph: str
    at: At
    hash: str
    size: int


async def export(
    store: Store, world: str, at: At, out: IO[bytes], *, form: Form, base: str = "", known_at: int | None = None
) -> Exported:
    """Write the state at `at` with all that it rests on. `base` is the IRI that names begin with; "" takes the one that is
    configured. Runs and audit records are those known at `known_at` (epoch µs), by default before the next version came.

    Raises NotFound, and UsageError for a base that can't begin IRIs.
    """
    found = await store.commits_named(world, [at.seq])
    if not found:
        raise NotFound(f"World {world!r} has no version v{at.seq}.", hint="See: graphtwin world show")
    config = await store.configuration(world, at.seq)
    names = Names(base or config.rdf.base_of(world))
    graph = graph_name(names, at, found[0]) if form.has_graphs else ""
    job = _Job(store, at, found[0], config, names, end=f" {graph} .\n" if graph else " .\n")
    until = await _until(store, world, at.seq, known_at)
    if form.is_lines:
        return await job.write(out, until)
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as lines:
        exported = await job.write(lines, until)
        lines.seek(0)
        rewrite(lines, form, {**PREFIXES, **names.prefixes()}, out)
    return exported


@dataclass(frozen=True, slots=True)
class _Until:
    """Before when something must have been known: the present is open, what others came after is closed (epoch µs)."""

    wall: int | None
    """By the machine's clock."""
    valid: int | None
    """By the world's."""

    def knew(self, at: int) -> bool:
        """What happened at an instant of the machine's clock was known."""
        return self.wall is None or at < self.wall


async def _until(store: Store, world: str, seq: int, known_at: int | None) -> _Until:
    following = await store.commits(world, after=seq, limit=1)
    wall, valid = (following[0].committed_at, following[0].valid) if following else (None, None)
    return _Until(wall if known_at is None else known_at + 1, valid)


class _Job:
    """One export."""

    def __init__(self, store: Store, at: At, commit: Commit, config: TwinConfig, names: Names, *, end: str) -> None:
        self._store = store
        self._at = at
        self._commit = commit
        self._config = config
        self._names = names
        self._end = end
        self._accumulator = EMPTY
        self._entities = 0

    async def write(self, out: IO[bytes], until: _Until) -> Exported:
        """All lines, those about the graph itself last: only then its hash is known."""
        size = 0
        async for text in self._lines(until):
            size += out.write(text.encode())
        own = self._at.valid == self._commit.valid
        digested = self._commit.hash if own else digest(self._accumulator)
        last = version_lines(self._names, self._config, self._at, self._commit, hash=digested, entities=self._entities)
        size += out.write(last.encode())
        return Exported(graph_name(self._names, self._at, self._commit)[1:-1], self._at, digested, size)

    async def _lines(self, until: _Until) -> AsyncIterator[str]:
        world, policy = self._commit.world, Policy(self._config)
        state = StateLines(self._names, policy, valid=self._at.valid, end=self._end)
        async for portion in self._store.portions(world, self._at):
            self._count(portion)
            for text in state.of(portion):
                yield text
        used = state.used
        used.commits.add(self._at.seq)
        used.instants.add(self._at.valid)
        origins = OriginLines(self._store, world, self._names, used, until=until.wall, end=self._end)
        acting = ActingLines(self._store, world, self._names, used, seq=self._at.seq, until=until.valid, end=self._end)
        for part in (origins.causes, acting.lines, origins.rollbacks, origins.runs):
            async for text in part():
                yield text
        schema = SchemaLines(self._names, policy, used, end=self._end)
        pending: list[str] = []
        people = [one for one in await self._store.principals(world) if until.knew(one.added_at)]
        for text in chain(schema.lines(people), schema.times()):
            pending.append(text)
            if len(pending) == _LINES:
                yield "".join(pending)
                pending.clear()
        yield "".join(pending)

    def _count(self, portion: Portion) -> None:
        """The hash of a version is known; that of another instant is summed up on the way."""
        self._entities += len(portion.entities)
        if self._at.valid != self._commit.valid:
            items = chain.from_iterable(map(entity_items, portion.entities))
            edges = (edge_item(edge) for edge in portion.edges if edge.layer == "reported")
            self._accumulator = add(self._accumulator, chain(items, edges))
