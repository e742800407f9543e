"""How a run went, step by step, as reports and runs' records tell it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphtwin.model.answers import Timing
from graphtwin.model.commit import RunRecord
from graphtwin.model.instants import format_instant


def step_lines(steps: Iterable[Timing]) -> list[dict[str, Any]]:
    """A line for each step that was carried out or skipped, in their order."""
    return [
        {
            "step": step.step.replace("_", "-"),
            "outcome": step.outcome,
            "started_at": format_instant(step.started_at),
            "milliseconds": (step.ended_at - step.started_at) / 1000,
            "attempts": step.attempts,
            "reason": step.reason,
        }
        for step in steps
    ]


def lines_of(run: RunRecord) -> list[dict[str, Any]]:
    """The lines that a run's record has so far: those of its report once it has one."""
    told = (run.details.get("report") or run.details).get("steps")
    return list(told or ())
