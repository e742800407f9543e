"""Gives a world the configuration that a file holds, showing first what would change (S9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock, make_sources
from graphtwin.app.connect import connect
from graphtwin.errors import ConfigurationDiffers, NotFound
from graphtwin.methods.entity_ids import MODEL
from graphtwin.methods.strata import stratify
from graphtwin.model.commit import AuditEntry, Commit, Draft
from graphtwin.model.fact import BEGIN, Fact, decision
from graphtwin.model.load import load_twin
from graphtwin.model.twin import TwinConfig
from graphtwin.ports import Store
from graphtwin.settings import Settings
from graphtwin.steps.retrieve import retrieve
from graphtwin.workflows.runner import LEASE_TTL

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """What differs between the file and the world, one line each; `committed` is the version that took it over."""

    world: str
    changes: tuple[str, ...]
    committed: Commit | None
    needs_apply: bool


async def apply(settings: Settings, twin: Path, *, dry_run: bool) -> ApplyOutcome:
    """Make the file's configuration the world's, as a commit of its own; `dry_run` only says what would change."""
    config = load_twin(twin)
    make_sources(config, twin.parent)
    rules = stratify(config.rules)
    world = config.world.id
    async with connect(settings) as store:
        await store.admit(rules)
        try:
            held = await store.configuration(world)
        except NotFound:
            return ApplyOutcome(
                world, ("the world doesn't exist yet: its first sync takes this file",), None, needs_apply=False
            )
        changes = tuple(difference(held, config))
        if dry_run or not changes:
            return ApplyOutcome(world, changes, None, needs_apply=bool(changes))
        return ApplyOutcome(world, changes, await _commit(store, held, config, changes), needs_apply=False)


async def _commit(store: Store, held: TwinConfig, config: TwinConfig, changes: tuple[str, ...]) -> Commit | None:
    clock = SystemClock()
    run = RandomIds(clock).new("apply")
    lease = await store.acquire(config.world.id, run, ttl=LEASE_TTL)
    try:
        async with store.begin(lease) as transaction:
            head = transaction.head
            now = head.valid if config.world.clock == "events" else clock.now()
            facts = _model_facts(held, config, now=max(now, head.valid), run=run) if head.seq else ()
            await transaction.write(Draft(now=now, facts=tuple(facts), configuration=config.normalised()))
            await transaction.record(
                [
                    AuditEntry(
                        "configuration", clock.now(), run, {"hash": config.hash(), "changes": list(changes)[:_SHOWN]}
                    )
                ]
            )
            return await transaction.commit(run, run)
    finally:
        await store.release(lease)


def _model_facts(held: TwinConfig, config: TwinConfig, *, now: int, run: str) -> list[Fact]:
    """The new model's facts, and an end for each thing that only the old model said."""
    wanted = retrieve(config, now=now, run=run).facts
    keys = {fact.key for fact in wanted}
    gone = [fact for fact in retrieve(held, now=now, run=run).facts if fact.key not in keys]
    ended = [
        decision(
            record=fact.record, name=fact.name, object=fact.object, layer=fact.layer, op="end",
            valid_from=max(now, BEGIN), event=f"{MODEL}:{run}:end", run=run, source=MODEL,
        )
        for fact in gone
    ]  # fmt: skip
    return [*wanted, *ended]


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
    """`path: old → new` for everything that differs, in the order of the file."""
    yield from _differences("", held.normalised(), config.normalised())


def _differences(path: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(f"{path}.{key}" if path else str(key), old.get(key), new.get(key))
        return
    yield f"{path}: {_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal
