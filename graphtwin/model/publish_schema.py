"""A model's JSON Schema as people read it: no titles, one type list instead of unions with null."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from graphtwin.model.durations import format_duration

JsonObject = dict[str, Any]

_ORDER: Final = ("description", "type", "required", "properties")
"""What a reader wants first; other keywords follow as they come."""


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
    """A union of bare types as one list of types; `integer` goes where `number` says it already."""
    union = schema.get("anyOf")
    if not union or not all(isinstance(part.get("type"), str) for part in union):
        return schema
    qualified = [part for part in union if set(part) != {"type"}]
    if len(qualified) > 1 or (
        qualified and qualified[0]["type"] in {"object", "number", "integer"} and _bounded(union)
    ):
        return schema
    names = [part["type"] for part in union]
    if "number" in names:
        names = [name for name in names if name != "integer"]
    rest = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
    kept = {keyword: value for part in qualified for keyword, value in part.items() if keyword != "type"}
    return {"type": names[0] if len(names) == 1 else names, **kept, **rest}


def _bounded(union: list[JsonObject]) -> bool:
    """Whether folding the union would lose which of two numeric types a bound belongs to."""
    numeric = [part for part in union if part["type"] in {"number", "integer"}]
    return len(numeric) > 1
