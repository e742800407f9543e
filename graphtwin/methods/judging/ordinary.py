"""Whether a reading lies within what its variable's own past does anyway."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from graphtwin.methods.judging.robust import robust_scale

SCALES: Final = 3.0
"""Robust scales around the median that nothing remarkable happens within, for a long past."""
USUAL_EXTREMES: Final = 2.0
"""Times the distance that a tenth of the past exceeds: wider than 3 scales where peaks are part of daily life."""

_SHORT_PAST: Final = 4.0  # a scale from n samples is itself uncertain: 3 scales become 3 (1 + 4 / n)
_ENOUGH_FOR_EXTREMES: Final = 20


def is_ordinary(value: float, history: Sequence[float], resolution: float = 0.0) -> bool:
    """Within the band of the past (oldest first, not empty), or closer to its median than the declared resolution.

    A span of S26 is six scales, so the default threshold of .15 is less than one: without this, a third of all ordinary
    readings would be findings. The trailing run of samples that are on the value's side and at least half as far out is
    the same episode as the value; it doesn't teach the extremes, so a fault that lasts isn't learnt as normal.
    """
    centre = median(history)
    distances = [abs(point - centre) for point in history]
    band = max(SCALES * robust_scale(history) * (1 + _SHORT_PAST / len(history)), resolution)
    earlier = sorted(distances[: _episode_start(value - centre, [point - centre for point in history])])
    if len(earlier) >= _ENOUGH_FOR_EXTREMES:
        band = max(band, USUAL_EXTREMES * earlier[9 * len(earlier) // 10])
    return abs(value - centre) <= band


def _episode_start(offset: float, offsets: Sequence[float]) -> int:
    """Where the trailing run begins that is on the same side and at least half as far out."""
    start = len(offsets)
    while start and offsets[start - 1] * (1 if offset >= 0 else -1) >= abs(offset) / 2:
        start -= 1
    return start
