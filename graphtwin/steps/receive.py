"""receive: what every source has to say since it was last heard, all read at once; one that fails loses no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.ports import Reading, SignalSource

MAX_AT_ONCE: Final = 16

Progress = Callable[[Reading], None]


@dataclass(frozen=True, slots=True)
class ReceiveOut:
    """The readings by source name, and who answered; `messages` counts what came, `malformed` what couldn't be read."""

    readings: tuple[Reading, ...]
    answered: Mapping[str, bool]
    messages: int
    malformed: int
    anchors: tuple[str, ...]

    @property
    def cursors(self) -> dict[str, Mapping[str, Any]]:
        """The cursors to commit with what was read: those of the sources that answered."""
        return {reading.source: reading.cursor for reading in self.readings if reading.answered}

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with a source, and the next move; also of sources that answered in part."""
        return {
            reading.source: f"{reading.problem}; {reading.hint}" if reading.hint else reading.problem
            for reading in self.readings
            if reading.problem
        }


async def receive(
    sources: Sequence[SignalSource],
    cursors: Mapping[str, Mapping[str, Any]],
    *,
    full: bool,
    now: int,
    on_progress: Progress | None = None,
) -> ReceiveOut:
    """Read all sources from their committed cursors, `full` from the beginning; `now` is the world's clock (µs).

    `on_progress` hears each reading as it comes. A source that can't be read is a reading that didn't answer.
    """
    gate = asyncio.Semaphore(MAX_AT_ONCE)

    async def one(source: SignalSource) -> Reading:
        async with gate:
            reading = await _read(source, cursors.get(source.name), full=full, now=now)
        if on_progress is not None:
            on_progress(reading)
        return reading

    readings = sorted(await asyncio.gather(*(one(source) for source in sources)), key=lambda reading: reading.source)
    return ReceiveOut(
        readings=tuple(readings),
        answered={reading.source: reading.answered for reading in readings},
        messages=sum(len(reading.messages) + len(reading.malformed) for reading in readings),
        malformed=sum(len(reading.malformed) for reading in readings),
        anchors=tuple(f"tool:receive:{reading.source}" for reading in readings if reading.answered),
    )


async def _read(source: SignalSource, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
    try:
        return await source.read(cursor, full=full, now=now)
    except Exception as error:  # noqa: BLE001 - a source that breaks its promise must not cost the others their sync
        problem = f"the source broke while it was read: {type(error).__name__}: {error}"
        return Reading(source.name, answered=False, read_at=now, problem=problem, hint="see the log, and report it")
