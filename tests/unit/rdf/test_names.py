"""IRIs: valid wherever they begin, different for different things, the same for ever."""

from __future__ import annotations

from urllib.parse import unquote

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from unit.rdf.exported import texts

from graphtwin.errors import UsageError
from graphtwin.model.fact import BEGIN
from graphtwin.model.state import At
from graphtwin.rdf.names import Names, encoded

NAMES = Names("urn:graphtwin:plant/")
NOON = 1_768_478_400_000_000
paths = st.one_of(
    texts, st.lists(st.sampled_from([".", "..", "a", "a.", "", "%2E", "é", "-", "x:"]), max_size=4).map("/".join)
)


@given(paths)
def test_a_name_is_part_of_an_iri_that_leads_back_to_it(name: str):
    iri = NAMES.of("entity", name)[1:-1]

    assert ox.NamedNode(iri).value == iri
    assert unquote(iri.removeprefix("urn:graphtwin:plant/entity/")) == name
    assert iri.isascii()


@given(paths)
def test_a_name_is_read_from_prefixed_forms_by_others(name: str):
    node = ox.NamedNode(NAMES.of("entity", name)[1:-1])
    prefixed = ox.serialize([ox.Triple(node, node, node)], format=ox.RdfFormat.TURTLE, prefixes=NAMES.prefixes())

    read = {str(term) for term in rdflib.Graph().parse(data=prefixed, format="turtle").all_nodes()}

    assert read == {node.value}


@given(paths, paths)
def test_different_names_have_different_iris(one: str, other: str):
    assert (encoded(one) == encoded(other)) == (one == other)


@given(paths)
def test_no_reader_takes_a_segment_for_a_way_upwards(name: str):
    resolved = ox.NamedNode(NAMES.of("entity", name)[1:-1]).value

    assert not {".", ".."} & set(resolved.removeprefix("urn:graphtwin:plant/entity/").split("/"))


def test_an_id_reads_as_an_id():
    assert (
        NAMES.of("entity", "sensor:acme/factory/line-3/temp-02")
        == "<urn:graphtwin:plant/entity/sensor:acme/factory/line-3/temp-02>"
    )
    assert NAMES.of("entity", "rom:Øst/../x y") == "<urn:graphtwin:plant/entity/rom:%C3%98st/%2E%2E/x%20y>"


def test_a_state_at_another_instant_is_another_graph():
    assert NAMES.version(3) == "<urn:graphtwin:plant/version/v3>"
    assert NAMES.snapshot(At(NOON, 3)) == "<urn:graphtwin:plant/version/v3/at/2026-01-15T12:00:00Z>"


def test_what_was_always_so_has_an_interval_of_its_own():
    assert NAMES.since(NOON) == "<urn:graphtwin:plant/since/2026-01-15T12:00:00Z>"
    assert NAMES.since(BEGIN) == "<urn:graphtwin:plant/since/always>"


@pytest.mark.parametrize("base", ["https://twin.example/plant/", "https://twin.example/plant#", "urn:example:plant:"])
def test_names_can_begin_with_any_iri_that_ends_so(base: str):
    assert ox.NamedNode(Names(base).of("entity", "a/b")[1:-1]).value == f"{base}entity/a/b"


@pytest.mark.parametrize(
    "base", ["", "plant/", "http://a b/", "https://twin.example/plant", "http://a#b#", "http://[x/", "http://a/%zz/"]
)
def test_what_can_not_begin_an_iri_is_refused_with_the_next_move(base: str):
    with pytest.raises(UsageError, match="can't begin IRIs") as refused:
        Names(base)

    assert "--base" in refused.value.hint
