"""How a value with its unit is written where the canonical form has room for plain JSON only, and read back (S21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from graphtwin.model.instants import instant_of

VALUE: Final = "@value"
UNIT: Final = "@unit"

_FIRST: Final = -62_135_596_800_000_000
_LAST: Final = 253_402_300_799_999_999


def write_value(value: Any, unit: str = "") -> Any:
    """The value itself, or `{"@value": value, "@unit": unit}` where it has a unit or could be taken for such an object."""
    if unit:
        return {VALUE: value, UNIT: unit}
    return {VALUE: value} if isinstance(value, Mapping) and VALUE in value else value


def read_value(written: Any) -> tuple[Any, str]:
    """The (value, unit) that `write_value` wrote; the unit is "" where there is none."""
    if isinstance(written, Mapping) and VALUE in written:
        return written[VALUE], str(written.get(UNIT, ""))
    return written, ""


def write_quantity(value: Any) -> Any:
    """What may stand in `Quantity.value`: lists and null are put into `{"@value": ...}`, its unit stands beside it."""
    return {VALUE: value} if value is None or isinstance(value, list | tuple) else write_value(value)


@lru_cache(maxsize=4096)
def shown_instant(micros: int) -> datetime:
    """The instant of epoch µs; what was always so (S12) shows as the first one of the calendar."""
    return instant_of(min(max(micros, _FIRST), _LAST))


def write_time(micros: int) -> str:
    """RFC 3339 text of an instant as it is shown."""
    return f"{shown_instant(micros).isoformat().removesuffix('+00:00')}Z"
