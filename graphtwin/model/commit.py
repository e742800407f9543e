"""Commits: what one transaction adds to a world, and what the world was when it began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from graphtwin.model.fact import Fact
from graphtwin.model.state import Edge, EdgeKey, EntityState, Held, Lifecycle, Loose

if TYPE_CHECKING:
    from graphtwin.model.configuration.twin_rules import Transition

Layer = str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest version of a world. `seq` 0 is the empty world before its baseline.

    `hash` is `sha256:<hex>` of the state at (`valid`, `seq`), `version_id` chains it to its parents (S21),
    `configuration` is the hash of the configuration in force, `issue` the last decision number given out.
    """

    world: str
    seq: int
    valid: int
    hash: str
    version_id: str
    configuration: str
    committed_at: int
    issue: int = 0
    audit_n: int = 0
    audit_hash: str = ""
    epoch: int = 0

    @property
    def version(self) -> str:
        """`v<seq>`."""
        return f"v{self.seq}"


@dataclass(frozen=True, slots=True)
class Commit:
    """One version as history keeps it; `key` is the idempotency key of the run that made it."""

    world: str
    seq: int
    key: str
    run: str
    valid: int
    committed_at: int
    hash: str
    version_id: str
    parent_version_id: str
    configuration: str
    facts: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to commit to a world until `expires` (epoch µs); `epoch` fences old holders.

    `expires` is by the clock of who took it (ports.Clock), and who asks next compares it with their own: clocks that differ
    make a lease end sooner or later, and never let two commit, since the epoch is compared under the world's lock.
    """

    world: str
    holder: str
    epoch: int
    expires: int


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """The raw bytes of one event as they came, and where they came from; `anchor` is a reference for people."""

    event: str
    raw: bytes
    source: str
    anchor: str
    received_at: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that was not taken: what, where from, why and what to do; `raw` is cut to its first 4 KiB."""

    id: str
    source: str
    place: str
    reason: str
    hint: str
    raw: bytes
    size: int
    sha256: str
    at: int
    run: str


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A canonical event as the store keeps it: enough to find it again and to know it was seen."""

    id: str
    source: str
    timestamp: int
    event_type: str
    anchor: str
    record: str
    canonical: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a commit is asked to write. `now` is the world's clock (µs); facts carry seq 0.

    `configuration` is the normalised twin.yaml when this commit changes it. `cursors` are the sources' positions that
    this commit makes durable: name to JSON.
    """

    now: int
    facts: tuple[Fact, ...] = ()
    events: tuple[EventRecord, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    cursors: Mapping[str, Any] = field(default_factory=dict)
    configuration: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What the audit chain is asked to record: `kind` names it, `body` is JSON."""

    kind: str
    at: int
    run: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One link of a world's audit chain: `hash` covers the previous hash and everything else here."""

    world: str
    n: int
    at: int
    kind: str
    run: str
    body: Mapping[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One workflow run as the store keeps it; `report` is the output contract, `details` what else is known."""

    id: str
    world: str
    workflow: str
    started_at: int
    ended_at: int | None
    status: str
    step: str
    report: Mapping[str, Any] | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value of an entity that differs between two versions; None where there is none."""

    entity: str
    layer: Layer
    name: str
    before: Held | None
    after: Held | None


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """An edge that was drawn, removed, or whose attributes differ."""

    key: EdgeKey
    before: Edge | None
    after: Edge | None


@dataclass(frozen=True, slots=True)
class EntityChange:
    """An entity that appeared, went, or whose type, records or lifecycle differ."""

    entity: str
    before: EntityState | None
    after: EntityState | None


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """A record that turned stale or retired, or came back (S24)."""

    record: str
    entity: str
    before: Lifecycle
    after: Lifecycle


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two versions of a world; empty when their states are equal. Sorted, for stable output."""

    before_seq: int
    after_seq: int
    before_hash: str
    after_hash: str
    entities: tuple[EntityChange, ...] = ()
    values: tuple[ValueChange, ...] = ()
    edges: tuple[EdgeChange, ...] = ()
    lifecycles: tuple[LifecycleChange, ...] = ()
    loose: tuple[Loose, ...] = ()

    @property
    def empty(self) -> bool:
        """True when nothing that the state hash covers, and no lifecycle, differs."""
        return not (self.entities or self.values or self.edges or self.lifecycles)


RuleKind = Literal["derivation", "transition", "held", "query"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """An admitted rule as the engine runs it.

    `kind` says which columns it returns: a `transition` the subjects whose machines are to take the step; a `held` rule
    comparisons that must have lasted for `lasting` µs (S23), which may set off a `transition` too; a `query` (a constraint,
    an interlock, a criterion) `subject` and any others. The last two are asked by `Transaction.query_rows`.
    """

    id: str
    cypher: str
    severity: str = "medium"
    description: str = ""
    stratum: int = 0
    writes: frozenset[str] = frozenset()
    kind: RuleKind = "derivation"
    lasting: int = 0
    transition: Transition | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row that a rule returned: about `subject` (an entity id), resting on `premises` [entity id, name or TYPE].

    What it says is valid from its newest premise, and not before `since` (epoch µs) where that is known.
    """

    rule: str
    subject: str
    values: Mapping[str, Any]
    edges: tuple[tuple[str, str], ...]
    finding: Mapping[str, Any] | None
    premises: tuple[tuple[str, str], ...]
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of `verify`: every check that was made, and what contradicts."""

    world: str
    seq: int
    hash: str
    checks: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True when no check found a contradiction."""
        return not self.problems


AuditVerdict = Literal["intact", "broken", "cut", "unsigned", "empty"]
