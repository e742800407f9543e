"""The JSON Schema of twin.yaml as people may write it, short forms included."""

from __future__ import annotations

from typing import Any

from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.published.publish_schema import JsonObject, schema_of

MODEL_FILE: JsonObject = {
    "description": "The entities stand in a file of their own, a list, inside the folder of twin.yaml.",
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string"}},
    "additionalProperties": False,
}


def twin_schema() -> dict[str, Any]:
    """The schema of twin.yaml (reference/twin.schema.json): what is refused by it is refused by `load_twin`."""
    schema = schema_of(TwinConfig)
    types = schema["$defs"]
    del schema["properties"]["inspected"], types["Inspected"]  # graphtwin's own, never in a file
    schema["properties"]["entities"] = {"oneOf": [schema["properties"]["entities"], MODEL_FILE]}
    one_mapping = {"$ref": "#/$defs/Mapping"}
    types["Source"]["properties"]["mapping"] = {"anyOf": [one_mapping, types["Source"]["properties"]["mapping"]]}
    variables = types["Mapping"]["properties"]["variables"]
    variables["additionalProperties"] = {"anyOf": [{"type": "string"}, variables["additionalProperties"]]}
    types["Rule"]["oneOf"] = [{"required": ["file"]}, {"required": ["cypher"]}]
    return schema
