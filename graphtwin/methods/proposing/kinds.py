"""Of what kind things are: by a field that says so, by how their ids begin, or by what their source is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from graphtwin.methods.proposing.column import Column, as_text, literal
from graphtwin.methods.proposing.naming import plain_words, type_name, type_of_called
from graphtwin.methods.proposing.proposal import Guess
from graphtwin.methods.proposing.roles import Types

SAYS_NOTHING: Final = frozenset(
    {"data", "record", "reading", "measurement", "log", "event", "message", "signal", "telemetry", "thing", "item",
     "entity", "object", "row", "list", "table", "export", "import", "input", "output", "sample", "test", "file",
     "result", "value", "device", "point", "api", "status", "state", "v1", "v2", "json", "csv", "dump", "new",
     "all", "my", "the", "of", "and", "unique", "example"}
)  # fmt: skip
"""Words that name no kind of thing."""
_BEGINNING: Final = re.compile(
    r"(?P<word>(?:[A-Za-z]{2,}[-_ ])*?(?:[A-Za-z]{3,}(?=[-_ ]?[A-Za-z]?[0-9])|[A-Za-z]{2,}[0-9]{1,2}(?=[-_ ])))"
    r"(?P<mark>[-_ ]?)[A-Za-z]?[0-9][^-_ ]*(?:[-_ ][^-_ ]*)?"
)
_WORD: Final = re.compile(r"[A-Za-z]{3,}(?:[-_ ][A-Za-z]{3,})*")
_MOST: Final = 12
_AS_CLASS: Final = {
    "location": ("room", "zone", "floor", "building", "site", "area", "space", "location", "hall", "campus", "region"),
    "sensor": ("sensor", "meter", "thermometer", "detector", "probe", "gauge", "temp", "co2", "humidity", "weather"),
    "person": ("person", "user", "employee", "customer", "contact", "patient"),
    "organization": ("company", "organization", "vendor", "supplier", "restaurant", "store"),
    "service": ("service", "app", "application", "api"),
    "host": ("host", "server", "machine", "vm", "node"),
    "database": ("database", "db"),
    "container": ("container", "pod"),
    "document": ("document", "publication", "paper", "article", "book"),
    "job": ("job", "task", "workflow"),
    "event": ("event", "order", "incident", "ticket"),
    "material": ("material", "product", "batch"),
}  # fmt: skip
"""Words that say which class of the standard a type is."""


class Kind(NamedTuple):
    """Some of the rows: their type (`=` and JMESPath where a field names it), the condition that they meet, and which they are."""

    type: Guess
    types: dict[str, str]
    """Each type with the class of the standard that it is."""
    condition: str
    rows: tuple[int, ...]
    names: tuple[str, ...]
    """The type of each of the rows."""


def kinds_of(
    types: Types | None, id_column: Column | None, ids: Sequence[str], *, called: str, telling: bool, items: bool
) -> list[Kind]:
    """The rows by kind. `called` is the plain name of the place; `telling` says that it names a kind rather than ids do.

    `items` says that the rows are parts of a message: a kind that is new must not cost the others their message.
    """
    everything = tuple(range(len(ids)))
    if types is not None and not items and all(name == value for value, name in types.names.items()):
        return [_by_the_field_itself(types, everything)]
    if types is not None:
        return _by_field(types, everything)
    says_something = not set(plain_words(type_of_called(called))) <= SAYS_NOTHING
    if not (telling and says_something) and id_column is not None and (found := _by_beginning(id_column, ids)):
        return found
    name = type_of_called(called)
    why = (
        f"called after {called}"
        if says_something
        else f"nothing names the kind: called after {called}; give it a better name"
    )
    guess = Guess(name, why, "likely" if says_something else "unsure")
    return [Kind(guess, {name: class_of(name)}, "", everything, (name,) * len(ids))]


def class_of(type_: str) -> str:
    """The class of the standard that a type's name speaks of; `asset` where it speaks of none."""
    words = plain_words(type_)
    for word in (words[-1:] + words[:1]) if words else ():
        for known, alike in _AS_CLASS.items():
            if word in alike:
                return known
    return "asset"


def _by_the_field_itself(types: Types, everything: tuple[int, ...]) -> Kind:
    classes = {name: class_of(name) for name in types.names.values()}
    guess = Guess(f"={types.column.expression}", types.why, "sure")
    return Kind(guess, classes, "", everything, tuple(str(cell) for cell in types.column.cells))


def _by_field(types: Types, everything: tuple[int, ...]) -> list[Kind]:
    found = []
    for value, name in types.names.items():
        rows = tuple(row for row in everything if types.column.cells[row] == value)
        condition = f"{types.column.expression} == {literal(value)}"
        guess = Guess(name, types.why, "sure")
        found.append(Kind(guess, {name: class_of(name)}, condition, rows, (name,) * len(rows)))
    return found


def _by_beginning(column: Column, ids: Sequence[str]) -> list[Kind]:
    """By what ids begin with, where each of them begins with a word: `hvac-unit-3a` is an hvac_unit."""
    if not all(isinstance(cell, str) for cell in column.said):
        return []
    beginnings = [_beginning(as_text(cell)) if cell is not None else None for cell in column.cells]
    groups = {one for one in beginnings if one}
    names = {one: type_name("_".join(plain_words(one.word))) for one in groups}
    if not groups or not all(beginnings) or 2 * sum(one.whole for one in groups) > len(groups):
        return []
    if len(groups) > min(_MOST, max(3, len(set(ids)) // 2 + 1)) or len(set(names.values())) < len(names):
        return []
    if column.text and len(names) > 1:  # the rows of a table are alike
        return []
    found = []
    for one, name in sorted(names.items()):
        rows = tuple(row for row, other in enumerate(beginnings) if other == one)
        condition = "" if column.text else one.condition(column, [other for other in groups if other != one])
        guess = Guess(name, f"ids begin with {one.word + one.mark}", "likely")
        found.append(Kind(guess, {name: class_of(name)}, condition, rows, (name,) * len(rows)))
    return found


class _Beginning(NamedTuple):
    """The word that an id begins with, and the sign behind it; `whole` where the id is no more than that."""

    word: str
    mark: str
    whole: bool

    def condition(self, column: Column, others: Sequence[_Beginning]) -> str:
        """What ids of this beginning meet, and those of longer ones don't; a message of another kind may come any time."""
        if self.whole:
            return f"{column.expression} == {literal(self.word)}"
        start = self.word + self.mark
        longer = sorted(one.word for one in others if one.word.startswith(start) and one.word != self.word)
        return " && ".join(
            [f"starts_with({column.expression}, {literal(start)})",
             *(f"!starts_with({column.expression}, {literal(one)})" for one in longer)]
        )  # fmt: skip


def _beginning(thing: str) -> _Beginning | None:
    """What an id begins with; an id without digits is a word by itself."""
    if _WORD.fullmatch(thing):
        return _Beginning(thing, "", whole=True)
    found = _BEGINNING.fullmatch(thing)
    return _Beginning(found["word"], found["mark"], whole=False) if found else None
