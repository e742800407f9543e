"""`graphtwin source`: what a source says and what becomes of it, before anything is written; and what was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask, doors_of
from graphtwin.cli.failure import leave
from graphtwin.cli.live import live
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, counted, line, moment, next_step, printed, say, table, when, worded

if TYPE_CHECKING:
    from graphtwin.app import SourceTest
    from graphtwin.model.commit import Quarantined
    from graphtwin.ports import Store

app = typer.Typer(help="The sources of signals.", no_args_is_help=True)

_ROWS: Final = 3
_RAW: Final = 400
_SILENT: Final = 1


@app.command(name="test")
def try_out(
    context: typer.Context,
    twin: Annotated[Path, typer.Argument(metavar="TWIN.yaml", help="The world's configuration.")],
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="One source; all if not given.")] = None,
    output: Output = Form.TABLE,
) -> None:
    """Read sources without writing anything: raw message, event and facts of the first three. Exit 1 if one is silent."""
    with live("Reading"):
        tests = asyncio.run(doors_of(context).test_source(twin, source))
    told = [describe_test(one) for one in tests]
    if not printed(told, output):
        for one in told:
            print_test(one)
        next_step(f"graphtwin sync {twin}")
    leave(0 if all(one["answered"] for one in told) else _SILENT)


def describe_test(tested: SourceTest) -> dict[str, Any]:
    """What a source said and what became of it, its first three messages in full."""
    reading, made = tested.reading, tested.transformed
    raw = {item.event: item for item in made.evidence}
    return {
        "source": tested.source,
        "answered": reading.answered,
        "problem": reading.problem,
        "hint": reading.hint,
        "messages": len(reading.messages) + len(reading.malformed),
        "events": len(made.events),
        "facts": len(made.facts),
        "quarantined": [_refused(one) for one in made.quarantined[:_ROWS]],
        "quarantined_count": len(made.quarantined),
        "rows": [
            {
                "anchor": event.anchor,
                "raw": raw[event.id].raw.decode("utf-8", "backslashreplace") if event.id in raw else "",
                "event": {
                    "event_id": event.id,
                    "timestamp": when(event.timestamp),
                    "event_type": event.event_type,
                    "canonical": event.canonical,
                },
                "facts": [
                    {
                        "record": fact.record, "name": fact.name, "object": fact.object, "value": fact.value,
                        "unit": fact.unit, "layer": fact.layer, "valid_from": when(fact.valid_from),
                    }
                    for fact in made.facts
                    if fact.event == event.id
                ],
            }
            for event in made.events[:_ROWS]
        ],
    }  # fmt: skip


def print_test(told: Mapping[str, Any]) -> None:
    """The same for people: raw message, event and facts."""
    say(Text(told["source"], "bold"), f"  {counted(told['messages'], 'message')}, {counted(told['events'], 'event')}, {counted(told['facts'], 'fact')}, ",
        f"{told['quarantined_count']} quarantined")  # fmt: skip
    if not told["answered"]:
        say(Text(f"  did not answer: {told['problem']}", "red"))
        say(f"  {told['hint']}")
    for row in told["rows"]:
        say(Text("  raw   ", "dim"), line(row["raw"][:_RAW], "cyan"), Text(f"  {row['anchor']}", "dim"))
        event = row["event"]
        say(Text("  event ", "dim"), f"{event['timestamp']} {event['event_type']} {event['event_id'][:12]}")
        for fact in row["facts"]:
            value = fact["object"] or fact["value"]
            say(Text("  fact  ", "dim"), f"{fact['record']}  {fact['name']} = {worded(value, fact['unit'])}",
                Text("" if fact["layer"] == "reported" else f"  {fact['layer']}", "dim"))  # fmt: skip
        say("")
    for one in told["quarantined"]:
        say(Text("  refused ", "yellow"), f"{one['place']}: {one['reason']}; {one['hint']}")


@app.command()
def quarantine(
    context: typer.Context,
    world: World = None,
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only messages of this source.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 50,
    output: Output = Form.TABLE,
) -> None:
    """Show the messages that were not taken, why, and what to do about it."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[Quarantined, ...]]:
        name = await world_named(store, world)
        return name, await store.quarantined(name, source=source, limit=limit)

    name, refused = asyncio.run(ask(context, question))
    if printed([_refused(one) for one in refused], output):
        return
    if not refused:
        say(f"No message of {name} is in quarantine.")
        return
    table(
        ("at", "source", "place", "reason", "what to do", "message"),
        (
            (moment(one.at), one.source, one.place, one.reason, one.hint, one.raw[:60].decode("utf-8", "replace"))
            for one in refused
        ),
    )
    next_step("correct the source or its mapping, then: graphtwin source test TWIN.yaml")


def _refused(one: Quarantined) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": one.source,
        "place": one.place,
        "reason": one.reason,
        "hint": one.hint,
        "at": when(one.at),
        "size": one.size,
        "sha256": one.sha256,
        "raw": one.raw.decode("utf-8", "backslashreplace"),
    }
