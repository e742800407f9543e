"""What a message says about one thing, before it is checked against twin.yaml."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphtwin.model.fact import Layer


class Said(NamedTuple):
    """One value or relation as it was said; `unit` and `confidence` are unchecked, None where nothing is said."""

    name: str
    value: Any
    unit: Any
    layer: Layer
    confidence: Any


class Thing(NamedTuple):
    """One thing that a message speaks of; nothing in it is checked yet."""

    type: Any
    id: Any
    label: Any
    variables: list[Said]
    relations: list[Said]
    valid_from: Any
    event_type: str
