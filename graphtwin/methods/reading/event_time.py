"""When an event happened by its source's word: texts and numbers to epoch microseconds, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.model.durations import SECOND
from graphtwin.model.instants import micros_of

USUAL_NAMES: Final = (
    "ts", "timestamp", "time", "observed_at", "@timestamp", "event_time", "eventTime", "observedAt", "occurred_at",
    "measured_at", "dateObserved",
)  # fmt: skip
"""Where a message's own timestamp is looked for when its source doesn't say, in this order."""

MAX_LENGTH: Final = 64

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_LEAP = re.compile(r"(?<=:\d\d:)60(?=\D|$)", re.ASCII)
_MORE_DIGITS = re.compile(r"([.,]\d{6})\d+", re.ASCII)
_HINT: Final = "send ISO 8601 with a zone (2026-01-31T12:00:00Z) or epoch seconds"

_PLAIN_LENGTH: Final = len("2026-01-31T12:00:00.000000")
_FIRST_SECOND: Final = -2_208_988_800  # 1900-01-01
_LAST_SECOND: Final = 4_102_444_800  # 2100-01-01
_FIRST_OF_SMALLER_UNITS: Final = 978_307_200  # 2001-01-01: from here on the bands of the units lie apart
_SMALLER_UNITS: Final = (1_000, 1_000_000, 1_000_000_000)


class BadTime(Refusal):
    """A timestamp that names no instant."""

    def __init__(self, reason: str, hint: str = _HINT) -> None:
        super().__init__(reason, hint)


def usual_name(payload: Any) -> str | None:
    """The first of the usual names under which a payload holds something; None where there is none."""
    if not isinstance(payload, Mapping):
        return None
    return next((name for name in USUAL_NAMES if payload.get(name) not in (None, "")), None)


def read_time(value: Any, zone: tzinfo = UTC) -> int:
    """Epoch microseconds of a timestamp; digits under 1 µs are dropped.

    Texts are ISO 8601, a day alone is its midnight; a text without a zone is in `zone`. Numbers, also as text, are
    epoch seconds, or milli-, micro- or nanoseconds where only that lies between 2001 and 2100. Raises BadTime for
    anything else, for years outside 1900 to 2100, and for a local time that a change of clocks skips or repeats.
    """
    if isinstance(value, str):
        return _read_text(value.strip(), zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_number(Decimal(str(value)), str(value))
    raise BadTime(f"the timestamp is a {type(value).__name__}")


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The IANA zone of that name; raises BadTime for a name that isn't known."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadTime(f"the time zone {name!r} is not known", "use an IANA name such as Europe/Berlin") from error


def _read_text(text: str, zone: tzinfo) -> int:
    if len(text) > MAX_LENGTH:
        raise BadTime(f"the timestamp has {len(text)} characters")
    if _NUMBER.fullmatch(text) and not _DAY.fullmatch(text):
        return _read_number(Decimal(text), text)
    leap = _LEAP.search(text)
    plain = text[: leap.start()] + "59" + text[leap.end() :] if leap else text
    try:
        instant = datetime.fromisoformat(plain if len(plain) <= _PLAIN_LENGTH else _MORE_DIGITS.sub(r"\1", plain))
    except ValueError as error:
        raise BadTime(f"the timestamp {short(text)!r} names no instant") from error
    if instant.tzinfo is None:
        instant = _in_zone(instant, zone, text)
    micros = micros_of(instant) + (SECOND if leap else 0)
    if not _FIRST_SECOND * SECOND <= micros <= _LAST_SECOND * SECOND:
        raise BadTime(f"the timestamp {short(text)!r} is outside the years 1900 to 2100")
    return micros


def _in_zone(naive: datetime, zone: tzinfo, text: str) -> datetime:
    early = naive.replace(tzinfo=zone)
    if zone is UTC:
        return early
    if early.utcoffset() != early.replace(fold=1).utcoffset():
        raise BadTime(f"the local time {short(text)!r} is skipped or repeated where clocks change", "add its zone")
    return early


def _read_number(number: Decimal, text: str) -> int:
    if not number.is_finite():
        raise BadTime(f"the timestamp {short(text)} is not a finite number")
    if _FIRST_SECOND <= number <= _LAST_SECOND:
        return int(number * SECOND)
    for parts in _SMALLER_UNITS:
        if _FIRST_OF_SMALLER_UNITS * parts <= number <= _LAST_SECOND * parts:
            return int(number * SECOND / parts)
    raise BadTime(f"the timestamp {short(text)} is no epoch time between 1900 and 2100")
