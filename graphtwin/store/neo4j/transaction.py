"""One commit under the world's lock: all of it, or nothing (S20)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from neo4j.exceptions import ConstraintError, DriverError, Neo4jError, TransientError

from graphtwin.errors import CommitUnknown, GraphtwinError, UsageError
from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.methods.state.as_of import as_of
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.policy_lists import policy_lists
from graphtwin.methods.state.state_hash import digest
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.acting import Kept
from graphtwin.model.commit import AuditEntry, Changes, Commit, Draft, Head, RuleRow, RuleText, RunRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import RANK, UNISSUED, Fact, Key, decision_prio
from graphtwin.model.state import At, EntityState, Spell
from graphtwin.ports import Clock
from graphtwin.store.neo4j import premises, rules
from graphtwin.store.neo4j.acting import keep_acting
from graphtwin.store.neo4j.change import Change, apply_change, apply_configuration, hear
from graphtwin.store.neo4j.evidence import keep_draft
from graphtwin.store.neo4j.heads import audit_row, commit_from, run_row
from graphtwin.store.neo4j.rows import facts_of
from graphtwin.store.neo4j.session import Database, Statements, translate
from graphtwin.store.neo4j.spells import Then, spells
from graphtwin.store.neo4j.tops import seek_tops_at


class Neo4jTransaction:
    """A ports.Transaction; it holds the world's lock as long as it lives."""

    def __init__(self, ask: Statements, database: Database, clock: Clock, locked: Sequence[Any], head: Head) -> None:
        """`locked` is what world/lock_world returned."""
        _, accumulator, objected, rostered, configuration = locked
        self._ask = ask
        self._database = database
        self._clock = clock
        self._head = head
        self._config = TwinConfig.model_validate(json.loads(configuration))
        self._policy = Policy(self._config)
        self._accumulator = bytes(accumulator)
        self._objected = frozenset(objected)
        self._rostered = frozenset(rostered)
        self._issue = head.issue
        self._valid: int | None = None
        self._facts = 0
        self._fell_due = False
        self._derived: Mapping[str, tuple[Fact, ...]] | None = None
        self._entries: list[AuditEntry] = []
        self._runs: list[RunRecord] = []
        self._done = False

    @property
    def head(self) -> Head:
        """The head as read under the lock."""
        return self._head

    async def write(self, draft: Draft) -> Changes:
        """Add a draft and bring present and hash to (V(k), k)."""
        self._refuse_when_done()
        self._derived = None
        before = self._at()
        configured = TwinConfig.model_validate(draft.configuration) if draft.configuration is not None else None
        segments = await keep_draft(self._ask, self._head.world, draft)
        fresh = await self._fresh(draft.facts, segments)
        due: list[Fact] = []
        if self._valid is None:
            self._valid = as_of(self._head.valid, draft.now, fresh, configured or self._config)
            due = await self._due(self._valid)
        await hear(self._ask, self._head.world, [*fresh, *due], self._valid)
        change = Change(
            world=self._head.world,
            before=before,
            after=self._at(),
            facts=fresh,
            due=frozenset(fact.key for fact in due),
            policy=self._policy,
            accumulator=self._accumulator,
            objected=self._objected,
            rostered=self._rostered,
        )
        if configured is not None and configured.hash() != self._config.hash():
            change = replace(change, next_policy=Policy(configured))
            applied = await apply_configuration(self._ask, change)
            self._config, self._policy = configured, change.next_policy or self._policy
            await self._save_configuration()
        else:
            applied = await apply_change(self._ask, change)
        self._accumulator = applied.accumulator
        self._objected, self._rostered = applied.objected, applied.rostered
        self._facts += len(fresh)
        self._fell_due |= bool(due)
        return applied.changes

    async def rule_rows(self, rule: RuleText) -> tuple[RuleRow, ...]:
        """What the rule returns on the present as this transaction has left it."""
        self._refuse_when_done()
        return await rules.run_rule(self._ask, rule, world=self._head.world, as_of=self._at().valid)

    async def query_rows(self, rule: RuleText) -> tuple[Mapping[str, Any], ...]:
        """What the query returns on the present as this transaction has left it."""
        self._refuse_when_done()
        return await rules.run_query(self._ask, rule, world=self._head.world, as_of=self._at().valid)

    async def spells(
        self, wanted: Iterable[tuple[str, str]], *, since: int
    ) -> Mapping[tuple[str, str], tuple[Spell, ...]]:
        """What a snapshot at each instant from `since` to V(k) would show of each property."""
        then = Then(self._ask, self._head.world, self._at(), self._policy, self._rostered)
        return await spells(then, wanted, since=since)

    async def derived(self, rule: str) -> tuple[Fact, ...]:
        """The claims in force of all records of the rule."""
        if self._derived is None:
            self._derived = await premises.derived_by_rule(self._ask, self._head.world, self._at())
        return self._derived.get(rule, ())

    async def fired(self) -> tuple[Fact, ...]:
        """The newest firing of each state machine."""
        return await premises.fired_tops(self._ask, self._head.world, self._at())

    async def claims_at(self, wanted: Iterable[tuple[Key, int]]) -> Mapping[tuple[Key, int], Fact]:
        """The top of each key at a valid time."""
        return await seek_tops_at(self._ask, self._head.world, wanted, self._at().seq)

    async def winning_facts(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Fact]:
        """The winning claim of each [entity id, name or relation TYPE]."""
        return await premises.winning_facts(
            self._ask, self._head.world, self._at(), self._policy, self._objected, wanted
        )

    async def entities(self, wanted: Iterable[str]) -> Mapping[str, EntityState]:
        """The entities as a snapshot of the present would show them."""
        return await premises.entity_states(
            self._ask, self._head.world, self._at(), self._policy, self._objected, wanted
        )

    async def founding_records(self, entities: Iterable[str]) -> Mapping[str, str]:
        """The smallest existing record id of each entity."""
        return await premises.founding_records(self._ask, self._head.world, self._at(), entities)

    async def record(self, entries: Sequence[AuditEntry], run: RunRecord | None = None) -> None:
        """Append to the audit chain and keep the run's record with this commit."""
        self._refuse_when_done()
        self._entries += entries
        if run is not None:
            self._runs.append(run)

    async def keep(self, kept: Kept) -> None:
        """Keep records about acting with this commit."""
        self._refuse_when_done()
        await keep_acting(self._ask, self._head.world, kept)

    async def commit(self, key: str, run: str) -> Commit | None:
        """Make it so; None when nothing was written that makes a version."""
        self._refuse_when_done()
        self._done = True
        version = self._facts > 0 or self._fell_due or self._config.hash() != self._head.configuration
        made = await self._make_version(key, run) if version else None
        await self._append_audit()
        await self._ask.batched("run/save_runs", [run_row(one) for one in self._runs])
        return await self._finish(key, made)

    def _at(self) -> At:
        if self._valid is None:
            return At(self._head.valid, self._head.seq)
        return At(self._valid, self._head.seq + 1)

    async def _fresh(self, facts: Sequence[Fact], segments: Mapping[str, str]) -> list[Fact]:
        """Those not known yet, under this commit's seq, with the segment of their raw bytes; decisions get their numbers
        in the order given (S5, S7, S33).
        """
        ids = sorted({fact.id for fact in facts})
        known = set(await self._ask.batched("fact/known_facts", ids, world=self._head.world))
        seq = self._head.seq + 1
        fresh = []
        for fact in facts:
            if fact.id in known:
                continue
            known.add(fact.id)
            prio = fact.prio
            if prio == UNISSUED:
                self._issue += 1
                prio = decision_prio(self._issue)
            else:
                # A decision that carries its number is replayed as recorded (S9).
                self._issue = max(self._issue, prio - RANK)
            evidence = fact.evidence or segments.get(fact.event, "")
            fresh.append(fact._replace(seq=seq, prio=prio, evidence=evidence))
        return fresh

    async def _due(self, valid: int) -> list[Fact]:
        """What was planned and falls due with this commit."""
        if valid == self._head.valid:
            return []
        head = self._head
        columns = await self._ask("fact/planned_facts", world=head.world, after=head.valid, until=valid, seq=head.seq)
        return facts_of(columns[0])

    async def _save_configuration(self) -> None:
        text = json.dumps(self._config.normalised(), sort_keys=True, separators=(",", ":"))
        lists = policy_lists(self._policy)
        await self._ask(
            "world/save_configuration", world=self._head.world, hash=self._config.hash(), json=text, lists=lists
        )

    async def _make_version(self, key: str, run: str) -> Commit:
        head, at = self._head, self._at()
        configuration, state = self._config.hash(), digest(self._accumulator)
        made = Commit(
            world=head.world,
            seq=at.seq,
            key=key,
            run=run,
            valid=at.valid,
            committed_at=max(self._clock.now(), head.committed_at + 1),
            hash=state,
            version_id=version_id(head.world, at.seq, head.version_id, state, configuration),
            parent_version_id=head.version_id,
            configuration=configuration,
            facts=self._facts,
        )
        columns = {name: getattr(made, name) for name in Commit.__slots__}
        await self._ask("world/create_commit", accumulator=self._accumulator, issue=self._issue, **columns)
        return made

    async def _append_audit(self) -> None:
        head = self._head
        records = link_all(head.world, head.audit_n, head.audit_hash, self._entries)
        if records:
            rows = [audit_row(record) for record in records]
            await self._ask.batched("audit/append", rows, world=head.world, n=records[-1].n, hash=records[-1].hash)

    async def _finish(self, key: str, made: Commit | None) -> Commit | None:
        """Commit; any error whose outcome isn't known is answered by looking the key up in a new session (S20)."""
        try:
            await self._ask.transaction.commit()
        except (ConstraintError, TransientError) as error:
            raise translate(error, "commit") from error
        except (Neo4jError, DriverError, OSError) as error:
            found = await self._look_up(key, error) if made else None
            if found is None or made is None or found.version_id != made.version_id:
                raise CommitUnknown(
                    f"Whether the commit {key!r} of world {self._head.world!r} was made isn't known.",
                    hint="Look again when the database answers: the same key is never committed twice.",
                ) from error
            return found
        return made

    async def _look_up(self, key: str, cause: BaseException) -> Commit | None:
        try:
            columns = await self._database.read("world/commit_of", world=self._head.world, key=key)
        except GraphtwinError:
            raise CommitUnknown(
                f"Whether the commit {key!r} of world {self._head.world!r} was made isn't known, and the database "
                "doesn't answer.",
                hint="Start it with: graphtwin db start. The next sync looks the key up.",
            ) from cause
        return commit_from(columns[0]) if columns else None

    def _refuse_when_done(self) -> None:
        if self._done:
            raise UsageError("This transaction is committed.", hint="Begin another one.")
