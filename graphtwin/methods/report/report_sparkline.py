"""A variable's past as a small picture: what was reported, the band in which it was expected, and its limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graphtwin.methods.report.report_html import esc, number
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.ports import Sample

_W, _H, _PAD = 260, 56, 5
_MOST: Final = 120
_ENOUGH: Final = 2


def sparkline(
    samples: Sequence[Sample],
    *,
    name: str,
    unit: str = "",
    band: tuple[float, float] | None = None,
    limits: tuple[float | None, float | None] = (None, None),
    until: int | None = None,
) -> str:
    """An SVG of the newest samples as steps, up to `until` (epoch µs), with a caption; "" for fewer than two numbers.

    `band` is where the value was expected, `limits` the declared lower and upper limit.
    """
    points = [
        (s.valid_from, float(s.value))
        for s in samples[-_MOST:]
        if isinstance(s.value, int | float) and not isinstance(s.value, bool)
    ]
    if len(points) < _ENOUGH:
        return ""
    end = max(until or 0, points[-1][0])
    scale = _Scale(points, band, limits, end)
    parts = []
    if band:
        top, bottom = scale.y(band[1]), scale.y(band[0])
        parts.append(
            f'<rect class="band" x="0" y="{top:.1f}" width="{_W}" height="{max(bottom - top, 1.5):.1f}" rx="2"/>'
        )
    parts += [
        f'<line class="limit" x1="0" x2="{_W}" y1="{scale.y(one):.1f}" y2="{scale.y(one):.1f}"/>'
        for one in limits
        if one is not None and scale.low <= one <= scale.high
    ]
    parts.append(f'<path class="line" d="{_steps(points, end, scale)}"/>')
    last = points[-1][1]
    parts.append(f'<circle class="now" cx="{scale.x(end):.1f}" cy="{scale.y(last):.1f}" r="3.2"/>')
    words = _caption(points, end, name, unit, band, limits)
    return (
        f'<figure class="spark"><svg viewBox="0 0 {_W} {_H}" role="img" aria-label="{esc(words)}">{"".join(parts)}</svg>'
        f"<figcaption>{esc(words)}</figcaption></figure>"
    )


class _Scale:
    """Values to places in the picture; the band and the limit that is near are always in sight."""

    def __init__(
        self,
        points: Sequence[tuple[int, float]],
        band: tuple[float, float] | None,
        limits: tuple[float | None, float | None],
        end: int,
    ) -> None:
        values = [value for _, value in points] + list(band or ())
        low, high = min(values), max(values)
        reach = (high - low) or abs(high) or 1.0
        near = [one for one in limits if one is not None and low - reach <= one <= high + reach]
        self.low = min([low, *near])
        self.high = max([high, *near])
        self._height = (self.high - self.low) or 1.0
        self._begin = points[0][0]
        self._length = max(end - self._begin, 1)

    def x(self, at: int) -> float:
        return _PAD + (at - self._begin) / self._length * (_W - 2 * _PAD)

    def y(self, value: float) -> float:
        share = (value - self.low) / self._height if self.high > self.low else 0.5
        return _H - _PAD - share * (_H - 2 * _PAD)


def _steps(points: Sequence[tuple[int, float]], end: int, scale: _Scale) -> str:
    """A value holds until the next one is said."""
    first, *rest = points
    path = f"M{scale.x(first[0]):.1f} {scale.y(first[1]):.1f}"
    for at, value in rest:
        path += f"H{scale.x(at):.1f}V{scale.y(value):.1f}"
    return f"{path}H{scale.x(end):.1f}"


def _caption(  # noqa: PLR0917 - the parts of one sentence
    points: Sequence[tuple[int, float]],
    end: int,
    name: str,
    unit: str,
    band: tuple[float, float] | None,
    limits: tuple[float | None, float | None],
) -> str:
    span = max(end - points[0][0], 1)
    length = compact_duration(span - span % SECOND if span >= SECOND else span)
    values = [value for _, value in points]
    measure = f" {unit}" if unit and unit != "1" else ""
    text = f"{name} over {length}: {number(min(values))} to {number(max(values))}{measure}, now {number(values[-1])}"
    if band:
        text += f"; expected {number(band[0])} to {number(band[1])}"
    bounds = [f"limit {number(one)}" for one in limits if one is not None]
    return f"{text}; {', '.join(bounds)}" if bounds else text
