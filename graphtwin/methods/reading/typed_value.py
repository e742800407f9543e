"""A value as its variable declares it: of its datatype, in its unit, finite; or a refusal."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from graphtwin.methods.reading.event_time import read_time
from graphtwin.methods.reading.number_text import PLAIN, NumberStyle, plain_number
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.strict_json import INT64, check_value, parse_json
from graphtwin.methods.reading.units import UnknownUnit, convert
from graphtwin.model.configuration.twin import Variable
from graphtwin.model.instants import format_instant

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
MAX_DIGITS: Final = 20
"""No int64 has more characters."""
_BOOLEANS: Final = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_WORD: Final = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}


def typed_value(value: Any, unit: str, declared: Variable | None) -> tuple[Any, str]:
    """The value and its unit as they are kept: numbers as float, integers as int, datetimes as RFC 3339 in UTC, all in
    the declared unit. What isn't declared keeps its JSON type. Raises Refusal.
    """
    if declared is None:
        return check_value(value), unit
    if declared.datatype in ("number", "integer"):
        number = convert(_number(value, declared.datatype), unit, declared.unit)
        kept = _whole(number) if declared.datatype == "integer" else float(number) or 0.0  # -0.0 is false too
        return kept, declared.unit or unit
    if unit and declared.unit and unit != declared.unit:
        raise UnknownUnit(f"the unit {unit!r} isn't the declared {declared.unit!r}", "map it with the declared unit")
    return _not_a_number(value, declared.datatype), declared.unit or unit


def typed_cell(text: str, declared: Variable | None, numbers: NumberStyle = PLAIN) -> Any:
    """What a table's cell says, before its unit is looked at: text that reads as the declared datatype does, numbers in
    the table's style; without a declaration plain numbers, true and false. None for an empty cell. Raises Refusal.
    """
    cell = text.strip()
    if not cell:
        return None
    if declared is None:
        return _guess(cell, text)
    if declared.datatype in ("number", "integer"):
        return number_in(cell, declared.datatype, numbers)
    if declared.datatype == "boolean":
        if cell.lower() not in _BOOLEANS:
            raise _wrong_type(text, "boolean", "write true or false")
        return _BOOLEANS[cell.lower()]
    return parse_json(cell) if declared.datatype == "object" else text


def _guess(cell: str, text: str) -> Any:
    if cell in ("true", "false"):
        return cell == "true"
    if not _NUMBER.fullmatch(cell):
        return text
    if any(mark in cell for mark in ".eE"):
        return float(cell) if math.isfinite(float(cell)) else text
    return int(cell) if len(cell) <= MAX_DIGITS and int(cell) in INT64 else text


def number_in(cell: str, datatype: str, numbers: NumberStyle = PLAIN) -> int | float:
    """The number that a text says in the table's style. Raises Refusal."""
    plain = plain_number(cell, numbers)
    if plain is None:
        raise _wrong_type(cell, datatype, "write a plain number, or leave the cell empty when there is no reading")
    whole = not any(mark in plain for mark in ".eE")
    if whole and len(plain) > MAX_DIGITS:
        raise Refusal(f"integer {short(plain)} is beyond 64 bits", "declare the variable as string")
    return int(plain) if whole else float(plain)


def _number(value: Any, datatype: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(value, datatype, "send a number, or map it with to_number(...)")
    if not math.isfinite(value):
        raise Refusal(f"{value} is not a finite number", "leave the field out when there is no reading")
    return value


def _whole(number: float) -> int:
    if isinstance(number, float) and not number.is_integer():
        raise Refusal(f"{number} is not a whole number", "declare the variable as number")
    if int(number) not in INT64:
        raise Refusal(f"integer {short(number)} is beyond 64 bits", "declare the variable as number or string")
    return int(number)


def _not_a_number(value: Any, datatype: str) -> Any:
    if datatype == "datetime":
        return format_instant(read_time(value))
    if datatype == "string" and isinstance(value, str):
        return value
    if datatype == "boolean" and isinstance(value, bool):
        return value
    if datatype == "object" and isinstance(value, dict | list):
        return check_value(value)
    fix = {"string": "map it with to_string(...)", "boolean": "send true or false", "object": "send a JSON object"}
    raise _wrong_type(value, datatype, fix[datatype])


def _wrong_type(value: Any, datatype: str, hint: str) -> Refusal:
    return Refusal(f"a {_WORD.get(type(value), 'value')} ({short(value)}) where {datatype} is declared", hint)
