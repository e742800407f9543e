"""The shapes find what an export must never say; and what it says is in the ontology."""

from __future__ import annotations

import asyncio

import pyshacl
import pytest
import rdflib
from contracts.scene import NOON, Scene, SteppingClock, born, depends, located, say
from unit.rdf.exported import exported

from graphtwin.model.resources import resource_folder
from graphtwin.model.state import At
from graphtwin.rdf import Form
from graphtwin.rdf.ontology import CLASSES, PROPERTIES, ontology, ontology_text
from graphtwin.store.memory import MemoryStore

REFERENCE = resource_folder("reference")
SHAPES = rdflib.Graph().parse(REFERENCE / "shapes.ttl")
GT = "urn:graphtwin:ns#"
A, HALL = "bus:a", "book:hall"


async def hall() -> bytes:
    one = await Scene.make(MemoryStore(SteppingClock()), "w")
    await one.write(
        born(A), born(HALL, "zone"), born("book:out", "zone"), say(A, "reading", 20.5, unit="Cel"), depends(A, HALL),
        say(A, "reading", 19, layer="desired"), located(A, "book:out", layer="desired"), say(A, "depends_on.load", 1, object=HALL),
    )  # fmt: skip
    return await exported(one.store, "w", At(NOON, 1), Form.NT)


LINES = asyncio.run(hall()).decode()


def violations(lines: str) -> set[str]:
    """The names of the shapes that the lines violate."""
    data = rdflib.Graph().parse(data=lines, format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=SHAPES)
    return {
        str(shape).rpartition("#")[2] for shape in report.objects(None, rdflib.SH.sourceShape) if "#" in str(shape)
    } | {
        str(node).rpartition("#")[2]
        for shape in report.objects(None, rdflib.SH.sourceShape)
        for node in SHAPES.subjects(rdflib.SH.property, shape)
    }


def without(part: str) -> str:
    """The export without the lines that hold `part`."""
    kept = [line for line in LINES.splitlines(keepends=True) if part not in line]
    assert len(kept) < LINES.count("\n")
    return "".join(kept)


def test_the_export_itself_violates_nothing():
    assert violations(LINES) == set()


@pytest.mark.parametrize(
    ("part", "shape"),
    [
        ("sosa/hasFeatureOfInterest", "Observation"),
        ("sosa/hasSimpleResult", "Observation"),
        ("sosa/phenomenonTime", "Observation"),
        ("ns#recordOf", "Record"),
        ("graphtwin:ns#type>", "Entity"),
        ('ns#stateHash> "sha256:', "State"),
        ("prov#wasAttributedTo", "Fact"),
        ("prov#wasGeneratedBy", "OriginOfFact"),
        ("numericValue", "Quantity"),
        ("rdf-syntax-ns#predicate", "AnyRelationship"),
        ("ns#holdsDuring", "Held"),
        ("inXSDDateTimeStamp", "Instant"),
        ("hasTime", "Commit"),
        ("22-rdf-syntax-ns#Statement", "AnyRelationship"),
        ("ns#about", "Wish"),
    ],
)  # fmt: skip
def test_what_is_missing_is_found(part: str, shape: str):
    assert shape in violations(without(part))


def test_a_reported_relation_that_is_not_stated_is_found():
    assert "Relationship" in violations(
        without(f"<urn:graphtwin:w/relation/depends_on> <urn:graphtwin:w/entity/{HALL}>")
    )


def test_a_wished_relation_that_is_stated_is_found():
    stated = f"<urn:graphtwin:w/entity/{A}> <urn:graphtwin:w/relation/located_in> <urn:graphtwin:w/entity/book:out> .\n"

    assert "WishedRelationship" in violations(LINES + stated)


def test_a_wish_that_passes_for_an_observation_is_found():
    [wish] = {line.partition(" ")[0] for line in LINES.splitlines() if f"{GT}DesiredValue" in line}

    assert "Wish" in violations(LINES + f"{wish} <{rdflib.RDF.type}> <{rdflib.SOSA.Observation}> .\n")


def test_a_value_that_differs_from_what_is_said_of_the_entity_is_found():
    told = '<urn:graphtwin:w/property/reading> "20.5"'

    assert "Observation" in violations(LINES.replace(told, told.replace("20.5", "21.5")))


def test_every_term_of_graphtwin_that_is_written_is_explained():
    explained = set(ontology().subjects())

    written = {
        term for triple in rdflib.Graph().parse(data=LINES, format="nt") for term in triple if str(term).startswith(GT)
    }

    assert written <= explained
    assert len(written) > 25


def test_every_term_that_the_shapes_speak_of_is_explained():
    spoken = {
        term for triple in SHAPES for term in triple if isinstance(term, rdflib.URIRef) and str(term).startswith(GT)
    }

    assert spoken - {rdflib.URIRef(GT)} <= set(ontology().subjects())


def test_the_ontology_is_published_as_it_is_and_says_each_term_once():
    assert (REFERENCE / "ontology.ttl").read_text("utf-8") == ontology_text()
    names = [one.name for one in (*CLASSES, *PROPERTIES)]
    assert len(names) == len(set(names))
    assert all(one.comment.endswith(".") for one in (*CLASSES, *PROPERTIES))
