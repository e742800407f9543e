"""`graphtwin bench`: measure graphtwin on this machine, beside the raw driver, and write down what came out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.output import Form, Output, line, next_step, printed, say, stderr, table
from graphtwin.methods.benchmarks.bench_page import bench_page, bound_text, holds, value_text, verdict

if TYPE_CHECKING:
    from graphtwin.app import bench as benches
else:
    benches = later("graphtwin.app.bench")

ALL: Final = "all"


def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=f"What to measure: loop, rdf, or {ALL}.")] = "loop",
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write the figures there, as Markdown; other benches' figures in it stay."
        ),
    ] = None,
    here: Annotated[
        bool, typer.Option("--here", help="Measure on the database of the settings, not on one made for it.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Measure on this machine, against floors and goals. Exit code 1 when a floor doesn't hold."""
    doors = doors_of(context)
    stderr().print(line(f"Measuring {name}; this takes minutes", "dim"))
    measured = [asyncio.run(doors.bench(one, here=here)) for one in (benches.BENCHES if name == ALL else (name,))]
    if write is not None:
        before = write.read_text("utf-8") if write.exists() else ""
        write.write_text(bench_page(measured, datetime.now(UTC), before=before), encoding="utf-8")
    if not printed(measured if name == ALL else measured[0], output):
        for one in measured:
            _print(one)
        next_step(f"read {write}" if write else "graphtwin bench all --write reference/benchmarks.md")
    leave(0 if all(holds(figure) for one in measured for figure in one["figures"].values()) else 1)


def _print(measured: Mapping[str, Any]) -> None:
    say(Text(measured["name"], "bold"), f"  on {measured['machine']}")
    rows = [_row(name, figure) for name, figure in measured["figures"].items()]
    table(("figure", "value", "floor", "goal", "", "how"), rows, right=("value", "floor", "goal"))


def _row(name: str, figure: Mapping[str, Any]) -> tuple[str | Text, ...]:
    said = Text(verdict(figure), "green" if holds(figure) else "red")
    bounds = bound_text(figure["floor"]), bound_text(figure["goal"])
    return (name, value_text(figure), *bounds, said, Text(figure["reference"], "dim"))
