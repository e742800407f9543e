"""From the first signal to the committed version: each step bound to what it needs (S20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from graphtwin.methods.audit.audit_entries import commit_entry
from graphtwin.methods.judging.silence import GONE
from graphtwin.methods.matching.judgements import merged_entry
from graphtwin.methods.rules.machines import firing_line
from graphtwin.methods.state.as_of import as_of
from graphtwin.model.commit import AuditEntry, Draft
from graphtwin.model.fact import ROSTER
from graphtwin.steps.diff_world_state import diff_world_state
from graphtwin.steps.identity_resolution import identity_resolution
from graphtwin.steps.integrate import integrate
from graphtwin.steps.receive import receive
from graphtwin.steps.search import search
from graphtwin.steps.state_transition import state_transition
from graphtwin.steps.transform import transform
from graphtwin.steps.world_state import world_state
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer

NOW: Final = "world_now"
"""Where a run keeps the world's instant at which its sources had been read."""


async def receive_signals(run: Run, context: Context) -> Any:
    """receive: from the cursors, or from the beginning in full mode. The world's clock is fixed once they were read."""
    cursors = await context.store.cursors(run.world)
    received = await receive(context.sources, cursors, full=run.mode == "full", now=await context.reading_now())
    return Answer(received, {NOW: await context.reading_now()})


def stop_without_signals(run: Run, context: Context) -> Run:  # noqa: ARG001 - every row takes the context
    """When no source answered there is nothing to go on."""
    received = run.out("receive")
    if not any(received.answered.values()):
        problems = "; ".join(f"{source}: {problem}" for source, problem in sorted(received.problems.items()))
        return run.stop("gate", "receive", f"no signals: no source answered ({problems or 'none is configured'})")
    return replace(run, now=run.outputs[NOW])


async def search_prior(run: Run, context: Context) -> Any:
    """search: beside receive."""
    return await search(context.store, run.world, run=run.id)


def stop_without_baseline(run: Run, context: Context) -> Run:  # noqa: ARG001 - every row takes the context
    """Never a sync of a world that has no model: the run that begins a world carries the baseline it has built."""
    if run.out("search").head.seq or "baseline" in run.outputs:
        return run
    return run.stop("gate", "search", f"the world {run.world} has no baseline")


async def transform_messages(run: Run, context: Context) -> Any:
    """transform: in the world's own time."""
    now = run.out("search").head.valid if context.config.world.clock == "events" else run.now
    return transform(run.out("receive").readings, context.config, run=run.id, now=now)


def set_event_clock(run: Run, context: Context) -> Run:
    """A world that replays recorded data lives at its newest event (S2)."""
    if context.config.world.clock != "events":
        return run
    return replace(run, now=max(run.out("search").head.valid, run.out("transform").newest_event or 0))


async def integrate_events(run: Run, context: Context) -> Any:
    """integrate: against what the world knows already."""
    transformed = run.out("transform")
    found = run.out("search")
    rosters = [fact.event for fact in transformed.facts if fact.name == ROSTER]
    ids = sorted({*(event.id for event in transformed.events), *rosters})
    cursors = await context.store.cursors(run.world)
    return integrate(
        transformed.facts,
        transformed.events,
        transformed.evidence,
        transformed.quarantined,
        known_events=await context.store.known_events(run.world, ids),
        heard=found.last_heard,
        rosters={source: int(cursor.get(ROSTER, 0)) for source, cursor in cursors.items()},
        config=context.config,
    )


async def resolve_identities(run: Run, context: Context) -> Any:
    """identity_resolution: of what the new facts speak of, and of what the last run couldn't find."""
    return await identity_resolution(
        context.store,
        run.world,
        run.out("integrate").facts,
        context.policy,
        run=run.id,
        dangling=run.out("search").dangling,
    )


def _cursors(run: Run, before: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The cursors to make durable, with what they keep although the source itself doesn't know of it: how many records
    its newest believed roster named, and since when it is gone by its own word.
    """
    named = {fact.source: len(fact.value) for fact in run.out("integrate").facts if fact.name == ROSTER}
    cursors: dict[str, Any] = {}
    for reading in run.out("receive").readings:
        if not reading.answered:
            continue
        kept = {key: value for key, value in before.get(reading.source, {}).items() if key in (ROSTER, GONE)}
        if reading.source in named:
            kept[ROSTER] = named[reading.source]
        if reading.gone:
            kept.setdefault(GONE, run.now)
        elif reading.gone is False:
            kept.pop(GONE, None)
        cursors[reading.source] = {**kept, **reading.cursor}
    return cursors


async def write_world_state(run: Run, context: Context) -> Any:
    """world_state: evidence, facts, decisions and present in one; entities that became one are in the audit chain."""
    at = context.clock.now()
    await context.inside.record(
        [
            merged_entry(one.gone, one.into, one.records, one.why, at=at, run=run.id)
            for one in run.out("identity_resolution").merges
        ]
    )
    return await world_state(context.inside, await draft_of(run, context))


async def draft_of(run: Run, context: Context) -> Draft:
    """What the run writes with what it has read."""
    integrated = run.out("integrate")
    before = await context.store.cursors(run.world)
    cursors = {
        source: cursor for source, cursor in _cursors(run, before).items() if not _read_since(before, source, cursor)
    }
    return integrated.draft(run.now, cursors, run.out("identity_resolution").decisions)  # type: ignore[no-any-return]


def _read_since(cursors: Mapping[str, Mapping[str, Any]], source: str, own: Mapping[str, Any]) -> bool:
    """Another run has read the source since this one did, and was first to commit: its cursor stands, for going back
    would give the same number to two readings. What only this run has seen is read again, and known by its events.
    """
    return "reading" in own and int(cursors.get(source, {}).get("reading", 0)) >= int(own["reading"])


async def say_what_changed(run: Run, context: Context) -> Any:  # noqa: ARG001 - every row takes the context
    """diff_world_state: against the version before."""
    return diff_world_state(run.out("world_state").changes)


async def apply_rules(run: Run, context: Context) -> Any:
    """state_transition: on the present as this transaction has made it."""
    integrated = run.out("integrate")
    valid = as_of(context.inside.head.valid, run.now, integrated.facts, context.config)
    return await state_transition(
        context.inside,
        context.rules,
        context.policy,
        now=run.now,
        valid=valid,
        run=run.id,
        changed=run.out("world_state").changes,
    )


def entry_of_commit(run: Run, context: Context) -> AuditEntry:
    """What the audit chain says about the commit, in the same transaction (S20)."""
    integrated = run.out("integrate")
    draft = integrated.draft(run.now, {}, run.out("identity_resolution").decisions)
    moved = run.out("state_transition") if run.has("state_transition") else None
    derived = moved.derived if moved else ()
    return commit_entry(
        [draft, Draft(now=run.now, facts=derived)],
        context.inside.head,
        run=run.id,
        at=context.clock.now(),
        more={
            "workflow": run.workflow,
            "mode": run.mode,
            "configuration": context.config.hash(),
            "derived": len(derived),
            "transitions": [firing_line(firing) for firing in moved.firings] if moved else [],
            "duplicates": integrated.duplicates,
            "late": integrated.late,
            "sources": dict(run.out("receive").answered),
        },
    )
