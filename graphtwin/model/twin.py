"""twin.yaml: everything one world is configured with, as validated values."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from graphtwin.model.base import Value
from graphtwin.model.durations import DAY, HOUR, SECOND, format_duration, parse_duration
from graphtwin.model.reserved import check_names

Duration = Annotated[
    int,
    BeforeValidator(lambda value: parse_duration(value) if isinstance(value, str) else value),
    PlainSerializer(format_duration, return_type=str),
    Field(json_schema_extra={"type": "string", "examples": ["5m", "PT30S", "P14D"]}),
]
"""Microseconds; written `5m`, `PT30S` or `P14D`."""

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
Unit01 = Annotated[float, Field(ge=0, le=1)]


class Limit(Value):
    """The range a variable must stay in; forecast risk is the probability of leaving it."""

    min: float | None = None
    max: float | None = None


class Variable(Value):
    """A variable or attribute of an entity type."""

    datatype: Datatype = "number"
    unit: str = ""
    attribute: bool = False
    """An attribute changes rarely: its half-life defaults to P14D instead of PT1H (S11)."""
    span: Annotated[float, Field(gt=0)] | None = None
    """What counts as a whole deviation (1.0) in drift (S26)."""
    resolution: Annotated[float, Field(ge=0)] = 0.0
    limit: Limit | None = None
    nominal: Any = None
    """The value expected when nothing else says so (expected layer)."""
    half_life: Duration | None = None
    cadence: Duration | None = None
    valid_for: Duration | None = None
    """A claim older than this is stale; default three times the cadence (S11)."""
    authority: tuple[SourceClass | str, ...] = ()
    """Source classes or source names that may decide this field, most trusted first."""
    strategy: Strategy | None = None
    high_signal: bool = False
    """Identifies its entity (serial number, ip, url): a conflict forbids a merge."""
    judged: bool = True
    """False keeps a variable out of drift (identifiers, counters that only grow)."""
    description: str = ""


class EntityType(Value):
    """A declared type: its token becomes a label in the present graph (S17)."""

    is_a: str = "asset"
    """A class of the standard, or another declared type."""
    label: str = ""
    """The label in the graph; default the type's name in CamelCase."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    description: str = ""


class RelationType(Value):
    """A declared relation; its name in UPPER_CASE is the relationship type in the graph."""

    functional: bool = False
    """At most one object at a time: the winning claim decides (S15)."""
    dependency: bool = False
    """The subject depends on the object: risk travels from object to subject."""
    attributes: dict[str, Variable] = Field(default_factory=dict)
    description: str = ""


class VariablePath(Value):
    """Where a value stands in a payload, as JMESPath, and what it means."""

    path: str
    unit: str = ""
    layer: LayerName = "reported"
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
    variables: dict[str, VariablePath] = Field(default_factory=dict)
    relations: dict[str, str | VariablePath] = Field(default_factory=dict)
    """Relation name to the local id (or list of ids, or full record ids `source:id`) of the objects."""
    valid_from: str = ""
    """When it was so, if not the event's timestamp."""
    event_type: str = "observation"
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
    kind: Literal["log", "api", "sensor", "message_bus", "human"] = "log"
    trust: SourceClass = "observability_pipeline"
    weight: Unit01 | None = None
    """Overrides the trust of the class."""
    path: str = ""
    format: Literal["auto", "csv", "jsonl", "json", "yaml"] = "auto"
    command: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    """The only environment a command gets besides PATH, LANG and TZ."""
    timeout: Duration = 10 * SECOND
    max_output: int = 16 * 2**20
    max_payload: int = 256 * 2**10
    endpoint: str = ""
    records: str = ""
    """A JMESPath that yields the list of messages in one payload; "" takes the payload itself, or each item of a list."""
    timestamp: str = ""
    """A JMESPath that yields the source's own timestamp of a message (ISO 8601, or epoch seconds); "" tries the usual names."""
    position: str = ""
    """A JMESPath that yields a number that grows with every message of a thing."""
    roster: bool = False
    """A complete reading names every record the source knows (S24)."""
    roster_guard: bool = True
    retire_after: Annotated[int, Field(ge=1)] = 2
    plans: bool = False
    """May date claims ahead (S2)."""
    cadence: Duration | None = None
    namespace: str = ""
    id_space: str = ""
    """Sources of one id space give one thing one id; "" is the space that all sources share unless they say otherwise."""
    layer: LayerName = "reported"
    enabled: bool = True
    max_messages: Annotated[int, Field(ge=1)] = 100_000
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
    type: str
    label: str = ""
    aliases: tuple[str, ...] = ()
    """Record ids (`source:local id`) or entity ids that are this thing."""
    baseline: dict[str, Any] = Field(default_factory=dict)
    """Assumptions: they count only where nothing else was claimed (S10)."""
    expected: dict[str, Any] = Field(default_factory=dict)
    desired: dict[str, Any] = Field(default_factory=dict)
    relations: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Relation name to declared entity ids: the expected topology."""


class IdentityConfig(Value):
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Entity id to the record ids that are it."""
    distinct: tuple[tuple[str, ...], ...] = ()
    """Groups of record ids that must never be one entity."""
    subtypes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Types whose records may be one entity although their types differ."""
    key_attributes: tuple[str, ...] = ()
    """Variables whose equal values name the same thing across sources, such as `serial` or `unit_name`."""


class TrustConfig(Value):
    classes: dict[SourceClass, Unit01] = Field(default_factory=dict)
    sources: dict[str, Unit01] = Field(default_factory=dict)
    min_trust: Unit01 = 0.25
    half_life_variables: Duration = HOUR
    half_life_attributes: Duration = 14 * DAY
    strategy: Strategy = "prefer_authoritative_sources"


class Rule(Value):
    """A Cypher query that returns rows; the engine writes what they say (S22)."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    file: str = ""
    cypher: str = ""
    description: str = ""
    severity: Severity = "medium"
    writes: tuple[str, ...] = ()
    """The variables and relations it derives; a row that sets anything else is refused. Findings need no naming."""
    reads: tuple[str, ...] = ()
    """Derived variables and relations, or ids of other rules, that must be settled before it runs (strata)."""
    enabled: bool = True

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if bool(self.file) == bool(self.cypher):
            raise ValueError("a rule has either `file` or `cypher`")
        return self


class Constraints(Value):
    """Policy: limits, thresholds and timing. Without it graphtwin observes and never acts."""

    max_drift_threshold: Annotated[float, Field(ge=0)] = 0.15
    require_approval_above_risk: Unit01 = 0.7
    min_confidence: Unit01 = 0.5
    min_sync_interval: Duration = 0
    max_future_skew: Duration = 30 * SECOND
    forecast_horizon: Duration = HOUR
    allowed_actions: tuple[str, ...] = ()
    """Actions that policy permits at all; what isn't named is denied."""


class Action(Value):
    """A declared remedy; in this version a proposal that a person carries out."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    title: str
    when: tuple[str, ...] = ()
    """Finding names it answers: a rule id, `drift:<type>.<variable>`, `missing:<relation>`, `silence:<source>`."""
    command: str = ""
    """What a person would run, shown in the report; `{id}` is the entity's id."""
    effects: dict[str, Any] = Field(default_factory=dict)
    """Predicted values of the entity's variables after it."""
    cost: Annotated[float, Field(ge=0)] = 1.0
    risk: Unit01 = 0.3
    reversible: Literal["reversible", "compensable", "irreversible"] = "compensable"
    verification: tuple[str, ...] = ()


class ClockUrl(Value):
    url: str


class WorldConfig(Value):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    title: str = ""
    namespace: str = "local"
    timezone: str = "UTC"
    owner: str = ""
    notes: str = ""
    clock: Literal["system", "events"] | ClockUrl = "system"
    max_event_gap: Duration = DAY


class Retention(Value):
    observations: Duration | None = None
    audit_logs: Duration | None = None
    snapshots: int | None = None


class Schedule(Value):
    interval: Duration = 5 * 60 * SECOND


class AuditConfig(Value):
    log_path: str = "audit/{world}.jsonl"


class TwinConfig(Value):
    """One world's whole configuration (S9): its normalised form is stored, and each commit names its hash."""

    world: WorldConfig
    sources: dict[str, Source]
    types: dict[str, EntityType] = Field(default_factory=dict)
    relations: dict[str, RelationType] = Field(default_factory=dict)
    entities: tuple[Declared, ...] = ()
    identity: IdentityConfig = Field(default_factory=IdentityConfig)
    trust: TrustConfig = Field(default_factory=TrustConfig)
    rules: tuple[Rule, ...] = ()
    constraints: Constraints | None = None
    actions: tuple[Action, ...] = ()
    retention: Retention = Field(default_factory=Retention)
    schedule: Schedule = Field(default_factory=Schedule)
    audit: AuditConfig = Field(default_factory=AuditConfig)
    assumptions: tuple[str, ...] = ()

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
