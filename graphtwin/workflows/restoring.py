"""Rollback in the store: cells get their earlier winners back, in a small transaction under the world's lock (S31)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graphtwin.errors import HeadMoved, NotFound
from graphtwin.methods.audit.audit_entries import restored_entry, rollback_entry
from graphtwin.methods.state.net_changes import net_changes
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.restore import restore
from graphtwin.model.cell import Cell
from graphtwin.model.commit import AuditEntry, Changes, Commit, Draft, EventRecord, RuleText
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact
from graphtwin.model.plan import RestorePoint
from graphtwin.ports import AuditSink, Clock, Store
from graphtwin.steps.state_transition import StateTransitionOut, state_transition
from graphtwin.workflows.decide import Decision, Make, Turn, decide, rehearse

_PAGE: Final = 1_000
_NAMED: Final = 20
"""Versions that a reason or an audit record spells out."""


def _unsigned(entry: AuditEntry) -> AuditEntry:
    return entry


@dataclass(frozen=True, slots=True)
class Word:
    """On whose word a world is restored and why, and what it stands on: `config` and `rules` must be the head's. `sign`
    puts a person's signature under the audit entry.
    """

    config: TwinConfig
    rules: tuple[RuleText, ...]
    restored_by: str
    reason: str
    sign: Callable[[AuditEntry], AuditEntry] = _unsigned


@dataclass(frozen=True, slots=True)
class Restored:
    """What a rollback did, or would do, to the version `seq_before`.

    `point.run` is the rollback's own id. `commit` is None where nothing was committed: nothing differed, or it was only
    looked at. `changes` is None where nothing differed, or it had been done before. `between` are the versions since the
    restore point, oldest first: those of others, or all those that are taken back. `differs` says why `hash_after` isn't
    the restore point's.
    """

    point: RestorePoint
    seq_before: int
    commit: Commit | None
    hash_before: str
    hash_after: str
    cells: int
    changes: Changes | None
    between: tuple[Commit, ...]
    differs: tuple[str, ...]
    configuration: str
    """The hash of the configuration in force, which a rollback leaves as it is."""

    @property
    def newer_configuration(self) -> bool:
        """Another twin.yaml was applied since the restore point: it stays in force, though what it declared is taken back."""
        return self.configuration != self.point.configuration


async def restore_run(
    store: Store, sink: AuditSink, point: RestorePoint, undone: str, word: Word, *, clock: Clock
) -> Restored:
    """Take back what the run `undone` decided since its restore point, and nothing else: observations, and what others
    wrote, stay. The hash after is that of the head's state without the run's facts. Doing it again changes nothing.

    Raises AuditUnwritable, Conflict, CommitUnknown; then it may be asked again.
    """
    point = replace(point, run=f"{undone}:rollback:{point.name}")
    made = await store.commit_of(point.world, point.run)
    if made is not None:
        return await _done_before(store, point, made, undone)

    async def make(turn: Turn) -> Decision:
        cells = await store.cells_of_run(point.world, undone, since=point.seq)
        others = _of_others(await _versions_since(store, point), undone)
        return await _restored(store, turn, point, cells, word, undone=undone, between=others)

    return await _decided(store, sink, make, point, word, clock=clock)


async def restore_to(
    store: Store, sink: AuditSink, point: RestorePoint, word: Word, *, clock: Clock, seen: int | None = None
) -> Restored:
    """Give every cell that was touched since a version its winner of then: a person's decision, which takes back
    observations, too. The hash after is that of the state read at (V now, known then) under the head's configuration.

    `point.run` is the id of this rollback. Raises HeadMoved when the head isn't the version that was `seen`,
    AuditUnwritable, Conflict, CommitUnknown; then it may be asked again, under the same id.
    """
    made = await store.commit_of(point.world, point.run)
    if made is not None:
        return await _done_before(store, point, made, "")

    async def make(turn: Turn) -> Decision:
        if seen is not None and turn.head.seq != seen:
            raise HeadMoved(
                f"{point.world} is at {turn.head.version} now, and v{seen} was looked at; nothing was written.",
                hint=f"look again with: graphtwin rollback {point.world} --to {point.name} --dry-run",
            )
        return await _restored_to(store, turn, point, word)

    return await _decided(store, sink, make, point, word, clock=clock)


async def preview_restore(store: Store, point: RestorePoint, word: Word, *, clock: Clock) -> Restored:
    """What `restore_to` would do now: it is done in a transaction that is never committed."""

    async def make(turn: Turn) -> Decision:
        return await _restored_to(store, turn, point, word)

    await store.admit(word.rules)
    rehearsed = await rehearse(store, word.config, make, clock=clock, run=point.run)
    would_be: Restored = rehearsed.decision.told
    return would_be


async def version_to_restore(store: Store, world: str, seq: int, *, run: str) -> RestorePoint:
    """A version as the restore point of the rollback `run`. Raises NotFound."""
    found = await store.commits(world, after=seq - 1, limit=1)
    if not found or found[0].seq != seq:
        newest = (await store.head(world)).version
        raise NotFound(f"The world {world} has no version v{seq}.", hint=f"Its newest is {newest}.")
    made = found[0]
    return RestorePoint(
        world=world,
        name=f"v{seq}",
        seq=seq,
        hash=made.hash,
        version_id=made.version_id,
        configuration=made.configuration,
        taken_at=made.valid,
        run=run,
    )


async def _decided(
    store: Store, sink: AuditSink, make: Make, point: RestorePoint, word: Word, *, clock: Clock
) -> Restored:
    await store.admit(word.rules)
    decided = await decide(store, sink, word.config, make, clock=clock, run=point.run)
    restored: Restored = decided.decision.told
    return replace(restored, commit=decided.commit)


async def _restored_to(store: Store, turn: Turn, point: RestorePoint, word: Word) -> Decision:
    cells = await store.cells_since(point.world, point.seq)
    return await _restored(store, turn, point, cells, word, undone="", between=await _versions_since(store, point))


async def _restored(
    store: Store,
    turn: Turn,
    point: RestorePoint,
    cells: Sequence[Cell],
    word: Word,
    *,
    undone: str,
    between: tuple[Commit, ...],
) -> Decision:
    """The cells restored, and what the rules make of that, written in this turn's transaction, with the record that says
    so. Where nothing is to be restored, nothing is written but the record.
    """
    facts = restore(cells, run=point.run, rules={rule.id for rule in word.rules})
    changes, moved = await _write(turn, point, facts, word) if facts else ((), None)
    derived = moved.derived if moved else ()
    net, head = net_changes(changes) if changes else None, turn.head
    left = _Left(
        net.after_hash if net else head.hash, turn.now if net else head.valid, head.configuration, len(derived)
    )
    restored = Restored(
        point=point,
        seq_before=head.seq,
        commit=None,
        hash_before=head.hash,
        hash_after=left.hash,
        cells=len(facts),
        changes=net,
        between=between,
        differs=await _why(store, point, left, between if undone else ()),
        configuration=left.configuration,
    )
    entry = word.sign(
        rollback_entry(
            run=turn.run, at=turn.at, principal=word.restored_by, restore_point=point.name, undone=undone,
            reason=word.reason,
        )
    )  # fmt: skip
    return Decision((restored_entry(entry, _told(restored), head, [*facts, *derived]),), told=restored)


async def _write(
    turn: Turn, point: RestorePoint, facts: tuple[Fact, ...], word: Word
) -> tuple[list[Changes], StateTransitionOut]:
    """V(k) is fixed before, by a write without facts: what is restored of the future must not draw the world's clock (S4).

    The rules look every premise up: a fact that is said again is another fact, though nothing seems to have changed. State
    machines stay where they are put back to; the next sync moves them on.
    """
    deriving = [rule for rule in word.rules if rule.transition is None]
    said = {"restored_by": word.restored_by, "reason": word.reason, "to": point.name, "cells": len(facts)}
    anchor = f"tool:rollback:{point.name}"
    event = EventRecord(point.run, "graphtwin", turn.now, "rollback", anchor, "", said)
    changes = [
        await turn.transaction.write(Draft(now=turn.now)),
        await turn.transaction.write(Draft(now=turn.now, facts=facts, events=(event,))),
    ]
    moved = await state_transition(
        turn.transaction, deriving, Policy(word.config), now=turn.now, valid=turn.now, run=turn.run, changed=None
    )
    return [*changes, *moved.changes], moved


def _told(restored: Restored) -> dict[str, Any]:
    return {
        "hash_before": restored.hash_before,
        "hash_after": restored.hash_after,
        "restore_hash": restored.point.hash,
        "cells": restored.cells,
        "between": [f"v{commit.seq}" for commit in restored.between[:_NAMED]],
        "differs": list(restored.differs),
    }


async def _done_before(store: Store, point: RestorePoint, made: Commit, undone: str) -> Restored:
    """The rollback that was committed before; `undone` is the run that it took back, "" where it was everything."""
    since = tuple(one for one in await _versions_since(store, point) if one.seq < made.seq)
    between = _of_others(since, undone) if undone else since
    kept = await store.events(point.world, [made.run])
    cells = int(kept[0].canonical["cells"]) if kept else 0
    left = _Left(made.hash, made.valid, made.configuration, made.facts - cells)
    return Restored(
        point=point,
        seq_before=made.seq - 1,
        commit=made,
        hash_before=since[-1].hash if since else point.hash,
        hash_after=made.hash,
        cells=cells,
        changes=None,
        between=between,
        differs=await _why(store, point, left, between if undone else ()),
        configuration=left.configuration,
    )


async def _versions_since(store: Store, point: RestorePoint) -> tuple[Commit, ...]:
    """The versions after a restore point, oldest first."""
    found: list[Commit] = []
    after = point.seq
    while page := await store.commits(point.world, after=after, limit=_PAGE):
        found += page
        after = page[-1].seq
    return tuple(found)


def _of_others(versions: Sequence[Commit], undone: str) -> tuple[Commit, ...]:
    return tuple(one for one in versions if one.run != undone and not one.run.startswith(f"{undone}:"))


@dataclass(frozen=True, slots=True)
class _Left:
    """How a rollback leaves the world: `derived` counts the facts that rules added to it."""

    hash: str
    valid: int
    configuration: str
    derived: int


async def _why(store: Store, point: RestorePoint, left: _Left, others: Sequence[Commit]) -> tuple[str, ...]:
    """Why the hash that is left isn't that of the restore point; nothing where it is."""
    if left.hash == point.hash:
        return ()
    reasons = []
    if others:
        named = ", ".join(f"v{one.seq}" for one in others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        reasons.append(f"others committed since {point.name}: {named}{more}")
    due = await store.fallen_due(point.world, point.seq, until=left.valid)
    if due:
        reasons.append(f"{len(due)} planned facts fell due since {point.name}")
    if left.configuration != point.configuration:
        reasons.append(f"the configuration was changed since {point.name}, and stays as it is")
    if left.derived:
        reasons.append(f"rules derive {left.derived} facts otherwise now")
    return tuple(reasons) or (f"what sources said since {point.name} stays a sign of life (S24)",)
