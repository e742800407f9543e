"""begin: a twin.yaml out of files that nobody has seen before, nasty ones too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from e2e.small_world import memory
from fakes.http_site import Answer, http_site

from graphtwin.app.begin import begin
from graphtwin.app.sync import sync_in
from graphtwin.errors import UsageError
from graphtwin.model.configuration.load import load_twin

NASTY = (
    "\ufeffTag;Name;Leistung [kW];Temp (°C);Raum;Zähler;Notiz\r\n"
    'P-1;"Pumpe ""Süd""";1.234,5;21,5;R1;100;\r\n'
    "P-2;Pumpe 2;2,5;n/a;R2;110;\r\n"
    "P-2;Pumpe 2;3,5;22,25;R2;120;\r\n"
    "P-3;;-;;;;\r\n"
)


async def test_a_nasty_table_is_begun_synced_and_read(tmp_path: Path):
    (tmp_path / "pumpen.csv").write_text(NASTY, "utf-8")
    (tmp_path / "raeume.csv").write_text("Raum,Etage\nR1,EG\nR2,OG\n", "utf-8")

    begun = await begin("werk", [str(tmp_path / "pumpen.csv"), str(tmp_path / "raeume.csv")], tmp_path)
    store = memory()
    outcome = await sync_in(store, begun.twin)

    state = await store.state("werk")
    pump = state.entities["pumpen:local/P-2"]
    assert outcome.exit_code == 0
    assert await store.quarantined("werk") == ()
    assert {name: held.value for name, held in pump.reported.items()} == {
        "Leistung": 3.5, "Temp": 22.25, "zahler": 120, "labels": ["Pumpe 2"],
    }  # fmt: skip
    assert pump.reported["Temp"].unit == "Cel"
    assert [edge.relation for edge in state.edges.values() if edge.subject == pump.id] == ["raum"]


async def test_a_table_elsewhere_is_named_in_full_and_one_beside_it_is_not(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pumps.csv").write_text("id,flow\np1,1.5\n")
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "rooms.csv").write_text("id,area\nr1,1.5\n")

    begun = await begin(
        "w", [str(tmp_path / "data" / "pumps.csv"), f"file://{tmp_path}/twin/rooms.csv"], tmp_path / "twin"
    )

    config = load_twin(begun.twin)
    assert config.sources["pumps"].path == str(tmp_path / "data" / "pumps.csv")
    assert config.sources["rooms"].path == "rooms.csv"


async def test_the_first_three_messages_are_shown_as_raw_event_and_facts(tmp_path: Path):
    (tmp_path / "pumps.csv").write_text("id,flow\n" + "".join(f"p{n},{n}.5\n" for n in range(9)))

    begun = await begin("w", [str(tmp_path / "pumps.csv")], tmp_path)

    [test] = begun.tests
    assert (test.source, len(test.reading.messages), len(test.transformed.quarantined)) == ("pumps", 9, 0)
    assert test.transformed.evidence[0].raw == b"p0,0.5"


async def test_a_large_document_of_one_list_is_read_item_by_item(tmp_path: Path):
    units = [{"name": f"AHU-{n}", "temp": 20.5, "note": "x" * 200} for n in range(2000)]
    (tmp_path / "status.json").write_text(json.dumps({"units": units}))

    begun = await begin("w", [str(tmp_path / "status.json")], tmp_path)

    source = load_twin(begun.twin).sources["status"]
    assert (source.records, source.mapping[0].each, source.max_payload) == ("units", "", 256 * 2**10)
    assert len(begun.tests[0].transformed.events) == 2000 + source.roster


async def test_a_large_document_of_several_lists_may_be_as_large_as_it_is(tmp_path: Path):
    many = [{"name": f"AHU-{n}", "temp": 20.5, "note": "x" * 200} for n in range(2000)]
    (tmp_path / "status.json").write_text(json.dumps({"units": many, "zones": [{"id": "z1"}]}))

    begun = await begin("w", [str(tmp_path / "status.json")], tmp_path)

    assert load_twin(begun.twin).sources["status"].max_payload > 400_000
    assert begun.tests[0].transformed.quarantined == ()


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("export.txt", "id,flow\np1,1.5\np2,2.5\n", "csv"),
        ("export.dat", '{"id": "p1", "flow": 1.5}\n{"id": "p2", "flow": 2.5}\n', "jsonl"),
        ("export", '[{"id": "p1", "flow": 1.5}, {"id": "p2", "flow": 2.5}]', "json"),
    ],
)
async def test_a_file_without_a_telling_ending_is_known_by_its_beginning(
    tmp_path: Path, name: str, text: str, form: str
):
    (tmp_path / name).write_text(text)

    begun = await begin("w", [str(tmp_path / name)], tmp_path)

    assert load_twin(begun.twin).sources["export"].format == form
    assert len({fact.record for fact in begun.tests[0].transformed.facts if fact.name == "@type"}) == 2


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("empty.csv", "", "nothing to learn"),
        ("header.csv", "id,flow\n", "nothing to learn"),
        ("twice.csv", "id,id\n1,2\n", "two columns"),
        ("broken.json", "{", "can be read"),
        ("words.json", '["a", "b"]', "none of its messages is an object"),
    ],
)
async def test_a_file_to_learn_nothing_from_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, text: str, says: str
):
    (tmp_path / name).write_text(text)

    with pytest.raises(UsageError, match=says):
        await begin("w", [str(tmp_path / name)], tmp_path)

    assert not (tmp_path / "twin.yaml").exists()


async def test_a_server_is_asked_once_and_named_as_it_was_given(tmp_path: Path):
    with http_site() as site:
        site.says["/hvac/units"] = Answer([{"id": "u1", "temp": 20.5}, {"id": "u2", "temp": 21.5}])

        begun = await begin("w", [f"{site.url}/hvac/units"], tmp_path, private=True)

    source = load_twin(begun.twin).sources["units"]
    assert (source.endpoint, source.trust, source.private) == (f"{site.url}/hvac/units", "primary_api", True)
    assert source.mapping[0].type == "unit"


async def test_a_server_that_does_not_answer_is_told(tmp_path: Path):
    with http_site() as site:
        site.says["/hvac/units"] = Answer(status=500)

        with pytest.raises(UsageError, match=r"units didn't answer: .*500"):
            await begin("w", [f"{site.url}/hvac/units"], tmp_path)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("nowhere.csv", "doesn't exist"),
        (".", "is a folder"),
        ("ftp://example.com/a.csv", "ftp:// can't be read"),
        ("mqtt://me:secret@127.0.0.1/floor", "would be written into twin.yaml"),
    ],
)
async def test_a_place_that_can_not_be_read_is_refused(tmp_path: Path, place: str, says: str):
    with pytest.raises(UsageError, match=says) as caught:
        await begin("w", [place], tmp_path)

    assert "secret" not in str(caught.value)
