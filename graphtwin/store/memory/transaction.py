"""One commit in memory: gathered apart, and added to the world as a whole or not at all (S20)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from graphtwin.errors import Conflict, RuleRefused, UsageError
from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.methods.matching.entity_ids import founding_record
from graphtwin.methods.rules.rule_columns import query_rows
from graphtwin.methods.state.as_of import as_of
from graphtwin.methods.state.claims import top_of
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.shown import shown, shown_as
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.acting import Kept
from graphtwin.model.commit import AuditEntry, Changes, Commit, Draft, Head, RuleRow, RuleText, RunRecord
from graphtwin.model.configuration.reserved import relation_token
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import RANK, TYPE, UNISSUED, Fact, Key, Layer, decision_prio
from graphtwin.model.machine import is_machine_key
from graphtwin.model.state import At, EntityState, Held, Spell, State
from graphtwin.ports import Clock
from graphtwin.store.memory.world import Moment, World, moment

MemoryRule = Callable[[State, int], Sequence[RuleRow | Mapping[str, Any]]]
"""The Python stand-in for a rule's Cypher: the present and its as_of (µs) to rows; those of a query are mappings."""


class MemoryTransaction:
    """A ports.Transaction over a `World`; nothing of it is seen before `commit`."""

    def __init__(
        self, world: World, clock: Clock, rules: Mapping[str, MemoryRule], runs: dict[tuple[str, str], RunRecord]
    ) -> None:
        self._world = world
        self._clock = clock
        self._rules = rules
        self._runs = runs
        self._drafts: list[Draft] = []
        self._facts: list[Fact] = []
        self._entries: list[AuditEntry] = []
        self._run_records: list[RunRecord] = []
        self._kept: list[Kept] = []
        self._issue = world.head.issue
        self._config = world.configuration(world.head.seq)
        self._valid: int | None = None
        self._done = False

    @property
    def head(self) -> Head:
        return self._world.head

    async def write(self, draft: Draft) -> Changes:
        self._refuse_when_done()
        before = self._moment()
        if draft.configuration is not None:
            self._config = TwinConfig.model_validate(draft.configuration)
        fresh = self._fresh(draft.facts)
        if self._valid is None:
            self._valid = as_of(self.head.valid, draft.now, fresh, self._config)
        self._facts += fresh
        self._drafts.append(draft)
        after = self._moment()
        return compare(
            before.state,
            after.state,
            hashes=(state_hash(before.state), state_hash(after.state)),
            lifecycles=(before.lifecycles, after.lifecycles),
        )

    async def rule_rows(self, rule: RuleText) -> tuple[RuleRow, ...]:
        rows = [row for row in self._returned(rule) if isinstance(row, RuleRow)]
        return tuple(sorted(rows, key=lambda row: row.subject))

    async def query_rows(self, rule: RuleText) -> tuple[Mapping[str, Any], ...]:
        return query_rows(rule, [row for row in self._returned(rule) if not isinstance(row, RuleRow)])

    def _returned(self, rule: RuleText) -> Sequence[RuleRow | Mapping[str, Any]]:
        self._refuse_when_done()
        if rule.id not in self._rules:
            raise RuleRefused(f"The store in memory has no stand-in for rule {rule.id!r}.", hint="Pass it in `rules`.")
        present = self._moment()
        return self._rules[rule.id](present.state, present.at.valid)

    async def spells(
        self, wanted: Iterable[tuple[str, str]], *, since: int
    ) -> Mapping[tuple[str, str], tuple[Spell, ...]]:
        now = self._moment()
        changes = {fact.valid_from for fact in now.facts if since < fact.valid_from <= now.at.valid}
        past = [moment(now.facts, self._config, At(instant, now.at.seq)).state for instant in sorted({since} | changes)]
        return {one: _spells(past, *one) for one in wanted}

    async def derived(self, rule: str) -> tuple[Fact, ...]:
        tops = self._moment().tops
        return tuple(tops[key] for key in sorted(tops) if key.record.startswith(f"rule:{rule}/"))

    async def fired(self) -> tuple[Fact, ...]:
        tops = self._moment().tops
        return tuple(tops[key] for key in sorted(tops) if is_machine_key(key) and tops[key].op == "assert")

    async def claims_at(self, wanted: Iterable[tuple[Key, int]]) -> Mapping[tuple[Key, int], Fact]:
        now = self._moment()
        tops = {
            (key, valid): top_of((fact for fact in now.facts if fact.key == key), valid=valid, seq=now.at.seq)
            for key, valid in wanted
        }
        return {one: top for one, top in tops.items() if top is not None}

    async def winning_facts(self, premises: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Fact]:
        present = self._moment()
        found = {premise: _winning_fact(present, *premise) for premise in premises}
        return {premise: fact for premise, fact in found.items() if fact is not None}

    async def entities(self, wanted: Iterable[str]) -> Mapping[str, EntityState]:
        held = self._moment().state.entities
        return {entity: held[entity] for entity in sorted(set(wanted)) if entity in held}

    async def founding_records(self, entities: Iterable[str]) -> Mapping[str, str]:
        held = self._moment().state.entities
        founding = {entity: founding_record(held[entity].records) for entity in entities if entity in held}
        return {entity: record for entity, record in founding.items() if record is not None}

    async def record(self, entries: Sequence[AuditEntry], run: RunRecord | None = None) -> None:
        self._refuse_when_done()
        self._entries += entries
        if run is not None:
            self._run_records.append(run)

    async def keep(self, kept: Kept) -> None:
        self._refuse_when_done()
        self._kept.append(kept)

    async def commit(self, key: str, run: str) -> Commit | None:
        self._refuse_when_done()
        version = self._makes_version()
        if version and any(made.key == key for made in self._world.commits[1:]):
            raise Conflict(f"World {self.head.world!r} already has a commit under the key {key!r}.")
        records = link_all(self.head.world, self.head.audit_n, self.head.audit_hash, self._entries)
        self._done = True
        commit = self._add_version(key, run) if version else None
        if records:
            self._world.audit += records
            self._world.head = replace(self.head, audit_n=records[-1].n, audit_hash=records[-1].hash)
        for draft in self._drafts:
            _keep(self._world, draft)
        for kept in self._kept:
            self._world.acting.keep(kept)
        for record in self._run_records:
            self._runs[record.world, record.id] = record
        return commit

    def _refuse_when_done(self) -> None:
        if self._done:
            raise UsageError("This transaction is committed.", hint="Begin another one.")

    def _moment(self) -> Moment:
        if self._valid is None:
            return self._world.moment()
        return moment([*self._world.facts, *self._facts], self._config, At(self._valid, self.head.seq + 1))

    def _fresh(self, facts: Iterable[Fact]) -> list[Fact]:
        """Those not known yet, under this commit's seq; decisions get their numbers in the order given (S5, S7)."""
        known = {fact.id for fact in (*self._world.facts, *self._facts)}
        fresh = []
        for fact in facts:
            if fact.id in known:
                continue
            known.add(fact.id)
            fresh.append(fact._replace(seq=self.head.seq + 1, prio=self._number(fact.prio)))
        return fresh

    def _number(self, prio: int) -> int:
        """A decision that carries its number keeps it: it is replayed as recorded (S9)."""
        if prio == UNISSUED:
            self._issue += 1
            return decision_prio(self._issue)
        self._issue = max(self._issue, prio - RANK)
        return prio

    def _makes_version(self) -> bool:
        """Something new was said, the configuration changed, or what was planned fell due by V(k) (S4)."""
        if self._valid is None:
            return False
        due = any(self.head.valid < fact.valid_from <= self._valid for fact in self._world.facts)
        return bool(self._facts) or due or self._config.hash() != self.head.configuration

    def _add_version(self, key: str, run: str) -> Commit:
        head, present = self.head, self._moment()
        configuration, digest = self._config.hash(), state_hash(present.state)
        commit = Commit(
            world=head.world,
            seq=present.at.seq,
            key=key,
            run=run,
            valid=present.at.valid,
            committed_at=max(self._clock.now(), head.committed_at + 1),
            hash=digest,
            version_id=version_id(head.world, present.at.seq, head.version_id, digest, configuration),
            parent_version_id=head.version_id,
            configuration=configuration,
            facts=len(self._facts),
        )
        self._world.commits.append(commit)
        self._world.facts += self._facts
        self._world.configurations[configuration] = self._config
        self._world.head = replace(
            head,
            seq=commit.seq,
            valid=commit.valid,
            hash=digest,
            version_id=commit.version_id,
            configuration=configuration,
            committed_at=commit.committed_at,
            issue=self._issue,
        )
        return commit


def _keep(world: World, draft: Draft) -> None:
    """What needs no version: events and evidence once, quarantine once, cursors anew."""
    for event in draft.events:
        world.events.setdefault(event.id, event)
    for item in draft.evidence:
        world.evidence.setdefault(item.event, (item, sha256(item.raw).hexdigest()))
    for message in draft.quarantined:
        world.quarantined.setdefault(message.id, message)
    world.cursors.update(draft.cursors)


def _spells(past: Iterable[State], entity: str, name: str) -> tuple[Spell, ...]:
    found: list[Spell] = []
    for state in past:
        seen = state.entities.get(entity)
        spell = Spell(state.at.valid, shown(seen, name), seen.type) if seen else Spell(state.at.valid, None)
        if not found or (found[-1].held, found[-1].type) != (spell.held, spell.type):
            found.append(spell)
    return tuple(found)


def _winning_fact(present: Moment, entity: str, name: str) -> Fact | None:
    held = (
        _held_type(present, entity, name)
        or _held_values(present.state, entity, name)
        or _held_edges(present.state, entity, name)
    )
    facts = [fact for fact in (_fact_behind(present, one, bare, layer) for one, bare, layer in held) if fact]
    return max(facts, key=lambda fact: (fact.valid_from, fact.key), default=None)


def _held_type(present: Moment, entity: str, name: str) -> list[tuple[Held, str, Layer]]:
    if name != TYPE or entity not in present.state.entities:
        return []
    types = [present.tops[Key("reported", record, TYPE)] for record in present.state.entities[entity].records]
    return [(fuse(types, present.policy, "", TYPE), TYPE, "reported")]


def _held_values(state: State, entity: str, name: str) -> list[tuple[Held, str, Layer]]:
    """The value that a property name of the present shows: `setpoint`, `setpoint_desired` (S10)."""
    if entity not in state.entities:
        return []
    place = shown_as(state.entities[entity], name)
    return [(state.entities[entity].layer(place[0])[place[1]], place[1], place[0])] if place else []


def _held_edges(state: State, entity: str, name: str) -> list[tuple[Held, str, Layer]]:
    return [
        (edge.held, edge.relation, edge.layer)
        for edge in state.edges.values()
        if edge.layer == "reported"
        and edge.subject == entity
        and name in (edge.relation, relation_token(edge.relation))
    ]


def _fact_behind(present: Moment, held: Held, name: str, layer: Layer) -> Fact | None:
    """The winning claim; of a mean, the claim of the record that it is shown under."""
    if not held.fact:
        return present.tops.get(Key(layer, held.record, name))
    return next((top for top in present.tops.values() if top.id == held.fact), None)
