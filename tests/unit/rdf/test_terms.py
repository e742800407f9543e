"""Values as literals: read by others as what they are, read back as what they were, written as canonical N-Quads are."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from unit.rdf.exported import scalars, texts, typed, values

from graphtwin.rdf.terms import literal, text, value_of

S, P = "<urn:s>", "<urn:p>"


def line(term: str) -> bytes:
    return f"{S} {P} {term} .\n".encode()


def by_pyoxigraph(term: str) -> ox.Literal:
    [quad] = ox.parse(line(term), format=ox.RdfFormat.N_QUADS)
    assert isinstance(quad.object, ox.Literal)
    return quad.object


@given(values)
def test_a_value_is_read_back_as_it_was(value: Any):
    term = by_pyoxigraph(literal(value))

    read = value_of(term.value, term.datatype.value)

    assert typed(read) == typed(value)


@given(values)
def test_a_literal_is_written_byte_for_byte_as_canonical_n_quads_are(value: Any):
    term = by_pyoxigraph(literal(value))

    canonical = ox.serialize(
        [ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), term)], format=ox.RdfFormat.N_TRIPLES
    )

    assert line(literal(value)) == canonical


@given(scalars)
def test_rdflib_reads_the_same_value(value: Any):
    graph = rdflib.Graph().parse(data=line(literal(value)), format="nt")

    [read] = [one.toPython() for one in graph.objects()]

    assert typed(read if not isinstance(read, rdflib.Literal) else str(read)) == typed(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(20, "integer"), (20.0, "double"), (True, "boolean"), ("20", "string"), (None, "JSON"), ([20], "JSON")],
)
def test_a_type_of_json_has_a_datatype_of_its_own(value: Any, kind: str):
    assert by_pyoxigraph(literal(value)).datatype.value.endswith(f"#{kind}")


def test_fields_are_sorted_and_numbers_inside_keep_their_type():
    term = by_pyoxigraph(literal({"b": [20.0, 20, 2**70], "a": {"é": None}}))

    assert term.value == '{"a":{"é":null},"b":[20.0,20,1180591620717411303424]}'


@given(texts)
def test_text_is_escaped_and_nothing_more(value: str):
    assert by_pyoxigraph(text(value)).value == value


@pytest.mark.parametrize(
    ("lexical", "kind", "value"),
    [("+5", "integer", 5), ("1", "boolean", True), ("2.05E1", "double", 20.5), ("7", "decimal", 7.0)],
)
def test_what_other_writers_make_of_a_literal_is_understood(lexical: str, kind: str, value: Any):
    read = value_of(lexical, f"http://www.w3.org/2001/XMLSchema#{kind}")

    assert typed(read) == typed(value)
