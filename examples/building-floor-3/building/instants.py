"""Instants as whole seconds since 1970, UTC, and as people write them; durations as scenario files write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

MINUTE = 60
HOUR = 3600
DAY = 86_400

_LONG = re.compile(r"P(?=.)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SHORT = re.compile(r"(?=.)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def iso(seconds: int) -> str:
    """2026-06-15T11:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: str) -> int:
    """Seconds of an ISO 8601 instant; one without a zone is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def read_duration(value: Any) -> int:
    """Seconds of a whole number, of `1h30m` or of `PT90S`. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (found := _LONG.fullmatch(value) or _SHORT.fullmatch(value)):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return days * DAY + hours * HOUR + minutes * MINUTE + seconds
    raise ValueError(f"{value!r} isn't a duration; write it like 10m, 1h30m or PT90S")


Seconds = Annotated[int, BeforeValidator(read_duration)]
"""A duration in a file or a request."""
