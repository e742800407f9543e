"""Which field says what a row is about: by its name and by how unique it is; several together, or none, as a last resort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

from graphtwin.methods.proposing.column import Column, as_text, literal
from graphtwin.methods.proposing.naming import one_of, plain_words
from graphtwin.methods.proposing.proposal import Guess, Sureness
from graphtwin.methods.reading.identifiers import read_id
from graphtwin.methods.reading.refusal import Refusal

NAMED: Final = 0.85
"""Weight from which a name alone says that a field is an id."""

_WEIGHTS: Final = {
    "id": 1.0, "key": 0.9, "uid": 0.98, "uuid": 0.98, "guid": 0.98, "urn": 0.98, "uri": 0.95, "iri": 0.98,
    "identifier": 0.98, "unique id": 0.99, "entity id": 0.99, "thing id": 0.99, "object id": 0.97, "tag": 0.86,
    "serial": 0.88, "serial number": 0.88, "serial no": 0.88, "sn": 0.86, "code": 0.8, "name": 0.75, "hostname": 0.86,
    "number": 0.6, "no": 0.6, "nr": 0.6, "mac": 0.7, "mac address": 0.7, "ip": 0.6, "ip address": 0.6, "label": 0.5,
    "title": 0.5,
}  # fmt: skip
_THINGS: Final = {
    "device", "sensor", "machine", "host", "asset", "meter", "equipment", "node", "pump", "room", "zone", "building",
    "vehicle", "server", "service", "instance", "station", "unit", "point", "channel", "tank", "robot", "turbine",
}  # fmt: skip
_THING: Final = 0.89
_A_CODE: Final = 0.9
_OF_ANOTHER: Final = 0.7
_BY_UNIQUENESS: Final = 0.3
_COMPLETE: Final = 0.95
_LONGEST: Final = 128
_PAIRED: Final = 8
"""Columns that are tried in pairs."""
_WHOLE: Final = 12
"""Columns that an id of all of them may have."""
_CODE: Final = re.compile(r"[^\s]*[0-9][^\s]*")
_LOG: Final = 20
"""Dated rows with ids of their own from which a repeated name of a thing is what they are about."""


class Identified(NamedTuple):
    """The id of each row ("" for none) and the expression that yields it; `columns` are those that it is made of."""

    guess: Guess
    columns: tuple[Column, ...]
    ids: tuple[str, ...]
    last_resort: bool = False
    """True where nothing in a row names its thing: it is all of the row, or one with all others."""


def find_id(columns: Sequence[Column], times: Sequence[Any] | None, *, called: str, rows: int) -> Identified:
    """What the rows are about; `times` are the cells that bear their time, None where rows have none.

    `called` is the plain name of the file or address: it names the one thing where no field names any.
    """
    fitting = [column for column in columns if _fits(column)]
    weighed = [(_weight(column, called), column) for column in fitting]
    named = [(weight, column) for weight, column in weighed if _is_named(weight, column, times)]
    if named:
        return _one(_best(named, times), times, rows)
    if times is None and rows > 1:
        unnamed = [column for _, column in weighed if _is_unique(column) and _looks_like_a_code(column)]
        if unnamed:
            return _one(unnamed[0], times, rows)
    if rows > 1 and (several := _together(fitting, times)):
        return several
    if times is not None and (group := _grouping(fitting, times, rows)):
        return _one(group, times, rows)
    if times is None and rows > 1 and (all_of := _all_together(columns)):
        return all_of
    why = "no field names a thing: all rows are readings of one, which is called like its source"
    return Identified(Guess(literal(called), why, "unsure" if rows > 1 else "likely"), (), (called,) * rows, True)


def _fits(column: Column) -> bool:
    if len(column.said) < _COMPLETE * len(column.cells) or not column.said:
        return False
    return all(_is_id(cell) for cell in column.said)


def _is_id(cell: Any) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, str | int) or len(as_text(cell)) > _LONGEST:
        return False
    try:
        read_id(cell)
    except Refusal:
        return False
    return True


def _weight(column: Column, called: str) -> float:
    """How much a name alone says that it is an id: 1 for `id`, 0 for a name that says nothing."""
    words = plain_words(column.path[-1])
    name = " ".join(words)
    if name == "name" and all(_CODE.fullmatch(as_text(cell)) for cell in column.said):
        return _A_CODE
    if name in _WEIGHTS:
        return _WEIGHTS[name] - 0.05 * (len(column.path) - 1)
    if len(words) > 1 and words[-1] in ("id", "uid", "uuid", "key", "code", "tag", "name"):
        own = {one_of(word) for word in plain_words(called)} | _THINGS
        return (0.95 if words[-1] != "name" else _THING) if set(words[:-1]) & own else _OF_ANOTHER
    return _THING if len(words) == 1 and one_of(name) in _THINGS else 0.0


def _is_named(weight: float, column: Column, times: Sequence[Any] | None) -> bool:
    """A name that counts: a strong one always, a weak one where each row (or each time) has another."""
    if _is_measured(column):
        return False
    if weight >= NAMED:
        return True
    return weight > 0 and (_is_unique(column) if times is None else _unique_in_time(column, times) and weight > 0.5)  # noqa: PLR2004 - labels are no ids of readings


def _best(named: Sequence[tuple[float, Column]], times: Sequence[Any] | None) -> Column:
    """The greatest weight with uniqueness; in a log whose rows have ids of their own, what they are about."""
    repeated = [one for one in named if not _is_unique(one[1])]
    if times is not None and repeated and len(times) >= _LOG and len(repeated) < len(named):
        named = repeated
    shares = [weight + _BY_UNIQUENESS * len(column.texts) / len(column.said) for weight, column in named]
    return named[shares.index(max(shares))][1]


def _one(column: Column, times: Sequence[Any] | None, rows: int) -> Identified:
    missing = rows - len(column.said)
    lacks = f"; {missing} rows have none and will be set aside" if missing else ""
    sure: Sureness = "likely"
    if _is_unique(column):
        why = f"{column.title} differs in every row"
        sure = "sure" if _weight(column, "") >= NAMED else "likely"
    elif times is not None:
        why = f"{column.title} names {len(column.texts)} things, whose readings come one after the other"
        sure = "sure" if _unique_in_time(column, times) else "likely"
    else:
        why = f"{column.title} names {len(column.texts)} things in {rows} rows: rows with one id are readings of one thing"
    ids = tuple("" if cell is None else as_text(cell) for cell in column.cells)
    return Identified(Guess(column.expression, why + lacks, "unsure" if missing else sure), (column,), ids)


def _together(fitting: Sequence[Column], times: Sequence[Any] | None) -> Identified | None:
    """Two columns that are unique together."""
    complete = [column for column in fitting if column.complete and not _is_measured(column)][:_PAIRED]
    for pair in combinations([column for column in complete if len(column.texts) > 1], 2):
        if any(isinstance(cell, str) for cell in (pair[0].said[0], pair[1].said[0])) and _all_differ(pair, times):
            return _joined(pair, "likely", f"{pair[0].title} and {pair[1].title} together differ in every row")
    return None


def _grouping(fitting: Sequence[Column], times: Sequence[Any], rows: int) -> Column | None:
    """A text of few values whose readings come one after the other."""
    texts = [column for column in fitting if column.complete and isinstance(column.said[0], str)]
    return next(
        (
            one
            for one in texts
            if 1 < len(one.texts) <= rows / 3 and _unique_in_time(one, times) and not _is_measured(one)
        ),
        None,
    )


def _all_together(columns: Sequence[Column]) -> Identified | None:
    """Every column: the last resort for rows of which nothing else tells what they are about."""
    complete = [column for column in columns if column.complete and all(_is_id(cell) for cell in column.said)]
    texts = [column for column in complete if not _is_measured(column)]
    if not texts or len(texts) > _WHOLE or max(map(len, _tuples(texts))) > _LONGEST:
        return None
    why = "no field names a thing: what a row says is its id, and equal rows are one thing; give the rows an id"
    return _joined(texts, "unsure", why)._replace(last_resort=True)


def _joined(columns: Sequence[Column], sure: Sureness, why: str) -> Identified:
    parts = [
        column.expression if isinstance(column.said[0], str) else f"to_string({column.expression})"
        for column in columns
    ]
    made = parts[0] if len(parts) == 1 else f"join('/', [{', '.join(parts)}])"
    return Identified(Guess(made, why, sure), tuple(columns), tuple(_tuples(columns)))


def _tuples(columns: Sequence[Column]) -> list[str]:
    return ["/".join(as_text(cell) for cell in cells) for cells in zip(*(one.cells for one in columns), strict=True)]


def _all_differ(columns: Sequence[Column], times: Sequence[Any] | None) -> bool:
    rows = _tuples(columns)
    told = set(zip(rows, map(str, times), strict=True)) if times is not None else set(rows)
    return len(told) == len(rows)


def _is_unique(column: Column) -> bool:
    return len(column.texts) == len(column.said)


def _unique_in_time(column: Column, times: Sequence[Any]) -> bool:
    said = [(as_text(cell), str(time)) for cell, time in zip(column.cells, times, strict=True) if cell is not None]
    return len(set(said)) >= _COMPLETE * len(said)


def _looks_like_a_code(column: Column) -> bool:
    """Short, without blanks, with a digit: like P-17, not like a sentence and not like a measurement."""
    return not _is_measured(column) and all(isinstance(cell, str) and _CODE.fullmatch(cell) for cell in column.said)


def _is_measured(column: Column) -> bool:
    """Numbers with decimals are measured; nothing is called so."""
    return any(re.fullmatch(r"[-+]?[0-9]*[.,][0-9]+(?:[eE][-+]?[0-9]+)?", as_text(cell)) for cell in column.said)
