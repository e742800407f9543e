"""Which columns of a table bear the time, the type and the name for people; the id has a file of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from graphtwin.methods.proposing.column import Column, as_text
from graphtwin.methods.proposing.datatype import is_time
from graphtwin.methods.proposing.naming import plain_words, type_name
from graphtwin.methods.proposing.proposal import Guess
from graphtwin.methods.reading.event_time import USUAL_NAMES, read_time
from graphtwin.model.configuration.reserved import label_token
from graphtwin.model.durations import SECOND

NO_TIME: Final = "''"
"""The JMESPath that yields no time: it keeps a field with a usual name from being read as one."""
MOST_TYPES: Final = 20

_TIME: Final = {
    *(" ".join(plain_words(name)) for name in USUAL_NAMES), "datetime", "date time", "date and time", "last updated",
    "last update", "updated", "updated at", "last seen", "last changed", "recorded", "recorded at", "measured",
    "sampled at", "reported at", "read at", "reading time", "measurement time", "time stamp", "time utc", "timestamp utc",
    "datetime utc",
}  # fmt: skip
_DAY: Final = {"date", "day"}
_CLOCK: Final = re.compile(r"[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?")
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_SECOND: Final = 978_307_200 * SECOND  # 2001: smaller numbers count something else
_TYPE: Final = {"type", "kind", "class", "category"}
_LABEL: Final = ("label", "title", "display name", "friendly name", "full name", "name", "displayname")
_LONGEST_TYPE: Final = 64


class Time(NamedTuple):
    """Where the time stands: `columns` bear it; the guess is "" where nothing does."""

    guess: Guess
    columns: tuple[Column, ...]


class Types(NamedTuple):
    """The column that names types, and the type's name for each of its texts."""

    column: Column
    names: dict[str, str]
    why: str


def find_time(columns: Sequence[Column], *, days: bool) -> Time:
    """The time of each row; a column of days counts only when asked for, where rows repeat their things."""
    outermost = sorted(columns, key=lambda column: len(column.path))
    named = [column for column in outermost if column.said and _called(column) in _TIME]
    for column in named:
        if all(is_time(cell) for cell in column.said) and not _counts(column):
            path = column.expression
            return Time(Guess(path, f"{column.title} bears a time in {_share(column)}", "sure"), (column,))
    for clock in columns:
        day = next((one for one in columns if one.said and _called(one) in _DAY and one is not clock), None)
        if day and _all(clock, _CLOCK) and _all(day, _ISO_DAY) and day.complete and clock.complete:
            both = f"join('T', [{day.expression}, {clock.expression}])"
            return Time(Guess(both, f"{day.title} and {clock.title} together"), (day, clock))
    for column in columns:
        if days and column.said and _called(column) in _DAY and all(is_time(cell) for cell in column.said):
            return Time(Guess(column.expression, f"{column.title} bears a day in {_share(column)}"), (column,))
    if unfit := [column for column in outermost if column.path[0] in USUAL_NAMES and column.said]:
        why = f"{unfit[0].path[0]} is called like a time, but doesn't hold one that is read (ISO 8601, epoch seconds)"
        return Time(Guess(NO_TIME, why), ())
    return Time(Guess("", "no field bears a time: a row is dated when it is received", "sure"), ())


def find_types(columns: Sequence[Column], things: Sequence[str]) -> Types | None:
    """The column that says of what kind each row's thing is: few short texts, one for each thing."""
    fitting = [column for column in columns if _names_types(column, things)]
    if not fitting:
        return None
    best = min(fitting, key=lambda column: (_rank(column), len(column.path)))
    names = _type_names(sorted(best.texts))
    return Types(best, names, f"{best.title} has {len(best.texts)} different values for {len(set(things))} things")


def find_label(columns: Sequence[Column], taken: Sequence[Column]) -> Guess | None:
    """What people call the things."""
    free = [column for column in columns if column not in taken and _labels(column)]
    for wanted in _LABEL:
        for column in free:
            if " ".join(plain_words(column.path[-1])) == wanted:
                return Guess(column.expression, f"{column.title} reads like a name for people")
    return None


def _called(column: Column) -> str:
    return " ".join(plain_words(column.path[-1]))


def _counts(column: Column) -> bool:
    """Small numbers, which are hardly times of today whatever they are called."""
    plain = [cell for cell in column.said if not (isinstance(cell, str) and "-" in cell)]
    return any(read_time(cell.strip() if isinstance(cell, str) else cell) < _FIRST_SECOND for cell in plain)


def _all(column: Column, pattern: re.Pattern[str]) -> bool:
    return bool(column.said) and all(isinstance(cell, str) and pattern.fullmatch(cell) for cell in column.said)


def _share(column: Column) -> str:
    return "every row" if column.complete else f"{len(column.said)} of {len(column.cells)} rows"


def _names_types(column: Column, things: Sequence[str]) -> bool:
    words = plain_words(column.path[-1])
    if not words or words[-1] not in _TYPE or not column.complete:
        return False
    if not all(isinstance(cell, str) and cell == cell.strip() and len(cell) <= _LONGEST_TYPE for cell in column.said):
        return False
    kinds: dict[str, Any] = {}
    distinct = len(set(things))
    for thing, cell in zip(things, column.cells, strict=True):
        if kinds.setdefault(thing, cell) != cell:
            return False
    few = max(4, distinct // 2)  # of a handful of things each may be of its own kind
    return len(column.texts) <= min(MOST_TYPES, few, distinct) and any(
        any(c.isalpha() for c in t) for t in column.texts
    )


def _rank(column: Column) -> int:
    """`type` itself first, then what ends in it, then kinds and classes."""
    words = plain_words(column.path[-1])
    return ("type", "kind", "class", "category").index(words[-1]) + (0 if len(words) == 1 else 1)


def _type_names(values: Sequence[str]) -> dict[str, str]:
    """A type for each value, of labels that differ; the value itself where it can be one."""
    names: dict[str, str] = {}
    labels: set[str] = set()
    small: set[str] = set()
    for value in values:
        name, number = type_name(value, "kind"), 2
        base = name
        while label_token(name) in labels or name.lower() in small:
            name, number = f"{base}_{number}", number + 1
        labels.add(label_token(name))
        small.add(name.lower())
        names[value] = name
    return names


def _labels(column: Column) -> bool:
    return bool(column.said) and all(isinstance(cell, str) for cell in column.said) and len(column.texts) > 1


def texts_of(column: Column) -> list[str]:
    """The cells as texts, "" for none."""
    return ["" if cell is None else as_text(cell) for cell in column.cells]
