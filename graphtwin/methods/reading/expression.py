"""JMESPath expressions compiled once: plain paths and comparisons with a text take a fast way to the same answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from graphtwin.errors import ConfigurationError
from graphtwin.methods.reading.refusal import Refusal

Expression = Callable[[Any], Any]

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_EQUALS = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*) == '([^'\\]*)'")


class _OwnFunctions(Functions):
    """What payloads need and JMESPath lacks; null, which a missing field is, gives an empty list."""

    @signature({"types": ["object", "null"]})
    def _func_members(self, found: dict[str, Any] | None) -> list[dict[str, Any]]:
        """The members of an object that are objects, each with its name under `key`."""
        return [{**value, "key": name} for name, value in (found or {}).items() if isinstance(value, dict)]


_OPTIONS = jmespath.Options(custom_functions=_OwnFunctions())


def compile_expression(text: str, place: str) -> Expression:
    """The expression as a function of a payload; it raises Refusal where a JMESPath function gets a wrong type.

    Raises ConfigurationError for text that isn't JMESPath; `place` says where in twin.yaml it stands.
    """
    try:
        parsed = jmespath.compile(text)
    except JMESPathError as error:
        raise ConfigurationError(
            f"{place}: {text!r} is not JMESPath: {str(error).splitlines()[0]}",
            hint="write a path such as reading.value; https://jmespath.org has the syntax",
        ) from error
    if _PATH.fullmatch(text):
        return _field(text) if "." not in text else _path(text.split("."))
    equals = _EQUALS.fullmatch(text)
    if equals and _PATH.fullmatch(equals[1]):
        return _equals(_path(equals[1].split(".")), equals[2])

    def search(payload: Any) -> Any:
        try:
            return parsed.search(payload, options=_OPTIONS)
        except (JMESPathError, TypeError, ValueError, ArithmeticError) as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise Refusal(f"{text!r} can't be applied: {first}", "make the mapping fit this message") from error

    return search


def plain_path(text: str) -> list[str] | None:
    """The keys that an expression follows one after the other, where it does no more than that."""
    return text.split(".") if _PATH.fullmatch(text) else None


def is_true(value: Any) -> bool:
    """Truth as JMESPath has it: null, false, and empty texts, lists and objects are false; 0 is true."""
    return not (value is None or value is False or (isinstance(value, str | list | dict) and not value))


def _field(name: str) -> Expression:
    return lambda payload: payload.get(name) if isinstance(payload, dict) else None


def _path(names: list[str]) -> Expression:
    def follow(payload: Any) -> Any:
        for name in names:
            if not isinstance(payload, dict):
                return None
            payload = payload.get(name)
        return payload

    return follow


def _equals(left: Expression, right: str) -> Expression:
    return lambda payload: left(payload) == right
