"""`graphtwin identity`: which records are one thing, as persons decide it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.changes import changes_of, print_changes
from graphtwin.cli.doors import Doors, ask, server_of
from graphtwin.cli.later import later
from graphtwin.cli.naming import As, DryRun, Ground, Reason, World, entity_named, split_world, world_named
from graphtwin.cli.output import Form, Output, moment, next_step, printed, say, table, when

if TYPE_CHECKING:
    from graphtwin.app import identity, identity_undo, person
    from graphtwin.client import decisions
    from graphtwin.methods.matching.judgements import IdentityDecision
    from graphtwin.ports import Store
    from graphtwin.workflows.decide import Decided
else:
    identity, identity_undo = later("graphtwin.app.identity"), later("graphtwin.app.identity_undo")
    person, decisions = later("graphtwin.app.person"), later("graphtwin.client.decisions")

app = typer.Typer(help="Decide which records are one thing.", no_args_is_help=True)

_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"


@app.command()
def merge(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="[WORLD] ENTITY ENTITY", help="The two that are one; ids may be short.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Although serial numbers or twin.yaml speak against it; needs evidence.")
    ] = False,
    evidence: Ground = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Say that two entities are one thing, and always were. Undoing it is exact."""
    given, names = split_world(words, 2, "graphtwin identity merge WORLD ENTITY ENTITY", os.environ.get(_ENVIRONMENT))
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)

    async def call(store: Store, world: str) -> Decided:
        one, other = [await entity_named(store, world, name) for name in names]
        if there is not None:
            pair = {"one": one, "other": other, "force": force}
            return await decisions.decide_there(there, world, "merge", pair, terms)
        return await identity.merge_entities(store, world, (one, other), terms, force=force)

    _answer(context, given, call, output, dry_run=dry_run)


@app.command()
def split(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[WORLD] ENTITY", help="The entity that is two.")],
    records: Annotated[
        str, typer.Option(metavar="RECORD,RECORD", help="Its records that are another thing, such as bms:TS-301.")
    ],
    evidence: Ground = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Say that some records of an entity are another thing, and always were: they get an entity of their own."""
    usage = "graphtwin identity split WORLD ENTITY --records bms:TS-301"
    given, (name,) = split_world(words, 1, usage, os.environ.get(_ENVIRONMENT))
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)
    wanted = [one.strip() for one in records.split(",") if one.strip()]

    async def call(store: Store, world: str) -> Decided:
        entity = await entity_named(store, world, name)
        if there is not None:
            return await decisions.decide_there(there, world, "split", {"entity": entity, "records": wanted}, terms)
        return await identity.split_entity(store, world, entity, wanted, terms)

    _answer(context, given, call, output, dry_run=dry_run)


@app.command()
def undo(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="[WORLD] DECISION", help="The decision's number, as identity list shows it.")
    ],
    evidence: Ground = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Take a decision about identity back, a person's or a merge by matching: all is as if it had never been made."""
    given, (name,) = split_world(words, 1, "graphtwin identity undo WORLD DECISION", os.environ.get(_ENVIRONMENT))
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)

    async def call(store: Store, world: str) -> Decided:
        if there is not None:
            return await decisions.decide_there(there, world, "undoIdentity", {"decision": name}, terms)
        return await identity_undo.undo_identity(store, world, name, terms)

    _answer(context, given, call, output, dry_run=dry_run)


@app.command(name="list")
def list_(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """List the decisions about identity: what persons said, and which entities matching made one."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[IdentityDecision, ...]]:
        name = await world_named(store, world)
        return name, await identity.identity_decisions(store, name)

    name, decisions = asyncio.run(ask(context, question))
    if printed([_decision(one) for one in decisions], output):
        return
    if not decisions:
        say(f"Nobody has decided anything about identity in {name}, and matching made no two entities one.")
        next_step(f"graphtwin snapshot {name}")
        return
    table(
        ("decision", "at", "who", "what", "records", "why", "undone by"),
        (
            (one.n, moment(one.at), one.principal, _what(one), ", ".join(one.records), one.reason, one.undone_by)
            for one in decisions
        ),
        right=("decision",),
    )
    standing = [one.n for one in decisions if one.undone_by is None]
    next_step(f"graphtwin identity undo {name} {standing[-1]}" if standing else f"graphtwin snapshot {name}")


def _answer(
    context: typer.Context,
    given: str | None,
    call: Callable[[Store, str], Awaitable[Decided]],
    output: Form,
    *,
    dry_run: bool,
) -> None:
    async def question(_: Doors, store: Store) -> tuple[str, Decided, int | None]:
        world = await world_named(store, given)
        decided = await call(store, world)
        told = [] if dry_run else await store.audit_of_runs(world, [decided.run])
        return world, decided, told[-1].n if told else None

    world, decided, number = asyncio.run(ask(context, question))
    body: Mapping[str, Any] = decided.decision.told
    version = f"v{decided.commit.seq}" if decided.commit else None
    answer = {
        "world": world,
        "decision": number,
        "run": decided.run,
        **body,
        "changes": changes_of(decided.changes),
        "version": version,
        "dry_run": dry_run,
    }
    if printed(answer, output):
        return
    say(_told(body))
    print_changes(decided.changes)
    if number is not None:
        say(
            "decision ", Text(str(number), "bold"), f" in {version}" if version else ", no version: nothing of it stood"
        )
    next_step("the same without --dry-run" if dry_run else f"graphtwin identity list {world}")


def _told(body: Mapping[str, Any]) -> str:
    entities, by = body["entities"], body["principal"]
    match body["action"]:
        case "merge":
            return f"{' and '.join(entities)} are one, says {by}: {entities[0]}"
        case "split":
            return f"{', '.join(body['records'])} of {entities[0]} are another thing, says {by}: {entities[1]}"
        case _:
            return f"decision {body['undoes']} is undone by {by}"


def _what(one: IdentityDecision) -> str:
    match one.action:
        case "merge":
            return f"merge into {one.entities[0]} of {', '.join(one.entities[1:])}"
        case "split":
            return f"split from {one.entities[0]}: {one.entities[1]}"
        case _:
            return f"undo of {one.undoes}"


def _decision(one: IdentityDecision) -> dict[str, Any]:
    return {
        "decision": one.n,
        "at": when(one.at),
        "by": one.principal,
        "run": one.run,
        "action": one.action,
        "entities": one.entities,
        "records": one.records,
        "forced": one.forced,
        "reason": one.reason,
        "evidence": one.evidence,
        "undoes": one.undoes,
        "undone_by": one.undone_by,
    }
