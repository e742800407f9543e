"""How often somebody may do something: so many times in a span, and what is over it is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable


class Rate:
    """At most `most` times in `span_s` seconds for each name; the span begins with the first time."""

    def __init__(self, most: int, span_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._span_s, self._now = most, span_s, now
        self._spans: dict[Hashable, list[float]] = {}  # began, taken, left out

    def take(self, name: Hashable) -> int | None:
        """How many were left out since the last that was taken; None for one that is left out itself."""
        now = self._now()
        span = self._spans.setdefault(name, [now, 0, 0])
        if now - span[0] >= self._span_s:
            span[0], span[1] = now, 0
        if span[1] >= self._most:
            span[2] += 1
            return None
        left_out, span[2] = int(span[2]), 0
        span[1] += 1
        return left_out
