"""Canonical JSON (RFC 8785): equal values, equal bytes."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_EXACT = 2**53 - 1
"""The greatest whole number up to which a double tells every one from its neighbours."""


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value; integers beyond ±(2^53 − 1) are written as strings, since the format has doubles
    only.

    Raises ValueError for NaN, infinities and values that JSON doesn't have. Text, booleans and the numbers that Python
    and ECMAScript write alike take the fast path; the rest goes through rfc8785 (tests hold the two equal).
    """
    plain, fast = _plain(value)
    if fast:
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    return rfc8785.dumps(plain)


def _plain(value: Any) -> tuple[Any, bool]:
    """The value with whole floats as integers and big integers as strings, and whether json.dumps writes it canonically."""
    if value is None or value is True or value is False:
        return value, True
    if isinstance(value, str):
        return value, True
    if isinstance(value, int):
        return (value, True) if -_EXACT <= value <= _EXACT else (str(value), True)
    if isinstance(value, float):
        return _plain_number(value)
    if isinstance(value, list | tuple):
        items = [_plain(item) for item in value]
        return [item for item, _ in items], all(fast for _, fast in items)
    if isinstance(value, dict) or hasattr(value, "items"):
        pairs = {str(key): _plain(item) for key, item in value.items()}
        # RFC 8785 sorts by UTF-16 code units; Python by code points: they agree below U+E000.
        fast_keys = all(key.isascii() for key in pairs)
        return {key: item for key, (item, _) in pairs.items()}, fast_keys and all(fast for _, fast in pairs.values())
    raise ValueError(f"{type(value).__name__} has no JSON form")


def _plain_number(value: float) -> tuple[Any, bool]:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is the only value unequal to itself
        raise ValueError(f"{value} has no JSON form")
    if value.is_integer() and abs(value) <= _EXACT:
        return int(value), True
    return value, 1e-4 <= abs(value) < 1e15  # noqa: PLR2004 - repr and ECMAScript agree between these


def same_json(one: Any, other: Any) -> bool:
    """Equal as JSON: 20 is 20.0, but true isn't 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | tuple | dict) and one == other:
        return canonical_json(one) == canonical_json(other)
    return bool(one == other)
