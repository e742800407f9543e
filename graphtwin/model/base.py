"""What every value of the model is: frozen, closed, and free of numbers that JSON cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    PlainSerializer,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from graphtwin.model.durations import parse_duration
from graphtwin.model.instants import read_instant, write_instant

T = TypeVar("T")


class Value(BaseModel):
    """A frozen value: unknown fields, NaN and infinities are refused; sequences are tuples."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def _sayable(value: Any) -> Any:
    """The JSON value itself; raises ValueError where it holds what JSON in UTF-8 cannot say.

    That is a number that isn't finite (1e400 reads as infinity), and text with half a surrogate pair.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            message = f"{value} is not a number that JSON can say"
            raise ValueError(message)
    elif isinstance(value, str):
        if not value.isascii():
            value.encode()  # raises UnicodeEncodeError, which is a ValueError
    elif isinstance(value, Mapping):
        for name, item in value.items():
            _sayable(name)
            _sayable(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _sayable(item)
    return value


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _iso_duration(text: str) -> str:
    parse_duration(text)
    if not text.upper().startswith("P"):
        message = f"{text!r} is not an ISO 8601 duration; write it like PT30S or P14D"
        raise ValueError(message)
    return text


class NullIsEmpty:
    """Marks an optional list or object: null, which other writers of the standard use, reads as empty."""

    def __init__(self, empty: Any) -> None:
        self._empty = empty

    def __call__(self, value: Any) -> Any:
        """The empty value for None, else the value."""
        return self._empty if value is None else value


class _OrNull:
    """Shows in the published schema that null is read too."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "null"}]} if handler.mode == "validation" else handler(schema)


Json = Annotated[JsonValue, AfterValidator(_sayable)]
"""Any JSON value that can be written as JSON again: finite numbers, whole characters."""

Object = Mapping[str, Json]
"""A JSON object."""

Number = StrictInt | StrictFloat
"""A finite number; text and booleans are not numbers."""

Confidence = Annotated[float, Field(strict=True, ge=0, le=1)]
"""A share between 0 and 1, both included."""

Text = Annotated[str, Field(min_length=1)]
"""Text that isn't empty."""

Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    PlainSerializer(write_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A UTC datetime; read from RFC 3339 text with a zone, written with Z."""

Duration = Annotated[str, AfterValidator(_duration)]
"""A duration as it was written, ISO 8601 or compact; `parse_duration` gives its microseconds."""

IsoDuration = Annotated[str, AfterValidator(_iso_duration)]
"""A duration as it was written, ISO 8601 only."""

Items = Annotated[tuple[T, ...], BeforeValidator(NullIsEmpty(())), _OrNull()]
"""An optional list."""

OptionalObject = Annotated[Object, BeforeValidator(NullIsEmpty({})), _OrNull()]
"""An optional JSON object."""
