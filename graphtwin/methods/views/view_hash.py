"""The hash of a printed snapshot, from its text alone: what a stranger recomputes (S21; recipe in reference/state_hash.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphtwin.errors import UsageError
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.state_hash import EMPTY, add, digest
from graphtwin.methods.views.view_parts import EXPECTED, RELATION
from graphtwin.methods.views.view_value import read_value
from graphtwin.model.variable import VariableSource

_PARTS = ("entities", "relationships", "state_variables")


def hash_of_snapshot(document: Mapping[str, Any]) -> str:
    """`sha256:<hex>` of a full canonical state, given as plain JSON: the state itself, a twin snapshot, or a sync report.

    Raises UsageError where the document doesn't hold the full state.
    """
    state = full_state(document)
    try:
        return digest(add(EMPTY, snapshot_items(state)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(
            f"The state doesn't have the canonical form: {type(error).__name__} {error}.",
            hint="Compare it with reference/world_state_schema.yaml.",
        ) from error


def full_state(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The full canonical state inside a document; raises UsageError where there is none, saying what it is instead."""
    inner: Any = document
    for field in ("twin_snapshot", "state"):
        if isinstance(inner, Mapping) and field in inner:
            inner = inner[field]
    if not isinstance(inner, Mapping):
        raise UsageError("This is not a snapshot.", hint="Write one with: graphtwin snapshot WORLD -o json")
    if "base" in inner:
        raise UsageError(
            "This snapshot holds only what differs from its base, so its hash can't be computed.",
            hint="Write the whole state with: graphtwin snapshot WORLD -o json",
        )
    if "ref" in inner:
        raise UsageError("This snapshot only refers to the state.", hint=f"Give the file it refers to: {inner['ref']}")
    if not all(isinstance(inner.get(part), list | tuple) for part in _PARTS):
        raise UsageError(
            "This is not a full canonical state: it lacks entities, relationships or state_variables.",
            hint="Write one with: graphtwin snapshot WORLD -o json",
        )
    return inner


def snapshot_items(state: Mapping[str, Any]) -> Iterator[bytes]:
    """The items that a full canonical state amounts to; the same ones as those of the state it was printed from."""
    for entity in state["entities"]:
        yield canonical_json(["entity", entity["id"], entity["type"]])
        for alias in entity["aliases"]:
            if isinstance(alias, Mapping) and alias.get("kind") == "record":
                yield canonical_json(["member", entity["id"], alias["alias"]])
        for name, written in entity["attributes"].items():
            value, unit = read_value(written)
            yield canonical_json(["value", entity["id"], "reported", name, value, unit])
    for variable in state["state_variables"]:
        tags = variable.get("tags") or ()
        if EXPECTED in tags or RELATION in tags:
            continue
        layer = "desired" if variable["source"] == VariableSource.CONSTRAINT else "reported"
        value, _ = read_value(variable["value"]["value"])
        unit = variable["value"].get("unit") or ""
        yield canonical_json(["value", variable["subject"]["entity_id"], layer, variable["name"], value, unit])
    for edge in state["relationships"]:
        attributes = {name: list(read_value(written)) for name, written in (edge.get("attributes") or {}).items()}
        yield canonical_json(["edge", edge["src"]["entity_id"], edge["relation"], edge["dst"]["entity_id"], attributes])
