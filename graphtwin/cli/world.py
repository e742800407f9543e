"""`graphtwin world`: which worlds there are, and what is known of one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, next_step, printed, say, table, when

if TYPE_CHECKING:
    from graphtwin.model.commit import Head, RunRecord
    from graphtwin.ports import Store

app = typer.Typer(help="The worlds in this database.", no_args_is_help=True)

_RECENT: Final = 10
_RUNNING: Final = "running"


@app.command(name="list")
def list_(context: typer.Context, output: Output = Form.TABLE) -> None:
    """List all worlds with their newest version."""

    async def question(_: Doors, store: Store) -> tuple[Head, ...]:
        return await store.worlds()

    heads = asyncio.run(ask(context, question))
    if printed([_head(head) for head in heads], output):
        return
    if not heads:
        say("There is no world yet.")
        next_step("graphtwin demo, or graphtwin init and graphtwin sync twin.yaml")
        return
    table(
        ("world", "version", "as of", "hash"),
        ((head.world, head.version, when(head.valid), head.hash[:19] + "…") for head in heads),
    )
    next_step(f"graphtwin world show {heads[0].world}")


@app.command()
def show(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """Show one world: counts, sources, its newest versions and runs."""

    async def question(_: Doors, store: Store) -> dict[str, Any]:
        return await _describe(store, await world_named(store, world))

    told = asyncio.run(ask(context, question))
    if not printed(told, output):
        _print_world(told)


async def _describe(store: Store, world: str) -> dict[str, Any]:
    head = await store.head(world)
    config = await store.configuration(world)
    state = await store.state(world)
    heard = await store.last_heard(world)
    commits = await store.commits(world, after=max(0, head.seq - _RECENT), limit=_RECENT)
    runs = await store.runs(world, limit=_RECENT)
    return {
        **_head(head),
        "title": config.world.title,
        "types": dict(sorted(Counter(entity.type for entity in state.entities.values()).items())),
        "relations": dict(sorted(Counter(edge.relation for edge in state.edges.values() if edge.layer == "reported").items())),
        "observe_only": config.constraints is None,
        "sources": [
            {"name": name, "type": source.type, "trust": source.trust, "last_heard": _heard(heard.get(name))}
            for name, source in sorted(config.sources.items())
        ],
        "versions": [
            {"version": f"v{one.seq}", "committed_at": when(one.committed_at), "facts": one.facts, "run": one.run, "hash": one.hash}
            for one in reversed(commits)
        ],
        "runs": [
            {"run": one.id, "workflow": one.workflow, "started_at": when(one.started_at), "status": status}
            for one, status in zip(runs, _statuses(runs), strict=True)
        ],
    }  # fmt: skip


def _statuses(runs: Sequence[RunRecord]) -> Iterator[str]:
    """Of runs, the newest first: one without an end, while a later one has ended, lost the world to it: it was killed.
    Only shown so: what is stored says `running`, the last that it could say.
    """
    overtaken = False
    for run in runs:
        yield "interrupted" if overtaken and run.ended_at is None and run.status == _RUNNING else run.status
        overtaken = overtaken or run.ended_at is not None


def _head(head: Head) -> dict[str, Any]:
    return {
        "world": head.world,
        "version": head.version,
        "as_of": when(head.valid),
        "committed_at": when(head.committed_at),
        "hash": head.hash,
        "version_id": head.version_id,
        "configuration": head.configuration,
        "audit_records": head.audit_n,
    }


def _heard(micros: int | None) -> str | None:
    return None if micros is None else when(micros)


def _print_world(told: dict[str, Any]) -> None:
    say(Text(f"{told['world']} {told['version']}", "bold"), f"  {told['title']}  as of {told['as_of']}")
    say(Text("hash      ", "dim"), told["hash"])
    say(Text("entities  ", "dim"), ", ".join(f"{count} {name}" for name, count in told["types"].items()) or "none")
    say(Text("relations ", "dim"), ", ".join(f"{count} {name}" for name, count in told["relations"].items()) or "none")
    if told["observe_only"]:
        say(Text("policy    ", "dim"), "no constraints are declared, so graphtwin observes and never acts")
    table(
        ("source", "type", "trust", "newest claim"),
        ((one["name"], one["type"], one["trust"], one["last_heard"] or "never heard") for one in told["sources"]),
    )
    table(
        ("version", "committed at", "facts", "run"),
        ((one["version"], one["committed_at"], one["facts"], one["run"]) for one in told["versions"]),
        right=("facts",),
    )
    table(
        ("run", "workflow", "started at", "status"),
        ((one["run"], one["workflow"], one["started_at"], one["status"]) for one in told["runs"]),
    )
    next_step(f"graphtwin snapshot {told['world']}; graphtwin drift {told['world']}")
