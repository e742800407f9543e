"""`graphtwin rollback`: take back what was done, or go back to what a version knew, after it was shown what that changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.acting import Twin
from graphtwin.cli.doors import Doors, ask, doors_of, server_of
from graphtwin.cli.later import later
from graphtwin.cli.live import Live, live
from graphtwin.cli.naming import As, World, version_named, world_named
from graphtwin.cli.output import Form, Output, counted, next_step, printed, say, worded
from graphtwin.cli.over_there import tell_restored
from graphtwin.cli.plan import plan_row
from graphtwin.cli.read import differences, print_differences
from graphtwin.errors import UsageError

if TYPE_CHECKING:
    from graphtwin.app import carrying_out
    from graphtwin.app import rollback as going_back
    from graphtwin.client import deciding
    from graphtwin.client.server import Server
    from graphtwin.model.acting import PlanRecord
    from graphtwin.ports import Store
    from graphtwin.steps.rollback import RollbackOut
    from graphtwin.workflows.restoring import Restored
else:
    going_back, carrying_out = later("graphtwin.app.rollback"), later("graphtwin.app.carrying_out")
    deciding = later("graphtwin.client.deciding")


def rollback(
    context: typer.Context,
    *,
    world: World = None,
    to: Annotated[
        str | None, typer.Option(metavar="vN", help="Go back to what this version knew, instead of taking back a plan.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", help="The plan to take back; the last one carried out, if not given.")
    ] = None,
    twin: Twin = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask first.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for who reads it later.")] = "",
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Take back the last plan that was carried out, or go back to what a version knew. Needs an approver."""
    if to is None:
        _take_back(context, world, plan, dry_run=dry_run, yes=yes, reason=reason, by=by, twin=twin, output=output)
        return
    version, there = version_named(to), server_of(context, by=by)
    if there is not None:
        _go_back_there(context, there, world, version, yes=yes and not dry_run, reason=reason, output=output)
        return

    async def look(_: Doors, store: Store) -> Restored:
        return await going_back.preview_rollback(store, await world_named(store, world), version)

    async def go(_: Doors, store: Store) -> Restored:
        name = await world_named(store, world)
        return await going_back.rollback(store, name, version, by=by, reason=reason, seen=seen)

    seen = None
    if dry_run or not yes:
        would_be = asyncio.run(ask(context, look))
        if dry_run or not would_be.cells:
            _answer(would_be, output)
            return
        _must_be_agreed(would_be, output)
        seen = would_be.seq_before
    _answer(asyncio.run(ask(context, go)), output)


def _go_back_there(
    context: typer.Context, there: Server, world: str | None, to: int, *, yes: bool, reason: str, output: Form
) -> None:
    async def go(_: Doors, store: Store) -> tuple[str, Mapping[str, Any]]:
        head = await store.head(await world_named(store, world))
        if not yes:
            raise UsageError(
                "A server doesn't show what going back would change.",
                hint=f"look at graphtwin --server {there.root} diff {head.world} v{to} {head.version}, then add --yes",
            )
        return head.world, await deciding.rollback(there, head.world, to, seen=head.seq, reason=reason)

    tell_restored(there, *asyncio.run(ask(context, go)), output)


def _take_back(
    context: typer.Context,
    world: str | None,
    plan: str | None,
    *,
    dry_run: bool,
    yes: bool,
    reason: str,
    by: str | None,
    twin: Path | None,
    output: Form,
) -> None:
    async def look(_: Doors, store: Store) -> tuple[str, PlanRecord]:
        name = await world_named(store, world)
        return name, await carrying_out.executed_plan(store, name, plan)

    name, record = asyncio.run(ask(context, look))
    if dry_run and printed(plan_row(record), output):
        return
    if dry_run or not yes:
        _print_way_back(record, output)
    if dry_run:
        next_step(f"graphtwin rollback {name} --plan {record.id}")
        return
    if not yes:
        _must_say_yes(name, record)

    if (there := server_of(context, by=by)) is not None:
        taken = asyncio.run(deciding.take_back(there, name, record.id, reason=reason))
        if not printed(plan_row(taken), output):
            say(Text(taken.id, "bold"), " is taken back")
        return
    _take_back_here(context, record, reason=reason, by=by, twin=twin, output=output)


def _take_back_here(
    context: typer.Context, record: PlanRecord, *, reason: str, by: str | None, twin: Path | None, output: Form
) -> None:
    name = record.plan.world

    async def go(watch: Live) -> tuple[PlanRecord, RollbackOut]:
        async with doors_of(context).connect() as store:
            return await carrying_out.take_back(
                store, name, record.id, reason=reason, named=by, twin=twin, on_step=watch.step
            )

    with live(f"Taking back {record.id}") as watch:
        taken, done = asyncio.run(go(watch))
    if printed({**plan_row(taken), "rollback": done}, output):
        return
    say(Text(taken.id, "bold"), f" is taken back to {done.restore_point}  ", Text(done.hash, "dim"))
    for why in done.told:
        say(Text("  but       ", "yellow"), why)
    next_step(f"graphtwin verify {name}; graphtwin audit show {name}")


def _print_way_back(record: PlanRecord, output: Form) -> None:
    if output is not Form.TABLE:
        return
    say(Text(record.id, "bold"), f"  {record.plan.summary}")
    for step in reversed(record.plan.acts):
        sent = step.compensation
        way = f"{sent.method} {sent.path} {worded(sent.body)}" if sent else "can't be taken back"
        say(Text("  way back ", "dim"), f"{step.entity}: {way}")


def _must_say_yes(world: str, record: PlanRecord) -> None:
    """A no ends the command. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"Taking back {record.id} changes things outside, and nobody is there to say yes.",
            hint=f"look at it: graphtwin rollback {world} --plan {record.id} --dry-run; then add --yes",
        )
    typer.confirm(f"Take {record.id} back?", abort=True, err=True)


def _must_be_agreed(would_be: Restored, output: Form) -> None:
    """Show it and ask; a no ends the command. Raises UsageError where nobody can answer."""
    point = would_be.point
    if not sys.stdin.isatty():
        raise UsageError(
            f"Going back to {point.name} restores {counted(would_be.cells, 'cell')}, and nobody is there to say yes.",
            hint=f"look at it: graphtwin rollback {point.world} --to {point.name} --dry-run; then add --yes",
        )
    if output is Form.TABLE:
        _print(would_be)
    typer.confirm(f"Go back to {point.name} of {point.world}?", abort=True, err=True)


def _answer(restored: Restored, output: Form) -> None:
    if printed(_document(restored), output):
        return
    _print(restored)
    world, point, made = restored.point.world, restored.point.name, restored.commit
    if made:
        next_step(f"graphtwin diff {world} {point} v{made.seq}; graphtwin verify {world}")
    elif restored.cells:
        next_step(f"graphtwin rollback {world} --to {point}")
    else:
        next_step(f"graphtwin snapshot {world}")


def _document(restored: Restored) -> dict[str, Any]:
    """What is restored, for programs; `version` is null where nothing was written."""
    point, made = restored.point, restored.commit
    return {
        "world": point.world,
        "restore_point": point.name,
        "before": f"v{restored.seq_before}",
        "version": f"v{made.seq}" if made else None,
        "cells": restored.cells,
        "hash_before": restored.hash_before,
        "hash_after": restored.hash_after,
        "restore_hash": point.hash,
        "differs": restored.differs,
        "taken_back": [f"v{commit.seq}" for commit in restored.between],
        "newer_configuration": restored.newer_configuration,
        "changes": differences(point.world, restored.changes) if restored.changes else None,
    }


def _print(restored: Restored) -> None:
    point, made = restored.point, restored.commit
    say(Text(f"{point.world}  v{restored.seq_before} → what {point.name} knew", "bold"))
    if restored.changes is None:
        say("Nothing differs." if not restored.cells else "It was done before.")
        return
    print_differences(restored.changes)
    done = f"restored, as v{made.seq}" if made else "to be restored; nothing is written yet"
    say(f"{counted(restored.cells, 'cell')} {done}")
    if restored.differs:
        say(Text(f"the state isn't that of {point.name}: {'; '.join(restored.differs)}", "yellow"))
    else:
        say(f"the state is that of {point.name}: ", Text(restored.hash_after, "dim"))
    if restored.newer_configuration:
        told = (
            f"another twin.yaml was applied since {point.name}: it stays in force, and what it declared is taken back;"
        )
        say(Text(f"{told} apply the older file, too, if you go back for good", "yellow"))
