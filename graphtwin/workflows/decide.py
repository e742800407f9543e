"""A small transaction under the world's lock: facts with what rules make of them, its audit record, the log (S20).

What persons decide, what a configuration changes, and every other commit that isn't a sync's goes through here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from graphtwin.errors import CommitUnknown, Conflict
from graphtwin.methods.audit.audit_entries import events_digest, facts_digest
from graphtwin.methods.rules.machines import firing_line
from graphtwin.methods.state.as_of import as_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.acting import Kept
from graphtwin.model.commit import AuditEntry, Changes, Commit, Draft, EventRecord, EvidenceItem, Head, Lease, RuleText
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact
from graphtwin.ports import AuditSink, Clock, Store, Transaction
from graphtwin.steps.state_transition import StateTransitionOut, state_transition
from graphtwin.workflows.lease import give_back, made_after_all, take_lease


@dataclass(frozen=True, slots=True)
class Turn:
    """The world as whoever decides finds it under its lock: nobody else can write, so every read of the store is of `head`.

    `run` names the transaction and is its key, `at` is the wall clock, `now` the world's, never before V of the head (µs).
    """

    run: str
    at: int
    now: int
    head: Head
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written. `entries` say it in the audit chain, one at least; the last one also commits to what is written.

    `kept` is about acting, and makes no version by itself; `told` is for the caller alone.
    """

    entries: tuple[AuditEntry, ...]
    facts: tuple[Fact, ...] = ()
    events: tuple[EventRecord, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    configuration: Mapping[str, Any] | None = None
    kept: Kept | None = None
    told: Any = None

    @property
    def writes(self) -> bool:
        """More than records: what may make a version."""
        return bool(self.facts or self.events or self.evidence or self.configuration is not None)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was made, or would be: the version (None where there is none), and what it changes, rules included."""

    run: str
    decision: Decision
    changes: tuple[Changes, ...]
    commit: Commit | None = None
    log_path: str = ""
    seen: Any = None
    """What `rehearse` was asked to look at, before it left."""


Look = Callable[[Transaction], Awaitable[Any]]
Make = Callable[[Turn], Awaitable[Decision]]
"""Looks and says what to write; what it raises is what whoever asked is told, and nothing was written."""


async def decide(
    store: Store,
    sink: AuditSink,
    config: TwinConfig,
    make: Make,
    *,
    clock: Clock,
    run: str,
    rules: Sequence[RuleText] = (),
    lease: Lease | None = None,
) -> Decided:
    """Make a decision in the world of `config`, which must be the one in force, and export the log. Who holds the world's
    `lease` already keeps it; else it is taken for this alone.

    Raises AuditUnwritable before anything changes, Conflict when another configuration was applied since, CommitUnknown.
    """
    sink.check_writable()
    await sink.check_belongs(store)
    await store.admit(rules)
    held = lease or await take_lease(store, config.world.id, run)
    try:
        async with store.begin(held) as transaction:
            decided, moved = await _carry_out(transaction, config, make, clock=clock, run=run, rules=rules)
            await transaction.record(_entries(decided.decision, moved, transaction.head))
            made = await transaction.commit(run, run)
    except CommitUnknown:
        made = await made_after_all(store, held, run)
        if made is None:
            raise
    finally:
        if lease is None:
            await give_back(store, held)
    return replace(decided, commit=made, log_path=await sink.export(store))


async def rehearse(
    store: Store,
    config: TwinConfig,
    make: Make,
    *,
    clock: Clock,
    run: str,
    rules: Sequence[RuleText] = (),
    look: Look | None = None,
    within: int | None = None,
    lease: Lease | None = None,
) -> Decided:
    """What `decide` would do: the same transaction, left without a commit (S29). `look` reads it before it is left; the
    database ends it after `within` µs. Who holds the world's `lease` already keeps it.
    """
    await store.admit(rules)
    async with _locked(store, config.world.id, run, within, lease) as transaction:
        decided, _ = await _carry_out(transaction, config, make, clock=clock, run=run, rules=rules)
        return replace(decided, seen=await look(transaction)) if look else decided


def world_now(config: TwinConfig, clock: Clock, head: Head) -> int:
    """The world's clock as one decides, never before V of the head; a world with a clock of its own stands at its newest
    version: a person can't move it (S2).
    """
    return max(clock.now(), head.valid) if config.world.clock == "system" else head.valid


@asynccontextmanager
async def _locked(
    store: Store, world: str, run: str, within: int | None, lease: Lease | None
) -> AsyncIterator[Transaction]:
    held = lease or await take_lease(store, world, run)
    try:
        async with store.begin(held, within=within) as transaction:
            yield transaction
    finally:
        if lease is None:
            await give_back(store, held)


async def _carry_out(
    transaction: Transaction, config: TwinConfig, make: Make, *, clock: Clock, run: str, rules: Sequence[RuleText]
) -> tuple[Decided, StateTransitionOut | None]:
    """The decision with what it changed, and what rules made of it."""
    head = transaction.head
    if head.configuration != config.hash():
        raise Conflict(
            f"The configuration of {head.world} was changed by somebody else just now; nothing was written.",
            hint="look at what differs now, then do it again: graphtwin audit show",
        )
    now = world_now(config, clock, head)
    decision = await make(Turn(run, clock.now(), now, head, transaction))
    if decision.kept is not None:
        await transaction.keep(decision.kept)
    if not decision.writes:
        return Decided(run, decision, ()), None
    changes = await transaction.write(
        Draft(
            now=now,
            facts=decision.facts,
            events=decision.events,
            evidence=decision.evidence,
            configuration=decision.configuration,
        )
    )
    valid = as_of(head.valid, now, decision.facts, config)
    moved = await state_transition(transaction, rules, Policy(config), now=now, valid=valid, run=run, changed=changes)
    return Decided(run, decision, (changes, *moved.changes)), moved


def _entries(decision: Decision, moved: StateTransitionOut | None, head: Head) -> list[AuditEntry]:
    """The entries, the last of which commits to the facts and raw bytes, so that `verify` can compare them."""
    if not decision.writes:
        return list(decision.entries)
    facts = [*decision.facts, *(moved.derived if moved else ())]
    steps = [firing_line(firing) for firing in moved.firings] if moved else []
    last = decision.entries[-1]
    body = {
        **last.body,
        "parent": {"version": head.version, "version_id": head.version_id, "hash": head.hash},
        "facts": {"count": len(facts), "sha256": facts_digest(facts)},
        "events": {"count": len(decision.evidence), "sha256": events_digest(decision.evidence)},
        **({"transitions": steps} if steps else {}),
    }
    return [*decision.entries[:-1], replace(last, body=body)]
