"""`graphtwin plan`: what waits to be decided, and the decision."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask, server_of
from graphtwin.cli.later import later
from graphtwin.cli.naming import As, World, split_world, world_named
from graphtwin.cli.output import Form, Output, line, moment, next_step, printed, say, table, when, worded

if TYPE_CHECKING:
    from graphtwin.app import approving
    from graphtwin.app.approving import Approved
    from graphtwin.client import deciding
    from graphtwin.model.acting import ActRecord, PlanRecord, SignedApproval
    from graphtwin.model.plan import PlanStep
    from graphtwin.ports import Store
    from graphtwin.store import keys
else:
    approving, deciding = later("graphtwin.app.approving"), later("graphtwin.client.deciding")
    keys = later("graphtwin.store.keys")

app = typer.Typer(help="What waits to be decided, and the decision.", no_args_is_help=True)

_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"
STATUS_STYLE: Final[Mapping[str, str]] = {
    "waiting": "bold yellow", "approved": "cyan", "executing": "bold cyan", "executed": "green", "rolled_back": "magenta",
    "failed": "bold red", "refused": "red", "rejected": "red", "stale": "dim", "proposed": "yellow",
}  # fmt: skip

Words = Annotated[list[str], typer.Argument(metavar="[WORLD] PLAN", help="The plan; the world may be left out.")]


@app.command(name="list")
def list_(
    context: typer.Context,
    world: World = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """List plans, the newest first."""

    async def question(_: Doors, store: Store) -> tuple[str, tuple[PlanRecord, ...]]:
        name = await world_named(store, world)
        return name, await store.plans(name, statuses=() if all_ else approving.OPEN)

    name, records = asyncio.run(ask(context, question))
    if printed([plan_row(one) for one in records], output):
        return
    if not records:
        say(f"Nothing waits to be decided in {name}.")
        next_step(f"graphtwin plan list {name} --all" if not all_ else f"graphtwin drift {name}")
        return
    table(
        ("plan", "status", "what", "risk", "made"),
        ((one.id, status(one), one.plan.summary, f"{one.risk:.2f}", moment(one.created_at)) for one in records),
        right=("risk",),
    )
    next_step(f"graphtwin plan show {name} {records[0].id}")


@app.command()
def show(context: typer.Context, words: Words, output: Output = Form.TABLE) -> None:
    """Show everything that a person needs to decide on a plan."""
    given, (plan,) = split_world(words, 1, "graphtwin plan show WORLD PLAN", os.environ.get(_ENVIRONMENT))

    async def question(
        _: Doors, store: Store
    ) -> tuple[str, PlanRecord, tuple[SignedApproval, ...], tuple[ActRecord, ...]]:
        name = await world_named(store, given)
        record = await store.plan(name, plan)
        return name, record, await store.approvals(name, plan), await store.acts(name, plan=plan)

    name, record, approvals, acts = asyncio.run(ask(context, question))
    if printed({**plan_row(record), "approvals": [_approval(one) for one in approvals], "acts": list(acts)}, output):
        return
    say(Text(record.id, "bold"), "  ", status(record), f"  {record.reason}")
    say(f"Risk       {record.risk:.2f}   made at {moment(record.created_at)} on {record.version}")
    for number, step in enumerate(record.plan.actions, start=1):
        _print_step(number, step)
    for approval in approvals:
        ceiling = approval.document.get("risk_ceiling")
        say(f"Approved   by {approval.principal} at {moment(approval.at)}, up to risk {ceiling}")
    for act in acts:
        say(
            Text("Act        ", "bold"),
            f"{act.covers} {act.entity}: {act.outcome.replace('_', ' ')}  {act.answer[:80]}",
        )
    say(Text(f"Signed is  {record.plan.digest}", "dim"))
    next_step(_next(name, record))


def _print_step(number: int, step: PlanStep) -> None:
    say(Text(f"Step {number}     ", "bold"), step.title, f" ({step.entity})" if step.entity else "")
    for name, value in step.effects.items():
        say(Text("  sets     ", "dim"), f"{name}: {worded(step.before.get(name, 'unknown'))} → {worded(value)}")
    if step.request is not None:
        body = "" if step.request.body is None else f" {worded(step.request.body)}"
        say(Text("  sends    ", "dim"), f"{step.request.method} {step.request.path}{body} to {step.actuator}")
    if step.command:
        say(Text("  command  ", "dim"), line(step.command, "cyan"))
    for text in step.verification:
        say(Text("  verifies ", "dim"), text)
    say(Text("  way back ", "dim"), f"{step.reversible}: {step.rollback}")


@app.command()
def approve(
    context: typer.Context,
    words: Words,
    risk_ceiling: Annotated[
        float | None,
        typer.Option(metavar="0..1", help="The risk up to which it may act; a tenth above today's, if not given."),
    ] = None,
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Sign a plan as it stands. Nothing is done by that: the next sync carries it out, or graphtwin act."""
    given, (plan,) = split_world(words, 1, "graphtwin plan approve WORLD PLAN", os.environ.get(_ENVIRONMENT))
    there = server_of(context, by=by)

    async def question(_: Doors, store: Store) -> tuple[str, Approved]:
        name = await world_named(store, given)
        if there is not None:
            return name, await deciding.approve(there, name, plan, keys.keys_folder(), risk_ceiling=risk_ceiling)
        return name, await approving.approve(store, name, plan, named=by, risk_ceiling=risk_ceiling)

    name, done = asyncio.run(ask(context, question))
    if printed({**plan_row(done.record), "approval": _approval(done.approval)}, output):
        return
    said = done.approval.document
    say(
        Text(done.record.id, "bold"),
        f" is approved by {done.approval.principal}, up to risk {said['risk_ceiling']:.2f}, until {moment(int(said['expires']))}",
    )
    next_step(f"graphtwin act {name} {done.record.id}")


@app.command()
def reject(
    context: typer.Context,
    words: Words,
    reason: Annotated[str, typer.Option(help="Why; it stays with the plan.")] = "",
    by: As = None,
    output: Output = Form.TABLE,
) -> None:
    """Say no to a plan. It isn't made again until something new was learned."""
    given, (plan,) = split_world(words, 1, "graphtwin plan reject WORLD PLAN", os.environ.get(_ENVIRONMENT))
    there = server_of(context, by=by)

    async def question(_: Doors, store: Store) -> tuple[str, PlanRecord]:
        name = await world_named(store, given)
        if there is not None:
            return name, await deciding.reject(there, name, plan, reason=reason)
        return name, await approving.reject(store, name, plan, reason=reason, named=by)

    name, record = asyncio.run(ask(context, question))
    if printed(plan_row(record), output):
        return
    say(Text(record.id, "bold"), f" is rejected: {record.reason}")
    next_step(f"graphtwin plan list {name}")


def status(record: PlanRecord) -> Text:
    """Where a plan stands, in its colour."""
    return Text(record.status.replace("_", " "), STATUS_STYLE[record.status])


def plan_row(record: PlanRecord) -> dict[str, Any]:
    """A plan for programs."""
    return {
        "plan": record.id,
        "world": record.plan.world,
        "status": record.status,
        "reason": record.reason,
        "summary": record.plan.summary,
        "digest": record.plan.digest,
        "risk": record.risk,
        "needs_approval": record.needs_approval,
        "basis": record.basis,
        "configuration": record.configuration,
        "version": record.version,
        "author": record.author,
        "run": record.run,
        "created_at": when(record.created_at),
        "updated_at": when(record.updated_at),
        "restore_point": record.restore_point or None,
        "steps": record.plan.steps,
    }


def _approval(approval: SignedApproval) -> dict[str, Any]:
    return {
        "principal": approval.principal,
        "at": when(approval.at),
        "document": dict(approval.document),
        "signature": approval.signature,
    }


def _next(world: str, record: PlanRecord) -> str:
    return {
        "waiting": f"graphtwin plan approve {world} {record.id}",
        "approved": f"graphtwin act {world} {record.id}",
        "executing": f"graphtwin run watch {world} {record.run}",
        "executed": f"graphtwin rollback {world} --plan {record.id}",
    }.get(record.status, f"graphtwin plan list {world}")
