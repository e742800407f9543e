"""`graphtwin user`: who may decide in a world."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.later import later
from graphtwin.cli.naming import As, World, split_world, world_named
from graphtwin.cli.output import Form, Output, moment, next_step, printed, say, table, when

if TYPE_CHECKING:
    from graphtwin.app import api_keys, people
    from graphtwin.app.api_keys import KeyGiven
    from graphtwin.app.people import PersonOutcome
    from graphtwin.model.api_key import ApiKey
    from graphtwin.model.principal import Principal
    from graphtwin.ports import Store
    from graphtwin.store import api_key as key_files
else:
    people, api_keys = later("graphtwin.app.people"), later("graphtwin.app.api_keys")
    key_files = later("graphtwin.store.api_key")

app = typer.Typer(help="Who may decide in a world.", no_args_is_help=True)

_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"

Name = Annotated[
    list[str], typer.Argument(metavar="[WORLD] NAME", help="The principal's name; the world may be left out.")
]


@app.command()
def add(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    words: Name,
    role: Annotated[
        str,
        typer.Option(
            help="viewer decides nothing; operator corrects claims and identities; approver approves plans and "
            "overrides, too; admin adds and revokes principals, too."
        ),
    ],
    public_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Their Ed25519 public key (PEM); a new key pair is made here if not given."),
    ] = None,
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Make somebody a principal of a world. As soon as a world has an admin, only an admin may."""
    given, (name,) = split_world(
        words, 1, "graphtwin user add WORLD NAME --role approver", os.environ.get(_ENVIRONMENT)
    )

    async def question(_: Doors, store: Store) -> PersonOutcome:
        world = await world_named(store, given)
        return await people.add_user(store, world, name, role=role, public_key=public_key, by=by)

    outcome = asyncio.run(ask(context, question))
    if printed(_outcome(outcome), output):
        return
    one = outcome.principal
    say(Text(one.id, "bold"), f" is {one.role.value} of {one.world}, added by {outcome.by}")
    say(Text("key          ", "dim"), one.key_id)
    if outcome.private_key is not None:
        say(Text("private key  ", "dim"), f"{outcome.private_key} (only you can read it; keep it where {one.id} works)")
    next_step(f"graphtwin user list {one.world}")


@app.command(name="list")
def list_(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """List a world's principals, those revoked too."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[Principal, ...]]:
        name = await world_named(store, world)
        return name, await store.principals(name)

    name, people = asyncio.run(ask(context, question))
    if printed([_principal(one) for one in people], output):
        return
    if not people:
        say(f"Nobody may decide in {name} yet.")
        next_step(f"graphtwin user add {name} NAME --role approver")
        return
    table(
        ("name", "role", "key", "added", "revoked"),
        ((one.id, one.role.value, one.key_id, moment(one.added_at), moment(one.revoked_at)) for one in people),
    )
    next_step(f"graphtwin audit show {name}")


@app.command()
def revoke(context: typer.Context, words: Name, by: As = None, output: Output = Form.TABLE) -> None:
    """End a principal of a world; what they decided stays, and stays theirs."""
    given, (name,) = split_world(words, 1, "graphtwin user revoke WORLD NAME", os.environ.get(_ENVIRONMENT))

    async def question(_: Doors, store: Store) -> PersonOutcome:
        return await people.revoke_user(store, await world_named(store, given), name, by=by)

    outcome = asyncio.run(ask(context, question))
    if printed(_outcome(outcome), output):
        return
    one = outcome.principal
    say(Text(one.id, "bold"), f" may decide nothing any more in {one.world}, revoked by {outcome.by}")
    next_step(f"graphtwin user list {one.world}")


@app.command()
def key(
    context: typer.Context,
    words: Name,
    again: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A key that they have already, of another world.")
    ] = None,
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Give a principal a key for the API, shown this once: an admin to anybody, everybody to themselves."""
    given, (name,) = split_world(words, 1, "graphtwin user key WORLD NAME", os.environ.get(_ENVIRONMENT))
    secret = key_files.read_api_key(again) if again else None

    async def question(_: Doors, store: Store) -> KeyGiven:
        return await api_keys.give_key(store, await world_named(store, given), name, by=by, secret=secret)

    outcome = asyncio.run(ask(context, question))
    one = outcome.key
    if printed({**_key(one), "by": outcome.by, "key": None if again else outcome.secret}, output):
        return
    say(
        Text(one.principal, "bold"), f" may ask the API of {one.world}, says {outcome.by}; the key is called {one.name}"
    )
    if not again:
        say(Text("key  ", "dim"), outcome.secret)
        say(Text("It is shown this once: only its SHA-256 is kept.", "dim"))
    next_step(f"graphtwin user keys {one.world}")


@app.command()
def keys(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """List the API keys that a world's principals were given, ended ones too."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[ApiKey, ...]]:
        name = await world_named(store, world)
        return name, await store.api_keys(name)

    name, found = asyncio.run(ask(context, question))
    if printed([_key(one) for one in found], output):
        return
    if not found:
        say(f"Nobody has an API key of {name} yet.")
        next_step(f"graphtwin user key {name} NAME")
        return
    table(
        ("key", "of", "given", "ended"),
        ((one.name, one.principal, moment(one.added_at), moment(one.ended_at)) for one in found),
    )
    next_step(f"graphtwin user end-key {name} NAME")


@app.command(name="end-key")
def end_key(
    context: typer.Context,
    words: Name,
    named: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="What the key is called; all of them if not given.")
    ] = None,
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """End API keys of a principal, who stays one."""
    given, (name,) = split_world(words, 1, "graphtwin user end-key WORLD NAME", os.environ.get(_ENVIRONMENT))

    async def question(_: Doors, store: Store) -> tuple[ApiKey, ...]:
        return await api_keys.end_keys(store, await world_named(store, given), name, by=by, named=named)

    ended = asyncio.run(ask(context, question))
    if printed([_key(one) for one in ended], output):
        return
    say(Text(name, "bold"), f" asks the API of {ended[0].world} no more with {', '.join(one.name for one in ended)}")
    next_step(f"graphtwin user keys {ended[0].world}")


def _key(one: ApiKey) -> dict[str, Any]:
    return {
        "world": one.world,
        "principal": one.principal,
        "name": one.name,
        "added_at": when(one.added_at),
        "ended_at": when(one.ended_at) if one.ended_at is not None else None,
    }


def _outcome(outcome: PersonOutcome) -> dict[str, Any]:
    path = outcome.private_key
    return {**_principal(outcome.principal), "by": outcome.by, "private_key": str(path) if path else None}


def _principal(one: Principal) -> dict[str, Any]:
    return {
        "world": one.world,
        "name": one.id,
        "role": one.role.value,
        "key": one.key_id,
        "added_at": when(one.added_at),
        "revoked_at": when(one.revoked_at) if one.revoked_at is not None else None,
    }
