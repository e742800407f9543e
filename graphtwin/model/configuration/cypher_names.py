"""The labels, relationship types and properties that a Cypher text asks for by name, as far as they can be told without a parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["label", "relation", "property"]

_ASIDE: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", re.DOTALL
)  # comments and texts: what they say is no name
_EXPRESSION: Final = r"(?::[\s\w`|&!():%]*?)"
_MAP: Final = r"(?P<map>\{[^{}]*\})"
_NODE: Final = re.compile(
    rf"\(\s*(?P<name>\w*)\s*(?P<kinds>{_EXPRESSION})?\s*(?:{_MAP}\s*|WHERE\b[^()]*)?\)", re.IGNORECASE
)
_EDGE: Final = re.compile(
    rf"-\s*\[\s*(?P<name>\w*)\s*(?P<kinds>{_EXPRESSION})?\s*(?:\*[\d.\s]*)?\s*(?:{_MAP}\s*|WHERE\b[^\[\]]*)?\]\s*-",
    re.IGNORECASE,
)
_TESTED: Final = re.compile(r"\b(?:WHERE|AND|OR|NOT|XOR|WHEN)\s+(\w+)\s*:\s*([A-Za-z_]\w*)", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")
_KEY: Final = re.compile(r"[{,]\s*(\w+)\s*:")
_READ: Final = re.compile(r"(?<![\w.$])(\w+)\s*\.\s*([A-Za-z_]\w*)(?!\s*\()")
_GIVEN_ANEW: Final = re.compile(r"\bAS\s+(\w+)|\b(\w+)\s+IN\b", re.IGNORECASE)
_RETURNED: Final = re.compile(
    r"\bRETURN\b(?:\s+DISTINCT\b)?(.*?)(?:\bORDER\s+BY\b|\bSKIP\b|\bLIMIT\b|;|$)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that a text asks for."""

    kind: Kind
    name: str


def names_asked(text: str) -> Iterator[Asked]:
    """Each once, labels first. Properties are those of nodes and relationships that a pattern names; where the text gives the
    same name to something else later, what it reads of it is left out: it can't be told without a parser.
    """
    bare = _ASIDE.sub("''", text).replace("`", "")
    nodes, edges = list(_nodes(bare)), list(_EDGE.finditer(bare))
    found = [Asked("label", name) for node in nodes for name in _WORD.findall(node["kinds"] or "")]
    bound = {one["name"] for one in (*nodes, *edges)} - {""}
    found += [
        Asked("label", label) for name, label in _TESTED.findall(bare) if name in {node["name"] for node in nodes}
    ]
    found += [Asked("relation", name) for edge in edges for name in _WORD.findall(edge["kinds"] or "")]
    found += [Asked("property", name) for one in (*nodes, *edges) for name in _KEY.findall(one["map"] or "")]
    again = {name for names in _GIVEN_ANEW.findall(_before_return(bare)) for name in names}
    found += [Asked("property", name) for thing, name in _READ.findall(bare) if thing in bound - again]
    yield from dict.fromkeys(found)


def _before_return(bare: str) -> str:
    """A column's name gives nothing anew; a name inside a list does, wherever that stands."""
    places = list(_RETURNED.finditer(bare))
    if not places:
        return bare
    last = places[-1]
    return bare[: last.start()] + re.sub(r"(?i)\bAS\s+\w+", "", last[0])


def looks_at_others(text: str) -> bool:
    """Whether it matches more than one node and returns a single column: then its rows can't say what else they rest on."""
    bare = _ASIDE.sub("''", text).replace("`", "")
    names = [node["name"] for node in _nodes(bare)]
    several = len(set(names) - {""}) + names.count("") > 1
    returned = _RETURNED.findall(bare)
    return several and bool(returned) and not _has_many(returned[-1])


def _nodes(bare: str) -> Iterator[re.Match[str]]:
    """Node patterns: in brackets, with a label or a map, or beside a relationship; calls of functions aren't."""
    for node in _NODE.finditer(bare):
        before, after = bare[: node.start()].rstrip(), bare[node.end() :].lstrip()
        called = bool(re.search(r"\w$", bare[: node.start()])) and not re.search(
            r"(?i)\b(MATCH|WHERE|NOT|AND|OR)$", before
        )
        beside = before.endswith((">", "-")) or after.startswith(("-", "<-"))
        if not called and (node["kinds"] or node["map"] or beside or re.search(r"(?i)\bMATCH$", before)):
            yield node


def _has_many(columns: str) -> bool:
    depth = 0
    for letter in columns:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            return True
    return columns.strip() == "*"
