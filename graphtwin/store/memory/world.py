"""What the store in memory holds of one world, and its state at any instant, computed from all facts by definition."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphtwin.errors import NotFound
from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, last_claims, tops_at
from graphtwin.methods.state.lifecycle import lifecycles, roster_key, rosters_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import AuditRecord, Commit, EventRecord, EvidenceItem, Head, Lease, Quarantined
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import ENTITY, Fact, Key
from graphtwin.model.state import At, Lifecycle, State
from graphtwin.store.memory.acting import Acting


@dataclass
class World:
    """Everything committed to one world; `commits` begins with the empty version, so that its index is its seq."""

    head: Head
    commits: list[Commit]
    configurations: dict[str, TwinConfig]
    facts: list[Fact] = field(default_factory=list)
    events: dict[str, EventRecord] = field(default_factory=dict)
    evidence: dict[str, tuple[EvidenceItem, str]] = field(default_factory=dict)
    quarantined: dict[str, Quarantined] = field(default_factory=dict)
    cursors: dict[str, Any] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)
    acting: Acting = field(default_factory=Acting)
    lease: Lease | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def commit(self, seq: int) -> Commit:
        """The commit of a version. Raises NotFound."""
        if not 0 <= seq <= self.head.seq:
            raise NotFound(
                f"World {self.head.world!r} has no version v{seq}.", hint=f"Its newest is {self.head.version}."
            )
        return self.commits[seq]

    def configuration(self, seq: int) -> TwinConfig:
        """The configuration in force at a version (S9)."""
        return self.configurations[self.commit(seq).configuration]

    def moment(self, at: At | None = None) -> Moment:
        """The world at an instant of both axes; None is the head at its own valid time."""
        at = at or At(self.head.valid, self.head.seq)
        return moment(self.facts, self.configuration(at.seq), at)

    def moment_of(self, seq: int) -> Moment:
        """A version at its own valid time."""
        return self.moment(At(self.commit(seq).valid, seq))


@dataclass(frozen=True)
class Moment:
    """A state with what it was made from."""

    at: At
    policy: Policy
    tops: Mapping[Key, Fact]
    lifecycles: Mapping[str, Lifecycle]
    state: State
    facts: tuple[Fact, ...]
    """All that was known by then."""

    def claims(self) -> list[Fact]:
        """The claims in force, of existing records and of others, by key."""
        return sorted(asserted(self.tops), key=lambda fact: fact.key)

    def existing(self) -> dict[str, str]:
        """The entity of every record that exists."""
        return {record: held.id for held in self.state.entities.values() for record in held.records}

    def resolve(self, entity: str) -> str | None:
        """The id itself, or for one merged away the entity that its records belong to now: of those it ever had, the
        smallest that exists decides. None where nothing of it exists.
        """
        if entity in self.state.entities:
            return entity
        existing = self.existing()
        ever = {entity} | {
            fact.record for fact in self.facts if fact.name == ENTITY and fact.op == "assert" and fact.value == entity
        }
        return next((existing[record] for record in sorted(ever) if record in existing), None)


def moment(facts: Iterable[Fact], config: TwinConfig, at: At) -> Moment:
    """The state at (valid, seq) under a configuration: the tops of all keys, assembled (S8 to S15, S24)."""
    known = tuple(fact for fact in facts if fact.seq <= at.seq)
    policy = Policy(config)
    tops = tops_at(known, valid=at.valid, seq=at.seq)
    called: dict[str, list[Fact]] = defaultdict(list)
    for fact in known:
        source = fact.record.partition(":")[0]
        if fact.key == roster_key(source):
            called[source].append(fact)
    rosters = {source: rosters_of(said, valid=at.valid, seq=at.seq) for source, said in called.items()}
    standing = lifecycles(last_claims(known, valid=at.valid, seq=at.seq), rosters, policy)
    return Moment(at, policy, tops, standing, assemble(asserted(tops), policy, at, standing), known)
