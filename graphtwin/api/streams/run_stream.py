"""Runs as they go: each step that ended, once, and how the run ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graphtwin.api.streams.followed_runs import ENDED, Followed, how_far
from graphtwin.api.streams.world_readers import WorldReader
from graphtwin.app.watching import WATCH
from graphtwin.methods.views.step_lines import lines_of
from graphtwin.model.commit import RunRecord
from graphtwin.model.pulse import Pulse, RunMark

_RECORDS: Final = 10
"""Records, each with its report, that are held at a time."""


@dataclass(frozen=True, slots=True)
class Went:
    """A run that went on: its steps that ended since it was told of before, and what is told with this."""

    run: RunRecord
    steps: Sequence[dict[str, Any]]
    followed: Followed


async def run_stream(reader: WorldReader, followed: Followed) -> AsyncIterator[Went]:
    """What goes on after what was told, runs that started earlier first; without an end."""
    pulse: Pulse | None = None
    seen: dict[str, RunMark] = {}
    while True:
        pulse = await reader.beyond(pulse)
        waiting = followed.without_end
        async for marks in _pages(reader, followed.since, pulse):
            there = {mark.id for mark in marks}
            news = [mark.id for mark in marks if followed.far(mark.id) != ENDED and seen.get(mark.id) != mark]
            async for run in _records(reader, [*(one for one in waiting if one not in there), *news], pulse):
                before, far = followed.far(run.id), how_far(run)
                if before is None or far == ENDED or far > before:
                    followed = followed.with_told(run, far)
                    yield Went(run, lines_of(run)[max((before or 0) - 1, 0) :], followed)
            seen = {mark.id: mark for mark in marks}
            waiting = []


async def told_by_now(reader: WorldReader) -> Followed:
    """Everything up to now counts as told."""
    pulse = await reader.now()
    followed = Followed(max((mark.started_at for mark in pulse.runs), default=0))
    recent = [mark async for marks in _pages(reader, followed.since, pulse) for mark in marks]
    names = {mark.id for mark in (*pulse.runs, *recent) if mark.ended_at is None or mark.started_at >= followed.since}
    async for run in _records(reader, sorted(names), pulse):
        followed = followed.with_told(run, how_far(run))
    return followed


async def _pages(reader: WorldReader, since: int, pulse: Pulse) -> AsyncIterator[tuple[RunMark, ...]]:
    """Where the runs stand that started since then; the last page is the one that isn't full."""
    store, world, size, after = reader.store, reader.world, reader.limits.read, ""
    while True:
        read = partial(store.runs_since, world, since, after=after, limit=size)
        page = await reader.once(("runs", since, after, pulse), read)
        yield tuple(mark for mark in page if mark.workflow != WATCH)
        if len(page) < size:
            return
        since, after = page[-1].started_at, page[-1].id


async def _records(reader: WorldReader, names: Iterable[str], pulse: Pulse) -> AsyncIterator[RunRecord]:
    """The runs of these names, a few at a time."""
    store, world = reader.store, reader.world
    wanted = tuple(names)
    for start in range(0, len(wanted), _RECORDS):
        few = wanted[start : start + _RECORDS]
        found = await reader.once(("run", few, pulse), partial(store.runs_named, world, few))
        for run in sorted(found, key=lambda run: (run.started_at, run.id)):
            if run.workflow != WATCH:
                yield run
