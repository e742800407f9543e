"""Durations as people write them, PT30S or 5m, to whole microseconds and back."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

MICROSECOND: Final = 1
MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY

_NUMBER = r"(\d+(?:\.\d+)?)"
_ISO = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII | re.IGNORECASE
)
_ISO_UNITS: Final = (WEEK, DAY, HOUR, MINUTE, SECOND)
_COMPACT = re.compile(rf"(?:{_NUMBER}(?:w|d|h|ms|m|s|us))+", re.ASCII)
_COMPACT_PART = re.compile(rf"{_NUMBER}(w|d|h|ms|m|s|us)", re.ASCII)
_COMPACT_UNITS: Final = {
    "w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": MILLISECOND, "us": MICROSECOND,
}  # fmt: skip
_HINT: Final = "write it like PT30S, P14D, 90s, 5m or 1h30m (months and years have no fixed length)"


def parse_duration(text: str) -> int:
    """Microseconds of an ISO 8601 duration (weeks to seconds) or a compact one; what is under 1 µs is dropped.

    Raises ValueError for anything else: signs, months, years and bare numbers included.
    """
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()) and text[-1] not in "Tt":
        parts = zip(iso.groups(), _ISO_UNITS, strict=True)
        return int(sum(Fraction(number) * unit for number, unit in parts if number))
    if _COMPACT.fullmatch(text):
        return int(sum(Fraction(n) * _COMPACT_UNITS[unit] for n, unit in _COMPACT_PART.findall(text)))
    message = f"{text!r} is not a duration; {_HINT}"
    raise ValueError(message)


def format_duration(micros: int) -> str:
    """ISO 8601 text of a duration in microseconds, in days, hours, minutes and seconds: 90,000,000 is PT1M30S."""
    days, rest = divmod(_not_negative(micros), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds = _decimal(rest)
    date = f"{days}D" if days else ""
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n not in (0, "0"))
    return f"P{date}T{time}" if time else f"P{date}" if date else "PT0S"


def compact_duration(micros: int) -> str:
    """The short text of a duration in microseconds, as the sync report recommends intervals: 5m, 1h30m, 250ms."""
    rest = _not_negative(micros)
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND), ("us", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _not_negative(micros: int) -> int:
    if micros < 0:
        message = f"{micros} µs is not a duration: it is negative"
        raise ValueError(message)
    return micros


def _decimal(micros: int) -> str:
    """Seconds in decimal without trailing zeros."""
    whole, rest = divmod(micros, SECOND)
    return f"{whole}.{rest:06d}".rstrip("0") if rest else str(whole)
