"""When to sync again: sooner the more is at stake, and what should start a sync at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graphtwin.model.durations import HOUR, MINUTE, SECOND
from graphtwin.model.finding import Finding
from graphtwin.model.risk import Forecast

_ROUND: Final = (
    *(n * SECOND for n in (1, 2, 3, 4, 5, 10, 15, 20, 30, 45)),
    *(n * MINUTE for n in (1, 2, 3, 4, 5, 10, 15, 20, 30, 45)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 12, 24)),
)
_SLIGHT: Final = 0.05
_MOST: Final = 8
_LIKELY: Final = 0.1
"""A limit that is this likely to be left is worth watching for."""


def recommended_interval(
    scheduled: int, *, least: int, risk: float, drift_detected: bool, all_answered: bool, stopped: bool
) -> int:
    """The wait until the next sync (µs), rounded down to a usual one: the schedule when all is quiet, else a share of it.

    `risk` is the greater of now and forecast. Never under `least` (min_sync_interval), nor under a second.
    """
    percent = 100 - round(80 * min(max(risk, 0.0), 1.0)) if risk > _SLIGHT else 100
    if drift_detected or stopped or not all_answered:
        percent = min(percent, 50)
    wanted = max(scheduled * percent // 100, least, SECOND)
    if percent == 100 or wanted == least or wanted > _ROUND[-1]:  # noqa: PLR2004 - the whole
        return wanted
    return max(step for step in _ROUND if step <= wanted)


def resync_triggers(
    findings: Sequence[Finding], forecasts: Iterable[Forecast], silent: Iterable[str], *, actions: int
) -> tuple[str, ...]:
    """What should start a sync at once, in words, the most telling first; never empty."""
    told = ["A proposed action was carried out"] if actions else []
    told += [_limit(forecast) for forecast in forecasts if (forecast.probability or 0.0) >= _LIKELY]
    told += [_change(finding) for finding in findings if finding.exceeds]
    told += [f"{source} answers again" for source in silent]
    return tuple(dict.fromkeys(told))[:_MOST] or ("A source reports a change", "twin.yaml changes")


def _limit(forecast: Forecast) -> str:
    bounds = []
    if forecast.upper is not None:
        bounds.append(f"exceeds {forecast.upper:g}")
    if forecast.lower is not None:
        bounds.append(f"falls under {forecast.lower:g}")
    return f"{forecast.entity} {forecast.variable} {' or '.join(bounds) or 'changes'}"


def _change(finding: Finding) -> str:
    what = " ".join(part for part in (finding.entity, finding.variable) if part)
    if finding.kind == "silence":
        return f"{finding.name.removeprefix('silence:')} speaks again"
    return f"{what or finding.name} changes"
