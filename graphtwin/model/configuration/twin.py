"""twin.yaml: everything one world is configured with, as validated values."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.acting import Action, Actuator, Constraints, Name
from graphtwin.model.configuration.amounts import Duration, Limit, Unit01
from graphtwin.model.configuration.reserved import check_names
from graphtwin.model.durations import DAY, HOUR, SECOND

Datatype = Literal["number", "integer", "string", "boolean", "object", "datetime"]
SourceClass = Literal[
    "hardware_sensor",
    "system_of_record",
    "primary_api",
    "observability_pipeline",
    "derived_inference",
    "human_note",
]
Strategy = Literal[
    "prefer_authoritative_sources",
    "prefer_recent",
    "prefer_high_confidence",
    "merge_with_uncertainty",
    "escalate_to_human",
]
LayerName = Literal["reported", "desired", "expected"]
Severity = Literal["low", "medium", "high", "critical"]


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
    judged: bool = True
    """False keeps a variable out of drift (identifiers, counters that only grow)."""
    description: str = ""
    """For people."""


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


class VariablePath(Value):
    """Where a value stands in a payload, as JMESPath, and what it means."""

    path: str
    """JMESPath of the value."""
    unit: str = ""
    """The unit that the source speaks in; `=` and a JMESPath takes it from the payload."""
    layer: LayerName = "reported"
    """Whether it is a reading, a wish or an expectation."""
    confidence: Unit01 | str | None = None
    """A number, or a JMESPath that yields one."""


class Mapping(Value):
    """Turns one kind of payload into claims about one record; expressions are JMESPath over the payload."""

    when: str = ""
    """Only payloads where this yields a true value; "" takes all."""
    type: str
    """A declared type's name, or `=` followed by a JMESPath that yields one."""
    id: str = "id"
    """Yields the source's own id of the thing."""
    label: str = ""
    """Yields the name that people read."""
    variables: dict[str, VariablePath] = Field(default_factory=dict)
    """Variable to where its value stands; a plain text is the path alone."""
    relations: dict[str, str | VariablePath] = Field(default_factory=dict)
    """Relation name to the local id (or list of ids, or full record ids `source:id`) of the objects."""
    valid_from: str = ""
    """When it was so, if not the event's timestamp."""
    event_type: str = "observation"
    """What the event is called."""
    each: str = ""
    """Yields a list: the mapping applies to each item, with the payload as `parent`."""

    @field_validator("variables", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return (
            {k: {"path": v} if isinstance(v, str) else v for k, v in value.items()}
            if isinstance(value, dict)
            else value
        )


class Source(Value):
    """One source of signals and how far it is believed."""

    type: Literal["file", "command", "mqtt", "api", "http"]
    """How it is read. This version reads `file` and `command`; the others are refused when a sync begins."""
    kind: Literal["log", "api", "sensor", "message_bus", "human"] = "log"
    """What it is, for people; nothing depends on it."""
    trust: SourceClass = "observability_pipeline"
    """The class that says how far it is believed."""
    weight: Unit01 | None = None
    """Overrides the trust of the class."""
    path: str = ""
    """The file, beside twin.yaml or absolute."""
    format: Literal["auto", "csv", "jsonl", "json", "yaml"] = "auto"
    """`auto` goes by the file's ending."""
    command: tuple[str, ...] = ()
    """The program and its words; no shell is run. `python` is the one that graphtwin runs on."""
    env: dict[str, str] = Field(default_factory=dict)
    """The only environment a command gets besides PATH, LANG and TZ."""
    timeout: Duration = 10 * SECOND
    """A program that runs longer has not answered."""
    max_output: int = 16 * 2**20
    """Bytes that a program may print."""
    max_payload: int = 256 * 2**10
    """Bytes that one message may have."""
    endpoint: str = ""
    """Address of an mqtt, api or http source."""
    records: str = ""
    """A JMESPath that yields the list of messages in one payload; "" takes the payload itself, or each item of a list."""
    timestamp: str = ""
    """A JMESPath that yields the source's own timestamp of a message (ISO 8601, or epoch seconds); "" tries the usual names."""
    position: str = ""
    """A JMESPath that yields a number that grows with every message of a thing."""
    roster: bool = False
    """A complete reading names every record the source knows (S24)."""
    roster_guard: bool = True
    """Hold a roster that is empty or drops over a fifth and more than five records (S24)."""
    retire_after: Annotated[int, Field(ge=1)] = 2
    """Rosters in a row that must miss a record before it is retired."""
    plans: bool = False
    """May date claims ahead (S2)."""
    cadence: Duration | None = None
    """How often it should speak; three times without a word is silence."""
    namespace: str = ""
    """Namespace of the entities that it founds; default the world's."""
    id_space: str = ""
    """Sources of one id space give one thing one id; "" is the space that all sources share unless they say otherwise."""
    layer: LayerName = "reported"
    """The layer of its claims, unless its mapping says another."""
    enabled: bool = True
    """False leaves it out."""
    max_messages: Annotated[int, Field(ge=1)] = 100_000
    """Messages that one reading takes; the next goes on."""
    mapping: tuple[Mapping, ...] = ()
    """Empty: the default mapping for plain JSON objects and tables."""

    @field_validator("mapping", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, dict) else value

    @field_validator("command", mode="before")
    @classmethod
    def _no_shell(cls, value: Any) -> Any:
        if isinstance(value, str):
            msg = "write the command as a list of words, e.g. [python, collect.py]; no shell is run"
            raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a located error
        return value

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if self.type == "file" and not self.path:
            raise ValueError("a file source needs `path`")
        if self.type == "command" and not self.command:
            raise ValueError("a command source needs `command`")
        if self.type in ("mqtt", "api", "http") and not self.endpoint:
            raise ValueError(f"a source of type {self.type} needs `endpoint`")
        return self


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


class Rule(Value):
    """A Cypher query that returns rows; the engine writes what they say (S22)."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    """Names the rule, and the findings it makes."""
    file: str = ""
    """A file with its Cypher, in the folder of twin.yaml."""
    cypher: str = ""
    """Its Cypher, written here."""
    description: str = ""
    """For people."""
    severity: Severity = "medium"
    """Of its findings, where a row doesn't say another."""
    writes: tuple[str, ...] = ()
    """The variables and relations it derives; a row that sets anything else is refused. Findings need no naming."""
    reads: tuple[str, ...] = ()
    """Derived variables and relations, or ids of other rules, that must be settled before it runs (strata)."""
    enabled: bool = True
    """False leaves it out."""

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if bool(self.file) == bool(self.cypher):
            raise ValueError("a rule has either `file` or `cypher`")
        return self


class ClockUrl(Value):
    """A clock by address."""

    url: str
    """Address of a simulator's clock; refused by this version."""


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
    """`system`, or `events` to replay recorded data: the newest event's time (S2)."""
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
    assumptions: tuple[str, ...] = ()
    """What is taken for granted; every report repeats it."""

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
