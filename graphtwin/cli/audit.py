"""`graphtwin audit`: what was done and why, and whether the record of it was tampered with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.failure import leave
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, counted, moment, next_step, printed, say, table, when, worded

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
        ((one.n, moment(one.at), one.kind, one.run, told(one), one.hash[:12] + "…") for one in records),
        right=("n",),
    )
    next_step(f"graphtwin audit verify {name}")


def told(one: AuditRecord) -> str:
    """A record in a line, by its kind; a kind without words of its own as it is, cut. All of it is in -o json."""
    body = dict(one.body)
    try:
        return _WORDS[one.kind](body)
    except (KeyError, TypeError):
        return worded(body)


def _commit(body: Mapping[str, Any]) -> str:
    parts = counted(body["facts"]["count"], "fact"), counted(body["events"]["count"], "event")
    refused = f", {body['quarantined']} quarantined" if body["quarantined"] else ""
    return f"{parts[0]} from {parts[1]} upon {body['parent']['version']}{refused}"


def _run(body: Mapping[str, Any]) -> str:
    done = sum(step["outcome"] in {"done", "again"} for step in body["tool_log"])
    stopped = f"; stopped: {body['stopped']}" if body.get("stopped") else ""
    return f"{body['status'].replace('_', ' ')}: {done} of {counted(len(body['tool_log']), 'step')} done{stopped}"


def _configuration(body: Mapping[str, Any]) -> str:
    changes = body["changes"]
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"twin.yaml: {changes[0]}{more}" if changes else "twin.yaml"


def _rollback(body: Mapping[str, Any]) -> str:
    of = f" of {body['undone']}" if body["undone"] else f" by {body['principal']}"
    why = f": {body['reason']}" if body["reason"] else ""
    return f"back to {body['restore_point']}{of}, {counted(body['restored']['cells'], 'cell')}{why}"


def _added(body: Mapping[str, Any]) -> str:
    return f"{body['id']} is {body['role']} now, says {body['principal']}"


def _revoked(body: Mapping[str, Any]) -> str:
    return f"{body['id']} may decide nothing any more, says {body['principal']}"


def _asked(body: Mapping[str, Any]) -> str:
    about = ", ".join(f"{name} {worded(value)}" for name, value in body["arguments"].items())
    who = body["principal"] or ("the owner of this machine" if body["role"] else "somebody without a role")
    why = f": {body['reason']}" if "reason" in body else ""
    return f"{who} asked for {body['root']}{f' ({about})' if about else ''}{why}"


def _key(body: Mapping[str, Any]) -> str:
    return f"{body['principal']}: API key {body['key_sha256'][:12]} of {body['id']}"


def _claim(body: Mapping[str, Any]) -> str:
    value = f" to {worded(body['value'], body['unit'])}" if "value" in body else ""
    reason = f": {body['reason']}" if body["reason"] else ""
    return f"{body['principal']}: {body['action']} {body['entity']}.{body['variable']}{value}{reason}"


def _identity(body: Mapping[str, Any]) -> str:
    reason = f": {body['reason']}" if body["reason"] else ""
    what = f"undo of record {body['undoes']}" if body["action"] == "undo" else f"{body['action']}"
    return f"{body['principal']}: {what} of {', '.join(body['entities'])}{reason}"


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "commit": _commit,
    "run": _run,
    "configuration": _configuration,
    "rollback": _rollback,
    "principal-added": _added,
    "principal-revoked": _revoked,
    "api-asked": _asked,
    "api-refused": _asked,
    "api-key-added": _key,
    "api-key-ended": _key,
    "claim": _claim,
    "override": _claim,
    "restore": _rollback,
    "identity": _identity,
    "identity-merged": _identity,
}


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
