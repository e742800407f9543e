"""`graphtwin watch`: keep a world up to its sources until stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of
from graphtwin.cli.live import live
from graphtwin.cli.output import Form, Output, counted, moment, next_step, printed, say
from graphtwin.cli.sync import status_text
from graphtwin.errors import GraphtwinError, NotFound, UsageError
from graphtwin.model.durations import parse_duration

if TYPE_CHECKING:
    from graphtwin.app import SyncOutcome


def watch(
    context: typer.Context,
    twin: Annotated[Path, typer.Argument(metavar="TWIN.yaml", help="The world's configuration.")],
    every: Annotated[str, typer.Option(metavar="DURATION", help="How often, such as 5s or 1m.")] = "5s",
    count: Annotated[int, typer.Option(min=0, help="Stop after so many syncs; 0 goes on until Ctrl-C.")] = 0,
    output: Output = Form.TABLE,
) -> None:
    """Sync a world in small batches until stopped. A sync that is asked for meanwhile, here or elsewhere, is done by this one."""
    if not twin.is_file():
        raise NotFound(f"There is no file {twin}.", hint="Write one with: graphtwin init")
    try:
        pause = parse_duration(every)
    except ValueError as error:
        raise UsageError(f"{every!r} isn't a duration: {error}.", hint="write it like 5s or 1m") from error
    doors = doors_of(context)
    doors.start(twin)
    heard = 0

    async def go() -> None:
        stop = asyncio.Event()
        with suppress(NotImplementedError, RuntimeError):  # where signals belong to somebody else
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

        def tell(came: SyncOutcome | GraphtwinError) -> None:
            nonlocal heard
            heard += 1
            _tell(came, output)
            if count and heard >= count:
                stop.set()

        await doors.watch(twin, every=pause, stop=stop, heard=tell, on_step=watching.step)

    with live(f"Watching over {twin.name}") as watching:
        asyncio.run(go())
    if output is Form.TABLE:
        say(f"Stopped after {counted(heard, 'sync')}.")
        next_step(f"graphtwin sync {twin}")


def _tell(came: SyncOutcome | GraphtwinError, output: Form) -> None:
    """A line for each sync."""
    if isinstance(came, GraphtwinError):
        if not printed({"error": came.message, "hint": came.hint}, output):
            say(Text("not done  ", "red"), came.message, f"  ({came.hint})" if came.hint else "")
        return
    report: Any = came.report
    if printed(report, output):
        return
    at = moment(int(report.sync_timestamp.timestamp() * 1_000_000))
    findings = counted(report.drift_report.anomalies_detected, "finding")
    say(
        f"{at}  {report.twin_snapshot.version:<6} ",
        status_text(report),
        f"  {findings}, risk {report.risk_assessment.current_risk:.2f}",
        _waits(came),
    )


def _waits(came: SyncOutcome) -> str:
    """The plan that a person is waited for with, "" where there is none."""
    details: Mapping[str, Any] = came.full.details or {}
    return f"; {details['plan']['id']} waits for approval" if details.get("plan_status") == "waiting" else ""
