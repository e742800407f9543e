"""Bad input, through a whole sync: what can't be taken is set aside and told, what can is kept, nothing is invented."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from e2e.small_world import FIRST, SmallWorld, details, memory, reading
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphtwin.errors import ConfigurationError
from graphtwin.methods.state.state_hash import state_hash

LATER = "2026-01-01T00:01:00Z"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "t1", "reading": \n', "JSON"),
        ("\n\x00\n", ""),
        ('{"id": "t1", "type": "sensor", "reading": NaN, "ts": "2026-01-01T00:01:00Z"}\n', "NaN"),
        ('{"id": "t1", "type": "sensor", "reading": Infinity, "ts": "2026-01-01T00:01:00Z"}\n', "Infinity"),
        ('{"id": "t1", "type": "sensor", "reading": -Infinity, "ts": "2026-01-01T00:01:00Z"}\n', "Infinity"),
        ('{"id": "t1", "type": "sensor", "reading": 1e400, "ts": "2026-01-01T00:01:00Z"}\n', "1e400"),
        ('{"id": "t1", "type": "sensor", "reading": "NaN", "ts": "2026-01-01T00:01:00Z"}\n', "NaN"),
        ('{"id": "t1", "type": "sensor", "reading": 1, "reading": 2, "ts": "2026-01-01T00:01:00Z"}\n', "reading"),
        ('{"id": "t1", "type": "sensor", "reading": "warm", "ts": "2026-01-01T00:01:00Z"}\n', "warm"),
        ('{"id": "t1", "type": "sensor", "reading": [1], "ts": "2026-01-01T00:01:00Z"}\n', "reading"),
        ('{"id": "t1", "type": "sensor", "reading": true, "ts": "2026-01-01T00:01:00Z"}\n', "reading"),
        ('{"id": "t1", "type": "sensor", "reading": 1, "ts": "yesterday"}\n', "yesterday"),
        ('{"id": "t1", "type": "sensor", "reading": 1, "ts": 12}\n', "too small"),
        ('{"id": "t1", "type": "sensor", "reading": 1, "ts": "2099-01-01T00:00:00Z"}\n', "ahead"),
        ('{"id": "t1", "type": "boiler", "reading": 1, "ts": "2026-01-01T00:01:00Z"}\n', "boiler"),
        ('{"type": "sensor", "reading": 1, "ts": "2026-01-01T00:01:00Z"}\n', "id"),
        ('{"id": 0.1, "type": "sensor", "reading": 1, "ts": "2026-01-01T00:01:00Z"}\n', "id"),
        ("[1, 2]\n", ""),
        ('"only text"\n', "object"),
    ],
    ids=lambda value: value[:60] if value.endswith("\n") else "",
)
async def test_a_message_that_can_not_be_taken_is_set_aside_and_costs_no_other(
    plant: SmallWorld, line: str, reason: str
):
    await plant.sync()
    plant.say_raw(line)
    plant.say(reading("t2", 30, LATER))

    outcome = await plant.sync()

    waiting = await plant.quarantined()
    assert waiting
    assert reason in " ".join(one.reason for one in waiting)
    assert all(one.place.startswith("readings.jsonl:") and one.hint for one in waiting)
    assert (await plant.value("t1"), await plant.value("t2")) == (20, 30)
    assert outcome.report.confidence < 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("t2,sensor,S-2\n", "3 cells where the header has 4"),
        ('t2,sensor,"S-2,2026-01-01T00:01:00Z\n', "not a table row"),
        ("t2,sensor,S-2,2026-01-01T00:01:00Z,more\n", "5 cells"),
        ("t2,sensor,S\x00-2,2026-01-01T00:01:00Z\n", "NUL"),
        ("t2,boiler,S-2,2026-01-01T00:01:00Z\n", "boiler"),
        (",sensor,S-2,2026-01-01T00:01:00Z\n", "id"),
    ],
)
async def test_a_row_that_can_not_be_read_is_set_aside_with_file_and_line(plant: SmallWorld, rows: str, reason: str):
    await plant.sync()
    plant.say_raw(rows + "t3,sensor,S-3,2026-01-01T00:01:00Z\n", to="book.csv")

    for _ in range(2):  # an open quote waits for one more reading: its row may still be being written
        outcome = await plant.sync()

    waiting = await plant.quarantined()
    assert reason in waiting[-1].reason
    assert waiting[-1].place == "book.csv:3"
    assert await plant.value("t3", "serial") == "S-3"
    assert outcome.exit_code == 0


async def test_bytes_that_are_no_text_are_set_aside(plant: SmallWorld):
    await plant.sync()
    plant.say_raw(b'{"id": "t\xff1", "reading": 1}\n')

    await plant.sync()

    assert "UTF-8" in (await plant.quarantined())[0].reason


async def test_a_header_that_names_a_column_twice_silences_its_source_only(plant: SmallWorld):
    plant.write("book.csv", "id,type,serial,serial\nt1,sensor,S-1,S-2\n")

    outcome = await plant.sync()

    assert "serial" in details(outcome)["sources"]["book"]["problem"]
    assert await plant.value("t1") == 20


async def test_a_message_without_a_time_is_dated_when_it_was_received_and_believed_less(plant: SmallWorld):
    plant.say(reading("t2", 5, None))

    outcome = await plant.sync()

    entity = await plant.entity("t2")
    assert entity
    assert entity.reported["reading"].confidence < 1
    assert entity.reported["reading"].valid_from <= (await plant.head()).valid
    assert outcome.exit_code == 0


async def test_a_small_skew_of_clocks_is_no_future(plant: SmallWorld):
    from graphtwin.app.adapters import SystemClock
    from graphtwin.model.instants import format_instant

    soon = SystemClock().now() + 5_000_000
    plant.say(reading("t1", 25, format_instant(soon)))

    await plant.sync()

    assert await plant.value("t1") == 25
    assert (await plant.head()).valid == soon


@pytest.mark.parametrize("unit", ["furlong", "m"])
async def test_a_value_in_an_unknown_or_an_alien_unit_is_set_aside(plant: SmallWorld, unit: str):
    plant.config["sources"]["readings"]["mapping"] = {
        "type": "sensor",
        "variables": {"reading": {"path": "reading", "unit": unit}},
    }

    await plant.sync()

    (waiting,) = await plant.quarantined()
    assert f"the unit {unit!r} can't be read as 'Cel'" in waiting.reason
    assert await plant.value("t1") is None


async def test_what_the_baseline_set_aside_shows_in_the_first_report(plant: SmallWorld):
    plant.say(reading("t2", "warm"), reading("t3", "cold"))

    outcome = await plant.sync()

    assert outcome.report.confidence == pytest.approx(0.5)
    assert details(outcome)["baseline"]["quarantined"] == {"readings": 2}


async def test_a_baseline_that_is_mostly_set_aside_stops_the_first_sync(plant: SmallWorld):
    plant.say(*(reading(f"t{number}", "warm") for number in range(2, 9)))

    outcome = await plant.sync()

    assert outcome.report.status.value == "failed"
    assert outcome.exit_code == 5
    assert "confidence of transform" in details(outcome)["stopped"]


async def test_a_reading_in_another_unit_of_its_kind_is_converted(plant: SmallWorld):
    plant.config["sources"]["readings"]["mapping"] = {
        "type": "sensor",
        "variables": {"reading": {"path": "reading", "unit": "K"}},
    }

    await plant.sync()

    assert await plant.value("t1") == pytest.approx(20 - 273.15)


async def test_an_unknown_entity_that_a_relation_names_is_listed_and_not_invented(plant: SmallWorld):
    plant.say(reading("t2", 5, feeds=["t9"]))

    outcome = await plant.sync()

    state = await plant.state()
    assert [one.object_record for one in state.loose] == ["readings:t9"]
    assert "sensor:local/t9" not in state.entities
    checks = {one["item"]: one for one in details(outcome)["checklist"]}
    assert not checks["Identity Resolved"]["passed"]


async def test_a_dangling_reference_is_drawn_once_its_object_is_reported(plant: SmallWorld):
    plant.say(reading("t2", 5, feeds=["t9"]))
    await plant.sync()
    plant.write(
        "book.csv", "id,type,serial,ts\nt1,sensor,S-1,2026-01-01T00:00:00Z\nt9,sensor,S-9,2026-01-01T00:00:00Z\n"
    )

    await plant.sync()

    state = await plant.state()
    assert ("reported", "sensor:local/t2", "feeds", "sensor:local/t9") in state.edges
    assert state.loose == ()


async def test_an_oversized_payload_is_set_aside_with_size_and_hash(plant: SmallWorld):
    plant.config["sources"]["readings"]["max_payload"] = 1000
    plant.say(reading("t1", 1, LATER, mode="x" * 5000))
    plant.say(reading("t2", 2, LATER))

    await plant.sync()

    (waiting,) = await plant.quarantined()
    assert waiting.size > 5000
    assert len(waiting.sha256) == 64
    assert len(waiting.raw) <= 4096
    assert await plant.value("t2") == 2


async def test_a_message_that_comes_twice_counts_once(plant: SmallWorld):
    await plant.sync()
    plant.say(reading("t1", 25, LATER))
    await plant.sync()
    before = await plant.head()
    plant.say(reading("t1", 25, LATER))

    await plant.sync()

    after = await plant.head()
    assert (after.seq, after.hash) == (before.seq, before.hash)


async def test_messages_out_of_order_leave_the_newest_value_and_the_whole_past(plant: SmallWorld):
    await plant.sync()
    plant.say(reading("t1", 25, "2026-01-01T00:05:00Z"))
    await plant.sync()
    plant.say(reading("t1", 22, "2026-01-01T00:02:00Z"))

    await plant.sync()

    history = await plant.store.history(plant.id, "sensor:local/t1", "reading")
    assert await plant.value("t1") == 25
    assert [fact.value for fact in history] == [25, 22, 20]


async def test_the_order_of_delivery_does_not_change_the_state(tmp_path: Any):

    messages = [reading("t1", value, f"2026-01-01T00:0{value}:00Z") for value in range(1, 8)]
    hashes = set()
    for number, order in enumerate((messages, messages[::-1], messages[3:] + messages[:3] + messages[:2])):
        world = SmallWorld(tmp_path / str(number), memory())
        for message in order:
            world.say(message)
            await world.sync()
        hashes.add((await world.head()).hash)

    assert len(hashes) == 1


async def test_ids_that_look_alike_are_two_things_and_told(plant: SmallWorld):
    plant.say(reading("pump", 1), reading("рump", 2))  # noqa: RUF001 - the second one begins with a Cyrillic letter

    outcome = await plant.sync()

    names = [name for name in (await plant.state()).entities if "ump" in name]
    assert len(names) == 2
    assert "рump" in json.dumps(details(outcome), ensure_ascii=False)  # noqa: RUF001


async def test_an_id_in_another_form_of_unicode_is_the_same_id(plant: SmallWorld):
    plant.say(reading("caf\u00e9", 1), reading("cafe\u0301", 2, LATER))

    await plant.sync()

    names = [name for name in (await plant.state()).entities if "caf" in name]
    assert len(names) == 1


async def test_an_unreadable_source_loses_no_other_and_confidence_falls(plant: SmallWorld):
    await plant.sync()
    (plant.folder / "book.csv").unlink()
    plant.say(reading("t1", 25, LATER))

    outcome = await plant.sync()

    assert await plant.value("t1") == 25
    assert 0 < outcome.report.confidence < 1
    assert "book.csv" in details(outcome)["sources"]["book"]["problem"]
    assert not details(outcome)["checklist"][0]["passed"]


async def test_what_a_vanished_source_missed_is_read_when_it_is_back(plant: SmallWorld):
    await plant.sync()
    text = (plant.folder / "book.csv").read_text("utf-8")
    (plant.folder / "book.csv").unlink()
    await plant.sync()
    plant.write("book.csv", text + "t2,sensor,S-2,2026-01-01T00:01:00Z\n")

    outcome = await plant.sync()

    assert await plant.value("t2", "serial") == "S-2"
    assert outcome.report.confidence == 1


async def test_when_no_source_answers_nothing_is_written_and_the_sync_stops(plant: SmallWorld):
    await plant.sync()
    before = await plant.head()
    (plant.folder / "book.csv").unlink()
    (plant.folder / "readings.jsonl").unlink()

    outcome = await plant.sync()

    assert outcome.exit_code == 5
    assert outcome.report.status.value == "failed"
    assert "no source answered" in details(outcome)["stopped"]
    assert (await plant.head()).seq == before.seq


def _with_roster(plant: SmallWorld, number: int) -> None:
    plant.config["sources"]["book"]["roster"] = True
    rows = "".join(f"t{one},sensor,S-{one},2026-01-01T00:00:00Z\n" for one in range(1, number + 1))
    plant.write("book.csv", "id,type,serial,ts\n" + rows)


async def test_an_empty_roster_is_held_and_is_a_finding(plant: SmallWorld):
    _with_roster(plant, 3)
    await plant.sync()
    plant.write("book.csv", "id,type,serial,ts\n")

    for _ in range(3):
        outcome = await plant.sync()

    state = await plant.state()
    assert {entity.lifecycle for entity in state.entities.values()} == {"active"}
    assert len(state.entities) == 3
    assert "roster is empty" in json.dumps(details(outcome)["findings"])
    assert outcome.report.status.value == "drift_detected"


async def test_a_roster_that_loses_too_many_at_once_is_held(plant: SmallWorld):
    _with_roster(plant, 20)
    await plant.sync()
    _with_roster(plant, 10)

    outcome = await plant.sync()
    await plant.sync()

    assert len((await plant.state()).entities) == 20
    assert "10 fewer" in json.dumps(details(outcome)["findings"])


async def test_a_roster_that_loses_few_is_believed(plant: SmallWorld):
    _with_roster(plant, 20)
    await plant.sync()
    _with_roster(plant, 18)
    await plant.sync()
    stale = await plant.entity("t20")

    await plant.sync()

    assert stale
    assert stale.lifecycle == "stale"
    assert await plant.entity("t20") is None


async def test_a_roster_with_a_row_that_can_not_be_read_retires_nothing_and_is_a_finding(plant: SmallWorld):
    _with_roster(plant, 3)
    await plant.sync()
    plant.write("book.csv", "id,type,serial,ts\nt1,sensor,S-1,2026-01-01T00:00:00Z\nt2,sensor\n")

    for _ in range(3):
        outcome = await plant.sync()

    assert len((await plant.state()).entities) == 3
    assert "The roster of book is held for a person: 1 of its messages was refused" in json.dumps(
        details(outcome)["findings"]
    )


async def test_an_unstamped_value_that_goes_there_and_back_by_an_edited_file_is_three_events(plant: SmallWorld):
    plant.config["sources"]["dial"] = {"type": "file", "path": "dial.json"}
    plant.config["sources"]["dial"]["mapping"] = {"type": "sensor", "variables": {"mode": "mode"}}
    for mode in ("A", "B", "A"):
        plant.write("dial.json", json.dumps({"id": "t7", "mode": mode}))
        await plant.sync()

    history = await plant.store.history(plant.id, "sensor:local/t7", "mode")

    assert [fact.value for fact in history] == ["A", "B", "A"]
    assert len({fact.event for fact in history}) == 3
    assert await plant.value("t7", "mode") == "A"


async def test_an_unstamped_value_that_goes_there_and_back_by_a_command_is_three_events(plant: SmallWorld):
    plant.config["sources"]["dial"] = {"type": "command", "command": ["cat", "dial.json"]}
    plant.config["sources"]["dial"]["mapping"] = {"type": "sensor", "variables": {"mode": "mode"}}
    plant.write("dial.json", "")
    await plant.sync()
    for mode in ("A", "B", "A"):
        plant.write("dial.json", json.dumps({"id": "t7", "mode": mode}) + "\n")
        await plant.sync()

    history = await plant.store.history(plant.id, "sensor:local/t7", "mode")

    assert [fact.value for fact in history] == ["A", "B", "A"]
    assert len({fact.event for fact in history}) == 3
    assert await plant.value("t7", "mode") == "A"


async def test_a_mistake_in_twin_yaml_is_told_with_file_line_and_hint(plant: SmallWorld):
    path = plant.write("broken.yaml", "world:\n  id: plant\nsources:\n  bus:\n    typ: file\n    path: x.jsonl\n")

    from graphtwin.app.sync import sync_in

    with pytest.raises(ConfigurationError) as caught:
        await sync_in(plant.store, path)

    assert "broken.yaml:5" in str(caught.value)
    assert "type" in str(caught.value)
    assert await plant.store.worlds() == ()


@pytest.mark.parametrize("name", ["id", "status", "extra", "reading_at", "reading_desired", "labels", "world"])
async def test_a_reserved_name_is_refused_with_its_line(plant: SmallWorld, name: str):
    plant.config["types"]["sensor"]["variables"][name] = {"datatype": "string"}

    with pytest.raises(ConfigurationError) as caught:
        await plant.sync()

    assert name in str(caught.value)
    assert "twin.yaml:" in str(caught.value)


@pytest.mark.parametrize("name", ["GtFact", "Entity"])
async def test_a_type_may_not_take_a_label_of_the_system(plant: SmallWorld, name: str):
    plant.config["types"][name] = {"variables": {}}

    with pytest.raises(ConfigurationError, match=name):
        await plant.sync()


async def test_an_incoming_reserved_name_stays_beside_the_entity(plant: SmallWorld):
    plant.say({"id": "t2", "type": "sensor", "reading": 1, "reading_at": "never", "extra": "x", "ts": FIRST})

    await plant.sync()

    entity = await plant.entity("t2")
    assert entity
    assert entity.reported["reading"].value == 1
    assert await plant.quarantined() == ()


async def test_a_source_that_prints_too_much_is_cut_off_and_told(plant: SmallWorld):
    plant.config["sources"]["flood"] = {
        "type": "command", "command": ["python3", "-c", "print('x' * 300000)"], "max_output": 100_000,
    }  # fmt: skip

    outcome = await plant.sync()

    assert details(outcome)["sources"]["flood"]["problem"]
    assert await plant.value("t1") == 20


async def test_a_source_that_never_ends_is_ended_in_its_time(plant: SmallWorld):
    plant.config["sources"]["slow"] = {"type": "command", "command": ["sleep", "60"], "timeout": "300ms"}

    outcome = await plant.sync()

    assert "300" in details(outcome)["sources"]["slow"]["problem"]
    assert await plant.value("t1") == 20


async def test_a_file_that_is_a_folder_is_an_unreadable_source(plant: SmallWorld):
    (plant.folder / "book.csv").unlink()
    (plant.folder / "book.csv").mkdir()

    outcome = await plant.sync()

    assert "folder" in details(outcome)["sources"]["book"]["problem"]


async def test_a_vanished_roster_retires_nothing(plant: SmallWorld):
    _with_roster(plant, 3)
    await plant.sync()
    (plant.folder / "book.csv").unlink()

    for _ in range(3):
        await plant.sync()

    assert {one.lifecycle for one in (await plant.state()).entities.values()} == {"active"}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["no-such-program-anywhere"], "no-such-program-anywhere"),
        (["sh", "-c", "echo broken >&2; exit 3"], "3"),
        (["sh", "-c", "kill -9 $$"], "9"),
        (["sh", "-c", 'echo \'{"id": "c1"\''], ""),
        (["head", "-c", "5000", "/dev/urandom"], ""),
    ],
    ids=["missing", "fails", "killed", "half a line", "noise"],
)
async def test_a_command_that_goes_wrong_loses_no_other_source(plant: SmallWorld, command: list[str], says: str):
    plant.config["sources"]["tool"] = {"type": "command", "command": command, "mapping": {"type": "sensor"}}

    outcome = await plant.sync()

    told = details(outcome)["sources"]["tool"]
    assert told["problem"] or told["quarantined"]
    assert says in told["problem"]
    assert await plant.value("t1") == 20


LOCAL_IDS = st.one_of(
    st.sampled_from(["t1", "t2", "a'}) DETACH DELETE n //", "../../etc/passwd", "", " ", "x" * 600, "a/b:c", "\u202et1", "%2F"]),
    st.text(max_size=8), st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
STAMPS = st.one_of(st.sampled_from([FIRST, LATER, "2026-13-01", "", None, 0, 1767225600, "1767225600000"]), JSON)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "id": LOCAL_IDS, "type": st.sampled_from(["sensor", "sensor", "sensor", "boiler", 7]), "reading": JSON, "mode": JSON,
        "serial": JSON, "ts": STAMPS, "feeds": st.one_of(LOCAL_IDS, st.lists(LOCAL_IDS, max_size=2), JSON), "located_in": LOCAL_IDS,
        "status": JSON, "aliases": JSON, "labels": JSON, "label": JSON, "extra": JSON, "@type": JSON, "reading_at": JSON,
    },
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(MESSAGES, JSON), max_size=8), st.lists(st.one_of(MESSAGES, JSON), max_size=8))
def test_whatever_comes_is_an_event_or_set_aside_and_the_state_stays_whole(before: list[Any], after: list[Any]):
    with TemporaryDirectory() as folder:
        asyncio.run(_whatever(Path(folder), before, after))


async def _whatever(folder: Path, before: list[Any], after: list[Any]) -> None:
    plant = SmallWorld(folder / "plant", memory())
    plant.config["constraints"]["min_confidence"] = 0
    for messages in (before, after):
        plant.say(*messages)

        outcome = await plant.sync()

        head = await plant.head()
        assert outcome.exit_code == 0
        assert outcome.report.twin_snapshot.hash == head.hash == state_hash(await plant.state())
        assert (await plant.store.verify(plant.id)).problems == ()
