"""RDF's benchmark measures what it names; how fast it is is nobody's business here."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.app.bench_rdf import measure_rdf
from graphtwin.store.server import ServerAddress

BOUNDS = {
    "nquads_per_rdflib": (10.0, 20.0, "higher"),
    "nquads_per_bare_writer": (None, 0.7, "higher"),
    "rss_1m_per_100k": (1.3, None, "lower"),
}


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_rdf_is_measured_with_floors_and_goals(neo4j_server: ServerAddress, tmp_path: Path) -> None:
    figures = await measure_rdf(neo4j_server, tmp_path, sensors=20, worlds=(8, 16), warm_up=1, rounds=2)

    assert {name: (figures[name].floor, figures[name].goal, figures[name].better) for name in BOUNDS} == BOUNDS
    assert all(one.value > 0 for one in figures.values())
    assert "median of 2" in figures["nquads_per_rdflib"].reference
    assert 0.5 < figures["rss_1m_per_100k"].value < 2, "the program alone weighs more than worlds this small"
