"""The scalars of the API: instants as RFC 3339 text, and JSON."""

from __future__ import annotations

from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from graphtwin.methods.views.plain_json import plain_json
from graphtwin.model.instants import format_instant, parse_instant

Instant = NewType("Instant", int)
"""Epoch µs in the program, RFC 3339 text outside."""

Json = NewType("Json", object)
"""Any JSON value."""


def instant(micros: int | None) -> Instant | None:
    """An instant to be shown; None for what was always so, or lies outside the calendar."""
    if micros is None:
        return None
    try:
        format_instant(micros)
    except OverflowError:
        return None
    return Instant(micros)


def _read_instant(value: Any) -> Instant:
    try:
        return Instant(parse_instant(value))
    except (ValueError, TypeError) as error:
        raise GraphQLError(f"{error}") from error


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Instant: strawberry.scalar(
        name="Instant",
        description="An instant as RFC 3339 text with a zone, such as 2026-01-31T12:00:00Z; answered in UTC.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=format_instant,
        parse_value=_read_instant,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Times inside are epoch microseconds, or RFC 3339 text where they are text.",
        serialize=plain_json,
        parse_value=lambda value: value,
    ),
}
"""What stands for each of them in the schema."""
