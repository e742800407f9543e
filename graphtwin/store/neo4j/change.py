"""What new facts make of a world: facts, registries, present and hash, each changed only where something differs (S20)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.lifecycle import lifecycle_of, roster_key, rosters_of
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.state_hash import EMPTY, add, digest, state_items
from graphtwin.model.commit import Changes
from graphtwin.model.fact import ENTITY, RANK, ROSTER, TYPE, Fact, Key
from graphtwin.model.state import At, Lifecycle
from graphtwin.store.neo4j.item_delta import moved_hash
from graphtwin.store.neo4j.part import Part, Shape, changed_part
from graphtwin.store.neo4j.present import PresentChange, Projection
from graphtwin.store.neo4j.present_rows import apply_present, draw_present
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.relink import relink_values, save_whole_records
from graphtwin.store.neo4j.rows import fact_row
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.tops import seek_cells_of, seek_last_claims, seek_tops
from graphtwin.store.neo4j.views import HeadView, NextView, Standing
from graphtwin.store.neo4j.whole import whole_world


@dataclass(frozen=True, slots=True)
class Change:
    """New facts in the light of the state they meet. `due` are keys of facts that fall due between the two instants."""

    world: str
    before: At
    after: At
    facts: list[Fact]
    due: frozenset[Key]
    policy: Policy
    accumulator: bytes
    objected: frozenset[str]
    rostered: frozenset[str]
    next_policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What the transaction must remember of a change that was written."""

    changes: Changes
    accumulator: bytes
    objected: frozenset[str]
    rostered: frozenset[str]


async def apply_change(ask: Statements, change: Change) -> Applied:
    """Write the facts and bring registries and present to `change.after`, under an unchanged configuration."""
    by_key = _by_key(change.facts)
    touched = change.due.union(by_key)
    objected, rostered = await _save_names(ask, change)
    view = HeadView(ask, change.world, change.before)
    registry = Registry(ask, change.world)
    tops_before = await view.tops(touched)
    await registry.add(by_key, change.policy, tops_before)
    again = {key for key, facts in by_key.items() if any(fact.op == "withdraw" for fact in facts)}
    again |= change.due | view.buried.intersection(touched)
    sources = {key.record.partition(":")[0] for key in touched} & rostered
    reads_written = bool(again or sources)
    if reads_written:
        await write_facts(ask, change.world, change.facts, change.after.valid)
    tops_after = _newest_tops(change.after.valid, by_key, touched, tops_before)
    if again:
        # A withdraw, or something that fell due, has a say in these.
        tops_after |= dict.fromkeys(again) | await seek_tops(ask, change.world, again, change.after)
    standing = await _next_standing(ask, change, view, registry, touched, tops_after, sources)
    after = NextView(view, change.after, tops_after, standing)
    before_of = await view.standing(standing)
    shifted = {record for record, one in standing.items() if one.lifecycle != before_of[record].lifecycle}
    shape = Shape(change.policy, objected)
    parts = await changed_part(view, after, registry, shape, touched=touched, shifted=shifted)
    # The server writes facts while this side fuses and hashes.
    fusing = asyncio.create_task(asyncio.to_thread(_fuse, change, *parts))
    if not reads_written:
        await write_facts(ask, change.world, change.facts, change.after.valid)
    changes, accumulator, present = await fusing
    await _save_records(ask, change.world, view, touched, standing)
    await apply_present(ask, change.world, present)
    return Applied(changes, accumulator, objected, rostered)


def _fuse(change: Change, part_before: Part, part_after: Part) -> tuple[Changes, bytes, PresentChange]:
    """What the part was and is: the changes, the running sum after it, and what the present must show."""
    before = assemble(part_before.claims, change.policy, change.before, part_before.lifecycles)
    after = assemble(part_after.claims, change.policy, change.after, part_after.lifecycles)
    accumulator = moved_hash(change.accumulator, before, after)
    changes = compare(
        before,
        after,
        hashes=(digest(change.accumulator), digest(accumulator)),
        lifecycles=(part_before.lifecycles, part_after.lifecycles),
    )
    return changes, accumulator, Projection(change.policy).change(before, after)


async def apply_configuration(ask: Statements, change: Change) -> Applied:
    """Write the facts and fuse the whole world anew under the next configuration (S9)."""
    policy = change.next_policy or change.policy
    objected, rostered = await _save_names(ask, change)
    before = await whole_world(
        ask, change.world, change.before, change.policy, horizon=change.before.valid, rostered=change.rostered
    )
    await write_facts(ask, change.world, change.facts, change.after.valid)
    await Registry(ask, change.world).add(_by_key(change.facts), policy, {})
    await relink_values(ask, change.world, change.policy, policy)
    after = await whole_world(ask, change.world, change.after, policy, horizon=change.after.valid, rostered=rostered)
    await save_whole_records(ask, change.world, after)
    await draw_present(ask, change.world, after.state, policy)
    accumulator = add(EMPTY, state_items(after.state))
    changes = compare(
        before.state,
        after.state,
        hashes=(digest(change.accumulator), digest(accumulator)),
        lifecycles=(before.lifecycles, after.lifecycles),
    )
    return Applied(changes, accumulator, objected, rostered)


async def write_facts(ask: Statements, world: str, facts: Iterable[Fact], valid: int) -> None:
    """Append the facts; those dated after V(k) are marked as planned (S16)."""
    now: list[list[Any]] = []
    planned: list[list[Any]] = []
    for fact in facts:
        (planned if fact.valid_from > valid else now).append(fact_row(world, fact))
    await ask.batched("fact/create_facts", now, world=world)
    await ask.batched("fact/create_planned_facts", planned, world=world)


async def hear(ask: Statements, world: str, facts: Iterable[Fact], valid: int) -> None:
    """Remember the newest valid time, up to V(k), of what sources claimed."""
    heard: dict[str, int] = {}
    for fact in facts:
        if fact.prio < RANK and fact.valid_from <= valid:
            heard[fact.source] = max(fact.valid_from, heard.get(fact.source, fact.valid_from))
    await ask.batched("run/hear", [list(one) for one in sorted(heard.items())], world=world)


async def _save_names(ask: Statements, change: Change) -> tuple[frozenset[str], frozenset[str]]:
    """Which names have been used with objects, and which sources take rosters: this change's included."""
    objected = change.objected | {fact.name for fact in change.facts if fact.object}
    rostered = change.rostered | {
        source
        for fact in change.facts
        if fact.name == ROSTER and fact.key == roster_key(source := fact.record.partition(":")[0])
    }
    if (objected, rostered) != (change.objected, change.rostered):
        await ask("world/save_names", world=change.world, objected=sorted(objected), rostered=sorted(rostered))
    return objected, rostered


def _by_key(facts: Iterable[Fact]) -> dict[Key, list[Fact]]:
    by_key: dict[Key, list[Fact]] = {}
    for fact in facts:
        by_key.setdefault(fact.key, []).append(fact)
    return by_key


def _newest_tops(
    valid: int, by_key: Mapping[Key, Iterable[Fact]], touched: Iterable[Key], before: Mapping[Key, Fact]
) -> dict[Key, Fact | None]:
    """The claims at `valid` where only asserts and ends come: the old claim, or the newest of the new facts (S8)."""
    tops: dict[Key, Fact | None] = {key: before.get(key) for key in touched}
    for key, facts in by_key.items():
        for fact in facts:
            holder = tops[key]
            if fact.valid_from <= valid and (holder is None or _order(fact) > _order(holder)):
                tops[key] = fact
    return tops


def _order(fact: Fact) -> tuple[int, int, str]:
    return (fact.valid_from, fact.prio, fact.id)


async def _next_standing(  # noqa: PLR0917 - the old world and what came
    ask: Statements,
    change: Change,
    view: HeadView,
    registry: Registry,
    touched: Collection[Key],
    tops: Mapping[Key, Fact | None],
    sources: Collection[str],
) -> dict[str, Standing]:
    """The standing of the records whose type, entity or lifecycle may have changed."""
    structural = {key for key in touched if key.layer == "reported" and key.name in (TYPE, ENTITY)}
    before = await view.standing({key.record for key in touched})
    moved = {key.record: before[key.record] for key in structural}
    for key in sorted(structural):
        top = tops[key]
        held = top if top is not None and top.op == "assert" else None
        one = moved[key.record]
        if key.name == TYPE:
            moved[key.record] = Standing(one.entity, held, one.lifecycle)
        else:
            entity = str(held.value) if held is not None else key.record
            moved[key.record] = Standing(entity, one.type, one.lifecycle)
    lifecycles = await _next_lifecycles(ask, change, view, registry, touched, tops, sources)
    unread = await view.standing(lifecycles)
    for record, lifecycle in lifecycles.items():
        one = moved.get(record, unread[record])
        if record in moved or one.lifecycle != lifecycle:
            moved[record] = Standing(one.entity, one.type, lifecycle)
    return moved


async def _next_lifecycles(  # noqa: PLR0917 - the old world and what came
    ask: Statements,
    change: Change,
    view: HeadView,
    registry: Registry,
    touched: Collection[Key],
    tops: Mapping[Key, Fact | None],
    sources: Collection[str],
) -> dict[str, Lifecycle]:
    """The lifecycle of each record of the sources (which take rosters) that new claims or rosters can have changed (S24)."""
    limits = {roster_key(source): change.policy.retire_after(source) for source in sources}
    cells = await seek_cells_of(ask, change.world, limits, change.after)
    rosters = {
        key.record.partition(":")[0]: rosters_of(cells[key], valid=change.after.valid, seq=change.after.seq)
        for key in limits
    }
    own = {key.record for key in limits}

    def is_named(record: str) -> bool:
        source, _, local = record.partition(":")
        return bool(rosters[source]) and local in rosters[source][0][1]

    records = {key.record for key in touched if key.record.partition(":")[0] in rosters}
    retaken = sorted(key.record.partition(":")[0] for key in limits if key in touched)
    for record, lifecycle in await ask.batched("identity/records_of_sources", retaken, world=change.world):
        if lifecycle != "active" or not is_named(record):
            records.add(record)
    found: dict[str, Lifecycle] = dict.fromkeys(records - own, "active")
    missing = {record for record in found if not is_named(record)}
    claims = await NextView(view, change.after, tops, {}).tops(await registry.keys_of(missing))
    for record, last in (await seek_last_claims(ask, change.world, claims, change.after)).items():
        source = record.partition(":")[0]
        found[record] = lifecycle_of(record, last, rosters[source], change.policy.retire_after(source))
    return found


async def _save_records(
    ask: Statements, world: str, view: HeadView, touched: Collection[Key], moved: Mapping[str, Standing]
) -> None:
    """Register new records, and what changed of others."""
    changed = {record: one for record, one in moved.items() if record in view.known}
    fresh = {key.record for key in touched} - view.known
    changed |= {record: moved.get(record, Standing(record, None)) for record in fresh}
    rows = [record_row(record, one) for record, one in sorted(changed.items())]
    await ask.batched("identity/save_records", rows, world=world)


def record_row(record: str, standing: Standing) -> list[str | None]:
    """The columns of identity/save_records."""
    kind = str(standing.type.value) if standing.type is not None else None
    return [record, record.partition(":")[0], standing.entity, kind, standing.lifecycle]
