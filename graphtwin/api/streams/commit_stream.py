"""Commit by commit: each version behind one, with what it changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from graphtwin.api.streams.world_readers import WorldReader
from graphtwin.model.commit import Changes, Commit
from graphtwin.model.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Committed:
    """A version, and what differs from the one before; None where that is more than was asked for."""

    commit: Commit
    changes: Changes | None


async def commit_stream(reader: WorldReader, after: int, *, most: int) -> AsyncIterator[Committed]:
    """Every version greater than `after`, in their order, with at most so many differences; without an end."""
    pulse: Pulse | None = None
    while True:
        pulse = await reader.beyond(pulse)
        while after < pulse.seq:
            for commit in await reader.commits(after, pulse.seq):
                changes = await reader.once(
                    ("diff", commit.seq), partial(_differences, reader, after, commit.seq, most)
                )
                after = commit.seq
                yield Committed(commit, changes)


async def _differences(reader: WorldReader, before: int, after: int, most: int) -> Changes | None:
    """What too many differ in isn't held, and not kept for others, either."""
    found = await reader.store.diff(reader.world, before, after)
    held = len(found.entities) + len(found.values) + len(found.edges) + len(found.lifecycles)
    return found if held <= most else None
