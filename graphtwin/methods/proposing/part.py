"""The rows of one place, taken apart: what bears their time, id, type and label, and which rows make one mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graphtwin.methods.proposing.column import Column, as_text, columns_of, literal
from graphtwin.methods.proposing.documents import KEY, Rows
from graphtwin.methods.proposing.kinds import Kind, kinds_of
from graphtwin.methods.proposing.naming import plain_words
from graphtwin.methods.proposing.proposal import Guess
from graphtwin.methods.proposing.roles import Time, find_label, find_time, find_types
from graphtwin.methods.proposing.thing_id import Identified, find_id
from graphtwin.methods.proposing.topics import Topics, read_topics
from graphtwin.methods.reading.topic_payload import TOPIC_KEY, VALUE_KEY

MOST_PARTS: Final = 60
"""Mappings that one source may need; what would need more isn't taken apart."""

_MEASURE: Final = frozenset(
    {"metric", "variable", "parameter", "measure", "measurement", "measurand", "quantity", "property", "signal",
     "field"}
)  # fmt: skip
_VALUE: Final = frozenset({"value", "val", "reading", "measured value", "observed value", "result"})
_MOST_MEASURES: Final = 30


@dataclass(frozen=True, slots=True)
class Part:
    """The rows that one mapping reads: all of a kind and, in a long table, of one measure, whose value is `value`."""

    kind: Kind
    rows: Rows
    identified: Identified
    label: Guess | None
    time: Time
    columns: tuple[Column, ...]
    """What is left to be variables and relations, of these rows only."""
    measure: str
    value: Column | None
    condition: str
    """What these rows meet, as JMESPath; "" where all do."""
    prefix: str = ""
    """What goes before its ids, where another kind of things in the same source has the same."""

    @property
    def typed(self) -> dict[str, str]:
        """The type of each id."""
        return dict(zip(self.identified.ids, self.kind.names, strict=True))

    @property
    def id(self) -> str:
        """The JMESPath of the id."""
        own = str(self.identified.guess.value)
        return f"join('-', [{literal(self.prefix)}, to_string({own})])" if self.prefix else own


def parts_of(rows: Rows, *, text: bool, telling: bool) -> tuple[Time, list[Part]]:
    """The time of the rows, and their parts, each to be a mapping; `telling` says that the place's name names a kind."""
    topics = read_topics(rows.rows) if not rows.each else None
    hidden = {TOPIC_KEY} if topics else {"parent"} if rows.each else set()
    columns = [column for column in columns_of(rows.rows, text=text) if column.path[0] not in hidden]
    long = _long(columns, topics)
    time = find_time(columns, days=False)
    identified = topics.identified if topics else _identified(columns, time, long, rows)
    if not topics and not time.columns and len(set(identified.ids)) < len(identified.ids):
        by_days = find_time(columns, days=True)
        if by_days.columns:
            time, identified = by_days, _identified(columns, by_days, long, rows)
    if rows.each and "" in identified.ids:
        rows = rows._replace(met=str(identified.guess.value))  # an item without an id must not cost the others theirs
    taken = [*time.columns, *identified.columns, *_known(long)]
    free = [column for column in columns if column not in taken]
    types = find_types(free, identified.ids)
    label = find_label(free, [types.column] if types else [])
    own = identified.columns[0] if len(identified.columns) == 1 else None
    told = rows.form == "list" or (telling and rows.form == "payload")
    kinds = kinds_of(types, own, identified.ids, called=rows.called, telling=told, items=bool(rows.each))
    rest = [
        column
        for column in free
        if not (types and column is types.column) and not (label and column.expression == label.value)
    ]
    whole = Part(kinds[0], rows, identified, label, time, tuple(rest), "", long[1] if long else None, "")
    return time, [part for kind in kinds for part in _by_measure(replace(whole, kind=kind), long)][:MOST_PARTS]


def _identified(
    columns: Sequence[Column], time: Time, long: tuple[Column, Column | None] | None, rows: Rows
) -> Identified:
    key = next((column for column in columns if column.path == (KEY,)), None)
    if rows.form == "members" and key is not None:
        ids = tuple(as_text(cell) for cell in key.cells)
        return Identified(Guess(KEY, "things stand under their names", "sure"), (key,), ids)
    apart = [*time.columns, *_known(long)]
    candidates = [column for column in columns if column not in apart]
    return find_id(candidates, _times(time, long), called=rows.called, rows=len(rows.rows))


def _known(long: tuple[Column, Column | None] | None) -> list[Column]:
    return [column for column in long or () if column is not None]


def _times(time: Time, long: tuple[Column, Column | None] | None) -> list[Any] | None:
    """What tells the readings of a thing apart: when they were, and of what."""
    columns = [*time.columns, *_known(long)[:1]]
    return list(zip(*(column.cells for column in columns), strict=True)) if columns else None


def _long(columns: Sequence[Column], topics: Topics | None) -> tuple[Column, Column | None] | None:
    """The column that says what was measured, and the one with the value, where each row is one reading. A topic's last
    level says it, also of messages that hold several values.
    """
    if topics is not None:
        value = next((column for column in columns if column.path == (VALUE_KEY,)), None)
        return (topics.measure, value) if topics.measure else None
    values = [
        column for column in columns if " ".join(plain_words(column.path[-1])) in _VALUE and len(column.path) == 1
    ]
    if len(values) != 1:
        return None
    named = [column for column in columns if _says_measures(column)]
    return (named[0], values[0]) if named else None


def _says_measures(column: Column) -> bool:
    words = plain_words(column.path[-1])
    if (
        not words
        or not (words[-1] in _MEASURE or (words[-1] == "name" and words[0] in _MEASURE))
        or not column.complete
    ):
        return False
    return all(isinstance(cell, str) for cell in column.said) and len(column.texts) <= _MOST_MEASURES


def _by_measure(part: Part, long: tuple[Column, Column | None] | None) -> list[Part]:
    if long is None:
        return [_of_rows(part, part.kind.rows, [part.rows.met, part.kind.condition], "")]
    measure = long[0]
    found = []
    for name in sorted({as_text(measure.cells[row]) for row in part.kind.rows if measure.cells[row] is not None}):
        rows = tuple(row for row in part.kind.rows if as_text(measure.cells[row]) == name)
        said = [part.rows.met, part.kind.condition, f"{measure.expression} == {literal(name)}"]
        found.append(_of_rows(part, rows, said, name))
    return found


def _of_rows(part: Part, rows: tuple[int, ...], conditions: Sequence[str], measure: str) -> Part:
    value = part.value.only(rows) if part.value else None
    ids = part.identified._replace(ids=tuple(part.identified.ids[row] for row in rows))
    names = dict(zip(part.kind.rows, part.kind.names, strict=True))
    kind = part.kind._replace(rows=rows, names=tuple(names[row] for row in rows))
    return replace(
        part,
        kind=kind,
        identified=ids,
        columns=tuple(cut for column in part.columns if (cut := column.only(rows)).said or not column.said),
        measure=measure,
        value=value if value and value.said else None,
        condition=" && ".join(one for one in conditions if one),
    )
