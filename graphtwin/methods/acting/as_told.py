"""A value that CEL worked out, with its numbers written as they were told: CEL is given doubles alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphtwin.methods.state.canonical_json import same_json


def as_told(value: Any, told: Mapping[str, Any]) -> Any:
    """An object or a list that is (part of) one that was told is that one; in one that was made anew, a whole number that
    was told only as 2 is 2, not 2.0. A number that stands alone is of its variable's kind and stays as it is.
    """
    return _written(value, list(_parts(told))) if isinstance(value, dict | list) else value


def _written(value: Any, parts: list[Any]) -> Any:
    if not isinstance(value, dict | list):
        return _number(value, parts) if isinstance(value, float) and value.is_integer() else value
    known = next((part for part in parts if isinstance(part, dict | list) and same_json(part, value)), None)
    if known is not None:
        return known
    if isinstance(value, dict):
        return {name: _written(one, parts) for name, one in value.items()}
    return [_written(one, parts) for one in value]


def _number(value: float, parts: list[Any]) -> float | int:
    forms = [part for part in parts if isinstance(part, int | float) and same_json(part, value)]
    return int(value) if forms and all(isinstance(form, int) for form in forms) else value


def _parts(told: Any) -> Iterator[Any]:
    below = told.values() if isinstance(told, Mapping) else told if isinstance(told, list | tuple) else ()
    for part in below:
        yield part
        yield from _parts(part)
