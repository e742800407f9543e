"""Location and scale of a sample that a few wild values can't move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum
from statistics import median
from typing import Any, Final

MAD_TO_SIGMA: Final = 1.4826
"""Median absolute deviation to standard deviation, for a normal sample."""
MEAN_DEVIATION_TO_SIGMA: Final = 1.2533
"""Mean absolute deviation to standard deviation, for a normal sample."""
LARGEST: Final = 1e300
"""Numbers beyond this are left out: differences and sums of what stays are finite."""

_ROUNDING: Final = 1e-9


def robust_scale(values: Sequence[float]) -> float:
    """The median absolute deviation as a standard deviation; where over half of the values are equal (but for
    rounding), the mean absolute deviation takes its place. 0 for a constant sample. Raises StatisticsError for an
    empty one.
    """
    centre = median(values)
    deviations = [abs(value - centre) for value in values]
    middle, mean = median(deviations), fsum(deviations) / len(deviations)
    return MAD_TO_SIGMA * middle if middle > _ROUNDING * mean else MEAN_DEVIATION_TO_SIGMA * mean


def is_number(value: Any) -> bool:
    """A number that can be reckoned with; booleans, NaN, infinities and numbers beyond 1e300 can't."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def numbers(values: Iterable[Any]) -> list[float]:
    """The finite numbers among JSON values, as floats."""
    return [float(value) for value in values if is_number(value)]
