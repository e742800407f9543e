"""What sources are told once the outcome of a commit is known: that they may forget what it holds (S20)."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from graphtwin.ports import SignalSource
from graphtwin.workflows.run import Context, Run

_log = logging.getLogger("graphtwin.workflows")


async def acknowledge_readings(run: Run, context: Context) -> None:
    """Acknowledge what this run has read and committed. A source that can't be told delivers it again: nothing is lost."""
    readings = {reading.source: reading for reading in run.out("receive").readings if reading.answered}
    for source in context.sources:
        if source.name in readings:
            try:
                await source.acknowledge(readings[source.name])
            except Exception as error:  # noqa: BLE001 - the commit stands, whatever a source that breaks its promise says
                _told(source, error, run.world)


async def close_sources(sources: Sequence[SignalSource], world: str) -> None:
    """Let go of every source, also of those that can't be let go of properly."""
    for source in sources:
        try:
            await source.close()
        except Exception as error:  # noqa: BLE001
            _told(source, error, world)


def _told(source: SignalSource, error: Exception, world: str) -> None:
    """Only the kind of error: its text could hold an address."""
    _log.warning("source broke", extra={"source": source.name, "world": world, "error": type(error).__name__})
