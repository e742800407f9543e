"""How findings of rules say values and durations."""

from __future__ import annotations

from typing import Any, Final

from graphtwin.model.durations import DAY, HOUR, MINUTE, SECOND, compact_duration

_UNITS: Final = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def lasting_words(micros: int) -> str:
    """A duration in words where one unit says it (`10 minutes`), else short (`1h30m`)."""
    for size, unit in _UNITS:
        count, rest = divmod(micros, size)
        if count and not rest:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return compact_duration(micros)


def value_words(value: Any) -> str:
    """A value as people read it: numbers to six digits, texts to eighty signs."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:80]
