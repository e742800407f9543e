"""Ids that sources use for their things: which can be kept, and which look like another."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, Final

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.model.fact import ROSTER
from graphtwin.model.ids import skeleton

MAX_LENGTH: Final = 512

_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in range(0xFE00, 0xFE10)
)
_LOOKALIKE_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})


class BadId(Refusal):
    """A value that can't be an id."""


def read_id(value: Any) -> str:
    """The id as graphtwin keeps it: text in Unicode's composed form (NFC), whole numbers as text.

    Raises BadId for a missing or blank id, other types, more than 512 characters, blanks at its ends, and characters
    that can't be seen or that turn the writing direction.
    """
    if isinstance(value, str):
        return _read_text(value)
    if value is None:
        raise BadId("the id is missing", "send an id with every message, or map one with `id`")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadId(f"the id is a {_kind(value)}, not text", "map `id` to a field that holds text or a whole number")


def is_suspicious(identifier: str) -> bool:
    """True when it could be taken for another id by eye: letters of scripts that look alike are mixed, all its
    letters pass for Latin ones, or characters stand for others (full width, ligatures). Such ids are kept and listed, and never merged by themselves.
    """
    return not identifier.isascii() and _looks_like_another(identifier)


@lru_cache(maxsize=65_536)
def _read_text(value: str) -> str:
    if not value or value.isspace():
        raise BadId("the id is missing", "send an id with every message, or map one with `id`")
    if len(value) > MAX_LENGTH:
        raise BadId(f"the id has {len(value)} characters, more than {MAX_LENGTH}", "map `id` to a shorter field")
    hidden = next((char for char in value if _invisible(char)), None)
    if hidden is not None:
        raise BadId(f"the id holds the invisible character U+{ord(hidden):04X}", "clean the id at its source")
    if value != value.strip():
        raise BadId(f"the id {value!r} begins or ends with a blank", "clean the id at its source")
    if value == ROSTER:
        raise BadId(f"the id {value!r} is graphtwin's own", "map `id` to another field")
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _invisible(char: str) -> bool:
    if " " <= char <= "~":
        return False
    return char in _INVISIBLE_LETTERS or unicodedata.category(char) in _INVISIBLE_CATEGORIES


@lru_cache(maxsize=65_536)
def _looks_like_another(identifier: str) -> bool:
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in identifier if char.isalpha()}
    if len(scripts & _LOOKALIKE_SCRIPTS) > 1 or skeleton(identifier).isascii():
        return True
    return unicodedata.normalize("NFKC", identifier) != identifier


def _kind(value: Any) -> str:
    names = {bool: "boolean", float: "fraction", list: "list", dict: "object"}
    return names.get(type(value), type(value).__name__)
