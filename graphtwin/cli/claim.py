"""`graphtwin claim`: what a person decides about a value, with evidence, in their name."""

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
from graphtwin.cli.naming import As, DryRun, Ground, Reason, split_world, variable_named, world_named
from graphtwin.cli.output import Form, Output, next_step, printed, say, when, worded

if TYPE_CHECKING:
    from graphtwin.app import claims, person
    from graphtwin.app.claims import ValueOf
    from graphtwin.app.person import Given
    from graphtwin.client import decisions
    from graphtwin.ports import Store
    from graphtwin.workflows.decide import Decided
else:
    claims, person = later("graphtwin.app.claims"), later("graphtwin.app.person")
    decisions = later("graphtwin.client.decisions")

app = typer.Typer(help="Correct, withdraw or override what is claimed of a value.", no_args_is_help=True)

_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"
_NEGATIVE: Final = {"ignore_unknown_options": True}
"""-5 is a value, no option."""

Value = Annotated[
    list[str],
    typer.Argument(
        metavar="[WORLD] ENTITY.VARIABLE VALUE", help="The variable, and a value such as 21.5, '70 degF', true."
    ),
]
Words = Annotated[
    list[str], typer.Argument(metavar="[WORLD] ENTITY.VARIABLE", help="A variable of an entity; the id may be short.")
]
Evidence = Annotated[
    str, typer.Option(metavar="FILE|URL", help="What it rests on: a file is kept, up to 256 KiB; an address is named.")
]
At = Annotated[str | None, typer.Option(metavar="INSTANT", help="The claim that was in force then; now if not given.")]
Source = Annotated[str | None, typer.Option(help="Whose claim, where it isn't the winning one's.")]


@app.command(context_settings=_NEGATIVE)
def correct(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Value,
    evidence: Evidence,
    at: At = None,
    source: Source = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Say what a claim should have said: it counts as if its source had said so. Newer readings take over as before."""
    given, (text, value) = split_world(words, 2, "graphtwin claim correct WORLD ENTITY.VARIABLE VALUE", _environment())
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)

    async def call(store: Store, about: ValueOf) -> Decided:
        if there is not None:
            said = {"value": value, "at": at, "source": source}
            return await decisions.decide_there(there, about.world, "correct", {**_about(about), **said}, terms)
        return await claims.correct_claim(store, about, value, terms, at=at, source=source)

    _answer(context, given, text, call, terms, output)


@app.command(context_settings=_NEGATIVE)
def withdraw(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Words,
    at: At = None,
    source: Source = None,
    evidence: Ground = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Say that a claim, or an override, was never made: what was claimed beside or before it counts."""
    given, (text,) = split_world(words, 1, "graphtwin claim withdraw WORLD ENTITY.VARIABLE", _environment())
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)

    async def call(store: Store, about: ValueOf) -> Decided:
        if there is not None:
            said = {"at": at, "source": source}
            return await decisions.decide_there(there, about.world, "withdraw", {**_about(about), **said}, terms)
        return await claims.withdraw_claim(store, about, terms, at=at, source=source)

    _answer(context, given, text, call, terms, output)


@app.command(context_settings=_NEGATIVE)
def override(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Value,
    evidence: Evidence,
    until: Annotated[
        str | None, typer.Option(metavar="INSTANT|DURATION", help="When it ends by itself, such as 2h.")
    ] = None,
    reason: Reason = "",
    by: As = None,
    dry_run: DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Set a value above all claims until it is withdrawn, or until a time. Needs an approver."""
    given, (text, value) = split_world(words, 2, "graphtwin claim override WORLD ENTITY.VARIABLE VALUE", _environment())
    terms, there = person.Given(by, evidence, reason, dry_run), server_of(context, by=by)

    async def call(store: Store, about: ValueOf) -> Decided:
        if there is not None:
            said = {"value": value, "until": until}
            return await decisions.decide_there(there, about.world, "override", {**_about(about), **said}, terms)
        return await claims.override_claim(store, about, value, terms, until=until)

    _answer(context, given, text, call, terms, output)


def _about(about: ValueOf) -> dict[str, str | None]:
    return {"entity": about.entity, "variable": about.name}


def _environment() -> str | None:
    return os.environ.get(_ENVIRONMENT)


def _answer(  # noqa: PLR0917 - one decision and how it is told
    context: typer.Context,
    given: str | None,
    text: str,
    call: Callable[[Store, ValueOf], Awaitable[Decided]],
    terms: Given,
    output: Form,
) -> None:
    async def question(_: Doors, store: Store) -> tuple[str, Decided]:
        world = await world_named(store, given)
        entity, name = await variable_named(store, world, text)
        return world, await call(store, claims.ValueOf(world, entity, name))

    world, decided = asyncio.run(ask(context, question))
    body: Mapping[str, Any] = decided.decision.told
    version = f"v{decided.commit.seq}" if decided.commit else None
    answer = {
        "world": world,
        "decision": decided.run,
        **body,
        "valid_from": when(body.get("valid_from")) if "valid_from" in body else None,
        "until": when(body["until"]) if body.get("until") is not None else None,
        "changes": changes_of(decided.changes),
        "version": version,
        "dry_run": terms.dry_run,
    }
    if printed(answer, output):
        return
    say(Text(f"{body['entity']}.{body['variable']}", "bold"), f"  {_told(body)}")
    print_changes(decided.changes)
    if version:
        say("decided as ", Text(version, "bold"), Text(f"  {decided.run}", "dim"))
    about = f"{world} {body['entity']}.{body['variable']}"
    next_step("the same without --dry-run" if terms.dry_run else f"graphtwin why {about}")


def _told(body: Mapping[str, Any]) -> str:
    by = body["principal"]
    match body["action"]:
        case "correct":
            before, value = worded(body["before"]), worded(body["value"], body["unit"])
            return f"corrected by {by}: {body['source']} should have said {value} instead of {before}"
        case "override":
            until = f"until {when(body['until'])}" if body["until"] is not None else "until it is withdrawn"
            return f"overridden by {by} with {worded(body['value'], body['unit'])} {until}"
        case _ if "records" in body:
            return f"no longer overridden, says {by}"
        case _:
            return f"withdrawn by {by}: {body['source']} never said {worded(body['before'])}"
