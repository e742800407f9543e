"""JSON as everybody reads it alike: what other readers would take differently is refused, with the reason."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from graphtwin.methods.reading.refusal import Refusal, short

MAX_DEPTH: Final = 32
MAX_KEYS: Final = 10_000
"""Keys of one object."""
INT64: Final = range(-(2**63), 2**63)

_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Unreadable(Refusal):
    """Text that can't be taken as a payload."""


def parse_json(raw: bytes | str) -> Any:
    """The JSON value of a whole text; -0.0 reads as 0.0.

    Raises Unreadable for text that isn't UTF-8 or JSON, a key that stands twice, NaN and infinities, numbers beyond
    float64 or int64, lone surrogates, more than 32 levels, and more than 10,000 keys in an object.
    """
    text = decode_utf8(raw) if isinstance(raw, bytes) else raw
    start = _skip(text, 0)
    value, end = _value_at(text, start)
    if _skip(text, end) != len(text):
        raise Unreadable(f"more text follows the JSON value at character {end}", "write one JSON value a line")
    return value


def decode_utf8(raw: bytes) -> str:
    """The text of UTF-8 bytes; raises Unreadable that names the first bad byte."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = raw[error.start]
        raise Unreadable(
            f"byte {error.start} (0x{bad:02x}) is not UTF-8", "write the source's text in UTF-8"
        ) from error


def json_items(text: str, path: Sequence[str] = ()) -> list[tuple[int, int, Any]]:
    """(start, end, value) of each item of a JSON array, or of the one value that isn't an array; in characters.

    With a path of keys, of what stands there: nothing where there is nothing or null. Raises Unreadable as
    `parse_json` does, for any place in the text.
    """
    if not path:
        items, end = _items_at(text, _skip(text, 0))
        _expect_end(text, end)
        return items
    parse_json(text)
    position: int | None = _skip(text, 0)
    for name in path:
        position = None if position is None else _member(text, position, name)
    if position is None or text[position] == "n":  # null
        return []
    return _items_at(text, position)[0]


def check_value(value: Any, depth: int = 1) -> Any:
    """The same JSON value, with -0.0 as 0.0, from a parser that isn't this one; raises Unreadable as `parse_json` does."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if value not in INT64:
            raise Unreadable(f"integer {short(value)} is beyond 64 bits", "send it as text")
        return value
    if isinstance(value, float):
        return _finite(value, str(value))
    if depth > MAX_DEPTH:
        raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", "send flatter messages")
    if isinstance(value, list):
        return [check_value(item, depth + 1) for item in value]
    if isinstance(value, dict):
        _few_keys(len(value))
        return {_text_key(key): check_value(item, depth + 1) for key, item in value.items()}
    raise Unreadable(f"a {type(value).__name__} has no JSON form", "write it as text or number")


def _items_at(text: str, position: int) -> tuple[list[tuple[int, int, Any]], int]:
    """The items of the array at a place, or the one value there, and where it ends."""
    if text[position : position + 1] != "[":
        value, end = _value_at(text, position)
        return [(position, end, value)], end
    items: list[tuple[int, int, Any]] = []
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return items, position + 1
    while True:
        value, end = _value_at(text, position)
        items.append((position, end, value))
        position = _skip(text, end)
        mark = text[position : position + 1]
        if mark == "]":
            return items, position + 1
        if mark != ",":
            raise Unreadable(f"expected ',' or ']' at character {position}", "write the file as one JSON array")
        position = _skip(text, position + 1)


def _member(text: str, position: int, name: str) -> int | None:
    """Where the value of a key stands in the object at a place; None where there is no such object or key."""
    if text[position] != "{":
        return None
    position = _skip(text, position + 1)
    while text[position] != "}":
        key, end = _value_at(text, position)
        position = _skip(text, _skip(text, end) + 1)  # behind the colon
        if key == name:
            return position
        _, end = _value_at(text, position)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return None


def _value_at(text: str, start: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}" if "\n" in text else f"character {error.pos}"
        raise Unreadable(f"not JSON: {error.msg} at {where}", "write one JSON value a line") from error
    except RecursionError as error:
        raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", "send flatter messages") from error
    _check_depth(text, start, end, value)
    if _SURROGATE.search(text, start, end):
        _check_surrogates(value)
    return value, end


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _expect_end(text: str, position: int) -> None:
    if _skip(text, position) != len(text):
        raise Unreadable(f"more text follows the JSON value at character {position}", "write one JSON value a file")


def _check_depth(text: str, start: int, end: int, value: Any) -> None:
    """Openers bound the depth: only what has more of them than levels allowed is walked."""
    openers = text.count("{", start, end) + text.count("[", start, end)
    if openers > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", "send flatter messages")


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion up to one more than is allowed."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        inner = [item for item in level if isinstance(item, dict | list)]
        if not inner:
            return depth
        depth += 1
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return depth


def _check_surrogates(value: Any) -> None:
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise Unreadable("a lone surrogate (\\ud800 to \\udfff) is not text", "send whole characters") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _few_keys(len(pairs))
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unreadable(f"the key {short(twice)!r} stands twice", "send each key once")
    return found


def _few_keys(count: int) -> None:
    if count > MAX_KEYS:
        raise Unreadable(f"an object has {count} keys, more than {MAX_KEYS}", "send one message a thing")


def _text_key(key: Any) -> str:
    if not isinstance(key, str):
        raise Unreadable(f"the key {key!r} is not text", "quote it")
    return key


def _float(text: str) -> float:
    return _finite(float(text), text)


def _finite(value: float, text: str) -> float:
    if not math.isfinite(value):
        raise Unreadable(f"{short(text)} is not a finite number", "leave the field out when there is no reading")
    return value or 0.0  # -0.0 is false too


def _int(text: str) -> int:
    if len(text) > 20 or (value := int(text)) not in INT64:  # noqa: PLR2004 - no int64 has more than 20 characters
        raise Unreadable(f"integer {short(text)} is beyond 64 bits", "send it as text")
    return value


def _constant(text: str) -> Any:
    raise Unreadable(f"{text} is not a finite number", "leave the field out when there is no reading")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_float, parse_int=_int, parse_constant=_constant, strict=True
)
