"""`graphtwin run`: what ran, how it ended, and bringing to an end what was left on its way."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.acting import Twin
from graphtwin.cli.doors import Doors, ask, doors_of, server_of
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.live import Live, live
from graphtwin.cli.naming import World, split_world, world_named
from graphtwin.cli.output import Form, Output, moment, next_step, printed, say, table, when
from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.views.step_lines import lines_of

if TYPE_CHECKING:
    from graphtwin.app import carrying_out
    from graphtwin.app.resuming import Resumed
    from graphtwin.model.commit import RunRecord
    from graphtwin.ports import Store
else:
    carrying_out = later("graphtwin.app.carrying_out")

app = typer.Typer(help="What ran, how it ended, and what was left on its way.", no_args_is_help=True)

_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"
_LOOK_S: Final = 0.5
_RESUMED: Final = {"action_taken": 0, "rolled_back": 6, "failed": 7}

Words = Annotated[list[str], typer.Argument(metavar="[WORLD] RUN", help="The run; the world may be left out.")]


@app.command(name="list")
def list_(
    context: typer.Context,
    world: World = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    output: Output = Form.TABLE,
) -> None:
    """List a world's runs, the newest first; those without an end are still at work, or died."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[RunRecord, ...], frozenset[str]]:
        name = await world_named(store, world)
        left = await store.plans(name, statuses=("executing",))
        return name, await store.runs(name, limit=limit), frozenset(one.run for one in left)

    name, runs, left = asyncio.run(ask(context, question))
    if printed([_row(one, left) for one in runs], output):
        return
    if not runs:
        say(f"Nothing ran in {name} yet.")
        next_step("graphtwin sync TWIN.yaml")
        return
    table(
        ("run", "status", "step", "began", "took"),
        (
            (
                one.id,
                one.status.replace("_", " "),
                one.step.replace("_", "-"),
                moment(one.started_at),
                "–" if one.ended_at is None else f"{(one.ended_at - one.started_at) / 1_000_000:.1f} s",
            )
            for one in runs
        ),
        right=("took",),
    )
    unfinished = next((one.id for one in runs if one.id in left), None)
    next_step(f"graphtwin run {'resume' if unfinished else 'show'} {name} {unfinished or runs[0].id}")


@app.command()
def show(context: typer.Context, words: Words, output: Output = Form.TABLE) -> None:
    """Show how a run went, step by step."""
    given, (run,) = split_world(words, 1, "graphtwin run show WORLD RUN", os.environ.get(_ENVIRONMENT))

    async def question(_: Doors, store: Store) -> tuple[str, RunRecord, frozenset[str]]:
        name = await world_named(store, given)
        left = await store.plans(name, statuses=("executing",))
        return name, await _run(store, name, run), frozenset(one.run for one in left)

    name, one, left = asyncio.run(ask(context, question))
    if printed({**_row(one, left), "report": one.report, "details": one.details}, output):
        return
    say(Text(one.id, "bold"), f"  {one.status.replace('_', ' ')}  {one.workflow}  began {moment(one.started_at)}")
    details = one.details.get("report") or {}
    if steps := lines_of(one):
        table(
            ("step", "outcome", "milliseconds", "reason"),
            ((one["step"], one["outcome"], f"{one['milliseconds']:.0f}", one["reason"]) for one in steps),
            right=("milliseconds",),
        )
    if path := one.details.get("report_path"):
        say("Report    ", Text(str(path), "underline"))
    if reason := one.details.get("reason") or details.get("stopped") or one.details.get("stopped"):
        say(f"Ended     {reason}")
    next_step(f"graphtwin run resume {name} {one.id}" if one.id in left else f"graphtwin audit show {name}")


@app.command()
def resume(context: typer.Context, words: Words, twin: Twin = None, output: Output = Form.TABLE) -> None:
    """Bring to its end what a run that died left on its way: verified, or taken back. Nothing is done twice."""
    given, (run,) = split_world(words, 1, "graphtwin run resume WORLD RUN", os.environ.get(_ENVIRONMENT))
    if server_of(context) is not None:
        raise UsageError("A run is resumed where its files are.", hint="run it without --server, on the server")

    async def question(watch: Live) -> tuple[str, Resumed]:
        async with doors_of(context).connect() as store:
            name = await world_named(store, given)
            return name, await carrying_out.resume(store, name, run, twin=twin, on_step=watch.step)

    doors_of(context).start()
    with live(f"Resuming {run}") as watch:
        name, done = asyncio.run(question(watch))
    told = {"run": done.run, "plan": done.plan, "status": done.status.value, "verification": done.verified.result.value}
    if not printed({**told, "criteria_met": done.verified.criteria_met, "reason": done.verified.reason}, output):
        say(Text(done.run, "bold"), f" ended as {done.status.value.replace('_', ' ')}: {done.verified.result.value}")
        say(
            f"Plan      {done.plan}  {done.rolled_back.reason if done.rolled_back else '; '.join(done.verified.criteria_met)}"
        )
        next_step(f"graphtwin plan show {name} {done.plan}")
    leave(_RESUMED[done.status.value])


@app.command()
def watch(context: typer.Context, words: Words, output: Output = Form.TABLE) -> None:
    """Follow a run until it has ended."""
    given, (run,) = split_world(words, 1, "graphtwin run watch WORLD RUN", os.environ.get(_ENVIRONMENT))

    async def question(watch: Live) -> RunRecord:
        async with doors_of(context).connect() as store:
            name = await world_named(store, given)
            seen = ""
            while True:
                one = await _run(store, name, run)
                if one.step != seen:
                    seen = one.step
                    watch.say(f"{one.step.replace('_', '-')}")
                if one.ended_at is not None:
                    return one
                await asyncio.sleep(_LOOK_S)

    with live(f"Watching {run}") as watching:
        one = asyncio.run(question(watching))
    if printed(_row(one, frozenset()), output):
        return
    say(Text(one.id, "bold"), f" ended as {one.status.replace('_', ' ')}")
    next_step(f"graphtwin run show {one.world} {one.id}")


async def _run(store: Store, world: str, run: str) -> RunRecord:
    found = await store.runs_named(world, [run])
    if not found:
        raise NotFound(f"The world {world} has no run {run}.", hint=f"graphtwin run list {world}")
    return found[0]


def _row(one: RunRecord, left: frozenset[str]) -> dict[str, Any]:
    return {
        "run": one.id,
        "world": one.world,
        "workflow": one.workflow,
        "status": one.status,
        "step": one.step,
        "started_at": when(one.started_at),
        "ended_at": when(one.ended_at) if one.ended_at is not None else None,
        "left_a_plan": one.id in left,
    }
