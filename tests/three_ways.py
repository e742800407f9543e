"""What a world is at an instant of both axes, told alike whichever way it came out: GraphQL, Cypher, RDF, or the store itself.

Each telling is a set of (what, …): entities with type and status, values with unit, beginning and source, relationships, and
attributes of relationships.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox
from unit.rdf.exported import found_in

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.fact import BEGIN, LAYERS
from graphtwin.model.instants import parse_instant
from graphtwin.model.state import Held, State
from graphtwin.ports import Answered

Told = set[tuple[Any, ...]]

ENTITIES = """
query ($world: String!, $asOf: Instant, $knownAt: Instant, $version: String, $after: String) {
  entities(world: $world, asOf: $asOf, knownAt: $knownAt, version: $version, first: 100, after: $after) {
    edges { node {
      id type status
      reported { ...value } desired { ...value } expected { ...value }
      relationships { layer subject relation object validFrom source attributes { ...value } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
fragment value on Value { name value unit validFrom source }
"""


def told_by_state(state: State) -> Told:
    """The store's own answer."""
    told: Told = {("entity", one.id, one.type, one.status) for one in state.entities.values()}
    for one in state.entities.values():
        for layer in LAYERS:
            told |= {("value", one.id, layer, name, *_held(held)) for name, held in one.layer(layer).items()}
    for layer, subject, relation, far in state.edges:
        edge = state.edges[layer, subject, relation, far]
        told.add(("edge", layer, subject, relation, far, _instant(edge.held.valid_from), edge.held.source))
        told |= {
            ("attribute", layer, subject, f"{relation}.{name}", far, *_held(held))
            for name, held in edge.attributes.items()
        }
    return told


def told_by_cypher(answered: Answered, relations: Iterable[str]) -> Told:
    """What the analyst's query as_of answered."""
    told: Told = set()
    for row in (dict(zip(answered.columns, one, strict=True)) for one in answered.rows):
        entity, layer, name, far = (row[one] for one in ("entity", "layer", "name", "object"))
        since = _instant(parse_instant(row["since"]) if row["since"] else BEGIN)
        said = (_value(row["value"]), row["unit"], since, row["source"])
        if name is None:
            told.add(("entity", entity, row["type"], row["status"]))
        elif far is None:
            told.add(("value", entity, layer, name, *said))
        elif name in relations:
            told.add(("edge", layer, entity, name, far, *said[2:]))
        else:
            told.add(("attribute", layer, entity, name, far, *said))
    return told


def told_by_graphql(nodes: Iterable[Mapping[str, Any]]) -> Told:
    """What the nodes of ENTITIES say."""
    told: Told = set()
    for node in nodes:
        told.add(("entity", node["id"], node["type"], node["status"]))
        for layer in LAYERS:
            told |= {("value", node["id"], layer, one["name"], *_answered(one)) for one in node[layer]}
        for edge in node["relationships"]:
            layer, relation = edge["layer"].lower(), edge["relation"]
            ends = (layer, edge["subject"], relation, edge["object"])
            told.add(("edge", *ends, *_answered({"value": None, "unit": None, **edge})[2:]))
            told |= {
                ("attribute", layer, edge["subject"], f"{relation}.{one['name']}", edge["object"], *_answered(one))
                for one in edge["attributes"]
            }
    return told


def told_by_rdf(quads: set[ox.Quad]) -> Told:
    """What an export says, read by SPARQL."""
    found = found_in(quads)
    told: Told = {("entity", entity, kind, status) for entity, kind, _, status in found["entities"]}
    for layer in LAYERS:
        for about, name, _, value, unit, since, _, _, source in found[layer]:
            told.add(("value", about, layer, name, _value_of_json(value), unit, since, source))
        for subject, relation, far, since, _, _, source, *attributes in found[f"{layer} edges"]:
            told.add(("edge", layer, subject, relation, far, since, source))
            for name, _, value, unit, began, _, _, spoken in attributes:
                said = (_value_of_json(value), unit, began, spoken)
                told.add(("attribute", layer, subject, f"{relation}.{name}", far, *said))
    return told


def _held(held: Held) -> tuple[Any, ...]:
    return _value(held.value), held.unit, _instant(held.valid_from), held.source


def _answered(one: Mapping[str, Any]) -> tuple[Any, ...]:
    since = "" if one["validFrom"] is None else write_time(parse_instant(one["validFrom"]))
    return _value(one["value"]), one["unit"] or "", since, one["source"]


def _instant(micros: int) -> str:
    return "" if micros == BEGIN else write_time(micros)


def _value(value: Any) -> Any:
    """20 and 20.0 are one value, 1 and true aren't; the last digits of a mean are anybody's."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(float(value), 9)
    return canonical_json(value)


def _value_of_json(text: str) -> Any:
    return _value(json.loads(text))
