"""The probability that a variable leaves its limit within a horizon, counted on simulated paths of its own past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graphtwin.methods.judging.robust import is_number
from graphtwin.model.durations import DAY
from graphtwin.model.fact import BEGIN
from graphtwin.ports import Sample

Array = NDArray[np.float64]
Model = Callable[[Array, int, int, np.random.Generator], Array]
"""(past, steps ahead, paths, chance) to an array of paths by steps."""

ENOUGH: Final = 5
"""Samples that a forecast needs at least."""
PATHS: Final = 400

_MAX_POINTS: Final = 1000  # of the past that are looked at
_MAX_STEPS: Final = 1000
_FINEST_SHARE: Final = 100  # a step is at least this part of the horizon, where the past is long enough for that
_FEW_POINTS: Final = 24  # under which steps stay fine and models aren't compared
_BACKTESTS: Final = 12
_BACKTEST_PATHS: Final = 60
_THEIL_SEN_POINTS: Final = 120
_DAYS: Final = 28
_CLIMATE_WINDOWS: Final = 8  # windows of the past that must be seen before their rate of violation says anything


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether the limit is left: `probability`, and the 10 % and 90 % quantiles of the most extreme value ahead.

    `method` names the model the past chose, `ahead` how far the paths reach (µs).
    """

    probability: float
    low: float
    high: float
    method: str
    ahead: int


def forecast_violation(
    samples: Sequence[Sample],
    *,
    now: int,
    horizon: int,
    lower: float | None,
    upper: float | None,
    seed: int,
) -> Outlook | None:
    """The outlook of a variable from its past (oldest first, times in epoch µs, a value holds until the next).

    None where fewer than 5 samples are numbers at different times, or nothing limits it. Paths begin at the last of them. The same seed gives the same answer. Each path is a
    whole possible future, so a violation anywhere on it counts once: hours that move together aren't taken as
    independent. A model is chosen by how well it told the extremes of the variable's own past.
    """
    past = _grid(samples, now, horizon)
    if past is None or (lower is None and upper is None):
        return None
    values, step = past
    steps = min(max(1, round(horizon / step)), _MAX_STEPS)
    chance = np.random.default_rng(seed)
    models = _models(len(values), step)
    extremes = _Extremes(lower, upper)
    name = _choose(models, values, steps, extremes, chance) if len(values) >= _FEW_POINTS else ""
    chosen = [models[name]] if name else list(models.values())
    paths = np.concatenate([model(values, steps, PATHS // len(chosen), chance) for model in chosen])
    share = (float(np.sum(extremes.beyond(paths) > 0)) + 0.5) / (len(paths) + 1)
    probability = _with_climate(share, values, steps, extremes)
    low, high = (float(q) for q in np.quantile(extremes.of(paths), (0.1, 0.9)))
    return Outlook(probability, low, high, name or "mixture", min(steps * step, horizon))


def is_outside(value: float, lower: float | None, upper: float | None) -> bool:
    """Beyond the limit; on it is still inside."""
    return (lower is not None and value < lower) or (upper is not None and value > upper)


# --- the past on an even grid ------------------------------------------------------------------------------------------


def _grid(samples: Sequence[Sample], now: int, horizon: int) -> tuple[Array, int] | None:
    """The newest values at even steps (µs) up to the last one said by `now`, each the last one said before it; what was
    always so (from BEGIN) is an assumption, not a sample.
    """
    said = {
        sample.valid_from: float(sample.value)
        for sample in samples
        if sample.valid_from > BEGIN and is_number(sample.value)
    }
    times = sorted(at for at in said if at <= now)
    if len(times) < ENOUGH:
        return None
    usual = max(int(np.median(np.diff(np.array(times)))), 1)
    covered = times[-1] - times[0]
    step = max(usual, min(horizon // _FINEST_SHARE, covered // _FEW_POINTS))
    last = times[-1]
    points = min(covered // step + 1, _MAX_POINTS)
    grid = last - step * np.arange(points - 1, -1, -1, dtype=np.int64)
    place = np.searchsorted(np.array(times, dtype=np.int64), grid, side="right") - 1
    return np.array([said[at] for at in times])[place], step


# --- models ------------------------------------------------------------------------------------------------------------


def _models(points: int, step: int) -> dict[str, Model]:
    models: dict[str, Model] = {"level": _level, "walk": _walk, "trend": _trend}
    period = round(DAY / step)
    if period > 1 and points >= 3 * period and abs(period * step - DAY) * _DAYS < step:
        models["day profile"] = lambda past, steps, paths, chance: _profile(past, steps, paths, chance, period)
    return models


def _level(past: Array, steps: int, paths: int, chance: np.random.Generator) -> Array:
    """It stays where it has been, and varies as it did."""
    return _blocks(past, steps, paths, chance)


def _walk(past: Array, steps: int, paths: int, chance: np.random.Generator) -> Array:
    """It moves on from where it is, by moves as it made before, in no preferred direction."""
    moves = np.diff(past)
    walked: Array = past[-1] + np.cumsum(_blocks(moves - np.mean(moves), steps, paths, chance), axis=1)
    return walked


def _trend(past: Array, steps: int, paths: int, chance: np.random.Generator) -> Array:
    """It follows its robust trend, believed as far ahead as it was seen; beyond that it fades."""
    time = np.arange(len(past), dtype=np.float64)
    slope = _theil_sen(past)
    rest = past - slope * time
    end = np.median(rest) + slope * time[-1]
    reach = float(len(past))
    time_ahead = np.arange(1.0, steps + 1.0)
    ahead = np.minimum(time_ahead, reach) + reach * (1.0 - np.exp(-np.maximum(time_ahead - reach, 0.0) / reach))
    followed: Array = end + slope * ahead + _blocks(rest - np.median(rest), steps, paths, chance)
    return followed


def _profile(past: Array, steps: int, paths: int, chance: np.random.Generator, period: int) -> Array:
    """Each hour is as it is on most days, with the deviations of whole days as they came."""
    days = min(len(past) // period, _DAYS)
    history = past[-days * period :].reshape(days, period)
    usual = history.mean(axis=0)
    needed = -(-steps // period)
    drawn = (history - usual)[chance.integers(0, days, size=(paths, needed))].reshape(paths, needed * period)
    days_ahead: Array = np.tile(usual, needed) + drawn
    return days_ahead[:, :steps]


def _theil_sen(past: Array) -> float:
    """The median slope per step between pairs of (at most 120, evenly chosen) points."""
    chosen = np.unique(np.linspace(0, len(past) - 1, min(len(past), _THEIL_SEN_POINTS)).astype(np.int64))
    one, other = np.triu_indices(len(chosen), 1)
    return float(np.median((past[chosen[other]] - past[chosen[one]]) / (chosen[other] - chosen[one])))


def _blocks(pool: Array, steps: int, paths: int, chance: np.random.Generator) -> Array:
    """Paths made of pieces of the pool, so that what follows on one another does so in the paths too."""
    length = max(1, min(len(pool) // 4, steps))
    needed = -(-steps // length)
    starts = chance.integers(0, len(pool) - length + 1, size=(paths, needed))
    pieces: Array = pool[starts[:, :, None] + np.arange(length)]
    return pieces.reshape(paths, needed * length)[:, :steps]


# --- choosing and pooling ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Extremes:
    """What matters of paths: how far they go beyond the limit, and their value where they come closest to it."""

    lower: float | None
    upper: float | None

    def of(self, paths: Array) -> Array:
        top: Array = paths.max(axis=-1)
        bottom: Array = paths.min(axis=-1)
        if self.lower is None:
            return top
        if self.upper is None:
            return bottom
        nearest: Array = np.where(top - self.upper >= self.lower - bottom, top, bottom)
        return nearest

    def beyond(self, paths: Array) -> Array:
        """How far each path leaves the limit at most; below 0 for one that stays inside."""
        above: Array = paths.max(axis=-1) - (np.inf if self.upper is None else self.upper)
        below: Array = (-np.inf if self.lower is None else self.lower) - paths.min(axis=-1)
        return np.maximum(above, below)


def _choose(models: dict[str, Model], past: Array, steps: int, extremes: _Extremes, chance: np.random.Generator) -> str:
    """The model that told best how far the limit would be approached (CRPS), over rolling origins in the past."""
    ahead = min(steps, len(past) // 4)
    first = max(len(past) // 2, ENOUGH)
    origins = np.unique(np.linspace(first, len(past) - ahead, _BACKTESTS).astype(np.int64))
    scores = dict.fromkeys(models, 0.0)
    for origin in origins:
        truth = float(extremes.beyond(past[origin : origin + ahead]))
        for name, model in models.items():
            simulated = extremes.beyond(model(past[:origin], ahead, _BACKTEST_PATHS, chance))
            scores[name] += _crps(simulated, truth)
    return min(scores, key=lambda name: (scores[name], name))


def _crps(simulated: Array, truth: float) -> float:
    """How far a sample of futures is from what came: mean distance to it, less half the mean distance among them."""
    ordered = np.sort(simulated)
    count = len(ordered)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(np.mean(np.abs(ordered - truth)) - np.sum(weights * ordered) / count**2)


def _with_climate(share: float, past: Array, steps: int, extremes: _Extremes) -> float:
    """The paths' answer pooled with how often windows of this length left the limit before, where enough were seen.

    Half and half: paths alone are too sure of themselves, and the past's rate alone doesn't know where things stand.
    """
    windows = len(past) // steps
    if windows < _CLIMATE_WINDOWS:
        return share
    seen = past[-windows * steps :].reshape(windows, steps)
    rate = (float(np.sum(extremes.beyond(seen) > 0)) + 0.5) / (windows + 1)
    return (share + rate) / 2
