"""Where the things stand in what a source says: the payload itself, a list inside it, or an object of them by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from graphtwin.methods.proposing.column import Path, expression_of
from graphtwin.methods.proposing.naming import plain_words
from graphtwin.methods.proposing.topics import by_length, topic_of

KEY: Final = "key"
"""Under this name a member of an object finds its own."""

_DEEPEST: Final = 3
_OF_A_VALUE: Final = frozenset(
    {"value", "val", "unit", "units", "uom", "quality", "confidence", "ts", "time", "timestamp", "min", "max", "type"}
)
"""Fields of a measurement: objects that have no others are values, no things."""
_IDS: Final = frozenset({"id", "key", "uid", "uuid", "guid", "urn", "iri", "identifier", "serial", "tag", "name"})
_ALIKE: Final = 0.5
_ENOUGH: Final = 3

Form = Literal["payload", "list", "members"]


class Rows(NamedTuple):
    """The objects of one place in a source's payloads. `each` yields them, "" where each payload is one."""

    form: Form
    each: str
    rows: tuple[Mapping[str, Any], ...]
    called: str
    inside: bool = False
    """True where the payload around them is a thing, too."""
    met: str = ""
    """What these payloads meet and others don't, as JMESPath."""


def rows_of(payloads: Sequence[Any], called: str) -> list[Rows]:
    """The places that hold things, what holds the others first; payloads that are no objects are left out."""
    objects = [payload for payload in payloads if isinstance(payload, dict)]
    if any(map(topic_of, objects)):
        return [Rows("payload", "", tuple(rows), "device", met=met) for met, rows in by_length(objects)]
    places = dict.fromkeys(place for payload in objects for place in _collections(payload, ()))
    found = {
        place: [item for payload in objects for item in _items(payload, *place)]  # what one calls things, is so in all
        for place in places
        if all(_stands(payload, *place) for payload in objects)
    }
    thing = any(_has_id(payload) for payload in objects)
    kept = {place: items for place, items in found.items() if not thing or (items and all(map(_has_id, items)))}
    inside = [_rows(form, path, items, called, inside=thing) for (form, path), items in kept.items()]
    if inside and not thing:
        return inside
    gone = {path for form, path in kept if form == "list"}
    own = [_without(payload, gone) for payload in objects]
    return [Rows("payload", "", tuple(own), called), *inside] if own else []


def _rows(form: Form, path: Path, items: Sequence[Mapping[str, Any]], called: str, *, inside: bool) -> Rows:
    place = expression_of(path) if path else "@"
    if form == "members":
        named = [{**item, KEY: name} for one in items for name, item in one.items() if isinstance(item, dict)]
        return Rows(form, f"members({place})", tuple(named), path[-1] if path else called, inside)
    return Rows(form, place, tuple(items), path[-1], inside)


def _collections(value: Mapping[str, Any], path: Path) -> Iterator[tuple[Form, Path]]:
    """(form, path) of every list of objects and every object of things in a payload."""
    if _is_by_name(value):
        yield "members", path
        return
    for name, inner in value.items():
        if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner) and name:
            yield "list", (*path, name)
        elif isinstance(inner, dict) and len(path) + 1 < _DEEPEST and name and not _has_id(inner):
            yield from _collections(inner, (*path, name))


def _stands(payload: Mapping[str, Any], form: Form, path: Path) -> bool:
    """Whether a payload has that at a place, or nothing."""
    value = _at(payload, path)
    if form == "list":
        return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
    return value is None or isinstance(value, dict)


def _items(payload: Mapping[str, Any], form: Form, path: Path) -> Sequence[Mapping[str, Any]]:
    """What stands at a place: the objects of the list, or the one object that has things as its members."""
    value = _at(payload, path)
    if value is None:
        return ()
    items: Sequence[Mapping[str, Any]] = value if form == "list" else (value,)
    return items


def _at(payload: Mapping[str, Any], path: Path) -> Any:
    value: Any = payload
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is_by_name(value: Mapping[str, Any]) -> bool:
    """Whether an object's members are things, called by their names: alike inside, and numbered or many."""
    members = {name: inner for name, inner in value.items() if isinstance(inner, dict) and inner}
    if not members or _has_id(value) or any(isinstance(inner, list) for inner in value.values()):
        return False
    fields = [frozenset(inner) for inner in members.values()]
    if all(one <= _OF_A_VALUE for one in fields):
        return False
    numbered = sum(any(char.isdigit() for char in name) for name in members)
    if numbered == len(members):
        return True
    shared = frozenset.intersection(*fields)
    alike = len(shared) >= _ALIKE * max(map(len, fields))
    return alike and (len(members) >= _ENOUGH or 2 * numbered >= len(members) > 1)


def _has_id(value: Mapping[str, Any]) -> bool:
    return any(
        (" ".join(words := plain_words(name)) in _IDS or words[-1:] == ("id",)) and isinstance(inner, str | int)
        for name, inner in value.items()
        if not isinstance(inner, bool)
    )


def _without(payload: Mapping[str, Any], gone: set[Path]) -> Mapping[str, Any]:
    """The payload without the lists that are read for themselves."""
    if not gone:
        return payload
    return {
        name: _without(inner, {path[1:] for path in gone if path[0] == name and len(path) > 1})
        if isinstance(inner, dict)
        else inner
        for name, inner in payload.items()
        if (name,) not in gone
    }
