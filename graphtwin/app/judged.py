"""Which run last judged a world: drift is read from it, and risk from the newest that ended with a report."""

from __future__ import annotations

from typing import Final

from graphtwin.errors import NotFound
from graphtwin.model.commit import RunRecord
from graphtwin.ports import Store

_RUNS: Final = 50


async def last_judged(store: Store, world: str) -> tuple[RunRecord, RunRecord]:
    """The newest run that looked for drift, beside the newest that ended with a report. Raises NotFound."""
    runs = await reported(store, world)
    judged = next((run for run in runs if was_judged(run)), None)
    if judged is None:
        raise _never_judged(world)
    return judged, runs[0]


async def reported(store: Store, world: str) -> list[RunRecord]:
    """The runs that ended with a report, the newest first. Raises NotFound where there is none."""
    runs = await store.runs(world, limit=_RUNS)
    found = [run for run in runs if _is_reported(run)]
    if not found:
        raise _never_judged(world)
    return found


def was_judged(run: RunRecord) -> bool:
    """Whether it looked for drift: one that stopped before has no threshold, and knows nothing."""
    details = run.details.get("report") or {}
    return _is_reported(run) and details.get("threshold", 0) is not None


def _is_reported(run: RunRecord) -> bool:
    return run.report is not None and "drift_report" in run.report


def _never_judged(world: str) -> NotFound:
    return NotFound(f"The world {world} was never judged.", hint="Sync it: graphtwin sync TWIN.yaml")
