"""The reference files that are generated from the model, as text by file name."""

from __future__ import annotations

import json
from typing import Final

import yaml

from graphtwin.model.configuration.twin_schema import twin_schema
from graphtwin.model.event import Event
from graphtwin.model.published.publish_policies import identity_document, trust_document
from graphtwin.model.published.publish_schema import JsonObject, schema_of, typed_schema_of
from graphtwin.model.report import SyncReport
from graphtwin.model.vocabulary import CORE_RELATIONS, DIGITAL_CLASSES, REAL_CLASSES
from graphtwin.model.world_state import PRINCIPLES, WorldState

_BANNER: Final = "# Generated from {source} by scripts/publish_reference.py: change that, then run it.\n"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def reference_documents() -> dict[str, str]:
    """Every generated reference file: name to whole text. The same model gives the same bytes."""
    return {
        "world_state_schema.yaml": yaml_text(_world_state_document()),
        "event_schema.yaml": yaml_text(_event_document()),
        "identity_resolution_policy.yaml": yaml_text(identity_document()),
        "authority_trust_model.yaml": yaml_text(trust_document()),
        "sync_report.schema.json": _schema_text("graphtwin sync report", schema_of(SyncReport)),
        "twin.schema.json": _schema_text("graphtwin twin.yaml", twin_schema()),
    }


def yaml_text(document: JsonObject, *, source: str = "graphtwin/model") -> str:
    """A generated document as YAML, keys in the order they were built in; `source` is the code to change instead."""
    return _BANNER.format(source=source) + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _schema_text(title: str, schema: JsonObject) -> str:
    document = {"$schema": _DIALECT, "title": title, **schema}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _world_state_document() -> JsonObject:
    world_state, types = typed_schema_of(WorldState)
    return {
        "schema": {
            "name": "world_state",
            "version": "1.0.0",
            "description": "The state of a world, real or digital, at one instant, with evidence and doubt.",
        },
        "principles": list(PRINCIPLES),
        "entity_ids": {
            "syntax": "<class>:<namespace>/<local id>",
            "namespace": "organization/domain/environment/system, with a subsystem where one is needed",
            "example": "sensor:acme/factory/line-3/temp-02",
            "local_ids": "An id without class and namespace is put into the world's default namespace.",
        },
        "classes": {"digital": list(DIGITAL_CLASSES), "real": list(REAL_CLASSES)},
        "core_relations": list(CORE_RELATIONS),
        "types": types,
        "world_state": world_state,
    }


def _event_document() -> JsonObject:
    event, types = typed_schema_of(Event)
    return {
        "schema": {
            "name": "event",
            "version": "1.0.0",
            "description": "One message of a source, as it came and in the model's terms.",
        },
        "principles": [
            "An event never changes; what was misread is read anew under another mapping revision.",
            "An event carries its evidence and its doubt.",
            "The payload is kept as it came, beside its normalised form.",
        ],
        "types": types,
        "event": event,
        "observation": {
            "description": "How an event enters a world state's observations.",
            "fields": {
                "event_id": "event_id",
                "timestamp": "timestamp",
                "source": "source.name",
                "payload": "canonical, embedded whole",
                "anchors": "anchors",
                "parsed_as": "event_type, as the only item",
                "uncertainty": "uncertainty",
            },
        },
    }
