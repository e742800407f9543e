"""The canonical state of a world at one instant: what is, what was seen, what may follow, what was done."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from graphtwin.model.action import ActionRecord
from graphtwin.model.base import Instant, IsoDuration, Items, Json, Text, Value
from graphtwin.model.entity import Entity, RelationshipEdge
from graphtwin.model.event import ObservationEvent
from graphtwin.model.instants import write_instant
from graphtwin.model.rule import TransitionRule
from graphtwin.model.variable import StateVariable

PRINCIPLES = (
    "Nothing is stated without the instant it holds for.",
    "Behind every claim stands evidence that can be looked up.",
    "Doubt is stated, and whether it is ignorance (epistemic) or chance (aleatoric).",
    "A thing keeps its id for ever; other names of it are aliases.",
    "What is so, what was seen and what is foretold are kept apart.",
    "Changes of state are values of their own, and can be taken back where the world allows it.",
)
"""What a world state promises, in the order of the standard."""


def _timezone(name: str) -> str:
    """The name itself; raises ValueError where this machine's time zone data doesn't know it."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        if name == "UTC" or not zoneinfo.available_timezones():
            return name
        message = f"{name!r} is not an IANA time zone; write it like Europe/Oslo or UTC"
        raise ValueError(message) from error
    return name


class WorldMeta(Value):
    """Which world, when, and which version of it."""

    world_id: Text = Field(description="Id of the world.")
    as_of: Instant = Field(description="The valid time the state is of.")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(description="IANA zone people there live by.")
    scope: str | None = Field(default=None, description="What the world covers.")
    owner: str | None = Field(default=None, description="Who answers for it.")
    notes: str | None = Field(default=None, description="Anything else worth saying.")
    version_id: str | None = Field(default=None, description="Id of this version: a hash that names its parent.")
    parent_version_id: str | None = Field(default=None, description="The version before; absent for the first.")
    lineage: Items[str] = Field(default=(), description="Ids of the ancestors, oldest first.")


class Indexes(Value):
    """Where to find things in the lists of a world state; numbers are positions, counted from 0."""

    by_entity: Mapping[str, Json] = Field(description="Entity id to its entity, state variables and relationships.")
    by_variable: Mapping[str, Json] = Field(description="Variable name to state variables.")
    by_time: Mapping[str, Json] = Field(description="Instant to state variables and observations.")


class ObservationRetention(Value):
    """How long observations are kept."""

    max_age: IsoDuration | None = Field(default=None, description="Older ones may be thinned out.")
    max_count: Annotated[StrictInt, Field(ge=0)] | None = Field(default=None, description="More may be thinned out.")


class AuditRetention(Value):
    """How long audit records are kept at the least."""

    max_age: IsoDuration | None = Field(default=None, description="None is deleted before it is this old.")


class SnapshotRetention(Value):
    """Which versions stay readable as a whole."""

    max_count: Annotated[StrictInt, Field(ge=0)] | None = Field(default=None, description="How many are kept.")
    keep_tagged: StrictBool | None = Field(default=None, description="Whether tagged ones are kept beyond the count.")


class RetentionPolicy(Value):
    """What may be forgotten, and when."""

    observations: ObservationRetention = Field(default=ObservationRetention(), description="Observations.")
    audit_logs: AuditRetention = Field(default=AuditRetention(), description="Audit records.")
    snapshots: SnapshotRetention = Field(default=SnapshotRetention(), description="Versions.")


class WorldState(Value):
    """A world at one instant, whole."""

    meta: WorldMeta = Field(description="Which world, when, and which version of it.")
    entities: tuple[Entity, ...] = Field(description="The things.")
    relationships: tuple[RelationshipEdge, ...] = Field(description="How they hang together.")
    state_variables: tuple[StateVariable, ...] = Field(description="What changes about them; wishes are constraints.")
    observations: tuple[ObservationEvent, ...] = Field(description="What was seen, apart from what is so.")
    transition_rules: tuple[TransitionRule, ...] = Field(description="How state may move on.")
    actions: tuple[ActionRecord, ...] = Field(description="What was meant to be done and what came of it.")
    indexes: Indexes = Field(description="Where to find things in the lists.")
    retention_policy: RetentionPolicy | None = Field(default=None, description="What may be forgotten, and when.")


def index_state(
    entities: Sequence[Entity],
    relationships: Sequence[RelationshipEdge],
    state_variables: Sequence[StateVariable],
    observations: Sequence[ObservationEvent],
) -> Indexes:
    """The indexes of a world state's lists; every index in sorted order, so that equal lists print alike."""
    by_entity: dict[str, dict[str, list[int]]] = {}
    by_variable: dict[str, list[int]] = {}
    by_time: dict[str, dict[str, list[int]]] = {}
    for place, entity in enumerate(entities):
        by_entity.setdefault(entity.id, {}).setdefault("entities", []).append(place)
    for place, variable in enumerate(state_variables):
        by_entity.setdefault(variable.subject.entity_id, {}).setdefault("state_variables", []).append(place)
        by_variable.setdefault(variable.name, []).append(place)
        by_time.setdefault(write_instant(variable.timestamp), {}).setdefault("state_variables", []).append(place)
    for place, edge in enumerate(relationships):
        for end in dict.fromkeys((edge.src.entity_id, edge.dst.entity_id)):
            by_entity.setdefault(end, {}).setdefault("relationships", []).append(place)
    for place, observation in enumerate(observations):
        by_time.setdefault(write_instant(observation.timestamp), {}).setdefault("observations", []).append(place)
    return Indexes.model_validate(
        {
            "by_entity": dict(sorted(by_entity.items())),
            "by_variable": dict(sorted(by_variable.items())),
            "by_time": dict(sorted(by_time.items())),
        }
    )
