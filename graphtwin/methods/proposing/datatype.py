"""What kind of values a column holds, and how they must be read so that every cell of the sample is taken."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from graphtwin.methods.proposing.column import Column, literal
from graphtwin.methods.reading.event_time import BadTime, read_time
from graphtwin.methods.reading.number_text import PLAIN, NumberStyle, measured, plain_number
from graphtwin.methods.reading.units import convertible
from graphtwin.model.configuration.twin import Datatype

NOTHING: Final = frozenset(
    {"-", "--", "?", "n/a", "na", "#n/a", "nan", "none", "null", "nil", "unknown", "unavailable", "missing",
     "undefined"}
)  # fmt: skip
"""Words that people write where there is no number, in any case."""
ENOUGH_WHOLE: Final = 20
"""Whole numbers that must be seen before a column is believed to hold nothing else."""

_WORDS: Final = frozenset({"true", "false", "yes", "no"})
_CODE: Final = re.compile(r"[-+]?0[0-9]+")
_MOST_DIGITS: Final = 18
_MOST_NOTHINGS: Final = 4
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")


class Kind(NamedTuple):
    """How a column is read: None for a mixture that no declaration fits; `unit` stands in the values themselves."""

    datatype: Datatype | None
    path: str
    unit: str
    why: str


def kind_of(column: Column, numbers: NumberStyle = PLAIN) -> Kind:
    """The kind of a column that says something; `numbers` is the table's style."""
    kind = _kind(column, numbers)
    if column.text or not column.blanks or kind.datatype in ("string", None) or "contains(" in kind.path:
        return kind
    return kind._replace(path=_without(kind.path.removeprefix("to_number(").removesuffix(")"), column.blanks, kind))


def _kind(column: Column, numbers: NumberStyle) -> Kind:
    path = column.expression
    if all(isinstance(cell, bool) for cell in column.said):
        return Kind("boolean", path, "", "true or false throughout")
    if all(isinstance(cell, str) for cell in column.said):
        return _text_kind(column, path, [cell.strip() for cell in column.said], numbers)
    if all(_is_number(cell) for cell in column.said):
        return _number_kind([str(cell) for cell in column.said], path, column.name)
    if all(_is_number(cell) or isinstance(cell, str) for cell in column.said):
        kind = _text_kind(column, path, [str(cell).strip() for cell in column.said], numbers)
        return kind if kind.datatype in ("number", "integer") else _mixture(column, path)
    if all(isinstance(cell, dict | list) for cell in column.said):
        return Kind("object", path, "", "objects or lists")
    return _mixture(column, path)


def _without(path: str, words: Iterable[str], kind: Kind) -> str:
    """The path, where what stands there is none of the words."""
    number = ".to_number(@)" if kind.path.startswith("to_number(") else ""
    return f"[{path}][?!contains({literal(sorted(words))}, @)]{number} | [0]"


def number_style(columns: Iterable[Column]) -> tuple[NumberStyle, str]:
    """How a table writes its numbers, by what can mean one thing only, and the reason; plain where nothing tells."""
    shown: dict[NumberStyle, str] = {}
    for column in columns:
        cells = [cell.strip() for cell in column.said] if column.text else []
        telling = next(((style, cell) for cell in cells if (style := _telling(cell))), None)
        if telling and all(_written_so(cell, telling[0]) for cell in cells):
            shown.setdefault(*telling)
    if len(shown) != 1:
        return PLAIN, ""
    style, cell = shown.popitem()
    return style, f"{cell} can mean nothing else"


def is_whole_count(name: str) -> bool:
    """A name that says that things are counted or numbered."""
    return bool(_COUNTED.search(_words(name)))


def is_time(value: Any) -> bool:
    """Whether it names an instant as graphtwin reads them."""
    try:
        read_time(value.strip() if isinstance(value, str) else value)
    except BadTime:
        return False
    return True


_COUNTED: Final = re.compile(
    r"(?:^| )(?:count|counts|number|num|no|nr|index|port|pid|year|floor|level|total|size|rank)(?: |$)"
)


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower())


def _text_kind(column: Column, path: str, cells: Sequence[str], numbers: NumberStyle) -> Kind:
    plain = [plain_number(cell, numbers) for cell in cells]
    if all(number is not None for number in plain):
        return _texted(column, _number_kind([number for number in plain if number is not None], path, column.name))
    if {cell.lower() for cell in cells} <= _WORDS:
        return Kind("boolean", path, "", "true or false throughout") if column.text else _string(path, cells)
    if all(_DAY.fullmatch(cell) and is_time(cell) for cell in cells):
        return Kind("datetime", path, "", "dates throughout")
    if found := _measured_kind(cells, path, numbers):
        return found
    rest = sorted({cell for cell, number in zip(cells, plain, strict=True) if number is None})
    if len(rest) <= _MOST_NOTHINGS and {cell.lower() for cell in rest} <= NOTHING and len(rest) < len(set(cells)):
        told = [number for number in plain if number is not None]
        kind = _texted(column, _number_kind(told, path, column.name))
        if kind.datatype in ("number", "integer"):
            written = {cell for cell in column.said if isinstance(cell, str) and cell.strip() in rest}
            reads = _without(path, written | column.blanks, kind)
            return kind._replace(path=reads, why=f"{kind.why}; {', '.join(rest)} stands for no reading")
    return _string(path, cells)


def _number_kind(numbers: Sequence[str], path: str, name: str) -> Kind:
    if any(_CODE.fullmatch(number) for number in numbers):
        return Kind("string", path, "", "digits with leading zeros are codes, no numbers")
    whole = not any(mark in number for number in numbers for mark in ".eE")
    if any(not math.isfinite(float(number)) for number in numbers):
        return Kind("string", path, "", "larger than any number that can be kept")
    if whole and any(len(number.lstrip("+-")) > _MOST_DIGITS for number in numbers):
        return Kind("string", path, "", "longer than any number that is reckoned with")
    if whole and (len(numbers) >= ENOUGH_WHOLE or is_whole_count(name)):
        return Kind("integer", path, "", f"whole numbers in all {len(numbers)} rows that have one")
    return Kind("number", path, "", "numbers throughout" if not whole else "numbers; too few to say that all are whole")


def _texted(column: Column, kind: Kind) -> Kind:
    """A number that stands as text in JSON is taken out of it; a table's cells are text in any case."""
    if column.text or kind.datatype not in ("number", "integer"):
        return kind
    return kind._replace(path=f"to_number({kind.path})", why=f"{kind.why}, written as text")


def _measured_kind(cells: Sequence[str], path: str, numbers: NumberStyle) -> Kind | None:
    found = [measured(cell, numbers) for cell in cells]
    units = Counter(one.unit for one in found if one)
    if None in found or not units:
        return None
    unit = units.most_common(1)[0][0]
    if not all(convertible(other, unit) for other in units):
        return None
    return Kind("number", path, unit, f"numbers with their unit behind them ({cells[0]})")


def _string(path: str, cells: Sequence[str]) -> Kind:
    if any(_grouped(cell) for cell in cells) and all(
        _grouped(cell) or plain_number(cell) is not None for cell in cells
    ):
        return Kind(
            "string", path, "", f"{next(filter(_grouped, cells))} may be thousands or decimals: kept as text, say"
            " `numbers` for the source if they are numbers",
        )  # fmt: skip
    return Kind("string", path, "", "text")


def _grouped(cell: str) -> bool:
    return any(plain_number(cell, style) is not None for style in ("1,234.5", "1.234,5")) and plain_number(cell) is None


def _written_so(cell: str, style: NumberStyle) -> bool:
    return plain_number(cell, style) is not None or measured(cell, style) is not None or cell.lower() in NOTHING


def _telling(cell: str) -> NumberStyle | None:
    """The style that a cell's number has and no other could have; None for anything else."""
    if "," not in cell:
        return None
    styles: tuple[NumberStyle, ...] = ("1,234.5", "1.234,5")
    fitting = [one for one in styles if plain_number(cell, one) is not None or measured(cell, one) is not None]
    return fitting[0] if len(fitting) == 1 else None


def _mixture(column: Column, path: str) -> Kind:
    return Kind(None, path, "", f"a mixture of {_kinds(column.said)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kinds(values: Iterable[Any]) -> str:
    names = {bool: "booleans", int: "numbers", float: "numbers", str: "texts", dict: "objects", list: "lists"}
    return ", ".join(sorted({names[type(value)] for value in values}))
