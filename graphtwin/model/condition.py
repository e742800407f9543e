"""One-line conditions in CEL (Common Expression Language): compiled at load, and false wherever they can't be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import cel

_OWN_NAME: Final = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")
"""The name that a macro gives to each item: `entity.faults.exists(fault, fault == 'stuck')`."""


class ConditionError(ValueError):
    """A condition that isn't CEL, or asks about what it isn't told; `hint` is the next move."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def compile_condition(text: str, known: frozenset[str]) -> None:
    """Raise ConditionError for a text that isn't CEL, or that reads variables other than those `known` to it."""
    try:
        program = _program(text)
    except Exception as error:
        first = str(error).partition("\n")[0].removeprefix("Failed to parse expression ").strip()
        raise ConditionError(f"isn't a CEL condition: {first}", "write it like entity.temperature < 24.0") from error
    unknown = sorted(set(program.variables()) - known - set(_OWN_NAME.findall(text)))
    if unknown:
        raise ConditionError(
            f"reads {unknown[0]!r}, which is unknown here", f"it is told about {', '.join(sorted(known))}"
        )


def evaluate(text: str, told: Mapping[str, Any]) -> tuple[Any, str]:
    """(value, ""), or (None, why it can't be told): a name that isn't there, a comparison of unlike things, a NaN."""
    try:
        value = _program(text).execute({name: _plain(one) for name, one in told.items()})
    except KeyError as error:
        return None, f"{error.args[0] if error.args else error} isn't known"
    except Exception as error:  # noqa: BLE001 - the library raises many kinds; each means that it can't be told
        return None, str(error).partition("\n")[0]
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None, "the value isn't a number"
    return value, ""


def holds(text: str, told: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a condition is true, and why not where it isn't; what can't be told doesn't hold."""
    value, why = evaluate(text, told)
    if value is True:
        return True, ""
    return False, why or (f"{text} is {value!r}" if not isinstance(value, bool) else f"{text} is false")


@lru_cache(maxsize=1024)
def _program(text: str) -> Any:
    return cel.compile(text)


def _plain(value: Any) -> Any:
    """All numbers as doubles: CEL doesn't mix kinds of numbers, and 20 and 20.0 are one number here (S21)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
