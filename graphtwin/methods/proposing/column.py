"""Payloads by columns: every field of objects in rows, nested ones by their path, with what it says in each row."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

MOST_COLUMNS: Final = 200
"""Columns that are looked at; what has more is no table of things."""
_DEEPEST: Final = 4
_MEMBERS: Final = 40
"""Members of a nested object up to which they are fields; more are data under names of their own."""

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)  # one column is never another, and cells may be lists
class Column:
    """One field of all rows; a cell is None where a row says nothing there (missing, null, blank text)."""

    path: Path
    cells: tuple[Any, ...]
    text: bool
    """True for a table, whose cells are all text."""
    blanks: frozenset[str] = frozenset()
    """The blank texts that stood in cells that say nothing."""
    how: str = ""
    """The JMESPath that yields a cell, where it isn't the path."""

    @property
    def expression(self) -> str:
        """The JMESPath that yields a cell."""
        return self.how or expression_of(self.path)

    def only(self, rows: Sequence[int]) -> Column:
        """The same column of some of the rows."""
        return replace(self, cells=tuple(self.cells[row] for row in rows))

    @property
    def name(self) -> str:
        """The field's name, with what it stands in; a `value` is called by what it is the value of."""
        of_a_value = len(self.path) > 1 and self.path[-1].lower() in ("value", "val")
        return "_".join(self.path[:-1] if of_a_value else self.path)

    @property
    def title(self) -> str:
        """How people are told of it."""
        return ".".join(self.path)

    @cached_property
    def said(self) -> tuple[Any, ...]:
        """The cells that say something."""
        return tuple(cell for cell in self.cells if cell is not None)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The different things that are said, as texts."""
        return frozenset(as_text(cell) for cell in self.said)

    @property
    def complete(self) -> bool:
        """Every row says something there."""
        return len(self.said) == len(self.cells)


def columns_of(rows: Sequence[Mapping[str, Any]], *, text: bool) -> list[Column]:
    """The columns in the order in which they first appear."""
    if text:
        names = dict.fromkeys(name for row in rows for name in row if name)
        return [_text_column(name, rows) for name in list(names)[:MOST_COLUMNS]]
    cells: dict[Path, list[Any]] = {}
    whole = _not_taken_apart(rows)
    for number, row in enumerate(rows):
        for path, value in _fields(row, (), whole):
            if path not in cells:
                if len(cells) >= MOST_COLUMNS:
                    continue
                cells[path] = [None] * number
            column = cells[path]
            column += [None] * (number - len(column))
            column.append(value)
    return [_column(path, found + [None] * (len(rows) - len(found))) for path, found in cells.items()]


def _text_column(name: str, rows: Sequence[Mapping[str, Any]]) -> Column:
    """A column of a table, whose cells are text."""
    cells = (row.get(name) for row in rows)
    return Column((name,), tuple(cell if cell and not str(cell).isspace() else None for cell in cells), text=True)


def _column(path: Path, values: Sequence[Any]) -> Column:
    blanks = frozenset(value for value in values if isinstance(value, str) and not value.strip())
    cells = tuple(None if isinstance(value, str) and value in blanks else value for value in values)
    return Column(path, cells, text=False, blanks=blanks)


def expression_of(path: Sequence[str]) -> str:
    """The path as JMESPath."""
    return ".".join(part if _is_plain(part) else json.dumps(part, ensure_ascii=False) for part in path)


def literal(value: str | list[str]) -> str:
    """A text or a list of texts as JMESPath has it."""
    if isinstance(value, str) and "'" not in value and "\\" not in value:
        return f"'{value}'"
    return "`" + json.dumps(value, ensure_ascii=False).replace("`", "\\`") + "`"


def as_text(value: Any) -> str:
    """A value as an id would be written."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _not_taken_apart(rows: Sequence[Mapping[str, Any]]) -> frozenset[Path]:
    """Where some rows have an object and others something else: that is one field, of a mixture."""
    objects: set[Path] = set()
    others: set[Path] = set()
    for row in rows:
        for path, value in _places(row, ()):
            (objects if isinstance(value, dict) else others).add(path)
    return frozenset(objects & others)


def _places(value: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for name, inner in value.items():
        if inner is not None:
            yield (*path, name), inner
        if isinstance(inner, dict) and len(path) + 1 < _DEEPEST:
            yield from _places(inner, (*path, name))


def _fields(value: Mapping[str, Any], path: Path, whole: Collection[Path]) -> Iterator[tuple[Path, Any]]:
    for name, inner in value.items():
        here = (*path, name)
        if not name:  # JMESPath has no way to say it
            continue
        apart = isinstance(inner, dict) and len(here) < _DEEPEST and len(inner) <= _MEMBERS and here not in whole
        if apart and inner:
            yield from _fields(inner, here, whole)
        elif not apart:
            yield here, inner


def _is_plain(part: str) -> bool:
    return part.isascii() and part.isidentifier()
