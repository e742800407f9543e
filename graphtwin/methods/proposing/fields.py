"""What a column is to its things: a variable or an attribute, its kind of value, its unit, and whether it is judged."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from graphtwin.methods.proposing.column import Column, as_text
from graphtwin.methods.proposing.datatype import Kind, kind_of
from graphtwin.methods.proposing.naming import plain_words
from graphtwin.methods.proposing.proposal import Sureness
from graphtwin.methods.proposing.unit_of import Told, unit_of
from graphtwin.methods.reading.number_text import NumberStyle
from graphtwin.methods.reading.units import convertible, known_unit
from graphtwin.model.configuration.twin import Variable
from graphtwin.model.configuration.twin_sources import LayerName

_UNIT: Final = frozenset({"unit", "units", "uom"})
_STATES: Final = frozenset(
    {"state", "mode", "status", "health", "phase", "condition", "position", "alarm", "fault", "operation",
     "activity", "occupancy", "level", "control"}
)  # fmt: skip
_FIXED: Final = frozenset(
    {"year", "capacity", "area", "rated", "nominal", "latitude", "longitude", "lat", "lon", "lng", "floor", "size",
     "width", "height", "depth", "length", "diameter", "zip", "postcode", "port", "number", "code", "price",
     "weight", "built"}
)  # fmt: skip
"""Words of numbers that belong to a thing and don't move."""
_NAMES: Final = frozenset(
    {"id", "uid", "uuid", "guid", "key", "code", "serial", "number", "no", "phone", "zip", "postcode", "postal",
     "mac", "url", "uri", "email", "hash"}
)  # fmt: skip
"""Words of what tells things apart and is never judged."""
_GROWING: Final = frozenset(
    {"total", "counter", "count", "cumulative", "accumulated", "uptime", "odometer", "runtime", "seq", "sequence",
     "ticks", "index", "energy", "bytes", "packets"}
)  # fmt: skip
_SURELY_GROWING: Final = frozenset(["counter", "cumulative", "accumulated", "uptime", "odometer", "seq", "sequence"])
_LONG_GROWTH: Final = 20
_SHORT: Final = 40
_LAYERS: Final[dict[str, LayerName]] = {"desired": "desired", "expected": "expected"}


class Field(NamedTuple):
    """How a column is declared and read; `declared` is None where only its JSON is kept."""

    wanted: str
    kind: Kind
    told: Told
    declared: Variable | None
    unit_said: str
    layer: LayerName
    why: str
    sure: Sureness


def field_of(column: Column, ids: Sequence[str], *, called: str, units: Column | None, numbers: NumberStyle) -> Field:
    """The field that a column of something said is. `called` is its name or the measure that it is the value of; `units`
    the column that holds its units.
    """
    kind, told = kind_of(column, numbers), unit_of(called)
    words = plain_words(told.name)
    layer: LayerName = _LAYERS.get(words[-1], "reported") if len(words) > 1 else "reported"
    wanted = (
        re.sub(r"[\W_]*(?:desired|expected)$", "", told.name, flags=re.IGNORECASE) if layer != "reported" else told.name
    )
    if kind.datatype is None:
        return Field(wanted, kind, told, None, "", layer, f"{kind.why}: kept as it comes, and not judged", "unsure")
    if kind.datatype not in ("number", "integer"):
        declared, why = _declared_text(column, ids, kind, words)
        return Field(wanted, kind, told, declared, "", layer, why, "likely")
    unit, said, unit_why = _unit(kind, told, units)
    declared, why = _declared_number(column, ids, kind, words, unit)
    reasons = [kind.why, unit_why or ("no unit is told" if kind.datatype == "number" else ""), why]
    sure: Sureness = "likely" if unit or kind.datatype == "integer" else "unsure"
    return Field(wanted, kind, told, declared, said, layer, "; ".join(one for one in reasons if one), sure)


def unit_columns(columns: Sequence[Column], value: Column | None) -> Mapping[Column, Column]:
    """Each column that has another with its units, with that one."""
    found: dict[Column, Column] = {}
    measured = [column for column in columns if column is not value]
    for column in measured:
        words = plain_words(column.path[-1])
        if not words or words[-1] not in _UNIT or not all(isinstance(cell, str) for cell in column.said):
            continue
        stem = words[:-1]
        if not stem:
            others = [
                one
                for one in [*measured, *([value] if value else [])]
                if one.path[:-1] == column.path[:-1] and one is not column
            ]
            known = [one for one in others if kind_of(one).datatype in ("number", "integer")] if not value else [value]
            if len(known) == 1:
                found[known[0]] = column
            continue
        for other in measured:
            if other is not column and plain_words(other.path[-1]) == stem:
                found[other] = column
    return found


def _unit(kind: Kind, told: Told, units: Column | None) -> tuple[str, str, str]:
    """The declared unit, what the mapping says of it, and why."""
    if kind.unit:
        return kind.unit, "", ""
    if units is not None and units.said:
        texts = sorted(units.texts)
        codes = [known_unit(text.strip()) for text in texts]
        first = codes[0]
        if first and all(code and convertible(code, first) for code in codes) and all(t == t.strip() for t in texts):
            return first, f"={units.expression}", f"{units.title} says {', '.join(texts)}"
        return "", "", f"{units.title} says {', '.join(texts[:3])}, which isn't known here: no unit is declared"
    return told.unit, "", told.why


def _declared_text(column: Column, ids: Sequence[str], kind: Kind, words: Sequence[str]) -> tuple[Variable, str]:
    """Text, true and false, dates and objects."""
    datatype = kind.datatype or "string"
    if datatype == "boolean":
        return Variable(datatype="boolean"), kind.why
    if datatype in ("datetime", "object"):
        return Variable(datatype=datatype, attribute=True, judged=False), f"{kind.why}: told, not judged"
    things = len(set(ids))
    changes = _changes(column, ids)
    if changes or (set(words) & _STATES and len(column.texts) <= max(10, things // 2)):
        few = len(column.texts) <= max(10, len(column.said) // 10)
        return Variable(datatype="string", judged=few), "it changes" if changes else "it is called like a state"
    tells_apart = set(words) & _NAMES or (things > 2 and len(column.texts) >= 0.9 * len(column.said))  # noqa: PLR2004 - of two, two differ
    long = any(len(as_text(cell)) > _SHORT for cell in column.said)
    why = "it tells things apart" if tells_apart else "a text of its thing"
    note = f"{kind.why}; {why}" if kind.why != "text" else why
    return Variable(datatype="string", attribute=True, judged=not (tells_apart or long)), note


def _declared_number(
    column: Column, ids: Sequence[str], kind: Kind, words: Sequence[str], unit: str
) -> tuple[Variable, str]:
    attribute, judged, why = False, True, ""
    if set(words) & _NAMES:
        attribute, judged, why = True, False, "a number that names, not one that measures"
    elif _only_grows(column, ids, words):
        judged, why = False, "it only grows: not judged"
    elif set(words) & _FIXED and not _changes(column, ids):
        attribute, why = True, "a property of its thing"
    datatype = "integer" if kind.datatype == "integer" and not unit else "number"
    return Variable(datatype=datatype, unit=unit, attribute=attribute, judged=judged), why


def _changes(column: Column, ids: Sequence[str]) -> bool:
    """Whether one thing says different things there."""
    first: dict[str, str] = {}
    return any(
        first.setdefault(thing, as_text(cell)) != as_text(cell)
        for thing, cell in zip(ids, column.cells, strict=True)
        if cell is not None
    )


def _only_grows(column: Column, ids: Sequence[str], words: Sequence[str]) -> bool:
    """Whether it counts up: by its name and what is seen, or by what is seen for long."""
    past: dict[str, list[float]] = {}
    for thing, cell in zip(ids, column.cells, strict=True):
        if cell is not None and (number := _number(cell)) is not None:
            past.setdefault(thing, []).append(number)
    rising = [all(a <= b for a, b in itertools.pairwise(one)) for one in past.values()]
    moved = [one for one in past.values() if one[-1] > one[0]]
    if not all(rising):
        return False
    if set(words) & _SURELY_GROWING:
        return True
    longest = max((len(one) for one in moved), default=0)
    long_whole = longest >= _LONG_GROWTH and all(number.is_integer() for one in past.values() for number in one)
    return bool(moved) and (long_whole or (longest > 2 and bool(set(words) & _GROWING)))  # noqa: PLR2004 - two may rise by chance


def _number(cell: object) -> float | None:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
