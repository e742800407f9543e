"""Gives a world the configuration that a file holds, showing first what would change (S9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock, make_audit, make_sources
from graphtwin.app.connect import connect
from graphtwin.errors import ConfigurationDiffers, ConfigurationError, Conflict, NotFound
from graphtwin.methods.audit.audit_entries import facts_digest
from graphtwin.methods.matching.entity_ids import MODEL
from graphtwin.methods.rules.derivation import derivation_facts
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import AuditEntry, Commit, Draft
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, Fact, decision
from graphtwin.ports import Store, Transaction
from graphtwin.settings import Settings
from graphtwin.steps.identity_resolution import identity_resolution
from graphtwin.steps.retrieve import retrieve
from graphtwin.workflows.runner import LEASE_TTL

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
    world = config.world.id
    await store.admit(stratify(config.rules))
    try:
        held = await store.configuration(world)
    except NotFound:
        return ApplyOutcome(
            world, ("the world doesn't exist yet: its first sync takes this file",), None, needs_apply=False
        )
    changes = tuple(difference(held, config))
    await _keep_cardinality(store, held, config)
    if dry_run or not changes:
        return ApplyOutcome(world, changes, None, needs_apply=bool(changes))
    log = make_audit(config, twin.parent)
    log.check_writable()
    await log.check_belongs(store)
    committed = await _commit(store, held, config, changes)
    await log.export(store)
    return ApplyOutcome(world, changes, committed, needs_apply=False)


async def _commit(store: Store, held: TwinConfig, config: TwinConfig, changes: tuple[str, ...]) -> Commit | None:
    clock = SystemClock()
    run = RandomIds(clock).new("apply")
    lease = await store.acquire(config.world.id, run, ttl=LEASE_TTL)
    try:
        async with store.begin(lease) as transaction:
            head = transaction.head
            if head.configuration != held.hash():
                raise Conflict(
                    f"The configuration of {config.world.id} was changed by somebody else just now; nothing was written.",
                    hint="look at what differs now, then apply again: graphtwin apply --dry-run",
                )
            await _keep_cardinality(store, held, config)  # again, since a sync may have said the first of a relation
            now = head.valid if config.world.clock == "events" else clock.now()
            since = max(now, head.valid)
            facts = await _consequences(store, transaction, held, config, now=since, run=run) if head.seq else ()
            await transaction.write(Draft(now=now, facts=tuple(facts), configuration=config.normalised()))
            await transaction.record(
                [
                    AuditEntry(
                        "configuration",
                        clock.now(),
                        run,
                        {
                            "hash": config.hash(),
                            "changes": list(changes)[:_SHOWN],
                            "facts": {"count": len(facts), "sha256": facts_digest(facts)},
                        },
                    )
                ]
            )
            return await transaction.commit(run, run)
    finally:
        await store.release(lease)


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


async def _consequences(
    store: Store, transaction: Transaction, held: TwinConfig, config: TwinConfig, *, now: int, run: str
) -> list[Fact]:
    """What the new configuration makes of what is known already."""
    return [
        *_model_facts(held, config, now=now, run=run),
        *await _ended_derivations(transaction, held, config, now=now, run=run),
        *await _identities(store, config, run=run),
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
    kept = {rule.id for rule in config.rules if rule.enabled}
    return [
        fact
        for rule in sorted({rule.id for rule in held.rules} - kept)
        for fact in derivation_facts(
            rule, (), held=await transaction.derived(rule), premises={}, types={}, founding={},
            functional=frozenset(), valid=now, run=run,
        )
    ]  # fmt: skip


async def _identities(store: Store, config: TwinConfig, *, run: str) -> tuple[Fact, ...]:
    """Decisions about known records that the new configuration names as one thing, or as two."""
    named = {record for declared in config.entities for record in declared.aliases}
    named |= {record for group in (*config.identity.aliases.values(), *config.identity.distinct) for record in group}
    found = await identity_resolution(store, config.world.id, (), Policy(config), run=run, named=sorted(named))
    return found.decisions


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
    yield from _differences("", held.normalised(), config.normalised(), given)


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
