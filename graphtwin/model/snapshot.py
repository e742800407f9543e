"""The forms a twin's state takes in a sync report: whole, what differs, a reference, or flat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, StrictInt, Tag

from graphtwin.model.base import Items, Json, Text, Value
from graphtwin.model.entity import Entity, EntityRef, RelationshipEdge
from graphtwin.model.variable import StateVariable
from graphtwin.model.world_state import WorldMeta, WorldState


class RemovedRelationship(Value):
    """A relation that the base had and this version has not."""

    src: Text = Field(description="Entity id.")
    relation: Text = Field(description="Relation.")
    dst: Text = Field(description="Entity id.")


class RemovedVariable(Value):
    """A variable that the base had a value for and this version has not."""

    subject: EntityRef = Field(description="The entity it is about.")
    name: Text = Field(description="Name of the variable.")


class Removed(Value):
    """What the base had and this version has not."""

    entities: Items[Text] = Field(default=(), description="Entity ids.")
    relationships: Items[RemovedRelationship] = Field(default=(), description="Relations.")
    state_variables: Items[RemovedVariable] = Field(default=(), description="Variables.")


class StateDelta(Value):
    """What differs from a base version; the snapshot's hash beside it is that of the full state (S24)."""

    base: Text = Field(description="The version it differs from.")
    meta: WorldMeta = Field(description="Which world, when, and which version of it.")
    entities: tuple[Entity, ...] = Field(description="Entities that are new or differ.")
    relationships: tuple[RelationshipEdge, ...] = Field(description="Relations that are new or differ.")
    state_variables: tuple[StateVariable, ...] = Field(description="Variables that are new or differ.")
    removed: Removed = Field(description="What is no longer there.")


class StateReference(Value):
    """Where the state of a large world is found."""

    ref: Text = Field(description="File or address of the full state.")
    entities: Annotated[StrictInt, Field(ge=0)] = Field(description="How many entities it has.")
    hash: Text = Field(description="Its hash.")


class FlatEntity(Value):
    """An entity in short: its values stand beside id and type."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Json] = Field(init=False)

    id: Text = Field(description="Entity id.")
    type: Text = Field(description="Class or declared subtype.")


class FlatRelationship(Value):
    """A relation in short."""

    subject: Text = Field(description="Entity id.")
    predicate: Text = Field(description="Relation.")
    object: Text = Field(description="Entity id.")


class FlatState(Value):
    """A state in short, for people."""

    entities: tuple[FlatEntity, ...] = Field(description="The things.")
    relationships: Items[FlatRelationship] = Field(default=(), description="How they hang together.")


def _form(state: Any) -> str:
    """Which form a state has: told by the class of a value, else by the field that only this form has."""
    for form, marker in (("delta", "base"), ("reference", "ref"), ("whole", "meta")):
        if marker in state if isinstance(state, Mapping) else hasattr(state, marker):
            return form
    return "flat"


State = Annotated[
    Annotated[WorldState, Tag("whole")]
    | Annotated[StateDelta, Tag("delta")]
    | Annotated[StateReference, Tag("reference")]
    | Annotated[FlatState, Tag("flat")],
    Discriminator(_form),
]
"""The state of a twin in one of its forms."""


class TwinSnapshot(Value):
    """The twin as this sync left it."""

    version: Text = Field(description="The version, such as v47; none grows twice.")
    state: State = Field(description="The canonical state, what differs, a reference to it, or the flat form.")
    hash: Text = Field(description="`sha256:` and the hash of the full state.")
    evidence_anchors: tuple[Text, ...] = Field(description="What the snapshot rests on.")
