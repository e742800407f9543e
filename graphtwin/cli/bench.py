"""`graphtwin bench`: measure graphtwin on this machine, beside the raw driver."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of
from graphtwin.cli.failure import leave
from graphtwin.cli.live import live
from graphtwin.cli.output import Form, Output, next_step, printed, say, table


def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="What to measure.")] = "loop",
    output: Output = Form.TABLE,
) -> None:
    """Measure on this machine, against floors and goals. Exit code 1 when a floor doesn't hold."""
    doors = doors_of(context)
    doors.start()
    with live(f"Measuring {name}"):
        measured = asyncio.run(doors.bench(name))
    figures: dict[str, Any] = measured["figures"]
    held = {figure: _holds(one) for figure, one in figures.items()}
    if not printed(measured, output):
        say(Text(measured["name"], "bold"), f"  on {measured['machine']}")
        table(
            ("figure", "value", "unit", "floor", "goal", "better", ""),
            (
                (figure, f"{one['value']:.4g}", one["unit"], _number(one.get("floor")), _number(one.get("goal")),
                 one["better"], Text("holds", "green") if held[figure] else Text("below its floor", "red"))
                for figure, one in figures.items()
            ),
            right=("value", "floor", "goal"),
        )  # fmt: skip
        next_step("make bench writes reference/benchmarks.md")
    leave(0 if all(held.values()) else 1)


def _holds(figure: dict[str, Any]) -> bool:
    floor = figure.get("floor")
    if floor is None:
        return True
    return bool(figure["value"] >= floor if figure["better"] == "higher" else figure["value"] <= floor)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
