"""Amounts in twin.yaml: durations, shares, severities, and the range that a number must stay in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from graphtwin.model.base import Value
from graphtwin.model.durations import format_duration, parse_duration

Duration = Annotated[
    int,
    BeforeValidator(lambda value: parse_duration(value) if isinstance(value, str) else value),
    PlainSerializer(format_duration, return_type=str),
    Field(json_schema_extra={"type": "string", "examples": ["5m", "PT30S", "P14D"]}),
]
"""Microseconds; written `5m`, `PT30S` or `P14D`."""

Unit01 = Annotated[float, Field(ge=0, le=1)]
Severity = Literal["low", "medium", "high", "critical"]


class Limit(Value):
    """The range a variable must stay in; forecast risk is the probability of leaving it."""

    min: float | None = None
    """The least it may be."""
    max: float | None = None
    """The most it may be."""
