"""Exports for tests, and what a reader who knows nothing of graphtwin's code finds in one, by SPARQL."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
from contracts.operations import Operations
from contracts.scene import NOON, TTL, twin
from hypothesis import strategies as st

from graphtwin.methods.views.view_value import write_time
from graphtwin.model.fact import BEGIN
from graphtwin.model.state import At, Held, State
from graphtwin.ports import Store
from graphtwin.rdf import Exported, Form, export

FORMATS = {
    Form.NQ: ox.RdfFormat.N_QUADS,
    Form.NT: ox.RdfFormat.N_TRIPLES,
    Form.TTL: ox.RdfFormat.TURTLE,
    Form.TRIG: ox.RdfFormat.TRIG,
    Form.JSONLD: ox.RdfFormat.JSON_LD,
}

_PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX gt: <urn:graphtwin:ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX time: <http://www.w3.org/2006/time#>
"""
_ENTITIES = """
SELECT ?id ?type ?lifecycle ?status {
  ?entity a gt:Entity ; dcterms:identifier ?id ; gt:type/dcterms:identifier ?type ; gt:lifecycle ?lifecycle ; gt:status ?status
}"""
_MEMBERS = "SELECT ?record ?entity { ?r gt:recordOf/dcterms:identifier ?entity ; dcterms:identifier ?record }"
_ORIGIN = """
  OPTIONAL { ?since time:hasBeginning/time:inXSDDateTimeStamp ?from }
  ?fact gt:confidence ?confidence ; gt:kind ?kind ; prov:wasAttributedTo/dcterms:identifier ?source .
  OPTIONAL { ?fact gt:ucumCode ?unit }"""
_REPORTED = f"""
SELECT ?about ?name ?value ?unit ?from ?confidence ?kind ?source {{
  ?one a sosa:Observation ; sosa:hasFeatureOfInterest/dcterms:identifier ?about ; sosa:hasSimpleResult ?value ;
    sosa:observedProperty/dcterms:identifier ?name ; sosa:hasResult ?fact ; sosa:phenomenonTime ?since . {_ORIGIN}
}}"""
_WISHED = f"""
SELECT ?about ?name ?value ?unit ?from ?confidence ?kind ?source {{
  ?one a gt:CLASS ; gt:about/dcterms:identifier ?about ; gt:value ?value ; gt:property/dcterms:identifier ?name ;
    gt:restsOn ?fact ; gt:holdsDuring ?since . {_ORIGIN}
}}"""
_EDGES = f"""
SELECT ?one ?subject ?relation ?object ?from ?confidence ?kind ?source {{
  ?one a gt:CLASS ; rdf:subject/dcterms:identifier ?subject ; rdf:predicate/dcterms:identifier ?relation ;
    rdf:object/dcterms:identifier ?object ; gt:restsOn ?fact ; gt:holdsDuring ?since . {_ORIGIN}
}}"""
_ATTRIBUTES = f"""
SELECT ?edge ?name ?value ?unit ?from ?confidence ?kind ?source {{
  ?one a gt:RelationshipAttribute ; gt:about ?edge ; gt:value ?value ; gt:property/dcterms:identifier ?name ;
    gt:restsOn ?fact ; gt:holdsDuring ?since . {_ORIGIN}
}}"""
_STATED = """
SELECT ?subject ?relation ?object {
  ?r a gt:Relation ; dcterms:identifier ?relation . ?s ?r ?o ; dcterms:identifier ?subject . ?o dcterms:identifier ?object
}"""

Found = dict[str, set[tuple[Any, ...]]]


async def exported(store: Store, world: str, at: At, form: Form = Form.NQ, **more: Any) -> bytes:
    """The bytes of an export."""
    return (await export_of(store, world, at, form, **more))[1]


async def export_of(store: Store, world: str, at: At, form: Form = Form.NQ, **more: Any) -> tuple[Exported, bytes]:
    """What was said of an export, and its bytes."""
    out = io.BytesIO()
    return await export(store, world, at, out, form=form, **more), out.getvalue()


def quads_of(data: bytes, form: Form = Form.NQ) -> set[ox.Quad]:
    """The statements of an export, as pyoxigraph reads them."""
    return set(ox.parse(data, format=FORMATS[form]))


def found_in(quads: set[ox.Quad]) -> Found:
    """What the statements say of a state, whatever graph they are in."""
    store = ox.Store()
    store.extend(quads)

    def ask(query: str) -> list[dict[str, Any]]:
        solutions = store.query(_PREFIXES + query, use_default_graph_as_union=True)
        names = [one.value for one in solutions.variables]
        return [{name: row[name] for name in names} for row in solutions]

    def text(row: dict[str, Any], *names: str) -> tuple[str, ...]:
        return tuple(row[name].value if row.get(name) is not None else "" for name in names)

    def value(row: dict[str, Any]) -> tuple[str, str]:
        return typed(_python(row["value"]))

    def origin(row: dict[str, Any]) -> tuple[Any, ...]:
        return (*text(row, "from"), float(row["confidence"].value), *text(row, "kind", "source"))

    found: Found = {
        "entities": {text(row, "id", "type", "lifecycle", "status") for row in ask(_ENTITIES)},
        "members": {text(row, "record", "entity") for row in ask(_MEMBERS)},
        "stated": {text(row, "subject", "relation", "object") for row in ask(_STATED)},
    }
    values = {
        "reported": _REPORTED,
        "desired": _WISHED.replace("CLASS", "DesiredValue"),
        "expected": _WISHED.replace("CLASS", "ExpectedValue"),
    }
    for layer, query in values.items():
        found[layer] = {
            (*text(row, "about", "name"), *value(row), *text(row, "unit"), *origin(row)) for row in ask(query)
        }
    attributes: dict[str, list[Any]] = {}
    for row in ask(_ATTRIBUTES):
        said = (row["name"].value.partition(".")[2], *value(row), *text(row, "unit"), *origin(row))
        attributes.setdefault(row["edge"].value, []).append(said)
    classes = {"reported": "Relationship", "desired": "DesiredRelationship", "expected": "ExpectedRelationship"}
    for layer, name in classes.items():
        found[f"{layer} edges"] = {
            (*text(row, "subject", "relation", "object"), *origin(row), *sorted(attributes.get(row["one"].value, ())))
            for row in ask(_EDGES.replace("CLASS", name))
        }
    return found


def told_by(state: State) -> Found:
    """The same of a state."""
    told: Found = {
        "entities": {(one.id, one.type, one.lifecycle, one.status) for one in state.entities.values()},
        "members": {(record, one.id) for one in state.entities.values() for record in one.records},
        "stated": {key[1:] for key in state.edges if key[0] == "reported"},
    }
    for layer in ("reported", "desired", "expected"):
        told[layer] = {
            (one.id, name, *typed(held.value), held.unit, *_origin(held))
            for one in state.entities.values()
            for name, held in one.layer(layer).items()
        }
        told[f"{layer} edges"] = {
            (
                *edge.key[1:],
                *_origin(edge.held),
                *sorted((name, *typed(one.value), one.unit, *_origin(one)) for name, one in edge.attributes.items()),
            )
            for edge in state.edges.values()
            if edge.layer == layer
        }
    return told


def typed(value: Any) -> tuple[str, str]:
    """A value with its type, so that 20 isn't 20.0 and true isn't 1, in any depth."""
    return type(value).__name__, json.dumps(value, sort_keys=True)


def _python(term: ox.Literal) -> Any:
    lexical, kind = term.value, term.datatype.value.rpartition("#")[2]
    read = {"string": str, "integer": int, "double": float, "boolean": lambda one: one == "true", "JSON": json.loads}
    return read[kind](lexical)


def _origin(held: Held) -> tuple[Any, ...]:
    began = "" if held.valid_from == BEGIN else write_time(held.valid_from)
    return began, held.confidence, held.kind, held.source


async def lived(stores: Sequence[Store], world: str, seed: int, operations: int) -> Operations:
    """A world that much happened to, alike in all the stores; the first is in memory."""
    stream, leases = Operations(seed, world), []
    for store in stores:
        await store.create_world(twin(world), NOON)
        leases.append(await store.acquire(world, "test", ttl=24 * TTL))
    for number in range(operations):
        facts = list(stores[0]._worlds[world].facts)  # type: ignore[attr-defined]
        operation = stream.next(facts, await stores[0].state(world)) if number else stream.first()
        for store, lease in zip(stores, leases, strict=True):
            async with store.begin(lease) as transaction:
                for draft in operation.drafts:
                    await transaction.write(draft)
                await transaction.commit(f"key {number}", "test")
    return stream


# --- every value that a claim can hold -----------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1f"), max_size=6)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.sampled_from(
        ["", "20", "null", "2026-01-15T12:00:00Z", "1e5", 'a"b\\c\nd', "\x00\x7f\ufffe", "<urn:x>", "@en", "_:b"]
    ),
)
values = st.recursive(
    st.one_of(st.none(), scalars),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=4,
)
