"""Instants at the edges: RFC 3339 text with a zone, to epoch microseconds UTC and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def read_instant(value: object) -> datetime:
    """A UTC datetime of an RFC 3339 text or a datetime, both with a zone; digits under 1 µs are dropped.

    Raises ValueError for text without a zone, for numbers (seconds or milliseconds?) and for what no calendar has.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            message = f"{value.isoformat()} has no zone; end it with Z or an offset like +02:00"
            raise ValueError(message)
        return value.astimezone(UTC)
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        message = f"{value!r} is not an instant; write it like 2026-01-31T12:00:00Z"
        raise ValueError(message)
    if match["zone"] is None:
        message = f"{value!r} has no zone; end it with Z or an offset like +02:00"
        raise ValueError(message)
    try:
        return datetime.fromisoformat(match[0].upper()).astimezone(UTC)
    except OverflowError as error:
        message = f"{value!r} is beyond the years 1 to 9999"
        raise ValueError(message) from error


def write_instant(instant: datetime) -> str:
    """RFC 3339 text in UTC, ending in Z, with microseconds only where there are some."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def micros_of(instant: datetime) -> int:
    """Epoch microseconds of an instant with a zone, exact."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(micros: int) -> datetime:
    """The UTC datetime of epoch microseconds; raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=micros)


def parse_instant(text: str) -> int:
    """Epoch microseconds of an RFC 3339 text; raises ValueError as `read_instant` does."""
    return micros_of(read_instant(text))


def format_instant(micros: int) -> str:
    """RFC 3339 text in UTC of epoch microseconds."""
    return write_instant(instant_of(micros))
