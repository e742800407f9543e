"""Gives a world the configuration that a file holds, showing first what would change (S9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock, make_audit, make_sources, read_all
from graphtwin.app.connect import connect
from graphtwin.app.live_sources import make_world_clock
from graphtwin.app.remembering import with_remembered
from graphtwin.errors import ConfigurationDiffers, ConfigurationError, NotFound
from graphtwin.methods.acting.request_units import check_request_units
from graphtwin.methods.matching.entity_ids import MODEL, declared_id
from graphtwin.methods.proposing.completed import completed, retold
from graphtwin.methods.proposing.extended import extended
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.sampling import samples_of
from graphtwin.methods.rules.derivation import derivation_facts
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import PLAN, Policy
from graphtwin.model.commit import AuditEntry, Commit
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, Fact, decision
from graphtwin.ports import Store, Transaction
from graphtwin.settings import Settings
from graphtwin.steps.identity_resolution import identity_resolution
from graphtwin.steps.retrieve import retrieve
from graphtwin.workflows.decide import Decision, Turn, decide

_SHOWN: Final = 40
_NAMED: Final = ("entities", "rules", "actions")


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """What differs between the file and the world, one line each; `committed` is the version that took it over."""

    world: str
    changes: tuple[str, ...]
    committed: Commit | None
    needs_apply: bool


async def apply(settings: Settings, twin: Path, *, dry_run: bool) -> ApplyOutcome:
    """Make the file's configuration the world's, as a commit of its own; `dry_run` only says what would change."""
    load_twin(twin)  # a file that can't be used is told before a database is started
    async with connect(settings) as store:
        return await apply_in(store, twin, dry_run=dry_run)


async def apply_in(store: Store, twin: Path, *, dry_run: bool) -> ApplyOutcome:
    """The same in a store that is open already. Raises AuditUnwritable before anything changes."""
    config = load_twin(twin)
    make_sources(config, twin.parent)
    check_request_units(config)
    world = config.world.id
    await store.admit(stratify(config.rules))
    try:
        held = await store.configuration(world)
    except NotFound:
        return ApplyOutcome(
            world, ("the world doesn't exist yet: its first sync takes this file",), None, needs_apply=False
        )
    config = await reinspected(store, config, twin.parent)
    changes = tuple(difference(held, config))
    await _keep_cardinality(store, held, config)
    if dry_run or not changes:
        return ApplyOutcome(world, changes, None, needs_apply=bool(changes))
    clock = SystemClock()

    async def make(turn: Turn) -> Decision:
        await _keep_cardinality(store, held, config)  # again, since a sync may have said the first of a relation
        facts = await _consequences(store, turn, held, config) if turn.head.seq else []
        body = {"hash": config.hash(), "changes": list(changes)[:_SHOWN]}
        entry = AuditEntry("configuration", turn.at, turn.run, body)
        return Decision((entry,), facts=tuple(facts), configuration=config.normalised())

    log, run = make_audit(config, twin.parent), RandomIds(clock).new("apply")
    decided = await decide(store, log, held, make, clock=clock, run=run)
    return ApplyOutcome(world, changes, decided.commit, needs_apply=False)


async def _keep_cardinality(store: Store, held: TwinConfig, config: TwinConfig) -> None:
    """Raise ConfigurationError for a relation that was claimed already and would hold one object instead of many, or many
    instead of one: what was said of it could not be read any more (S5).
    """
    flipped = {
        name
        for name, relation in config.relations.items()
        if name in held.relations and held.relations[name].functional != relation.functional
    }
    again = {name for name, relation in config.relations.items() if name not in held.relations and relation.functional}
    used = await store.names_used(config.world.id, sorted(flipped | again)) if flipped | again else frozenset()
    claimed = sorted({name for name, objected in used if name in flipped or objected})
    if claimed:
        name = claimed[0]
        now, before = ("one object", "many") if config.relations[name].functional else ("many objects", "one")
        raise ConfigurationError(
            f"relations.{name}.functional: it was claimed with {before}, and would hold {now}; that can't be changed.",
            hint=f"leave {name} as it was, and declare a new relation under another name",
        )


async def _consequences(store: Store, turn: Turn, held: TwinConfig, config: TwinConfig) -> list[Fact]:
    """What the new configuration makes of what is known already."""
    return [
        *_model_facts(held, config, now=turn.now, run=turn.run),
        *await _ended_derivations(turn.transaction, held, config, now=turn.now, run=turn.run),
        *await _outspoken_plans(turn.transaction, held, config, now=turn.now, run=turn.run),
        *await _identities(store, config, run=turn.run),
    ]


def _model_facts(held: TwinConfig, config: TwinConfig, *, now: int, run: str) -> list[Fact]:
    """The new model's facts, and an end for each thing that only the old model said. What was always so is said of now,
    too, where the old model didn't say it: an earlier one may have, and it was ended then.
    """
    wanted, before = retrieve(config, now=now, run=run).facts, retrieve(held, now=now, run=run).facts
    keys, known = {fact.key for fact in wanted}, {fact.key for fact in before}
    gone = [fact for fact in before if fact.key not in keys]
    again = [
        decision(
            record=fact.record, name=fact.name, value=fact.value, layer=fact.layer, kind=fact.kind,
            valid_from=now, event=f"{MODEL}:{run}", run=run, source=MODEL,
        )
        for fact in wanted
        if fact.valid_from == BEGIN and fact.key not in known
    ]  # fmt: skip
    ended = [
        decision(
            record=fact.record, name=fact.name, object=fact.object, layer=fact.layer, op="end",
            valid_from=max(now, BEGIN), event=f"{MODEL}:{run}:end", run=run, source=MODEL,
        )
        for fact in gone
    ]  # fmt: skip
    return [*wanted, *again, *ended]


async def _ended_derivations(
    transaction: Transaction, held: TwinConfig, config: TwinConfig, *, now: int, run: str
) -> list[Fact]:
    """An end for everything that rules derived which the new configuration doesn't run any more."""
    kept = {rule.id for rule in config.rules if rule.enabled and rule.transition is None}
    return [
        fact
        for rule in sorted({rule.id for rule in held.rules} - kept)
        for fact in derivation_facts(
            rule, (), held=await transaction.derived(rule), premises={}, types={}, founding={},
            functional=frozenset(), valid=now, run=run,
        )
    ]  # fmt: skip


async def _outspoken_plans(
    transaction: Transaction, held: TwinConfig, config: TwinConfig, *, now: int, run: str
) -> list[Fact]:
    """An end for what plans wanted where the new file wants something else than the old one: the newer word counts."""
    before, wanted = _desired(held), _desired(config)
    changed = [key for key in sorted({*before, *wanted}) if before.get(key) != wanted.get(key)]
    return [
        decision(
            record=fact.record, name=fact.name, layer=fact.layer, op="end", valid_from=now,
            event=f"{MODEL}:{run}:plan", run=run, source=MODEL,
        )
        for fact in (await transaction.winning_facts(changed)).values()
        if fact.source == PLAN
    ]  # fmt: skip


def _desired(config: TwinConfig) -> dict[tuple[str, str], Any]:
    """What the file wants of each entity, by its id and the name under which the present shows it."""
    return {
        (declared_id(one, config), f"{name}_desired"): value
        for one in config.entities
        for name, value in one.desired.items()
    }


async def _identities(store: Store, config: TwinConfig, *, run: str) -> tuple[Fact, ...]:
    """Decisions about known records that the new configuration names as one thing, or as two."""
    named = {record for declared in config.entities for record in declared.aliases}
    named |= {record for group in (*config.identity.aliases.values(), *config.identity.distinct) for record in group}
    found = await identity_resolution(store, config.world.id, (), Policy(config), run=run, named=sorted(named))
    return found.decisions


async def as_known(store: Store, config: TwinConfig) -> TwinConfig:
    """What a file means for its world: one without types gets those that inspect proposed when the world began."""
    if config.types:
        return config
    try:
        return retold(config, await store.configuration(config.world.id))
    except NotFound:
        return config


async def reinspected(store: Store, config: TwinConfig, folder: Path) -> TwinConfig:
    """What a file means for its world now: one without types gets what inspect proposed when the world began, and what its
    sources say by now besides; all of it, where nothing was proposed before.
    """
    if config.types:
        return config
    known = await as_known(store, config)
    clock = make_world_clock(config)
    now = await clock.now() if clock else SystemClock().now()
    readings = await read_all(config, folder, now)
    heard = [await with_remembered(store, config, reading) for reading in readings if reading.answered]
    time = None if config.world.clock == "events" else now
    fresh = completed(config, propose(samples_of(heard, config), now=time))
    return extended(known, fresh, heard) if known.inspected else fresh


def require_same(held: TwinConfig, config: TwinConfig, twin: Path) -> None:
    """Raise ConfigurationDiffers, with the difference, when the file isn't what the world stands on."""
    if held.hash() == config.hash():
        return
    changes = list(difference(held, config))
    lines = "\n".join(f"    {change}" for change in changes[:_SHOWN])
    raise ConfigurationDiffers(
        f"{twin} isn't the configuration that the world {config.world.id} stands on:\n{lines}",
        hint=f"take it over with: graphtwin apply {twin}",
    )


def difference(held: TwinConfig, config: TwinConfig) -> Iterator[str]:
    """`path: old → new` for everything that differs, in the order of the file; of what is new, each field that is given."""
    given = config.model_dump(mode="json", by_alias=True, exclude_unset=True)
    old, new = ({**one.normalised(), "inspected": None} for one in (held, config))
    yield from _differences("", old, new, given)


def _differences(path: str, old: Any, new: Any, given: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, dict) for one in (*old, *new)):
        old, new, given = _by_name(path, old), _by_name(path, new), _by_name(path, given or [])
    fields = given if isinstance(given, dict) else {}
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(f"{path}.{key}" if path else str(key), old.get(key), new.get(key), fields.get(key))
    elif old is None and isinstance(new, dict) and fields:
        for key in fields:
            yield from _differences(f"{path}.{key}", None, new.get(key), fields[key])
    elif isinstance(old, dict) and new is None:
        yield f"{path}: taken out"
    else:
        yield f"{path}: {_short(old)} → {_short(new)}"


def _by_name(path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A list as a mapping: by id where ids name the items, else by number."""
    return {str(one["id"] if path in _NAMED else number): one for number, one in enumerate(items, start=1)}


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal
