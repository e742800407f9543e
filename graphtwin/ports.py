"""The doors of graphtwin: what the program asks of the store, of sources, of time, of chance and of signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphtwin.model.acting import ActRecord, Freeze, Kept, Outcome, PlanRecord, SignedApproval
from graphtwin.model.api_key import ApiKey
from graphtwin.model.cell import Cell
from graphtwin.model.commit import (
    AuditEntry,
    AuditRecord,
    Changes,
    Commit,
    Draft,
    EventRecord,
    EvidenceItem,
    Head,
    Lease,
    Quarantined,
    RuleRow,
    RuleText,
    RunRecord,
    Verification,
)
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact, Key, Layer
from graphtwin.model.plan import Clearance, Request
from graphtwin.model.principal import Principal
from graphtwin.model.pulse import Pulse, RunMark
from graphtwin.model.state import At, Edge, EntityState, Spell, State


class Clock(Protocol):
    """A source of time, in epoch microseconds UTC."""

    def now(self) -> int:
        """The present instant."""
        ...


class WorldClock(Protocol):
    """The clock of a world that has its own, such as a simulator's (S2)."""

    async def now(self) -> int:
        """The world's instant, epoch µs. Raises Unavailable."""
        ...


class Ids(Protocol):
    """A source of unique names; a seeded one makes a run repeatable."""

    def new(self, prefix: str) -> str:
        """A name never given before, beginning with `prefix`."""
        ...


class Signer(Protocol):
    """Signs the head of an audit chain (Ed25519)."""

    @property
    def key_id(self) -> str:
        """Names the key: the first 16 hex digits of the SHA-256 of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The detached signature of `message`."""
        ...


class AuditSink(Protocol):
    """Where a world's audit records go outside the database."""

    def check_writable(self) -> None:
        """Prove that it can be written, before anything changes. Raises AuditUnwritable."""
        ...

    async def check_belongs(self, store: Store) -> None:
        """Prove that what it holds is this world's chain, and not another one's. Raises IntegrityError."""
        ...

    async def export(self, store: Store) -> str:
        """Bring it up to the database's head, signed; answers where it is. Raises AuditUnwritable, IntegrityError."""
        ...


# --- sources -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One raw message as a source gave it.

    `place` names it for people (`inventory.csv:12`). `locus` names it for event ids where it has no timestamp: file
    generation and offset, or reading number and place in it (S5); equal loci mean the same message. `payload` is the
    parsed JSON value (a table row is an object; what came by a topic bears it under `mqtt`). `position` is durable only
    where the source has one. `channel` is the topic, where a source has several: equal messages by two are two.
    """

    raw: bytes
    payload: Any
    place: str
    locus: str
    position: int | None = None
    channel: str = ""
    table: bool = False
    """A table's row: each cell is text and reads as its variable is declared."""
    status: bool = False
    """It is about the source itself, such as its last will, and about no thing."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that couldn't even be parsed; it goes to quarantine and nothing else is lost."""

    raw: bytes
    size: int
    sha256: str
    place: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source answered once: messages in its own order, and the cursor to store when they are committed.

    `answered` is False when the source couldn't be read (then `problem` says why and what to do); "nothing new" is an
    answer. `complete` is True when the reading names everything that the source knows (a roster may be taken, S24).
    `gone` is what the source's own status said last: True, it is gone, False, it is there, None, nothing was said.
    """

    source: str
    answered: bool
    read_at: int
    messages: tuple[Message, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    problem: str = ""
    hint: str = ""
    gone: bool | None = None


class SignalSource(Protocol):
    """A configured source; reading it changes nothing until its cursor is committed with what was read.

    A source may hold a connection from its first reading on. What it wasn't told to be committed before it is closed is
    brought again by the next reading, also one of another process.
    """

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        ...

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        """What is new since `cursor` (None: from the beginning); `full` reads everything. Never raises for a bad
        source: it answers with `answered=False` and the problem.
        """
        ...

    async def acknowledge(self, reading: Reading) -> None:
        """Tell upstream that the last reading is committed, so that it isn't delivered again. Never raises: what upstream
        didn't hear is delivered again, and known by its event ids.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; what wasn't acknowledged stays upstream. It may be read again after."""
        ...


# --- acting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """One act as it goes out: `key` makes it one act however often it arrives; nothing sends it after `not_after` (epoch
    µs of the machine's clock).
    """

    key: str
    actuator: str
    request: Request
    not_after: int


@dataclass(frozen=True, slots=True)
class ActAnswer:
    """What came of sending a command: done, refused (it had no effect), unknown (it may have had), or not_sent; `text` is
    the other side's answer or the reason, without secrets, at most 500 characters.
    """

    outcome: Outcome
    text: str


class Actuator(Protocol):
    """A door to the outside. It sends a command at most once, never retries, and never raises for what the other side does."""

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        ...

    async def send(self, command: Command) -> ActAnswer:
        """Send it. No connection at all is not_sent; no answer, or one that leaves it open, is unknown."""
        ...


class Gateway(Protocol):
    """The one door that every side effect goes through (S30)."""

    async def send(self, clearance: Clearance, act: ActRecord) -> ActAnswer:
        """Send an act whose intent is committed. Raises GateClosed for a clearance that doesn't cover exactly this act, or
        that was used for it before; too late is not_sent.
        """
        ...


class ActJournal(Protocol):
    """Writes down what is about to be done before it is, and what came of it after (S30)."""

    async def intend(self, clearance: Clearance, place: int) -> ActRecord:
        """Commit the intent of one step, with what it wants in the desired layer, under the world's lock. Raises
        GateClosed, and then nothing may be sent: frozen, intended before, the world moved, the audit log can't be written.
        """
        ...

    async def conclude(self, intent: ActRecord, answer: ActAnswer) -> ActRecord:
        """Keep the outcome. When even that can't be written the intent stands without one, and counts as unknown."""
        ...


# --- the store -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subgraph:
    """The part of a world within some hops of an entity, or along paths, at one instant."""

    at: At
    centre: str
    entities: Mapping[str, EntityState]
    edges: tuple[Edge, ...]
    distance: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows of a person's own query as plain values (nodes as dictionaries, times as text); `cut`: there were more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """Some entities of a world at one instant, by id, with the edges out of them in every layer, by key.

    `claims` are all claims in force of the entities' records by fact id, those that lost among them.
    """

    entities: tuple[EntityState, ...]
    edges: tuple[Edge, ...]
    claims: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim of a fused value, with the score it was weighed by (higher wins)."""

    fact: Fact
    score: float
    wins: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of a variable's past: the winning claim's record said `value` from `valid_from` on."""

    valid_from: int
    value: Any


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


class Store(Protocol):
    """Everything graphtwin knows, on both time axes. All reads are pinned to one version (S19)."""

    async def open(self) -> None:
        """Connect and make the schema. Raises Unavailable."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    # worlds and versions
    async def worlds(self) -> tuple[Head, ...]:
        """The heads of all worlds, by id."""
        ...

    async def create_world(self, config: TwinConfig, now: int) -> Head:
        """The empty world (seq 0, V(0) = `now`) under this configuration; the existing one, unchanged, if it is there
        already.
        """
        ...

    async def head(self, world: str) -> Head:
        """The newest version. Raises NotFound."""
        ...

    async def commit_of(self, world: str, key: str) -> Commit | None:
        """The version that was made under an idempotency key; None where there was none, or it made no version."""
        ...

    async def commits(self, world: str, *, after: int = 0, limit: int = 100) -> tuple[Commit, ...]:
        """Commits with seq greater than `after`, oldest first; the empty version is seq 0 (`after=-1`)."""
        ...

    async def commits_named(self, world: str, seqs: Sequence[int]) -> tuple[Commit, ...]:
        """Those of the versions that are there, by seq. Raises NotFound."""
        ...

    async def commit_at(self, world: str, *, known_at: int) -> Commit | None:
        """The version that was the head at a wall-clock instant (S1); None before the world was made."""
        ...

    async def configuration(self, world: str, seq: int | None = None) -> TwinConfig:
        """The configuration in force at a version; the head's by default. Raises NotFound."""
        ...

    async def admit(self, rules: Sequence[RuleText]) -> None:
        """Check that every rule only reads, and only what a rule may (S22). Raises RuleRefused."""
        ...

    async def query(self, text: str, params: Mapping[str, Any], *, rows: int, seconds: float) -> Answered:
        """A person's own query, of whichever worlds; admitted, as rules are, only where its plan does nothing but read. At
        most `rows` rows. Raises UsageError for what can't be run, Refused for what writes, calls procedures or plugins,
        reaches outside, or takes longer than `seconds`.
        """
        ...

    # the writer's lease
    async def acquire(self, world: str, holder: str, *, ttl: int) -> Lease:
        """Take the world for `ttl` µs with a new epoch. Raises Conflict while another holds it; a holder that asks again
        gets a new epoch, and its older lease is lost.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give the world back; harmless if it was lost."""
        ...

    def begin(self, lease: Lease, *, within: int | None = None) -> AbstractAsyncContextManager[Transaction]:
        """A transaction under the world's lock: lock first, then compare the epoch. Raises LeaseLost when somebody took
        the world since, or the lease was given back; an expired lease that nobody took is still good.

        `within` µs the database ends it (a what-if, S29); what runs then raises Unavailable.
        """
        ...

    # reading
    async def state(self, world: str, at: At | None = None) -> State:
        """The whole world; None reads the head, at its own valid time. A valid time ahead of V(seq) reads what is
        planned. Raises NotFound for a seq that isn't there (so do all reads `at`).
        """
        ...

    def portions(self, world: str, at: At, *, size: int = 500, after: str = "") -> AsyncIterator[Portion]:
        """The world in portions of at most `size` entities, so that no more than one need be held; together they are
        `state(world, at)`, or what of it has ids greater than `after`. Raises NotFound.
        """
        ...

    async def page(self, world: str, at: At, *, limit: int, after: str = "") -> Portion:
        """The next `limit` entities of `state(world, at)` with ids greater than `after`, as a portion. Raises NotFound."""
        ...

    async def entity(
        self, world: str, entity: str, at: At | None = None
    ) -> tuple[EntityState, tuple[Edge, ...]] | None:
        """One entity with its edges in both directions, of every layer, by key; None where it doesn't exist.

        An id merged away is answered, here and in every read by entity, by the entity its records belong to: of the
        records that an `@entity` fact known by then ever gave to that id (and the record of that name), the smallest
        id that exists decides.
        """
        ...

    async def neighbourhood(self, world: str, entity: str, hops: int, at: At | None = None) -> Subgraph:
        """Everything within `hops` edges (reported layer, either direction): the entities that far away, and the edges
        of which one end is nearer than `hops`, by key. Raises NotFound.
        """
        ...

    async def paths(
        self, world: str, source: str, target: str, *, max_hops: int, at: At | None = None
    ) -> tuple[tuple[Edge, ...], ...]:
        """All shortest paths between two entities (reported layer, either direction), sorted by the keys of their edges;
        empty when there is none, when an end doesn't exist, and from an entity to itself.
        """
        ...

    async def diff(self, world: str, before: int, after: int) -> Changes:
        """What differs between the states of two versions, each at its own valid time, as methods/state/compare.py has it."""
        ...

    async def claims(self, world: str, entity: str, name: str, at: At | None = None) -> tuple[Claimed, ...]:
        """Every claim in force about a variable or relation of an entity, in all layers, as methods/state/weigh.py has it: by
        layer, then by the entity at the far end, best first.
        """
        ...

    async def history(
        self, world: str, entity: str, name: str, *, layer: Layer = "reported", limit: int = 100
    ) -> tuple[Fact, ...]:
        """The facts about a variable of the entity's records at the head, greatest (valid_from, prio, id) first: all ops,
        all commits, planned ones too.
        """
        ...

    async def samples(
        self,
        world: str,
        variables: Sequence[tuple[str, str]],
        *,
        at: At,
        limit: int,
        winners: Mapping[tuple[str, str], str] | None = None,
    ) -> Mapping[tuple[str, str], tuple[Sample, ...]]:
        """For each (entity, name): the past of its winning reported record, a sample for each cell whose winner asserts
        (also before an end), the newest `limit` of them, oldest first; () where there is no value.

        `winners` names those records, for a caller who has the state at `at` (`Held.record`); else they are looked up.
        """
        ...

    async def cells_since(self, world: str, seq: int) -> tuple[Cell, ...]:
        """Every cell that facts after version `seq` are about (planned ones too), by key and valid time: its winner as
        known at `seq` and at the head. Raises NotFound.
        """
        ...

    async def cells_of_run(self, world: str, run: str, *, since: int) -> tuple[Cell, ...]:
        """Every cell that a run decided on (rank 1) after version `since`, by key and valid time: the winner that it would
        have without these decisions, and that at the head. What `run:…` wrote was the run's, too.
        """
        ...

    async def fallen_due(self, world: str, seq: int, *, until: int) -> tuple[Fact, ...]:
        """The facts known at version `seq` that were dated ahead of its V, and at or before `until`; by valid time, then id."""
        ...

    async def fired(self, world: str, *, at: At | None = None, limit: int = 100) -> tuple[Fact, ...]:
        """The steps that state machines took, the newest `limit` of them, newest first: facts of the records
        `transition:<entity id>`, those of things that are gone too.
        """
        ...

    async def last_heard(self, world: str) -> Mapping[str, int]:
        """For each source: the newest valid time of its claims (rank 0, whatever their op) up to the head's V."""
        ...

    # acting
    async def plans(self, world: str, *, statuses: Collection[str] = (), limit: int = 100) -> tuple[PlanRecord, ...]:
        """Plans in one of the statuses (of all, where none is named), newest first by `created_at`, then by id."""
        ...

    async def plan(self, world: str, plan: str) -> PlanRecord:
        """One plan. Raises NotFound."""
        ...

    async def plans_like(self, world: str, digest: str) -> tuple[PlanRecord, ...]:
        """Every occasion of a plan with these steps, by occasion."""
        ...

    async def approvals(self, world: str, plan: str) -> tuple[SignedApproval, ...]:
        """The approvals of a plan, oldest first, then by nonce."""
        ...

    async def acts(self, world: str, *, plan: str | None = None, since: int | None = None) -> tuple[ActRecord, ...]:
        """Acts, of one plan or since an instant of the world's clock where asked for, by (at, id)."""
        ...

    async def freeze(self, world: str) -> Freeze | None:
        """The freeze that is in force. Raises NotFound for an unknown world."""
        ...

    async def still_carrying(self, world: str, plan: str, *, holder: str, until: int) -> bool:
        """Renew the sign of life of who carries out a plan, to the instant `until` (the machine's clock); False where the
        plan isn't executing, or is another's.
        """
        ...

    # sources
    async def cursors(self, world: str) -> Mapping[str, Mapping[str, Any]]:
        """Each source's committed cursor."""
        ...

    async def known_events(self, world: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of the event ids that were committed before. Raises NotFound."""
        ...

    async def evidence(self, world: str, event: str) -> EvidenceItem | None:
        """The raw bytes of an event, checked against their SHA-256. Raises IntegrityError."""
        ...

    async def evidence_of(self, world: str, events: Sequence[str]) -> tuple[EvidenceItem, ...]:
        """The raw bytes of those of the events that have any, as `evidence` answers them, by event."""
        ...

    async def events(self, world: str, ids: Sequence[str]) -> tuple[EventRecord, ...]:
        """Those of the canonical events that are known, sorted by id; of a redelivered one, the first is kept."""
        ...

    async def quarantined(self, world: str, *, source: str | None = None, limit: int = 100) -> tuple[Quarantined, ...]:
        """Messages that were not taken, newest first, then by id; each id is kept once."""
        ...

    # identity
    async def records_of(self, world: str, records: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """(type, entity id) of each record that exists at the head; the type is the one that the record itself claims."""
        ...

    async def names_used(self, world: str, names: Sequence[str]) -> frozenset[tuple[str, bool]]:
        """(name, whether with an object) of those of the names that any fact was ever said under, in any layer (S5)."""
        ...

    async def mapped(self, world: str, records: Sequence[str]) -> Mapping[str, str]:
        """The entity of each record that has an `@entity` claim in force at the head, whether the record exists or not: a
        retired one keeps its entity (S13). Others are left out.
        """
        ...

    async def entities_called(self, world: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The existing entity at the head that each id names: itself, or for one merged away as `entity` answers it. An id
        of which nothing exists is left out.
        """
        ...

    async def founded(self, world: str, entities: Sequence[str]) -> Mapping[str, int]:
        """The first version at which an `@entity` fact gave a record to each id (S14); an id that none was given to is left
        out.
        """
        ...

    async def records_ever(self, world: str, entities: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The records that an `@entity` fact ever gave to each id, at whatever instant, sorted; an id that none was given
        to is left out.
        """
        ...

    async def entity_facts(self, world: str, records: Sequence[str]) -> tuple[Fact, ...]:
        """Every `@entity` fact of the records, all ops, planned ones too: by record, then (valid_from, prio, id)."""
        ...

    async def identify(self, world: str, name: str, values: Sequence[Any]) -> Mapping[Any, tuple[str, ...]]:
        """For each of the values (text or numbers) that is held: the existing records whose reported claim of the
        variable holds it at the head, sorted. Values are equal as JSON: true isn't 1.
        """
        ...

    # audit and runs
    async def audit(self, world: str, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        """Audit records with n greater than `after`, oldest first."""
        ...

    async def audit_of(self, world: str, kinds: Sequence[str]) -> tuple[AuditRecord, ...]:
        """All audit records of some kinds, oldest first. Raises NotFound."""
        ...

    async def audit_of_runs(self, world: str, runs: Sequence[str]) -> tuple[AuditRecord, ...]:
        """All audit records of some runs, oldest first. Raises NotFound."""
        ...

    async def principals(self, world: str) -> tuple[Principal, ...]:
        """Everybody who was ever a principal, revoked ones too, as the audit chain says: by id, then by when (S35). Raises
        IntegrityError for a record of it that was altered.
        """
        ...

    async def api_keys(self, world: str) -> tuple[ApiKey, ...]:
        """Every API key that a principal was ever given, ended ones too, as the audit chain says: by principal, then by
        when. Raises NotFound, IntegrityError.
        """
        ...

    async def holders(self, digest: str) -> tuple[Principal, ...]:
        """Whose API key in force has this SHA-256 (hex digits): the principal of each world, by world."""
        ...

    async def save_run(self, run: RunRecord) -> None:
        """Keep a run's record outside a commit (its start, its failure); a later record of the same world and id replaces it."""
        ...

    async def runs(self, world: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """Runs by when they started, newest first, then by id."""
        ...

    async def runs_named(self, world: str, ids: Sequence[str]) -> tuple[RunRecord, ...]:
        """Those of the runs that are kept, by id. Raises NotFound."""
        ...

    async def runs_since(self, world: str, since: int, *, after: str = "", limit: int) -> tuple[RunMark, ...]:
        """Where the runs stand that started at `since` (epoch µs) or later, oldest first, then by id; of those that started
        at `since` itself, the ones with ids greater than `after`. Raises NotFound.
        """
        ...

    async def pulse(self, world: str, *, runs: int) -> Pulse:
        """How far the world has come, with at most so many of its newest runs. Raises NotFound."""
        ...

    # trust in the store itself
    async def rebuild(self, world: str) -> Verification:
        """Derive the present, the registries and the hash anew from the facts."""
        ...

    async def verify(self, world: str) -> Verification:
        """Recompute everything at the head's as_of and compare: hash, present, registries, evidence, chain."""
        ...


__all__ = [
    "Answered",
    "AuditSink",
    "Claimed",
    "Clock",
    "Ids",
    "Malformed",
    "Message",
    "Portion",
    "Reading",
    "Sample",
    "SignalSource",
    "Signer",
    "Store",
    "Subgraph",
    "Transaction",
]
