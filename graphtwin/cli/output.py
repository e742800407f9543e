"""How answers look: calm tables for people, JSON or YAML for programs; data on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from graphtwin.methods.views.plain_json import plain_json
from graphtwin.methods.views.view_text import json_text, yaml_text
from graphtwin.methods.views.view_value import write_time

WIDE: Final = 140
"""Columns where nobody watches: a pipe has no width of its own."""
_LONGEST: Final = 72
_LEAST: Final = 12
_BETWEEN: Final = 3
_GRAVE: Final = 0.7


class Form(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


Output = Annotated[Form, typer.Option("--output", "-o", help="How to print: table, json or yaml.")]

SEVERITY_STYLE: Final[Mapping[str, str]] = {"low": "green", "medium": "yellow", "high": "red", "critical": "bold red"}


def printed(data: Any, form: Form) -> bool:
    """Print data for programs, where they are asked for; False when a person is to read."""
    if form is Form.TABLE:
        return False
    text = json_text(plain_json(data)) if form is Form.JSON else yaml_text(plain_json(data)).rstrip("\n")
    typer.echo(text)
    return True


def stdout() -> Console:
    """The console that answers go to."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def stderr() -> Console:
    """The console that progress and logs go to."""
    return Console(stderr=True, highlight=False)


def say(*parts: str | Text) -> None:
    """One line for people."""
    text = Text.assemble(*(part if isinstance(part, Text) else line(part) for part in parts))
    stdout().print(text, soft_wrap=True)  # the terminal wraps: what is copied from it stays whole


def next_step(text: str) -> None:
    """The last line of an answer: what to do now."""
    say(Text(f"Next: {text}", style="dim"))


def table(columns: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str = "", right: Iterable[str] = ()) -> None:
    """A table for people; cells that are Text keep their style, all others are shown as they are, markup and all."""
    shown = Table(box=SIMPLE_HEAD, header_style="dim", title=title or None, title_justify="left", pad_edge=False)
    for column in columns:
        shown.add_column(line(column), justify="right" if column in set(right) else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else line(_text(cell)) for cell in row))
    show(shown)


def fits(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
    """Whether a table has room for its headings, and for some letters of each cell."""
    least = max((_LEAST, *map(len, columns)))
    longest = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    return sum(min(one, least) + _BETWEEN for one in longest) <= stdout().width


def blocks(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows that are too wide for a table: one below the other, a line for each cell."""
    margin = max(map(len, columns))
    for number, row in enumerate(rows, 1):
        say(Text(f"{number}.", "dim"))
        for column, cell in zip(columns, row, strict=True):
            say(Text(f"  {column:<{margin}}  ", "dim"), cell)
    say("")


def show(renderable: RenderableType) -> None:
    """Anything rich can draw."""
    stdout().print(renderable)


def line(text: str, style: str = "") -> Text:
    """Text without what could steer a terminal: data may hold anything."""
    return Text(
        "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text), style
    )


def severity(name: str) -> Text:
    """A severity in its colour."""
    return Text(name, SEVERITY_STYLE.get(name, ""))


def share(value: float) -> Text:
    """A risk or confidence from 0 to 1 with a bar of ten."""
    full = round(value * 10)
    return Text.assemble(
        (f"{value:.2f} ", "bold"), ("■" * full, "red" if value >= _GRAVE else "yellow"), ("·" * (10 - full), "dim")
    )


def worded(value: Any, unit: str = "", *, longest: int = _LONGEST) -> str:
    """A value with its unit in a few words."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = json.dumps(plain_json(value), ensure_ascii=False)
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return f"{cut} {unit}" if unit else cut


def when(micros: int | None) -> str:
    """An instant in epoch µs, to the second where it has no finer part; a dash where there is none."""
    return "–" if micros is None else write_time(micros)


def moment(micros: int | None) -> str:
    """An instant for a person to skim, to the second."""
    return "–" if micros is None else write_time(micros - micros % 1_000_000)


def counted(number: int, thing: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
