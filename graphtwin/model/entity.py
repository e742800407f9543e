"""Things and how they hang together."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from graphtwin.model.base import Confidence, Items, Object, OptionalObject, Text, Value
from graphtwin.model.provenance import ProvenanceRecord
from graphtwin.model.quantity import Uncertainty


class EntityRef(Value):
    """A mention of an entity."""

    entity_id: Text = Field(description="Id of the entity meant.")
    entity_type: str | None = Field(default=None, description="Its type, where the mention says so.")
    alias: str | None = Field(default=None, description="The name the mention used instead of the id.")


class AliasKind(StrEnum):
    """What another name of an entity is."""

    NAME = "name"
    RECORD = "record"
    MERGED = "merged"


class Alias(Value):
    """Another name of an entity; a bare name is read from and written as plain text."""

    alias: Text = Field(
        description="The other name: free text, a record's id, or the id of an entity merged into this."
    )
    kind: AliasKind = Field(
        default=AliasKind.NAME,
        description="`record`: a source's record that is this entity, so membership; `merged`: an id that once stood "
        "alone; `name`: any other name.",
    )
    confidence: Confidence | None = Field(default=None, description="How sure it is that the name means this entity.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"alias": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _bare_as_text(self, handler: SerializerFunctionWrapHandler) -> Any:
        bare = self.kind is AliasKind.NAME and self.confidence is None
        return self.alias if bare else handler(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """An object or plain text."""
        shape = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string", "minLength": 1}, shape], "description": shape.pop("description", "")}


class Entity(Value):
    """One thing, real or digital, as the sources together describe it."""

    id: Text = Field(description="Stable id; never reused, kept as an alias after a merge.")
    type: Text = Field(description="Class or declared subtype.")
    labels: tuple[Text, ...] = Field(description="Further words it may be found by.")
    aliases: tuple[Alias, ...] = Field(description="Its other names and the records that make it up.")
    attributes: Object = Field(description="What it is, by name: values that seldom change.")
    status: str | None = Field(description="What a source claims as its status, else active, stale or retired.")
    provenance: tuple[ProvenanceRecord, ...] = Field(description="Where it and its attributes are known from.")
    uncertainty: Uncertainty | None = Field(default=None, description="How sure it is that this is one thing.")


class RelationshipEdge(Value):
    """A directed relation between two entities."""

    src: EntityRef = Field(description="The entity the relation goes out from.")
    dst: EntityRef = Field(description="The entity it points to.")
    relation: Text = Field(description="A core relation or one that the world declares.")
    attributes: OptionalObject = Field(default={}, description="What is known about the relation itself.")
    constraints: OptionalObject = Field(default={}, description="What the relation demands of its ends.")
    uncertainty: Uncertainty | None = Field(default=None, description="How sure the relation is.")
    provenance: Items[ProvenanceRecord] = Field(default=(), description="Where it is known from.")
