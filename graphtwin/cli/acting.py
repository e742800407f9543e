"""`graphtwin act`, `freeze`, `unfreeze`: carry a plan out, or keep everything from acting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask, doors_of, server_of
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.live import live
from graphtwin.cli.naming import As, World, split_world, world_named
from graphtwin.cli.output import Form, Output, next_step, printed, say
from graphtwin.cli.over_there import tell_run
from graphtwin.cli.sync import print_report
from graphtwin.errors import Refused

if TYPE_CHECKING:
    from graphtwin.app import approving, carrying_out
    from graphtwin.app.carrying_out import Acted
    from graphtwin.client import deciding
    from graphtwin.client.server import Server
    from graphtwin.model.acting import Freeze
    from graphtwin.ports import Store
else:
    approving, carrying_out = later("graphtwin.app.approving"), later("graphtwin.app.carrying_out")
    deciding = later("graphtwin.client.deciding")

Twin = Annotated[
    Path | None,
    typer.Option("--twin", metavar="TWIN.yaml", help="The world's file; the one of its last sync, if not given."),
]


def act(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[WORLD] PLAN", help="The plan; the world may be left out.")],
    twin: Twin = None,
    output: Output = Form.TABLE,
) -> None:
    """Carry out a plan that was approved: in a sync of its own, checked anew, from a fresh checkpoint."""
    given, (plan,) = split_world(words, 1, "graphtwin act WORLD PLAN", os.environ.get("GRAPHTWIN_WORLD"))
    if (there := server_of(context)) is not None:
        _act_there(context, there, given, plan, output)
        return

    async def question(watch: object) -> tuple[str, Acted]:
        async with doors_of(context).connect() as store:
            name = await world_named(store, given)
            return name, await carrying_out.act(store, name, plan, twin=twin, on_step=getattr(watch, "step", None))

    doors_of(context).start()
    with live(f"Carrying out {plan}") as watch:
        name, acted = asyncio.run(question(watch))
    if not printed(acted.outcome.report, output):
        print_report(acted.outcome.full, acted.outcome.report_path)
        if acted.done:
            next_step(f"graphtwin plan show {name} {plan}; graphtwin audit show {name}")
    if not acted.done:
        why = (acted.outcome.full.details or {}).get("not_acted_because") or acted.record.reason
        raise Refused(f"Plan {plan} wasn't carried out: {why}", hint=f"graphtwin plan show {name} {plan}")
    leave(acted.outcome.exit_code)


def _act_there(context: typer.Context, there: Server, given: str | None, plan: str, output: Form) -> None:
    async def question(_: Doors, store: Store) -> tuple[str, Mapping[str, Any]]:
        name = await world_named(store, given)
        return name, await deciding.act(there, name, plan)

    tell_run(there, *asyncio.run(ask(context, question)), output)


def freeze(
    context: typer.Context,
    world: World = None,
    reason: Annotated[str, typer.Option(help="Why; everybody is shown it.")] = "",
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Let nothing act in a world until it is lifted. Syncs go on observing; what was done can still be taken back."""
    there = server_of(context, by=by)

    async def question(_: Doors, store: Store) -> tuple[str, Freeze]:
        name = await world_named(store, world)
        if there is not None:
            return name, await deciding.freeze(there, name, reason=reason)
        return name, await approving.freeze(store, name, reason=reason, named=by)

    name, frozen = asyncio.run(ask(context, question))
    if printed({"world": name, "frozen_by": frozen.by, "reason": frozen.reason}, output):
        return
    say(Text(name, "bold"), f" is frozen by {frozen.by}: nothing acts in it")
    next_step(f"graphtwin unfreeze {name}")


def unfreeze(
    context: typer.Context,
    world: World = None,
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.")] = "",
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Lift a freeze: what policy allows and a person approved acts again."""
    there = server_of(context, by=by)

    async def question(_: Doors, store: Store) -> str:
        name = await world_named(store, world)
        if there is not None:
            await deciding.unfreeze(there, name, reason=reason)
            return name
        await approving.unfreeze(store, name, reason=reason, named=by)
        return name

    name = asyncio.run(ask(context, question))
    if printed({"world": name, "frozen_by": None}, output):
        return
    say(Text(name, "bold"), " isn't frozen any more")
    next_step(f"graphtwin plan list {name}")
