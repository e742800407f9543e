"""What came in: canonical events, and observations as a world state keeps them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field

from graphtwin.model.anchor import Anchor
from graphtwin.model.base import Instant, Items, Json, Number, Object, Text, Value
from graphtwin.model.entity import EntityRef
from graphtwin.model.quantity import Uncertainty

UNCLASSIFIED: Final = "unclassified"
"""Event type of a message that fits several; its confidence is lowered."""


class SourceKind(StrEnum):
    """The sort of channel an event came by; not the trust class of its source."""

    LOG = "log"
    API = "api"
    SENSOR = "sensor"
    MESSAGE_BUS = "message_bus"
    HUMAN = "human"


class EventSeverity(StrEnum):
    """How grave the sender holds the event to be."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    CRITICAL = "critical"


class EventSource(Value):
    """Where an event came from."""

    kind: SourceKind = Field(description="The sort of channel.")
    name: Text = Field(description="Name of the configured source.")
    channel: str | None = Field(default=None, description="Topic, table, file or path within the source.")
    host: str | None = Field(default=None, description="The machine that sent it.")


class Metric(Value):
    """A measured number that an event carries."""

    name: Text = Field(description="What was measured.")
    value: Number = Field(description="The number measured.")
    unit: str | None = Field(default=None, description="Its unit, as a UCUM code.")
    window: str | None = Field(default=None, description="The span it was taken over.")


class EventProvenance(Value):
    """How the raw message became an event."""

    transformer: Text = Field(description="The mapping that read the message.")
    transform_version: Text = Field(description="Its revision.")
    ruleset_id: str | None = Field(default=None, description="The rules in force, where they matter.")


class Event(Value):
    """One message of a source, kept as it came and in normalised form; never changed, only added to."""

    event_id: Text = Field(
        description="Stable hash of source name, the source's own timestamp and the raw message; of an unstamped "
        "message, of its position instead of a timestamp. The receive time never enters it."
    )
    timestamp: Instant = Field(
        description="When it happened by the source's word; without one, when it was received, with epistemic doubt."
    )
    source: EventSource = Field(description="Where it came from.")
    event_type: Text = Field(description="What it is about; `unclassified` where that isn't clear.")
    severity: EventSeverity | None = Field(default=None, description="How grave the sender holds it to be.")
    tags: Items[str] = Field(default=(), description="Free words.")
    entity_refs: Items[EntityRef] = Field(default=(), description="The entities it mentions.")
    metric: Metric | None = Field(default=None, description="The number it carries.")
    raw: Json = Field(description="The payload, unchanged.")
    canonical: Object = Field(description="The payload under the model's names and in its units.")
    anchors: tuple[Anchor, ...] = Field(description="Where the raw bytes lie.")
    uncertainty: Uncertainty | None = Field(default=None, description="How sure the event is.")
    provenance: EventProvenance | None = Field(default=None, description="How it was read.")


class ObservationEvent(Value):
    """An event as a world state keeps it."""

    event_id: Text = Field(description="Id of the event.")
    timestamp: Instant = Field(description="When it happened.")
    source: Text = Field(description="Name of the source, or the sort of it.")
    payload: Object = Field(description="The event's canonical form, embedded whole.")
    anchors: tuple[Anchor, ...] = Field(description="Where the raw bytes lie.")
    parsed_as: Items[str] = Field(default=(), description="The event types it was read as.")
    uncertainty: Uncertainty | None = Field(default=None, description="How sure the observation is.")


def observation_of(event: Event) -> ObservationEvent:
    """The observation that a world state keeps of an event: its canonical form is the payload."""
    return ObservationEvent(
        event_id=event.event_id,
        timestamp=event.timestamp,
        source=event.source.name,
        payload=event.canonical,
        anchors=event.anchors,
        parsed_as=(event.event_type,),
        uncertainty=event.uncertainty,
    )
