"""Units: every one that graphtwin converts has its IRI, and no two have the same."""

from __future__ import annotations

from graphtwin.methods.reading import units
from graphtwin.rdf.units import _QUDT, qudt_unit


def test_every_unit_that_can_be_converted_is_known_in_qudt():
    assert [code for code in units._UNITS if qudt_unit(code) is None] == []


def test_no_two_codes_are_one_unit():
    assert len(set(_QUDT.values())) == len(_QUDT)


def test_a_unit_is_an_iri_and_an_unknown_code_is_none():
    assert qudt_unit("Cel") == "http://qudt.org/vocab/unit/DEG_C"
    assert qudt_unit("[furlong]") is None
    assert qudt_unit("") is None
