"""reference/rdf.md: what it shows is what is written, its queries answer, and its commands do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.conftest import Pumphouse
from docs.tour import ROOT, Shown, play, steady, tour
from pyoxigraph import RdfFormat, Store

from graphtwin.rdf import FORMATS
from graphtwin.rdf.ontology import CLASSES, PROPERTIES
from graphtwin.rdf.vocabulary import SECTIONS

PAGE = (ROOT / "reference" / "rdf.md").read_text("utf-8")
[TRIG] = re.findall(r"^```turtle\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
[PREFIXES] = re.findall(r"^```sparql-prefixes\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
QUERIES = re.findall(r"^```sparql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = tour(PAGE)


def test_every_form_and_every_section_is_told():
    assert re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)[:5] == ["nq", "nt", "trig", "ttl", "jsonld"]
    assert {f".{name}" for name in ("nq", "nt", "trig", "ttl", "jsonld")} == FORMATS.keys()
    assert [section for section in SECTIONS if f"`{section}/" not in PAGE] == []


def test_every_term_that_is_named_is_there():
    explained = {one.name for one in (*CLASSES, *PROPERTIES)}

    assert set(re.findall(r"\bgt:(\w+)", PAGE)) <= explained


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_the_commands_the_excerpt_and_the_queries_are_true(pumphouse: Pumphouse, tmp_path: Path):
    others = [f"graphtwin export pumphouse --version {one} --out {one}.nq" for one in ("v1", "v2")]
    shown = Shown("graphtwin export pumphouse --format trig", ())

    *played, excerpt = play(
        [*COMMANDS, *(Shown(one, ()) for one in others), shown], tmp_path, dict(pumphouse.environment)
    )

    for one in played:
        assert one.exit_code == 0, one.output
        answered = [steady(line) for line in one.output.splitlines()]
        assert all(any(steady(line) in told for told in answered) for line in one.shown.lines), one.output
    written = {steady(line).rstrip(" .;") for line in excerpt.output.splitlines()}
    missing = [line for line in TRIG.splitlines() if steady(line).rstrip(" .;") not in written]
    assert missing == []

    one, several = Store(), Store()
    one.bulk_load(path=str(tmp_path / "pumphouse.nq"), format=RdfFormat.N_QUADS)
    for name in ("v1", "v2"):
        several.bulk_load(path=str(tmp_path / f"{name}.nq"), format=RdfFormat.N_QUADS)
    parting, origin, hanging, _, decided = [answers(one, query) for query in QUERIES]
    differing = answers(several, QUERIES[3])
    assert parting == [("machine:local/pump-1", "temperature", "93", "60")]
    assert [row[:3] for row in origin] == [("93", "things", "file:things.csv:2")]
    assert origin[0][3] < origin[0][4]
    assert hanging == [("machine:local/pump-1", "machine:local/tank-1")]
    assert differing == [("machine:local/pump-1", "61.5", "93")]
    assert ("things:pump-1", "machine:local/pump-1", "v1") in decided


def answers(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a query, as text."""
    rows = store.query(PREFIXES + query, use_default_graph_as_union=True)
    return sorted(tuple(term.value for term in row) for row in rows)  # type: ignore[union-attr]
