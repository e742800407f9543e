"""`graphtwin audit`: what was done and why, and whether the record of it was tampered with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.failure import leave
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, moment, next_step, printed, say, table, when, worded

if TYPE_CHECKING:
    from graphtwin.app import AuditVerification
    from graphtwin.model.commit import AuditRecord
    from graphtwin.ports import Store

app = typer.Typer(help="The tamper-evident record of all that was done.", no_args_is_help=True)


@app.command()
def show(
    context: typer.Context,
    world: World = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many of the newest records.")] = 20,
    output: Output = Form.TABLE,
) -> None:
    """Show the newest records of a world's audit chain, oldest first."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[AuditRecord, ...]]:
        name = await world_named(store, world)
        newest = (await store.head(name)).audit_n
        return name, await store.audit(name, after=max(0, newest - limit), limit=limit)

    name, records = asyncio.run(ask(context, question))
    if printed([_record(one) for one in records], output):
        return
    table(
        ("n", "at", "kind", "run", "what", "hash"),
        ((one.n, moment(one.at), one.kind, one.run, worded(dict(one.body)), one.hash[:12] + "…") for one in records),
        right=("n",),
    )
    next_step(f"graphtwin audit verify {name}")


def _record(one: AuditRecord) -> dict[str, Any]:
    return {
        "n": one.n,
        "at": when(one.at),
        "kind": one.kind,
        "run": one.run,
        "body": one.body,
        "prev": one.prev,
        "hash": one.hash,
    }


@app.command()
def verify(
    context: typer.Context,
    world: World = None,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The log; where the last run wrote it if not given.")
    ] = None,
    head: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A signed head kept elsewhere, to compare with.")
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Check the audit log: chain, signatures, and that nothing was cut off. Exit code 1 when it isn't intact."""

    async def question(doors: Doors, store: Store) -> tuple[str, AuditVerification]:
        name = await world_named(store, world)
        return name, await doors.verify_audit(store, name, log=log, head=head)

    name, found = asyncio.run(ask(context, question))
    intact = found.verdict == "intact"
    if not printed({"world": name, "intact": intact, **_verification(found)}, output):
        say(Text(found.verdict, "bold green" if intact else "bold red"), f"  {found.records} records in {found.path}")
        if found.message:
            say(f"  {found.message}" + (f" (line {found.position})" if found.position else ""))
        next_step(f"graphtwin audit show {name}")
    leave(0 if intact else 1)


def _verification(found: AuditVerification) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "line": found.position,
        "records": found.records,
        "message": found.message,
        "log": str(found.path),
    }
