"""The vocabularies that an export speaks: the public ones, graphtwin's own, and the prefixes they are written with."""

from __future__ import annotations

from typing import Final

from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, SOSA, TIME, XSD, Namespace, URIRef

GT: Final = Namespace("urn:graphtwin:ns#")
"""graphtwin's own terms: reference/ontology.ttl says what each means."""
CORE: Final = Namespace("urn:graphtwin:core#")
"""The classes and relations of the standard that every world knows, by their names there."""
QUDT: Final = Namespace("http://qudt.org/schema/qudt/")
UNIT: Final = Namespace("http://qudt.org/vocab/unit/")

PREFIXES: Final[dict[str, str]] = {
    "core": str(CORE),
    "dcterms": str(DCTERMS),
    "gt": str(GT),
    "owl": str(OWL),
    "prov": str(PROV),
    "qudt": str(QUDT),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "sosa": str(SOSA),
    "time": str(TIME),
    "unit": str(UNIT),
    "xsd": str(XSD),
}
"""Those that every export declares."""

SECTIONS: Final = (
    "act", "actuator", "agent", "approval", "attribute", "audit", "commit", "desired", "entity", "event", "expected",
    "fact", "instant", "observation", "plan", "property", "record", "relation", "relationship", "rollback", "rule", "run", "since",
    "source", "step", "type", "version",
)  # fmt: skip
"""What stands behind a world's base IRI; each is also a prefix."""


def verb(term: URIRef) -> str:
    """A predicate as it stands in a line, between its spaces."""
    return f" <{term}> "


def being(term: URIRef) -> str:
    """The predicate and object that say that something is of a class."""
    return f" <{RDF.type}> <{term}>"


__all__ = [
    "CORE", "DCTERMS", "GT", "OWL", "PREFIXES", "PROV", "QUDT", "RDF", "RDFS", "SECTIONS", "SH", "SKOS", "SOSA", "TIME",
    "UNIT", "XSD", "being", "verb",
]  # fmt: skip
