"""What differs between two versions."""

from __future__ import annotations

import strawberry

from graphtwin.api.reading.state_types import Layer, Value, value_of
from graphtwin.model.commit import Changes
from graphtwin.model.state import EntityState


@strawberry.type(description="What an entity is, whatever its values.")
class EntityShape:
    type: str
    lifecycle: str
    records: list[str]


@strawberry.type(description="An entity that appeared, went, or whose type, records or lifecycle differ.")
class EntityDifference:
    entity: str
    change: str = strawberry.field(description="appeared, gone or changed.")
    before: EntityShape | None
    after: EntityShape | None


@strawberry.type(
    description="A relation that isn't drawn: the record that it points to doesn't exist, or a merge bent it to itself."
)
class LooseRelation:
    reason: str = strawberry.field(description="dangling or self_loop.")
    layer: Layer
    subject: str
    relation: str
    object_record: str
    fact: str


@strawberry.type(description="A value that differs; null where there is none.")
class ValueDifference:
    entity: str
    layer: Layer
    name: str
    before: Value | None
    after: Value | None


@strawberry.type(description="A relationship that appeared, went, or whose attributes differ.")
class RelationshipDifference:
    layer: Layer
    subject: str
    relation: str
    object: str
    change: str = strawberry.field(description="appeared, gone or changed.")


@strawberry.type(description="A record that turned stale or retired, or came back.")
class LifecycleDifference:
    record: str
    entity: str
    before: str
    after: str


@strawberry.type(description="What differs between two versions of a world.")
class Difference:
    before: str
    after: str
    before_hash: str
    after_hash: str
    entities: list[EntityDifference]
    values: list[ValueDifference]
    relationships: list[RelationshipDifference]
    lifecycles: list[LifecycleDifference]
    loose: list[LooseRelation] = strawberry.field(description="Relations of the later version that aren't drawn.")


def difference_of(changes: Changes) -> Difference:
    """Changes as they are shown."""
    return Difference(
        before=f"v{changes.before_seq}",
        after=f"v{changes.after_seq}",
        before_hash=changes.before_hash,
        after_hash=changes.after_hash,
        entities=[
            EntityDifference(
                entity=one.entity, change=_verb(one.before, one.after), before=_shape(one.before), after=_shape(one.after)
            )
            for one in changes.entities
        ],
        values=[
            ValueDifference(
                entity=one.entity, layer=Layer(one.layer), name=one.name,
                before=value_of(one.name, one.before) if one.before else None,
                after=value_of(one.name, one.after) if one.after else None,
            )
            for one in changes.values
        ],
        relationships=[
            RelationshipDifference(
                layer=Layer(one.key[0]), subject=one.key[1], relation=one.key[2], object=one.key[3],
                change=_verb(one.before, one.after),
            )
            for one in changes.edges
        ],
        lifecycles=[
            LifecycleDifference(record=one.record, entity=one.entity, before=one.before, after=one.after)
            for one in changes.lifecycles
        ],
        loose=[
            LooseRelation(
                reason=one.reason, layer=Layer(one.layer), subject=one.subject, relation=one.relation,
                object_record=one.object_record, fact=one.fact,
            )
            for one in changes.loose
        ],
    )  # fmt: skip


def _shape(one: EntityState | None) -> EntityShape | None:
    return None if one is None else EntityShape(type=one.type, lifecycle=one.lifecycle, records=list(one.records))


def _verb(before: object, after: object) -> str:
    return "appeared" if before is None else "gone" if after is None else "changed"
