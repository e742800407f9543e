"""`graphtwin snapshot` and `graphtwin diff`: a world as it was at an instant, and what differs between two versions."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask, server_of
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.naming import World, split_world, version_named, world_named
from graphtwin.cli.output import Form, Output, line, next_step, printed, say, stderr, table, when, worded
from graphtwin.errors import NotFound, UsageError
from graphtwin.model.commit import Head

if TYPE_CHECKING:
    from graphtwin.methods.state import state_hash
    from graphtwin.methods.views import view_state
    from graphtwin.model import snapshot as document
    from graphtwin.model.commit import Changes, Commit
    from graphtwin.model.snapshot import TwinSnapshot
    from graphtwin.model.state import At, EntityState, Held, State
    from graphtwin.ports import Store
    from graphtwin.workflows import actions
else:
    actions, document = later("graphtwin.workflows.actions"), later("graphtwin.model.snapshot")
    state_hash, view_state = later("graphtwin.methods.state.state_hash"), later("graphtwin.methods.views.view_state")

DIFFERENT: Final = 10
"""Exit code of --exit-code where there is a difference."""

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_VERSION: Final = re.compile(r"v\d+", re.ASCII)
_LINEAGE: Final = 100
_SHOWN: Final = 60
_VALUES: Final = 6


class SnapshotForm(StrEnum):
    """How a snapshot is printed."""

    FULL = "full"
    EXAMPLE = "example"


def snapshot(
    context: typer.Context,
    *,
    world: World = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it was so; the version's own time if not given.")
    ] = None,
    known_at: Annotated[str | None, typer.Option(metavar="TIME", help="As it was known then.")] = None,
    version: Annotated[str | None, typer.Option(metavar="vN", help="As this version knew it.")] = None,
    state: Annotated[
        SnapshotForm, typer.Option(help="The canonical form, or the flat one in short.")
    ] = SnapshotForm.FULL,
    output: Output = Form.TABLE,
) -> None:
    """Show a world as it is, as it was, or as it was known."""

    async def question(doors: Doors, store: Store) -> tuple[Head, State, TwinSnapshot]:
        name = await world_named(store, world)
        instant = await doors.read_at(store, name, at=whole(at), known_at=whole(known_at), version=version)
        # A table shows the state itself; the canonical form needs what only the database knows.
        short = server_of(context) is not None and output is Form.TABLE
        return await _snapshot(store, name, instant, SnapshotForm.EXAMPLE if short else state)

    head, seen, taken = asyncio.run(ask(context, question))
    if not printed(taken, output):
        _print_state(head, seen, taken.hash)
        next_step(f"graphtwin why {head.world} ENTITY.VARIABLE; graphtwin snapshot {head.world} -o json")


def whole(instant: str | None) -> str | None:
    """A day alone is its first moment, UTC; said on stderr, as the day may have been meant to its end or elsewhere."""
    if instant is None or not _DAY.fullmatch(instant):
        return instant
    moment = f"{instant}T00:00:00Z"
    stderr().print(line(f"{instant} is read as {moment}", "dim"), soft_wrap=True)
    return moment


async def _snapshot(store: Store, world: str, at: At, form: SnapshotForm) -> tuple[Head, State, TwinSnapshot]:
    """The state at an instant, under the version's configuration, with the hash of that state."""
    state = await store.state(world, at)
    recent = await store.commits(world, after=max(-1, at.seq - _LINEAGE), limit=_LINEAGE)
    known = [commit for commit in recent if commit.seq <= at.seq]
    head = _head(known[-1]) if known and known[-1].seq == at.seq else await store.head(world)
    lineage = [commit.version_id for commit in known if commit.seq < at.seq]
    view = (
        view_state.flat_view(state)
        if form is SnapshotForm.EXAMPLE
        else view_state.world_state_view(
            state,
            head=head,
            config=await store.configuration(world, at.seq),
            lineage=lineage,
            parent=lineage[-1] if lineage else None,
            actions=await actions.actions_at(store, world, at, committed_at=head.committed_at),
        )
    )
    anchors = (f"tool:world-state:{head.version}",)
    return (
        head,
        state,
        document.TwinSnapshot(
            version=head.version, state=view, hash=state_hash.state_hash(state), evidence_anchors=anchors
        ),
    )


def _head(commit: Commit) -> Head:
    return Head(
        commit.world, commit.seq, commit.valid, commit.hash, commit.version_id, commit.configuration,
        commit.committed_at,
    )  # fmt: skip


def _print_state(head: Head, state: State, hash_: str) -> None:
    say(
        Text(f"{head.world} {head.version}", "bold"), f"  as of {when(state.at.valid)}  ", Text(hash_[:19] + "…", "dim")
    )
    entities = [state.entities[id_] for id_ in sorted(state.entities)]
    table(
        ("entity", "type", "status", "values"),
        ((one.id, one.type, one.status, _values(one)) for one in entities[:_SHOWN]),
    )
    if len(entities) > _SHOWN:
        say(Text(f"… and {len(entities) - _SHOWN} more entities", "dim"))
    relations = Counter(edge.relation for edge in state.edges.values() if edge.layer == "reported")
    drawn = ", ".join(f"{count} {name}" for name, count in sorted(relations.items()))
    say(f"{len(entities)} entities; relationships: {drawn or 'none'}")


def _values(entity: EntityState) -> Text:
    """The first values in short, each beside what is wished where that differs."""
    names = [name for name in sorted(entity.reported) if name not in {"status", "labels", "aliases"}]
    shown = Text()
    for name in names[:_VALUES]:
        held, desired = entity.reported[name], entity.desired.get(name)
        shown += Text.assemble((f"{name} ", "dim"), line(worded(held.value, held.unit, longest=24)))
        if desired and desired.value != held.value:
            shown += Text(f" (wished {worded(desired.value, desired.unit, longest=24)})", "yellow")
        shown += Text("  ")
    return shown + Text(f"+{len(names) - _VALUES}", "dim") if len(names) > _VALUES else shown


def diff(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[WORLD] vA vB", help="Two versions of a world.")],
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 10 when there is a difference.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Show what differs between two versions of a world."""
    given, versions = split_world(words, 2, "graphtwin diff WORLD v1 v2", os.environ.get("GRAPHTWIN_WORLD"))
    if not given and [bool(_VERSION.fullmatch(text)) for text in words] == [False, True]:
        hint = f"Write it like: graphtwin diff {words[0]} v1 {words[1] if words[1] != 'v1' else 'v2'}"
        raise UsageError(f"Two versions are compared, and only {words[1]} is given.", hint=hint)
    before, after = (version_named(text) for text in versions)

    async def question(_: Doors, store: Store) -> tuple[str, Changes]:
        world = await world_named(store, given)
        newest = (await store.head(world)).seq
        for seq in (before, after):
            if seq > newest:
                raise NotFound(f"The world {world} has no version v{seq}.", hint=f"Its newest is v{newest}.")
        return world, await store.diff(world, before, after)

    world, changes = asyncio.run(ask(context, question))
    if not printed(differences(world, changes), output):
        say(Text(f"{world}  v{changes.before_seq} → v{changes.after_seq}", "bold"))
        entity = print_differences(changes)
        if entity:
            next_step(f"graphtwin why {world} {entity}.VARIABLE")
    leave(DIFFERENT if exit_code and not changes.empty else 0)


def differences(world: str, changes: Changes) -> dict[str, Any]:
    """Changes for programs: values as they are, without their bookkeeping."""
    return {
        "world": world,
        "before": f"v{changes.before_seq}",
        "after": f"v{changes.after_seq}",
        "before_hash": changes.before_hash,
        "after_hash": changes.after_hash,
        "entities": [
            {"entity": one.entity, "before": _shape(one.before), "after": _shape(one.after)} for one in changes.entities
        ],
        "relationships": [
            {
                "layer": one.key[0], "subject": one.key[1], "relation": one.key[2], "object": one.key[3],
                "change": _verb(one.before, one.after),
            }
            for one in changes.edges
        ],
        "values": [
            {
                "entity": one.entity, "layer": one.layer, "name": one.name,
                "before": _value(one.before), "after": _value(one.after),
            }
            for one in changes.values
        ],
        "lifecycles": changes.lifecycles,
        "dangling": [one for one in changes.loose if one.reason == "dangling"],
    }  # fmt: skip


def _shape(entity: EntityState | None) -> dict[str, Any] | None:
    return None if entity is None else {"type": entity.type, "lifecycle": entity.lifecycle, "records": entity.records}


def _value(held: Held | None) -> dict[str, Any] | None:
    return (
        None
        if held is None
        else {"value": held.value, "unit": held.unit, "source": held.source, "disputed": held.disputed}
    )


def _verb(before: object, after: object) -> str:
    return "appeared" if before is None else "gone" if after is None else "changed"


def print_differences(changes: Changes) -> str:
    """A line for each thing that differs; the answer is an entity to look at, "" where nothing differs."""
    if changes.empty:
        say("Nothing differs.")
        return ""
    rows = [
        *((one.entity, "", _verb(one.before, one.after), "") for one in changes.entities),
        *(
            (one.key[1], f"{one.key[2]} → {one.key[3]}", _verb(one.before, one.after), _layer(one.key[0]))
            for one in changes.edges
        ),
        *(
            (one.entity, one.name, f"{_said(one.before)} → {_said(one.after)}", _layer(one.layer))
            for one in changes.values
        ),
        *((one.entity, one.record, f"{one.before} → {one.after}", "") for one in changes.lifecycles),
    ]
    _print_rows(rows)
    return rows[-1][0]


def _print_rows(rows: Sequence[tuple[str, str, str, str]]) -> None:
    table(("entity", "what", "change", "layer"), rows[:_SHOWN])
    if len(rows) > _SHOWN:
        say(Text(f"… and {len(rows) - _SHOWN} more; all of them with -o json", "dim"))


def _said(held: Held | None) -> str:
    return worded(held.value, held.unit, longest=32) if held else "nothing"


def _layer(layer: str) -> str:
    return "" if layer == "reported" else layer
