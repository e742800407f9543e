"""A model's JSON Schema as people read it: no titles, one type list instead of unions with null."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from graphtwin.model.durations import format_duration

JsonObject = dict[str, Any]

_ORDER: Final = ("description", "type", "required", "properties")
"""What a reader wants first; other keywords follow as they come."""

_OF_ANY_TYPE: Final = frozenset({"enum", "const", "default", "$ref", "anyOf", "oneOf", "allOf"})
"""Keywords that bind values of every type, so that they can't be lifted out of one branch of a union."""


def schema_of(model: type[BaseModel]) -> JsonObject:
    """The JSON Schema of what the model reads, its types under `$defs`."""
    return _tidy(model.model_json_schema())


def typed_schema_of(model: type[BaseModel]) -> tuple[JsonObject, JsonObject]:
    """The model's schema and its named types apart, references spelled `#/types/<name>`."""
    schema = _tidy(model.model_json_schema(ref_template="#/types/{model}"))
    types: JsonObject = schema.pop("$defs", {})
    return schema, types


def _tidy(schema: JsonObject) -> JsonObject:
    """The schema without titles and null defaults, its parts tidied likewise."""
    tidy: JsonObject = {}
    for keyword, value in schema.items():
        if keyword == "title" or (keyword == "default" and value is None):
            continue
        if keyword in ("properties", "$defs"):
            tidy[keyword] = {name: _tidy(part) for name, part in value.items()}
        elif keyword in ("items", "additionalProperties") and isinstance(value, dict):
            tidy[keyword] = _tidy(value)
        elif keyword in ("anyOf", "oneOf"):
            tidy[keyword] = [_tidy(part) for part in value]
        else:
            tidy[keyword] = value
    if tidy.get("type") == "string" and isinstance(tidy.get("default"), int):
        tidy["default"] = format_duration(tidy["default"])  # held in microseconds, read and written as text
    folded = _as_type_list(tidy)
    first = {keyword: folded[keyword] for keyword in _ORDER if keyword in folded}
    return first | folded


def _as_type_list(schema: JsonObject) -> JsonObject:
    """A union of differing types as one list of types, where that says the same; `number` covers `integer`."""
    union = schema.get("anyOf", [])
    names = [part.get("type") for part in union]
    qualified = [part for part in union if set(part) != {"type"}]
    if not union or len(set(names)) < len(names) or len(qualified) > 1 or not all(isinstance(n, str) for n in names):
        return schema
    qualifiers = {keyword: value for part in qualified for keyword, value in part.items() if keyword != "type"}
    if _OF_ANY_TYPE.intersection(qualifiers) or (qualified and {"integer", "number"} <= set(names)):
        return schema
    if "number" in names:
        names = [name for name in names if name != "integer"]
    rest = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
    return {"type": names[0] if len(names) == 1 else names, **qualifiers, **rest}
