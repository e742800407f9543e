"""The hash of an export, from its text alone: it sees every change, and refuses what isn't one whole state (S21)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from contracts.scene import MINUTE, NOON, Scene, SteppingClock, born, depends, say
from unit.rdf.exported import exported

from graphtwin.errors import UsageError
from graphtwin.model.state import At
from graphtwin.rdf import hash_of_export
from graphtwin.store.memory import MemoryStore

A, HALL = "bus:a", "book:hall"
HASHES: dict[int, str] = {}


async def hall() -> dict[int, str]:
    """Two versions, and the hash of each."""
    one = await Scene.make(MemoryStore(SteppingClock()), "w")
    await one.write(
        born(A), born(HALL, "zone"), say(A, "reading", 20.5, unit="Cel"), say(A, "reading", 19, layer="desired"),
        say(A, "setting", {"a": [1, 2.0, None]}), depends(A, HALL), say(A, "depends_on.load", 1, object=HALL, unit="%"),
    )  # fmt: skip
    await one.write(say(A, "reading", 21.0, NOON + MINUTE, unit="Cel"), now=NOON + MINUTE)
    lines = {}
    for commit in await one.store.commits("w"):
        HASHES[commit.seq] = commit.hash
        lines[commit.seq] = (await exported(one.store, "w", At(commit.valid, commit.seq))).decode()
    return lines


LINES = asyncio.run(hall())


def written(folder: Path, text: str, ending: str = "nq") -> Path:
    path = folder / f"export.{ending}"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("seq", [1, 2])
def test_the_hash_of_an_export_is_that_of_its_version(tmp_path: Path, seq: int):
    assert hash_of_export(written(tmp_path, LINES[seq])) == (HASHES[seq], HASHES[seq])


def test_the_order_of_the_lines_is_of_no_matter(tmp_path: Path):
    backwards = "".join(reversed(LINES[2].splitlines(keepends=True)))

    assert hash_of_export(written(tmp_path, backwards))[0] == HASHES[2]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"21.0"^^', '"21.5"^^'),
        ('<urn:graphtwin:ns#ucumCode> "Cel"', '<urn:graphtwin:ns#ucumCode> "K"'),
        ('<urn:graphtwin:ns#ucumCode> "%"', '<urn:graphtwin:ns#ucumCode> "1"'),
        ('"19"^^', '"18"^^'),
        ('\\"a\\":[1,2.0,null]', '\\"a\\":[1,2.0,true]'),
        ('"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"1"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ('identifier> "bus:a"', 'identifier> "bus:b"'),
        ("<urn:graphtwin:ns#type> <urn:graphtwin:w/type/zone>", "<urn:graphtwin:ns#type> <urn:graphtwin:w/type/sensor>"),
        ('identifier> "depends_on"', 'identifier> "owns"'),
        ("<urn:graphtwin:ns#DesiredValue>", "<urn:graphtwin:ns#ExpectedValue>"),
    ],
)  # fmt: skip
def test_every_change_of_what_the_hash_covers_shows(tmp_path: Path, was: str, becomes: str):
    assert was in LINES[2]

    computed, stated = hash_of_export(written(tmp_path, LINES[2].replace(was, becomes)))

    assert computed != HASHES[2] == stated


def test_times_sources_and_confidence_are_not_part_of_it(tmp_path: Path):
    other = LINES[2].replace("source/bus", "source/car").replace('confidence> "1.0"', 'confidence> "0.5"')

    assert hash_of_export(written(tmp_path, other))[0] == HASHES[2]


@pytest.mark.parametrize("ending", ["ttl", "trig", "jsonld", "nt"])
def test_it_survives_being_written_anew_by_another_program(tmp_path: Path, ending: str):
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "trig": ox.RdfFormat.TRIG,
        "jsonld": ox.RdfFormat.JSON_LD,
        "nt": ox.RdfFormat.N_TRIPLES,
    }
    quads = list(ox.parse(LINES[2].encode(), format=ox.RdfFormat.N_QUADS))
    told = [one.triple for one in quads] if ending in ("ttl", "nt") else quads

    again = ox.serialize(told, format=formats[ending])  # type: ignore[arg-type]

    assert hash_of_export(written(tmp_path, again.decode(), ending)) == (HASHES[2], HASHES[2])


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_it_survives_rdflib(tmp_path: Path):
    dataset = rdflib.Dataset()
    dataset.parse(data=LINES[2], format="nquads")

    again = dataset.serialize(format="nquads")

    assert hash_of_export(written(tmp_path, again)) == (HASHES[2], HASHES[2])


def test_two_states_in_one_file_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"several states: \S+/v1, \S+/v2") as refused:
        hash_of_export(written(tmp_path, LINES[1] + LINES[2]))

    assert "one state a file" in refused.value.hint


def test_a_second_value_for_one_thing_is_refused(tmp_path: Path):
    [told] = [
        line for line in LINES[2].splitlines(keepends=True) if "sosa/hasSimpleResult" in line and '"21.0"' in line
    ]

    with pytest.raises(UsageError, match="says two things of urn:graphtwin:w/observation/"):
        hash_of_export(written(tmp_path, LINES[2] + told.replace("21.0", "99.0")))


@pytest.mark.parametrize(
    ("text", "ending", "says"),
    [
        ("", "nq", "holds no state of a world"),
        ("<urn:a> <urn:b> <urn:c> .\n", "nq", "holds no state of a world"),
        ("<urn:a> <urn:b> nonsense .\n", "nq", "can't be read"),
        ("{", "jsonld", "can't be read"),
    ],
)
def test_what_is_no_export_is_refused_with_the_next_move(tmp_path: Path, text: str, ending: str, says: str):
    with pytest.raises(UsageError, match=says) as refused:
        hash_of_export(written(tmp_path, text, ending))

    assert "graphtwin export" in refused.value.hint


def test_a_torn_export_is_refused_and_says_what_lacks(tmp_path: Path):
    lines = LINES[2].splitlines(keepends=True)
    torn = "".join(line for line in lines if "sosa/observedProperty" not in line)

    with pytest.raises(UsageError, match=r"observedProperty> of <urn:graphtwin:w/observation/"):
        hash_of_export(written(tmp_path, torn))
