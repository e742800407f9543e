"""A value as a person types it: text that reads as its variable declares it, with its unit behind it where it has one."""

from __future__ import annotations

import re
from typing import Any, Final

from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.typed_value import typed_cell, typed_value
from graphtwin.model.configuration.twin import Variable

_NUMBER_WITH_UNIT: Final = re.compile(r"\s*(?P<number>[-+]?[0-9.][0-9.eE+-]*?)\s*(?P<unit>[^\s0-9.eE+-].*?|)\s*")


def typed_text(text: str, declared: Variable) -> tuple[Any, str]:
    """(value, unit) in the declared datatype and unit: `21.5`, `70 [degF]`, `true`, `{"a": 1}`. Raises Refusal."""
    number, unit = text, ""
    if declared.datatype in ("number", "integer"):
        found = _NUMBER_WITH_UNIT.fullmatch(text)
        if found is None:
            raise Refusal(f"{short(text)!r} where {declared.datatype} is declared", _example(declared))
        number, unit = found["number"], found["unit"]
    value = typed_cell(number, declared)
    if value is None:
        raise Refusal("nothing where a value must stand", _example(declared))
    return typed_value(value, unit, declared)


def _example(declared: Variable) -> str:
    return f"write it like 21.5 {declared.unit}".rstrip() if declared.datatype == "number" else "write it like 21"
