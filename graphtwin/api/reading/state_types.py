"""A state: entities, their values in each layer, and relationships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

import strawberry

from graphtwin.api.reading.scalars import Instant, Json, instant
from graphtwin.api.reading.world_types import At
from graphtwin.model.fact import LAYERS
from graphtwin.model.fact import Layer as LayerName
from graphtwin.model.state import Edge, EntityState, Held


@strawberry.enum(description="How a value is meant.")
class Layer(Enum):
    REPORTED = "reported"
    DESIRED = "desired"
    EXPECTED = "expected"

    @property
    def word(self) -> LayerName:
        """As the program calls it."""
        return LAYERS[list(Layer).index(self)]


@strawberry.type(description="A fused value: the claim that won, and how it stands against its rivals.")
class Value:
    name: str
    value: Json
    unit: str | None = strawberry.field(description="A UCUM code; null where it has none.")
    valid_from: Instant | None = strawberry.field(description="Since when it is so; null where it always was.")
    observed_at: Instant | None
    source: str
    record: str
    confidence: float
    kind: str = strawberry.field(description="observation, inference, prediction, assumption, constraint or decision.")
    disputed: bool = strawberry.field(description="Sources contradict each other without a clear winner.")
    rivals: int = strawberry.field(description="How many other claims there are.")
    low: float | None
    high: float | None
    fact: str | None = strawberry.field(description="The fact that won; null where several make the value together.")


@strawberry.type(description="A relationship between two entities.")
class Relationship:
    layer: Layer
    subject: str
    relation: str
    object: str
    valid_from: Instant | None
    source: str
    confidence: float
    disputed: bool
    fact: str | None
    attributes: list[Value]


@strawberry.type(description="A thing: records that are held to be one, and what is said of it in each layer.")
class Entity:
    id: str
    type: str
    status: str
    lifecycle: str
    records: list[str]
    reported: list[Value]
    desired: list[Value]
    expected: list[Value]
    relationships: list[Relationship] = strawberry.field(description="Those out of it, in every layer.")


@strawberry.input(description="Which entities are wanted; those that fit everything that is given.")
class EntityFilter:
    type: str | None = None
    status: str | None = None
    lifecycle: str | None = None
    source: str | None = strawberry.field(default=None, description="A source that has a record of it.")
    disputed: bool | None = strawberry.field(default=None, description="Whether a reported value of it is disputed.")

    def holds(self, one: EntityState) -> bool:
        """Whether an entity is wanted."""
        said = {"type": one.type, "status": one.status, "lifecycle": one.lifecycle}
        if any(getattr(self, name) not in {None, value} for name, value in said.items()):
            return False
        if self.source is not None and not any(record.startswith(f"{self.source}:") for record in one.records):
            return False
        return self.disputed in {None, any(held.disputed for held in one.reported.values())}


@strawberry.type(description="One entity at an instant.")
class EntityAnswer:
    at: At
    entity: Entity
    relationships_in: list[Relationship] = strawberry.field(description="Those that lead to it, in every layer.")


@strawberry.type(description="A whole world at an instant.")
class Snapshot:
    at: At
    world: str
    hash: str
    entity_count: int
    relationship_count: int
    entities: list[Entity]


@strawberry.type
class EntityEdge:
    cursor: str
    node: Entity


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A page of entities by id. Every page of one `at` is of the same state.")
class EntityConnection:
    at: At
    edges: list[EntityEdge]
    page_info: PageInfo


@strawberry.type(description="An entity, and how many relationships away it is.")
class Near:
    distance: int
    entity: Entity


@strawberry.type(description="What is within some hops of an entity.")
class Neighbourhood:
    at: At
    centre: str
    entities: list[Near]


@strawberry.type(description="A shortest way between two entities.")
class Path:
    relationships: list[Relationship]


@strawberry.type
class Paths:
    at: At
    paths: list[Path]


def entity_of(one: EntityState, edges: Iterable[Edge]) -> Entity:
    """An entity as it is shown; of the edges, those out of it."""
    return Entity(
        id=one.id, type=one.type, status=one.status, lifecycle=one.lifecycle, records=list(one.records),
        reported=values_of(one.reported), desired=values_of(one.desired), expected=values_of(one.expected),
        relationships=[relationship_of(edge) for edge in edges if edge.subject == one.id],
    )  # fmt: skip


def entities_of(states: Iterable[EntityState], edges: Iterable[Edge]) -> list[Entity]:
    """Several entities with the edges out of each."""
    out: dict[str, list[Edge]] = {}
    for edge in edges:
        out.setdefault(edge.subject, []).append(edge)
    return [entity_of(one, out.get(one.id, ())) for one in states]


def values_of(held: Mapping[str, Held]) -> list[Value]:
    """Values by name."""
    return [value_of(name, one) for name, one in sorted(held.items())]


def value_of(name: str, held: Held) -> Value:
    """A fused value as it is shown."""
    return Value(
        name=name, value=Json(held.value), unit=held.unit or None, valid_from=instant(held.valid_from),
        observed_at=instant(held.observed_at), source=held.source, record=held.record, confidence=held.confidence,
        kind=held.kind, disputed=held.disputed, rivals=held.rivals, low=held.low, high=held.high,
        fact=held.fact or None,
    )  # fmt: skip


def relationship_of(edge: Edge) -> Relationship:
    """An edge as it is shown."""
    return Relationship(
        layer=Layer(edge.layer), subject=edge.subject, relation=edge.relation, object=edge.object,
        valid_from=instant(edge.held.valid_from), source=edge.held.source, confidence=edge.held.confidence,
        disputed=edge.held.disputed, fact=edge.held.fact or None, attributes=values_of(edge.attributes),
    )  # fmt: skip
