"""Numbers as people write them in tables: with separators of thousands, a decimal comma, or their unit behind them."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from graphtwin.methods.reading.units import convertible, known_unit

NumberStyle = Literal["1234.5", "1,234.5", "1.234,5"]
PLAIN: Final[NumberStyle] = "1234.5"

_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WRITTEN: Final[dict[NumberStyle, re.Pattern[str]]] = {
    PLAIN: _NUMBER,
    "1,234.5": re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
    "1.234,5": re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?"),
}
_MEASURED: Final = re.compile(
    r"([-+]?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?)(?:[ \u00a0\u202f]+(\S.*)|([%°µ].*|[^\W\d_](?:[^\W\d_]|/).*))"
)
"""One letter right behind a number is no unit: 3A is more often a room than a current."""


class Measured(NamedTuple):
    """A number, written plainly, and the unit behind it."""

    number: str
    unit: str


def plain_number(cell: str, style: NumberStyle = PLAIN) -> str | None:
    """The number in a cell, written plainly; None for a cell that holds no number in that style."""
    if style == PLAIN or (style == "1,234.5" and _NUMBER.fullmatch(cell)):
        return cell if _NUMBER.fullmatch(cell) else None
    if not _WRITTEN[style].fullmatch(cell):
        return None
    return cell.replace(",", "") if style == "1,234.5" else cell.replace(".", "").replace(",", ".")


def measured(text: str, style: NumberStyle = PLAIN) -> Measured | None:
    """A number with a known unit behind it (`21.5 °C`, `45%`); None for any other text."""
    found = _MEASURED.fullmatch(text.strip())
    number = plain_number(found[1], style) if found else None
    unit = known_unit((found[2] or found[3]).strip()) if found else None
    return Measured(number, unit) if number is not None and unit is not None else None


def measured_as(text: str, declared: str, style: NumberStyle = PLAIN) -> Measured | None:
    """The same, where its unit becomes the declared one exactly; None where none is declared."""
    found = measured(text, style) if declared else None
    return found if found and convertible(found.unit, declared) else None
