"""Which names and calls the text of a rule may hold: those that say the same of the same world, and of nothing else."""

from __future__ import annotations

import re
from typing import Final

_QUIET: Final = re.compile(
    r"""(?P<name>`(?:[^`]|``)*`)|(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
"""Texts and comments, in which names mean nothing; and names in backticks, in which quotes mean nothing."""
_PLAIN: Final = re.compile(r"`\w+`")
_OWN: Final = re.compile(r"\bGt\w*")
_CALL: Final = re.compile(r"((?:\b\w+\s*\.\s*)*\b\w+)\s*\(\s*(\)?)")
_REFUSED: Final = frozenset({"rand", "randomuuid", "timestamp", "elementid", "id"})
_INSTANTS: Final = frozenset({"date", "time", "datetime", "localtime", "localdatetime"})
"""Without arguments they are the clock's."""
_STATIC: Final = frozenset(
    {
        *(f"{kind}.truncate" for kind in _INSTANTS),
        "datetime.fromepoch",
        "datetime.fromepochmillis",
        "duration.between",
        "duration.inmonths",
        "duration.indays",
        "duration.inseconds",
        "point.distance",
        "point.withinbbox",
        "vector.similarity.cosine",
        "vector.similarity.euclidean",
    }
)
"""Functions with a dot that a rule may call; all others are procedures' or plugins', or read the clock."""
_CLOCK: Final = frozenset(
    f"{kind}.{moment}" for kind in _INSTANTS for moment in ("transaction", "statement", "realtime")
)
"""Functions with a dot that a person's query may call as well."""
_ZONE: Final = re.compile(r"\btimezone\s*:")
_FIXED: Final = re.compile(r"\b(?:year|hour|date|time|datetime|epochSeconds|epochMillis)\s*:", re.IGNORECASE)
_WITHIN: Final = re.compile(r"\{[^{}]*\}")


def bare_text(cypher: str) -> str:
    """The text without what texts and comments say; names stand without backticks."""
    return _QUIET.sub(_bared, cypher)


def _bared(found: re.Match[str]) -> str:
    if found["name"]:
        return found["name"].strip("`")
    return "''" if found["text"] else " "


def strange_name(cypher: str) -> str | None:
    """The first name that may not stand in a rule: one of graphtwin's own, or one that could hide another."""
    if escape := escaped_name(cypher):
        return escape
    for found in _QUIET.finditer(cypher):
        if found["name"] and not _PLAIN.fullmatch(found["name"]):
            return found["name"]
    own = _OWN.search(bare_text(cypher))
    return own[0] if own else None


def escaped_name(cypher: str) -> str | None:
    """The first escape by which one name could stand for another."""
    escape = re.search(r"\\u+[0-9A-Fa-f]*", cypher)
    return escape[0] if escape else None


def foreign_call(bare: str) -> str | None:
    """The first function called in a bare text that is a plugin's or the server's, not the language's own."""
    names = (re.sub(r"\s", "", found[1]) for found in _CALL.finditer(bare))
    return next((name for name in names if "." in name and name.lower() not in _STATIC | _CLOCK), None)


def nesting(bare: str) -> int:
    """How deep brackets stand within each other in a bare text."""
    depth, deepest = 0, 0
    for letter in bare:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    return deepest


def strange_call(bare: str) -> str | None:
    """The first function called in a bare text that has chance, the clock, internal ids or a plugin in it."""
    for found in _CALL.finditer(bare):
        name, ends = re.sub(r"\s", "", found[1]), found[2]
        low = name.lower()
        if low in _REFUSED or ("." in low and low not in _STATIC) or (low in _INSTANTS and ends):
            return f"{name}()"
        if low.endswith(".truncate") and "," not in _arguments(bare, found.end()):
            return f"{name}() without an instant"
    for found in _WITHIN.finditer(bare):
        if _ZONE.search(found[0]) and not _FIXED.search(found[0]):
            return "an instant of the clock in a timezone"
    return None


def _arguments(bare: str, start: int) -> str:
    """What stands between the parentheses, without what stands in parentheses there."""
    depth, said = 1, []
    for letter in bare[start:]:
        depth += (letter in "([{") - (letter in ")]}")
        if not depth:
            break
        if depth == 1:
            said.append(letter)
    return "".join(said)
