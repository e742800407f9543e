"""twin.yaml: everything one world is configured with, as validated values."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.acting import Action, Actuator, Constraints, Name
from graphtwin.model.configuration.amounts import Duration, Limit, Unit01
from graphtwin.model.configuration.rdf import RdfConfig
from graphtwin.model.configuration.reserved import check_names
from graphtwin.model.configuration.twin_rules import Machine, Rule
from graphtwin.model.configuration.twin_sources import Source, SourceClass
from graphtwin.model.durations import DAY, HOUR, SECOND

Datatype = Literal["number", "integer", "string", "boolean", "object", "datetime"]
Strategy = Literal[
    "prefer_authoritative_sources",
    "prefer_recent",
    "prefer_high_confidence",
    "merge_with_uncertainty",
    "escalate_to_human",
]


class Variable(Value):
    """A variable or attribute of an entity type."""

    datatype: Datatype = "number"
    """Values of another kind are quarantined."""
    unit: str = ""
    """UCUM code, such as `Cel` or `L/s`; values in another known unit are converted."""
    attribute: bool = False
    """An attribute changes rarely: its half-life defaults to P14D instead of PT1H (S11)."""
    span: Annotated[float, Field(gt=0)] | None = None
    """What counts as a whole deviation (1.0) in drift (S26)."""
    resolution: Annotated[float, Field(ge=0)] = 0.0
    """The smallest difference that its source can tell."""
    limit: Limit | None = None
    """The range it must stay in; the forecast says how likely it leaves it within the horizon."""
    nominal: Any = None
    """The value expected when nothing else says so (expected layer)."""
    half_life: Duration | None = None
    """Age at which a claim about it counts half in fusion; default PT1H for variables, P14D for attributes (S11)."""
    cadence: Duration | None = None
    """How often it should be heard of; missing three times is silence."""
    valid_for: Duration | None = None
    """A claim older than this is stale; default three times the cadence (S11)."""
    authority: tuple[SourceClass | str, ...] = ()
    """Source classes or source names that may decide this field, most trusted first."""
    strategy: Strategy | None = None
    """How contradicting claims about it are settled; default `trust.strategy`."""
    high_signal: bool = False
    """Identifies its entity (serial number, ip, url): a conflict forbids a merge."""
    machine: Machine | None = None
    """Makes it a state machine: its states, which transitions move. Its datatype is `string`."""
    judged: bool = True
    """False keeps a variable out of drift (identifiers, counters that only grow)."""
    description: str = ""
    """For people."""

    @model_validator(mode="after")
    def _states_are_texts(self) -> Self:
        if self.machine is not None and self.datatype != "string":
            raise ValueError("the states of a `machine` are texts: add `datatype: string`")
        return self


class EntityType(Value):
    """A declared type: its token becomes a label in the present graph (S17)."""

    is_a: str = "asset"
    """A class of the standard, or another declared type."""
    label: str = ""
    """The label in the graph; default the type's name in CamelCase."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    """What is known of an entity of this type: name to declaration; inherited along `is_a`."""
    description: str = ""
    """For people."""


class RelationType(Value):
    """A declared relation; its name in UPPER_CASE is the relationship type in the graph."""

    functional: bool = False
    """At most one object at a time: the winning claim decides (S15)."""
    dependency: bool = False
    """The subject depends on the object: risk travels from object to subject."""
    attributes: dict[str, Variable] = Field(default_factory=dict)
    """What is known of the relation itself; claimed as `relation.attribute`."""
    description: str = ""
    """For people."""


class Declared(Value):
    """An entity that the model declares: it exists before any source speaks of it."""

    id: str
    """Its id; one without class and namespace is put into the world's."""
    type: str
    """A declared type."""
    label: str = ""
    """The name that people read."""
    aliases: tuple[str, ...] = ()
    """Record ids (`source:local id`) or entity ids that are this thing."""
    baseline: dict[str, Any] = Field(default_factory=dict)
    """Assumptions: they count only where nothing else was claimed (S10)."""
    expected: dict[str, Any] = Field(default_factory=dict)
    """Values it should have (expected layer)."""
    desired: dict[str, Any] = Field(default_factory=dict)
    """Values that are wanted (desired layer)."""
    relations: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Relation name to declared entity ids: the expected topology."""


class IdentityConfig(Value):
    """Which records are one thing, and which are not (S13)."""

    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Entity id to the record ids that are it."""
    distinct: tuple[tuple[str, ...], ...] = ()
    """Groups of record ids that must never be one entity."""
    subtypes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Types whose records may be one entity although their types differ."""
    key_attributes: tuple[str, ...] = ()
    """Variables whose equal values name the same thing across sources, such as `serial` or `unit_name`."""


class TrustConfig(Value):
    """How far sources are believed, and for how long (S11)."""

    classes: dict[SourceClass, Unit01] = Field(default_factory=dict)
    """How far each class of source is believed, where it isn't the default."""
    sources: dict[str, Unit01] = Field(default_factory=dict)
    """How far single sources are believed; goes before their class and `weight`."""
    min_trust: Unit01 = 0.25
    """No source is believed less than this about a field."""
    half_life_variables: Duration = HOUR
    """Age at which a claim about a variable counts half."""
    half_life_attributes: Duration = 14 * DAY
    """The same for attributes."""
    strategy: Strategy = "prefer_authoritative_sources"
    """How contradicting claims are settled (S11)."""


class ClockUrl(Value):
    """A clock by address."""

    url: str
    """Address of a simulator's clock; a GET answers with JSON."""
    path: str = "now"
    """JMESPath of the instant in it: ISO 8601, or epoch seconds."""
    timeout: Duration = 5 * SECOND
    """A clock that hasn't answered by then can't be read, and nothing is done."""
    private: bool = False
    """Its host's name may lead to an address of a private network."""


class WorldConfig(Value):
    """What the world is called, where it is, and what time it goes by."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    """Names the world; part of every key."""
    title: str = ""
    """What people read."""
    namespace: str = "local"
    """Middle part of the entity ids: `service:<namespace>/web`."""
    timezone: str = "UTC"
    """Of timestamps that have none."""
    owner: str = ""
    """For people."""
    notes: str = ""
    """For people."""
    clock: Literal["system", "events"] | ClockUrl = "system"
    """`system`; `events` to replay recorded data: the newest event's time; `{url}` for a simulator's own (S2)."""
    max_event_gap: Duration = DAY
    """With `clock: events`: an event further than this after the newest before it is quarantined."""


class Retention(Value):
    """How long things should be kept; this version keeps everything."""

    observations: Duration | None = None
    """How long readings should be kept. Shown in the world state; this version deletes nothing."""
    audit_logs: Duration | None = None
    """The same for the audit log."""
    snapshots: int | None = None
    """How many versions should be kept. The same."""


class Schedule(Value):
    """When to sync."""

    interval: Duration = 5 * 60 * SECOND
    """How often a sync should run. The report's `next_sync` begins from it; starting it is up to you (cron, systemd)."""


class AuditConfig(Value):
    """Where the audit log goes (S35)."""

    log_path: str = "audit/{world}.jsonl"
    """Where the audit log is written; beside twin.yaml unless absolute."""


class Inspected(Value):
    """What inspect proposed for a file that declares no types; it is kept with the configuration, never in a file."""

    written: str
    """The hash of the file as it was written: a later sync with the same file is one of the same world."""
    assumptions: tuple[str, ...] = ()
    """What was proposed and why, a sentence each; every report repeats it."""
    not_read: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Fields of each source that are left out on purpose; they aren't told as undeclared."""


class TwinConfig(Value):
    """One world's whole configuration (S9): its normalised form is stored, and each commit names its hash."""

    world: WorldConfig
    """Which world this is."""
    sources: dict[str, Source]
    """Who speaks, by name; the name becomes the prefix of record ids."""
    types: dict[str, EntityType] = Field(default_factory=dict)
    """What kinds of things there are, by name."""
    relations: dict[str, RelationType] = Field(default_factory=dict)
    """How things hang together, by name."""
    entities: tuple[Declared, ...] = ()
    """Things that the model knows of before any source speaks."""
    identity: IdentityConfig = Field(default_factory=IdentityConfig)
    """Which records are one thing, where ids alone don't tell."""
    trust: TrustConfig = Field(default_factory=TrustConfig)
    """How far sources are believed, and how long."""
    rules: tuple[Rule, ...] = ()
    """What follows from the present, and what is wrong with it."""
    constraints: Constraints | None = None
    """Policy; without it graphtwin observes and never acts."""
    actuators: dict[Name, Actuator] = Field(default_factory=dict)
    """The doors through which acts go out, by name."""
    actions: tuple[Action, ...] = ()
    """Remedies that may be proposed, and carried out where they have an actuator."""
    retention: Retention = Field(default_factory=Retention)
    """How long things should be kept."""
    schedule: Schedule = Field(default_factory=Schedule)
    """When to sync."""
    audit: AuditConfig = Field(default_factory=AuditConfig)
    """Where the audit log goes."""
    rdf: RdfConfig = Field(default_factory=RdfConfig)
    """How the world is called in RDF."""
    assumptions: tuple[str, ...] = ()
    """What is taken for granted; every report repeats it."""
    inspected: Inspected | None = None
    """graphtwin's own: what inspect proposed where the file declares no types."""

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        check_names(
            types={name: kind.label for name, kind in self.types.items()},
            variables={name: tuple(kind.variables) for name, kind in self.types.items()},
            relations=tuple(self.relations),
            sources=tuple(self.sources),
        )
        return self

    def normalised(self) -> dict[str, Any]:
        """The plain JSON form that is stored and hashed: every default written out, rule texts included."""
        return self.model_dump(mode="json", by_alias=True)

    def hash(self) -> str:
        """sha256 of the normalised form, as `sha256:<hex>`."""
        text = json.dumps(self.normalised(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def mapping_revision(self, source: str) -> str:
        """Names the mapping of a source, so that a fact's id says what read it (S5)."""
        text = json.dumps(
            [mapping.model_dump(mode="json") for mapping in self.sources[source].mapping],
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]
