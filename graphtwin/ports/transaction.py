"""One commit: what may be asked and written under a world's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from graphtwin.model.acting import Kept
from graphtwin.model.commit import (
    AuditEntry,
    Changes,
    Commit,
    Draft,
    Head,
    RuleRow,
    RuleText,
    RunRecord,
)
from graphtwin.model.fact import Fact, Key
from graphtwin.model.state import EntityState, Spell


class Transaction(Protocol):
    """One commit under the world's lock. Leaving the block without `commit` writes nothing at all."""

    @property
    def head(self) -> Head:
        """The head as read under the lock."""
        ...

    async def write(self, draft: Draft) -> Changes:
        """Add facts with what belongs to them, and bring present and hash to (V(k), k). The first call fixes V(k) (S4:
        methods/state/as_of.py); what fell due by then enters with it. Facts with a known id are left out and move nothing;
        unnumbered decisions get their issue numbers in the order given, numbered ones keep theirs (S7, S9).

        The answer is what this call changed: against the head in the first call, against the call before in later
        ones. What lies ahead of V(k) changes nothing yet.
        """
        ...

    async def rule_rows(self, rule: RuleText) -> tuple[RuleRow, ...]:
        """What the rule returns on the present as this transaction has left it; sorted by subject."""
        ...

    async def query_rows(self, rule: RuleText) -> tuple[Mapping[str, Any], ...]:
        """What an admitted query returns on the present as this transaction has left it: in each row `subject` and the
        query's own columns, as JSON (instants are texts); by subject, then by the row. Raises RuleRefused beyond a cap,
        and for a row without a subject or that JSON can't say.
        """
        ...

    async def spells(
        self, wanted: Iterable[tuple[str, str]], *, since: int
    ) -> Mapping[tuple[str, str], tuple[Spell, ...]]:
        """For each [entity id, property of the present]: what a snapshot at each instant from `since` (epoch µs) to V(k)
        would show, as this transaction knows it now. Oldest first; the first spell begins at `since`, and neighbours
        differ, if only in the claim that is shown. Raises Refused for a past of more claims than it may read.
        """
        ...

    async def derived(self, rule: str) -> tuple[Fact, ...]:
        """The tops (asserts and ends, S8) of all keys of the records `rule:<id>/...`, as of this transaction, by key."""
        ...

    async def fired(self) -> tuple[Fact, ...]:
        """The newest firing of each state machine, as a fact of the record `transition:<entity id>`, by key
        (`firing_of` in model/machine.py).
        """
        ...

    async def claims_at(self, wanted: Iterable[tuple[Key, int]]) -> Mapping[tuple[Key, int], Fact]:
        """The top of each key at a valid time (epoch µs), asserts and ends (S8), as this transaction knows it; of any record,
        whether it exists or not. A key without a top is left out.
        """
        ...

    async def winning_facts(self, premises: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Fact]:
        """The winning claim of each [entity id, name or relation TYPE], where there is one.

        A name is a property of the present: `setpoint`, `setpoint_desired`, `setpoint_expected`; `@type` is the type. A
        relation, by its name or its TYPE, means the reported edges out of the entity: of several the newest
        (valid_from, key). Of a mean it is the claim of the record that it is shown under.
        """
        ...

    async def entities(self, wanted: Iterable[str]) -> Mapping[str, EntityState]:
        """The entities as a snapshot of the present would show them, as this transaction has left it: fused, with what is
        disputed. One that doesn't exist is left out.
        """
        ...

    async def founding_records(self, entities: Iterable[str]) -> Mapping[str, str]:
        """The founding record of each entity: the smallest existing one that a source or the model speaks by."""
        ...

    async def record(self, entries: Sequence[AuditEntry], run: RunRecord | None = None) -> None:
        """Append to the world's audit chain and keep the run's record, in this same transaction."""
        ...

    async def keep(self, kept: Kept) -> None:
        """Keep records about acting in this same transaction; alone they make no version (S20)."""
        ...

    async def commit(self, key: str, run: str) -> Commit | None:
        """Make it so. A version is made by a new fact, another configuration, or a known fact that fell due in
        (V(k-1), V(k)]; else the answer is None, the head stays (its V too), and run, audit, cursors, quarantine, events
        and evidence were kept. Raises Conflict when a version was made under `key` before: then nothing was written.
        Raises CommitUnknown when the outcome isn't known: ask `Store.commit_of(world, key)`.
        """
        ...
