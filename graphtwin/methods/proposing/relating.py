"""Which columns name other things: their cells are ids that some source's things have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from graphtwin.methods.proposing.column import Column, as_text, literal
from graphtwin.methods.proposing.naming import one_of, plain_words, safe_name
from graphtwin.methods.proposing.proposal import ProposedRelation, Sureness


class Things(NamedTuple):
    """The ids that a source's things of a type have, and what goes before them."""

    ids: frozenset[str]
    prefix: str


Known = Mapping[tuple[str, str], Things]
"""The things of each (source, type)."""

_PLACES: Final = frozenset({"room", "zone", "floor", "building", "site", "location", "area", "space", "hall"})
_NEEDS: Final = frozenset(
    {"depends", "needs", "requires", "fed", "powered", "supplied", "hosted", "upstream", "served", "runs"}
)
_LINKS: Final = frozenset(
    {"parent", "feeds", "next", "owner", "target", "from", "to", "via", "connected", "linked", "controls",
     "members", "part"}
)  # fmt: skip
_ENDS: Final = frozenset({"id", "ids", "ref", "refs", "key", "uid", "uuid"})
_ALL: Final = 1.0
_NEARLY: Final = 0.8
_FEW: Final = 2


class _Match(NamedTuple):
    source: str
    share: float
    telling: bool
    type: str


def relation_of(column: Column, *, source: str, own: str, known: Known, text: bool) -> ProposedRelation | None:
    """The relation that a column is, from things of the type `own` of `source`; None where its cells name no known things."""
    many = bool(column.said) and all(isinstance(cell, list) for cell in column.said)
    named = [item for cell in column.said for item in (cell if many else [cell])]
    if not named or any(isinstance(one, bool) or not isinstance(one, str | int) for one in named):
        return None
    texts = frozenset(map(as_text, named))
    words = plain_words(column.path[-1])
    match = _best(texts, words, source, known)
    if match is None:
        return None
    stem = [word for word in words if word not in _ENDS] or list(words)
    name = _name(stem, match.type, own)
    prefix = known[match.source, match.type].prefix
    path = _path(column, match.source if match.source != source else "", prefix, many=many, text=text)
    sure: Sureness = "sure" if match.share == _ALL and (match.telling or len(texts) > _FEW) else "likely"
    lost = (
        f"; {len(texts) - round(match.share * len(texts))} of its ids are unknown so far" if match.share < _ALL else ""
    )
    why = (
        f"{column.title} holds ids of {match.type}" + (f" from {match.source}" if match.source != source else "") + lost
    )
    return ProposedRelation(name, path, not many, bool(set(stem) & _NEEDS), why, sure)


def _best(texts: frozenset[str], words: Sequence[str], source: str, known: Known) -> _Match | None:
    """The things that most of the texts name: all of them, or nearly all where the column's name speaks of them."""
    found = []
    for (where, kind), things in known.items():
        share = len(texts & things.ids) / len(texts)
        about = {one_of(word) for word in words} & set(plain_words(kind))
        telling = bool(about or set(words) & (_LINKS | _NEEDS)) or (
            words[-1:] and words[-1] in _ENDS and len(words) > 1
        )
        lettered = all(any(char.isalpha() for char in text) for text in texts)
        if (share == _ALL and (telling or (lettered and len(texts) > 1))) or (
            share >= _NEARLY and telling and lettered
        ):
            found.append((share, bool(about), where == source, _Match(where, share, bool(telling), kind)))
    return max(found, key=lambda one: one[:3])[3] if found else None


def _name(stem: Sequence[str], target: str, own: str) -> str:
    """`located_in` for places, `feeds` and the like as they are, else what the column is called."""
    if len(stem) == 1 and stem[0] in _PLACES:
        return "located_in"
    if stem[0] == "parent" and target == own:
        return "belongs_to"
    if stem[:1] == ["depends"] or "_".join(stem) in ("needs", "requires"):
        return "depends_on"
    name = safe_name("_".join(stem), "refers_to")
    return f"of_{name}" if name.lower().startswith("gt_") else name


def _path(column: Column, target: str, prefix: str, *, many: bool, text: bool) -> str:
    """Local ids as they are; with what goes before them, and with the name of another source where they are its own."""
    before = f"{target}:" if target else ""
    before += f"{prefix}-" if prefix else ""
    if not before:
        return column.expression
    if many:
        return f"{column.expression}[].join('', [{literal(before)}, to_string(@)])"
    texts = text or all(isinstance(one, str) for one in column.said)
    cell = column.expression if texts else f"to_string({column.expression})"
    return f"{column.expression} && join('', [{literal(before)}, {cell}])"
