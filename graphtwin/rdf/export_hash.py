"""The hash of the state that an export holds, from its statements alone: what a stranger recomputes (S21)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat

from graphtwin.errors import UsageError
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.state_hash import EMPTY, add, digest
from graphtwin.rdf.terms import value_of
from graphtwin.rdf.vocabulary import DCTERMS, GT, RDF, SOSA

FORMATS: Final = {
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
}
"""The endings of files that hold RDF."""

_ONE: Final = "Write one state a file: graphtwin export WORLD --version vN --out FILE.nq"
_TYPE: Final = str(RDF.type)
_STATES: Final = frozenset({str(GT.Version), str(GT.Snapshot)})
_CLASSES: Final = frozenset(
    {
        str(GT.Entity), str(SOSA.Observation), str(GT.DesiredValue), str(GT.Relationship), str(GT.RelationshipAttribute),
        *_STATES,
    }
)  # fmt: skip
_PREDICATES: Final = frozenset(
    str(one)
    for one in (
        DCTERMS.identifier, GT.type, GT.recordOf, GT.about, GT.property, GT.value, GT.restsOn, GT.ucumCode, GT.stateHash,
        RDF.subject, RDF.predicate, RDF.object,
        SOSA.hasFeatureOfInterest, SOSA.observedProperty, SOSA.hasSimpleResult, SOSA.hasResult,
    )
)  # fmt: skip


def hash_of_export(path: Path) -> tuple[str, str]:
    """(`sha256:<hex>` as computed, as the export itself says) of a file with one state in any of FORMATS.

    Raises UsageError for a file that can't be read, is no whole export, or holds several states.
    """
    statements = _Statements(path)
    states = sorted(one for kind in _STATES for one in statements.of_class[kind])
    if not states:
        raise UsageError(
            f"{path} holds no state of a world.", hint="Write one with: graphtwin export WORLD --out FILE.nq"
        )
    if len(states) > 1:
        raise UsageError(f"{path} holds several states: {', '.join(states)}.", hint=_ONE)
    try:
        return digest(add(EMPTY, _items(statements))), str(statements.literal(states[0], GT.stateHash))
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"{path} isn't a whole export: something has no {error}.",
            hint="Write it again with: graphtwin export WORLD",
        ) from error


class _Statements:
    """The statements that a hash needs, by predicate and subject."""

    def __init__(self, path: Path) -> None:
        self.of_class: dict[str, set[str]] = defaultdict(set)
        self._said: dict[str, dict[str, NamedNode | Literal]] = {one: {} for one in _PREDICATES}
        try:
            for quad in pyoxigraph.parse(path=str(path), format=FORMATS[path.suffix]):
                self._take(quad.subject.value, quad.predicate.value, quad.object, path)
        except (OSError, SyntaxError, ValueError) as error:
            raise UsageError(
                f"{path} can't be read: {error}", hint="Give a file that graphtwin export wrote."
            ) from error

    def _take(self, subject: str, predicate: str, said: Any, path: Path) -> None:
        if predicate == _TYPE:
            if said.value in _CLASSES:
                self.of_class[said.value].add(subject)
        elif predicate in _PREDICATES and self._said[predicate].setdefault(subject, said) != said:
            raise UsageError(
                f"{path} says two things of {subject}: it holds several states, or was changed.",
                hint=_ONE,
            )

    def subjects(self, predicate: str) -> Iterator[str]:
        """Everything of which the predicate is said."""
        return iter(self._said[str(predicate)])

    def iri(self, subject: str, predicate: str) -> str:
        """The thing said of a subject. Raises KeyError with what is missing."""
        return self._of(subject, predicate).value

    def literal(self, subject: str, predicate: str) -> Any:
        """The value said of a subject. Raises KeyError with what is missing, ValueError for a malformed literal."""
        said = self._of(subject, predicate)
        return value_of(said.value, said.datatype.value) if isinstance(said, Literal) else said.value

    def unit(self, fact: str) -> str:
        """The unit of a fact, "" where there is none."""
        said = self._said[str(GT.ucumCode)].get(fact)
        return said.value if said else ""

    def _of(self, subject: str, predicate: str) -> NamedNode | Literal:
        try:
            return self._said[str(predicate)][subject]
        except KeyError:
            raise KeyError(f"<{predicate}> of <{subject}>") from None


def _items(said: _Statements) -> Iterator[bytes]:
    """The items of the state; the same ones as those of the state it was written from."""

    def name(subject: str, predicate: str) -> str:
        """The identifier of the thing said of a subject."""
        return str(said.literal(said.iri(subject, predicate), DCTERMS.identifier))

    for entity in said.of_class[str(GT.Entity)]:
        yield canonical_json(["entity", said.literal(entity, DCTERMS.identifier), name(entity, GT.type)])
    for record in said.subjects(GT.recordOf):
        yield canonical_json(["member", name(record, GT.recordOf), said.literal(record, DCTERMS.identifier)])
    for one in said.of_class[str(SOSA.Observation)]:
        value, unit = said.literal(one, SOSA.hasSimpleResult), said.unit(said.iri(one, SOSA.hasResult))
        about, what = name(one, SOSA.hasFeatureOfInterest), name(one, SOSA.observedProperty)
        yield canonical_json(["value", about, "reported", what, value, unit])
    for one in said.of_class[str(GT.DesiredValue)]:
        value, unit = said.literal(one, GT.value), said.unit(said.iri(one, GT.restsOn))
        yield canonical_json(["value", name(one, GT.about), "desired", name(one, GT.property), value, unit])
    attributes: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for one in said.of_class[str(GT.RelationshipAttribute)]:
        edge = said.iri(one, GT.about)
        what = name(one, GT.property).removeprefix(name(edge, RDF.predicate) + ".")
        attributes[edge][what] = [said.literal(one, GT.value), said.unit(said.iri(one, GT.restsOn))]
    for edge in said.of_class[str(GT.Relationship)]:
        ends = name(edge, RDF.subject), name(edge, RDF.predicate), name(edge, RDF.object)
        yield canonical_json(["edge", *ends, attributes[edge]])
