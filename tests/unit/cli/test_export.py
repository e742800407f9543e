"""`graphtwin export` and `graphtwin hash` on what it wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from unit.cli.small_world import Answer, MemoryDoors

from graphtwin.cli.export import RdfForm
from graphtwin.rdf import FORMATS, Form

Typed = Callable[..., Answer]
FIRST, SECOND = "urn:graphtwin:plant/version/v1", "urn:graphtwin:plant/version/v2"


def graphs(text: str) -> set[str]:
    """The named graphs in N-Quads."""
    quads = ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)
    return {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}


def test_an_export_goes_to_standard_output_as_n_quads_unless_said_otherwise(graphtwin: Typed) -> None:
    lines, turtle = graphtwin("export", "plant"), graphtwin("export", "plant", "--format", "ttl")

    assert (lines.code, turtle.code) == (0, 0)
    assert graphs(lines.out) == {SECOND}
    assert turtle.out.startswith("@prefix act: <urn:graphtwin:plant/act/> .\n")


@pytest.mark.parametrize("form", list(RdfForm))
def test_a_file_is_written_as_its_ending_says_and_its_hash_recomputes(
    graphtwin: Typed, tmp_path: Path, form: RdfForm
) -> None:
    file = tmp_path / f"plant.{form}"

    written, checked = graphtwin("export", "plant", "--out", str(file)), graphtwin("hash", str(file))

    known = graphtwin("hash", "plant")
    assert (written.code, checked.code) == (0, 0)
    assert checked.out == known.out
    assert f"plant v2  as of 2026-01-15T12:01:00Z  {known.out[:19]}…  wrote {file}" in written.out
    assert f"graphtwin hash {file}" in written.out
    assert list(tmp_path.glob("plant*")) == [file]


def test_a_changed_export_is_told_by_its_hash(graphtwin: Typed, tmp_path: Path) -> None:
    file = tmp_path / "plant.nq"
    graphtwin("export", "plant", "--out", str(file))
    file.write_text(file.read_text("utf-8").replace('"1500"', '"1501"'), "utf-8")

    checked, told = graphtwin("hash", str(file)), graphtwin("hash", str(file), "-o", "json").json

    assert checked.code == 1
    assert "its state was changed" in checked.out
    assert told["agrees"] is False
    assert told["hash"] != told["stated"]


def test_the_past_is_written_on_both_axes(graphtwin: Typed) -> None:
    first = graphtwin("export", "plant", "--version", "v1")
    past = graphtwin("export", "plant", "--as-of", "2026-01-15T12:00:30Z")
    known = graphtwin("export", "plant", "--known-at", "2026-01-15T12:00:04Z")

    assert graphs(first.out) == {FIRST}
    assert graphs(past.out) == {f"{SECOND}/at/2026-01-15T12:00:30Z"}
    assert graphs(known.out) == {FIRST}
    assert '"1400"' in past.out
    assert '"1500"' not in past.out


def test_a_day_alone_is_its_first_moment(graphtwin: Typed) -> None:
    answer = graphtwin("export", "plant", "--as-of", "2026-01-16")

    assert graphs(answer.out) == {f"{SECOND}/at/2026-01-16T00:00:00Z"}
    assert "2026-01-16 is read as 2026-01-16T00:00:00Z" in answer.err


def test_names_begin_with_the_base_that_is_given(graphtwin: Typed) -> None:
    answer = graphtwin("export", "plant", "--base", "https://twin.example/plant/")

    assert graphs(answer.out) == {"https://twin.example/plant/version/v2"}
    assert "urn:graphtwin:plant" not in answer.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--version", "v9"), 3, "no version v9"),
        (("--known-at", "2020-01-01T00:00:00Z"), 3, "didn't exist"),
        (("--as-of", "yesterday"), 2, "is not an instant"),
        (("--version", "v1", "--known-at", "2026-01-15T12:00:04Z"), 2, "not both"),
        (("--base", "no iri"), 2, "can't begin IRIs"),
        (("--out", "plant.json"), 2, "Add --format ttl, nt, nq, trig, jsonld"),
        (("--out", "nowhere/plant.nq"), 1, "nowhere"),
    ],
)
def test_a_mistake_gets_its_exit_code_and_a_hint_without_a_traceback(
    graphtwin: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, words: tuple[str, ...], code: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)

    answer = graphtwin("export", "plant", *words)

    assert answer.code == code
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert list(tmp_path.glob("plant*")) == []


def test_an_export_that_fails_leaves_the_file_that_was_there(
    graphtwin: Typed, doors: MemoryDoors, tmp_path: Path
) -> None:
    file = tmp_path / "plant.nq"
    file.write_text("before", "utf-8")

    answer = graphtwin("export", "plant", "--out", str(file), "--base", "no iri")

    assert answer.code == 2
    assert file.read_text("utf-8") == "before"
    assert list(tmp_path.glob("plant*")) == [file]


def test_a_file_that_is_no_export_is_told_so(graphtwin: Typed, tmp_path: Path) -> None:
    file = tmp_path / "other.ttl"
    file.write_text("<urn:a> <urn:b> <urn:c> .", "utf-8")

    answer = graphtwin("hash", str(file))

    assert answer.code == 2
    assert "holds no state of a world" in answer.err


def test_the_command_knows_every_form_and_every_ending() -> None:
    assert [one.value for one in RdfForm] == [one.value for one in Form]
    assert {f".{one}" for one in Form} == FORMATS.keys()


def test_json_ld_is_json(graphtwin: Typed) -> None:
    document = json.loads(graphtwin("export", "plant", "--format", "jsonld").out)

    [graph, *described] = document["@graph"]
    assert graph["@id"] == "version:v2"
    pump = next(node for node in graph["@graph"] if node["@id"] == "entity:bms:acme/pump-1.a")
    assert pump["property:speed"] == 1500
    assert pump["relation:feeds"] == {"@id": "entity:bms:acme/tank-1"}
    assert [node["@id"] for node in described] == ["version:v2", "urn:graphtwin:plant/world"]
