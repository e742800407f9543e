"""Requests of acts with placeholders, `{id}`, `{record:bms}`, `{setpoint}`, `{setpoint:degF}`, and what fills them in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]*(?::[^{}:\s]+){0,2})\}")


def placeholders(template: Any) -> set[str]:
    """Every name in braces, at any depth."""
    if isinstance(template, str):
        return set(_PLACEHOLDER.findall(template))
    if isinstance(template, Mapping):
        return {name for part in (*template.keys(), *template.values()) for name in placeholders(part)}
    if isinstance(template, list | tuple):
        return {name for part in template for name in placeholders(part)}
    return set()


def value_and_unit(name: str) -> tuple[str, str]:
    """What a placeholder stands for, and the unit that it wants that in: (`setpoint`, `degF`) for `setpoint:degF`,
    (`effect:setpoint`, `degF`) for `effect:setpoint:degF`; the unit is "" where none is named.
    """
    first, *rest = name.split(":")
    if first == "record" or not rest:
        return name, ""
    if first == "effect":
        return f"{first}:{rest[0]}", ":".join(rest[1:])
    return first, ":".join(rest)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with values in place; a text that is one placeholder alone becomes the value itself.

    Raises KeyError for a name without a value: an act is never sent with a hole in it.
    """
    if isinstance(template, str):
        alone = _PLACEHOLDER.fullmatch(template)
        return values[alone[1]] if alone else filled_text(template, values, text_of)
    if isinstance(template, Mapping):
        return {filled_text(str(name), values, text_of): filled(one, values) for name, one in template.items()}
    if isinstance(template, list | tuple):
        return [filled(one, values) for one in template]
    return template


def filled_text(template: str, values: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    """A text with each value as `write` writes it (a path quotes it). Raises KeyError."""
    return _PLACEHOLDER.sub(lambda found: write(values[found[1]]), template)


def text_of(value: Any) -> str:
    """A value inside a longer text: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
