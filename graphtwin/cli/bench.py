"""`graphtwin bench`: measure graphtwin on this machine, beside the raw driver, and write down what came out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.app import BENCHES
from graphtwin.cli.doors import doors_of
from graphtwin.cli.failure import leave
from graphtwin.cli.output import Form, Output, line, next_step, printed, say, stderr, table

ALL: Final = "all"

_HEAD: Final = """\
# Benchmarks

Written by `make bench` on {date}. A floor must hold; a goal is aimed at. What is compared is measured in turns on the same
machine, after a warm-up, and the median is given.
"""


def bench(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help=f"What to measure: {', '.join(BENCHES)}, or {ALL}.")
    ] = "loop",
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the figures there, as Markdown.")
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Measure on this machine, against floors and goals. Exit code 1 when a floor doesn't hold."""
    doors = doors_of(context)
    stderr().print(line(f"Measuring {name}; this takes minutes", "dim"))
    measured = [asyncio.run(doors.bench(one)) for one in (BENCHES if name == ALL else (name,))]
    if write is not None:
        write.write_text(page(measured, datetime.now(UTC)), encoding="utf-8")
    if not printed(measured if name == ALL else measured[0], output):
        for one in measured:
            _print(one)
        next_step(f"read {write}" if write else "graphtwin bench all --write reference/benchmarks.md")
    leave(0 if all(_holds(figure) for one in measured for figure in one["figures"].values()) else 1)


def page(measured: Sequence[Mapping[str, Any]], at: datetime) -> str:
    """The figures as a Markdown page."""
    parts = [_HEAD.format(date=f"{at:%Y-%m-%d}")]
    for one in measured:
        versions = ", ".join(f"{package} {number}" for package, number in one["versions"].items())
        parts.append(f"\n## {one['name']}\n\nMachine: {one['machine']}. Versions: {versions}.\n")
        parts.append("\n| figure | value | floor | goal | | how |\n| --- | ---: | ---: | ---: | --- | --- |\n")
        parts += [
            f"| {' | '.join([f'`{figure}`', *_row(values), values['reference']])} |\n"
            for figure, values in one["figures"].items()
        ]
    return "".join(parts)


def _print(measured: Mapping[str, Any]) -> None:
    say(Text(measured["name"], "bold"), f"  on {measured['machine']}")
    rows = [
        (figure, *_row(values)[:-1], _verdict_in_colour(values), Text(values["reference"], "dim"))
        for figure, values in measured["figures"].items()
    ]
    table(("figure", "value", "floor", "goal", "", "how"), rows, right=("value", "floor", "goal"))


def _row(figure: Mapping[str, Any]) -> list[str]:
    """Value with its unit, floor, goal, verdict."""
    return [
        f"{figure['value']:.4g} {figure['unit']}".strip(),
        _number(figure["floor"]),
        _number(figure["goal"]),
        _verdict(figure),
    ]


def _verdict(figure: Mapping[str, Any]) -> str:
    if not _holds(figure):
        return "under its floor" if figure["better"] == "higher" else "over its floor"
    if figure["goal"] is not None and _reaches(figure, figure["goal"]):
        return "goal reached"
    return "holds" if figure["floor"] is not None else ""


def _verdict_in_colour(figure: Mapping[str, Any]) -> Text:
    return Text(_verdict(figure), "green" if _holds(figure) else "red")


def _holds(figure: Mapping[str, Any]) -> bool:
    return figure["floor"] is None or _reaches(figure, figure["floor"])


def _reaches(figure: Mapping[str, Any], bound: float) -> bool:
    value: float = figure["value"]
    return value >= bound if figure["better"] == "higher" else value <= bound


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
