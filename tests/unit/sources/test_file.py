"""FileSource: what was appended is read once, what was edited is read anew, and nothing makes it raise."""

import hashlib
import json
import os
import random
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.file import FileSource

NOW = 1_769_860_800_000_000


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def source(folder, path, **fields):
    return FileSource("s", Source(type="file", path=path, **fields), folder)


async def read(one, cursor=None, *, full=False):
    return await one.read(cursor, full=full, now=NOW)


def payloads(reading):
    return [message.payload for message in reading.messages]


def loci(reading):
    return [message.locus for message in reading.messages]


# --- JSON Lines ---


async def test_places_are_lines_and_blank_lines_are_nothing(folder):
    (folder / "a.jsonl").write_text('{"id": 1}\n\n  \n{"id": 2}\r\n')

    reading = await read(source(folder, "a.jsonl"))

    assert [message.place for message in reading.messages] == ["a.jsonl:1", "a.jsonl:4"]
    assert [message.raw for message in reading.messages] == [b'{"id": 1}', b'{"id": 2}']


async def test_nothing_new_is_an_answer(folder):
    (folder / "a.jsonl").write_text('{"id": 1}\n')
    one = source(folder, "a.jsonl")

    again = await read(one, (await read(one)).cursor)

    assert again.answered
    assert again.messages == ()
    assert not again.complete


async def test_a_line_that_is_still_being_written_waits(folder):
    path = folder / "a.jsonl"
    path.write_text('{"id": 1}\n{"id": ')
    one = source(folder, "a.jsonl")

    first = await read(one)
    with path.open("a") as file:
        file.write("2}\n")
    second = await read(one, first.cursor)

    assert payloads(first) == [{"id": 1}]
    assert "waits" in first.problem
    assert not first.complete
    assert payloads(second) == [{"id": 2}]
    assert loci(second) == ["g0@10"]


async def test_a_last_line_without_an_end_is_read_when_it_is_whole_by_itself(folder):
    (folder / "a.jsonl").write_text('{"id": 1}\n{"id": 2}')
    one = source(folder, "a.jsonl")

    first = await read(one)
    with (folder / "a.jsonl").open("a") as file:
        file.write('\n{"id": 3}\n')
    second = await read(one, first.cursor)

    assert payloads(first) == [{"id": 1}, {"id": 2}]
    assert first.complete
    assert payloads(second) == [{"id": 3}]
    assert second.messages[0].place == "a.jsonl:4"


@pytest.mark.parametrize("full", [False, True])
async def test_a_value_that_goes_a_b_a_by_editing_is_three_messages(folder, full):
    one, cursor, seen = source(folder, "a.jsonl"), None, []

    for value in ("A", "B", "A"):
        (folder / "a.jsonl").write_text(f'{{"id": 1, "v": "{value}"}}\n')
        reading = await read(one, cursor, full=full)
        cursor = reading.cursor
        seen += reading.messages

    assert [message.payload["v"] for message in seen] == ["A", "B", "A"]
    assert [message.locus for message in seen] == ["g0@0", "g1@0", "g2@0"]
    assert [message.position for message in seen] == sorted(message.position for message in seen)


@pytest.mark.parametrize("change", ["edited", "truncated", "replaced", "emptied"])
async def test_a_file_whose_beginning_changed_is_read_anew(folder, change):
    path = folder / "a.jsonl"
    path.write_text('{"id": 1}\n{"id": 2}\n')
    one = source(folder, "a.jsonl")
    first = await read(one)
    if change == "edited":
        path.write_text('{"id": 9}\n{"id": 2}\n{"id": 3}\n')
    elif change == "replaced":
        (folder / "new").write_text('{"id": 7}\n{"id": 8}\n')
        (folder / "new").replace(path)
    else:
        path.write_text('{"id": 1}\n' if change == "truncated" else "")

    second = await read(one, first.cursor)

    assert second.cursor["generation"] == 1
    assert payloads(second) == {
        "edited": [{"id": 9}, {"id": 2}, {"id": 3}], "replaced": [{"id": 7}, {"id": 8}], "truncated": [{"id": 1}],
        "emptied": [],
    }[change]  # fmt: skip


async def test_a_full_reading_of_the_same_life_gives_the_same_loci(folder):
    (folder / "a.jsonl").write_text('{"id": 1}\n{"id": 2}\n')
    one = source(folder, "a.jsonl")
    first = await read(one)

    full = await read(one, first.cursor, full=True)

    assert full.messages == first.messages
    assert full.complete


async def test_a_file_replaced_by_itself_and_more_goes_on(folder):
    (folder / "a.jsonl").write_text('{"id": 1}\n')
    one = source(folder, "a.jsonl")
    first = await read(one)
    (folder / "new").write_text('{"id": 1}\n{"id": 2}\n')
    (folder / "new").replace(folder / "a.jsonl")

    second = await read(one, first.cursor)

    assert payloads(second) == [{"id": 2}]
    assert second.cursor["inode"] != first.cursor["inode"]


async def test_bad_lines_are_malformed_and_the_others_are_read(folder):
    (folder / "a.jsonl").write_bytes(b'{"id": 1}\n{"id": 1, "id": 2}\nnot json\n\xff\n{"id": 5}\n')

    reading = await read(source(folder, "a.jsonl"))

    assert payloads(reading) == [{"id": 1}, {"id": 5}]
    assert [bad.place for bad in reading.malformed] == ["a.jsonl:2", "a.jsonl:3", "a.jsonl:4"]
    assert all(bad.reason and bad.hint for bad in reading.malformed)
    assert reading.malformed[2].sha256 == hashlib.sha256(b"\xff").hexdigest()


@pytest.mark.parametrize("size", [300_000, 3_000_000])
async def test_an_oversized_line_is_malformed_with_its_size_and_hash(folder, size):
    line = b'{"id": "' + b"x" * size + b'"}'
    (folder / "a.jsonl").write_bytes(b'{"id": 1}\n' + line + b'\n{"id": 3}\n')
    one = source(folder, "a.jsonl")

    reading = await read(one)
    again = await read(one, reading.cursor)

    assert payloads(reading) == [{"id": 1}, {"id": 3}]
    [bad] = reading.malformed
    assert (bad.size, bad.sha256) == (len(line), hashlib.sha256(line).hexdigest())
    assert len(bad.raw) <= 4096
    assert again.cursor["generation"] == 0


async def test_what_one_reading_may_not_take_the_next_does(folder):
    (folder / "a.jsonl").write_text("".join(f'{{"id": {n}}}\n' for n in range(25)))
    one, cursor, seen, readings = source(folder, "a.jsonl", max_messages=10), None, [], []

    for _ in range(4):
        readings.append(await read(one, cursor))
        cursor = readings[-1].cursor
        seen += payloads(readings[-1])

    assert seen == [{"id": n} for n in range(25)]
    assert [len(reading.messages) for reading in readings] == [10, 10, 5, 0]
    assert "the next goes on" in readings[0].problem
    assert not any(reading.complete for reading in readings)


async def test_a_list_in_a_line_is_a_message_an_item(folder):
    (folder / "a.jsonl").write_text('[{"id": 1}, {"id": 2}]\n{"id": 3}\n')

    reading = await read(source(folder, "a.jsonl"))

    assert payloads(reading) == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert [message.raw for message in reading.messages] == [b'{"id": 1}', b'{"id": 2}', b'{"id": 3}']
    assert len(set(loci(reading))) == 3
    assert [message.place for message in reading.messages] == ["a.jsonl:1[0]", "a.jsonl:1[1]", "a.jsonl:2"]


async def test_records_are_where_the_source_says(folder):
    (folder / "a.jsonl").write_text('{"at": 1, "data": {"items": [{"id": 1}, {"id": 2}]}}\n{"data": null}\n')

    reading = await read(source(folder, "a.jsonl", records="data.items"))

    assert payloads(reading) == [{"id": 1}, {"id": 2}]


async def test_a_byte_order_mark_is_no_part_of_the_first_line(folder):
    (folder / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"id": 1}\n')

    assert payloads(await read(source(folder, "a.jsonl"))) == [{"id": 1}]


# --- tables ---


async def test_rows_are_objects_of_texts_under_the_header(folder):
    (folder / "a.csv").write_text('id,name,n\n1,"a, b",007\n2,"x ""y""\nz",\n')

    reading = await read(source(folder, "a.csv"))

    assert payloads(reading) == [{"id": "1", "name": "a, b", "n": "007"}, {"id": "2", "name": 'x "y"\nz', "n": ""}]
    assert [message.place for message in reading.messages] == ["a.csv:2", "a.csv:3"]


@pytest.mark.parametrize(
    "text", ["id;n\n1;2\n", "id\tn\n1\t2\n", "id|n\n1|2\n", "\ufeffid,n\r\n1,2\r\n", "\n\nid, n \n1,2\n"]
)
async def test_other_delimiters_and_ends_of_line_are_read(folder, text):
    (folder / "a.csv").write_bytes(text.encode())

    assert payloads(await read(source(folder, "a.csv"))) == [{"id": "1", "n": "2"}]


async def test_the_header_is_remembered_for_rows_that_come_later(folder):
    path = folder / "a.csv"
    path.write_text("id,n\n1,2\n")
    one = source(folder, "a.csv")
    first = await read(one)
    with path.open("a") as file:
        file.write("3,4\n")

    second = await read(one, first.cursor)

    assert payloads(second) == [{"id": "3", "n": "4"}]
    assert second.messages[0].place == "a.csv:3"


async def test_a_last_row_without_an_end_waits_for_one_reading(folder):
    path = folder / "a.csv"
    path.write_text("id,n\n1,2\n3,4")
    one = source(folder, "a.csv")

    first = await read(one)
    second = await read(one, first.cursor)
    third = await read(one, second.cursor)

    assert [payloads(reading) for reading in (first, second, third)] == [
        [{"id": "1", "n": "2"}], [{"id": "3", "n": "4"}], [],
    ]  # fmt: skip
    assert "waits" in first.problem
    assert second.problem == ""


async def test_a_last_row_that_grew_is_read_as_it_is_in_the_end(folder):
    path = folder / "a.csv"
    path.write_text("id,n\n1,2\n3,4")
    one = source(folder, "a.csv")
    first = await read(one)
    with path.open("a") as file:
        file.write("0\n")

    second = await read(one, first.cursor)

    assert payloads(second) == [{"id": "3", "n": "40"}]


async def test_a_roster_is_read_whole_each_time_its_last_row_too(folder):
    (folder / "a.csv").write_text("id,n\n1,2\n3,4")
    one = source(folder, "a.csv", roster=True)

    first = await read(one)
    second = await read(one, first.cursor)

    assert payloads(first) == payloads(second) == [{"id": "1", "n": "2"}, {"id": "3", "n": "4"}]
    assert loci(first) == loci(second)
    assert first.complete
    assert second.complete


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1", "1 cells where the header has 2"),
        ("1,2,3", "3 cells where the header has 2"),
        ('"1,2', "not a table row"),
        ('"1"x,2', "not a table row"),
        ("1,\x00", "NUL"),
    ],
)
async def test_a_bad_row_costs_itself_only(folder, row, reason):
    (folder / "a.csv").write_text(f"id,n\n1,2\n{row}\n5,6\n7,8\n")

    reading = await read(source(folder, "a.csv", roster=True))

    assert payloads(reading) == [{"id": "1", "n": "2"}, {"id": "5", "n": "6"}, {"id": "7", "n": "8"}]
    [bad] = reading.malformed
    assert bad.place == "a.csv:3"
    assert reason in bad.reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [("id,id", "two columns are named 'id'"), ("id,,n", "column 2 has no name"), ('"id', "header"), ("\xff", "UTF-8")],
)
async def test_a_header_that_can_not_name_the_cells_is_a_problem_of_the_source(folder, header, reason):
    (folder / "a.csv").write_bytes(header.encode("latin-1") + b"\n1,2\n")

    reading = await read(source(folder, "a.csv"))

    assert not reading.answered
    assert reason in reading.problem
    assert reading.hint


# --- documents ---


async def test_items_of_a_json_document_are_messages_as_they_stand_there(folder):
    (folder / "a.json").write_text('[\n  {"id": "é"},\n  {"id": 2}\n]\n')

    reading = await read(source(folder, "a.json"))

    assert [message.raw.decode() for message in reading.messages] == ['{"id": "é"}', '{"id": 2}']
    assert [message.place for message in reading.messages] == ["a.json:2", "a.json:3"]
    assert reading.complete


async def test_a_document_that_did_not_change_is_not_read_again(folder):
    (folder / "a.json").write_text('{"id": 1}')
    one = source(folder, "a.json")
    first = await read(one)

    assert (await read(one, first.cursor)).messages == ()


async def test_a_document_that_changed_is_a_new_life_of_the_file(folder):
    path, one, cursor, seen = folder / "a.yaml", source(folder, "a.yaml"), None, []

    for value in ("A", "B", "B", "A"):
        path.write_text(f"- id: x\n  v: {value}\n")
        reading = await read(one, cursor)
        cursor = reading.cursor
        seen += [(message.payload["v"], message.locus) for message in reading.messages]

    assert seen == [("A", "g0@2"), ("B", "g1@2"), ("A", "g2@2")]


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", '[{"id": 1}, {"id": '), ("a.yaml", "- id: 1\n- id: 1\n  id: 2\n"), ("a.json", "")]
)
async def test_a_broken_document_is_one_malformed_message(folder, name, text):
    (folder / name).write_text(text)

    reading = await read(source(folder, name))

    assert reading.answered
    assert reading.messages == ()
    assert [bad.place for bad in reading.malformed] == [name]


async def test_a_document_half_written_is_read_when_it_is_whole(folder):
    one = source(folder, "a.json")
    (folder / "a.json").write_text('[{"id": 1}, {"id"')
    first = await read(one)
    (folder / "a.json").write_text('[{"id": 1}, {"id": 2}]')

    second = await read(one, first.cursor)

    assert payloads(second) == [{"id": 1}, {"id": 2}]


async def test_a_long_document_is_taken_in_parts(folder):
    (folder / "a.json").write_text("[" + ",".join(f'{{"id": {n}}}' for n in range(25)) + "]")
    one, cursor, seen = source(folder, "a.json", max_messages=10), None, []

    for _ in range(4):
        reading = await read(one, cursor)
        cursor = reading.cursor
        seen += payloads(reading)

    assert seen == [{"id": n} for n in range(25)]


async def test_an_oversized_item_of_a_document_is_malformed(folder):
    (folder / "a.json").write_text('[{"id": 1}, {"id": "' + "x" * 600 + '"}]')

    reading = await read(source(folder, "a.json", max_payload=500))

    assert payloads(reading) == [{"id": 1}]
    assert "max_payload" in reading.malformed[0].reason


async def test_a_yaml_file_of_services_is_read(folder):
    (folder / "a.yaml").write_text("services:\n  - id: web\n    port: 80\n    on: yes\n")

    reading = await read(source(folder, "a.yaml", records="services"))

    assert payloads(reading) == [{"id": "web", "port": 80, "on": "yes"}]
    assert [(message.place, message.raw) for message in reading.messages] == [
        ("a.yaml:2", b"id: web\n    port: 80\n    on: yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "raws"),
    [
        ("data.items", [b'{"id": 1}', b'{"id": "\xc3\xa9"}']),
        ("data.other", [b'{"id": 3}']),
        ("data.nothing", []),
        ("data.missing.more", []),
        ("items", [b"7"]),
        ("data.items[?id == `1`]", [b'{"id":1}']),
    ],
)
async def test_records_keep_their_raw_text_where_they_have_a_place(folder, records, raws):
    (folder / "a.json").write_text(
        '{"items": 7,\n "data": {"nothing": null, "items": [{"id": 1},\n {"id": "é"}], "other": {"id": 3}}}'
    )

    reading = await read(source(folder, "a.json", records=records))

    assert [message.raw for message in reading.messages] == raws
    assert reading.malformed == ()
    assert len(set(loci(reading))) == len(raws)


async def test_a_document_is_checked_whole_although_only_a_part_is_wanted(folder):
    (folder / "a.json").write_text('{"items": [{"id": 1}], "x": NaN}')

    reading = await read(source(folder, "a.json", records="items"))

    assert reading.messages == ()
    assert "NaN" in reading.malformed[0].reason


async def test_an_expression_finds_records_in_each_document_of_a_yaml_file(folder):
    (folder / "a.yaml").write_text("kind: x\nid: 1\n---\nkind: y\nid: 2\n---\nkind: x\nid: 3\n")

    reading = await read(source(folder, "a.yaml", records="[@][?kind == 'x'] | [0]"))

    assert payloads(reading) == [{"kind": "x", "id": 1}, {"kind": "x", "id": 3}]
    assert len(set(loci(reading))) == 2


async def test_a_document_over_the_cap_is_a_problem_of_the_source(folder):
    (folder / "a.json").write_text('["' + "x" * 2000 + '"]')

    reading = await read(source(folder, "a.json", max_output=1000))

    assert not reading.answered
    assert "max_output" in reading.problem


# --- what can be wrong with a file ---


async def test_a_line_without_end_costs_no_memory(folder):
    with (folder / "a.jsonl").open("wb") as file:
        file.truncate(96 * 2**20)  # zeros, none of them a line break
    one = source(folder, "a.jsonl")
    tracemalloc.start()

    reading = await read(one)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 8 * 2**20
    assert "waits" in reading.problem


async def test_a_file_that_is_not_there_is_a_problem_with_a_next_move(folder):
    reading = await read(source(folder, "gone.csv"), {"generation": 0, "reading": 3})

    assert not reading.answered
    assert reading.problem == "gone.csv doesn't exist"
    assert reading.hint
    assert reading.cursor == {"generation": 0, "reading": 3}


async def test_a_folder_and_a_pipe_are_no_files(folder):
    (folder / "a.csv").mkdir()
    os.mkfifo(folder / "b.csv")

    assert "is a folder" in (await read(source(folder, "a.csv"))).problem
    assert "no regular file" in (await read(source(folder, "b.csv"))).problem


async def test_an_ending_that_names_no_format_is_a_problem(folder):
    (folder / "a.dat").write_text("x")

    reading = await read(source(folder, "a.dat"))

    assert "names no format" in reading.problem
    assert (await read(source(folder, "a.dat", format="jsonl"))).answered


async def test_paths_begin_in_the_folder_of_the_twin_and_may_be_absolute(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "a.jsonl").write_text('{"id": 1}\n')

    relative = await read(source(folder, "sub/a.jsonl"))
    absolute = await read(source(folder / "elsewhere", str(folder / "sub" / "a.jsonl")))

    assert relative.messages[0].place == "sub/a.jsonl:1"
    assert absolute.messages[0].place == "a.jsonl:1"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.yaml"]), roster=st.booleans()
)
async def test_no_bytes_make_it_raise(tmp_path, data, name, roster):
    (tmp_path / name).write_bytes(data)
    one = source(tmp_path, name, roster=roster)

    first = await read(one)
    second = await read(one, first.cursor)

    assert first.answered or first.problem
    assert second.answered or second.problem


@pytest.mark.parametrize("seed", range(5))
async def test_however_a_file_grows_every_line_is_read_once(folder, seed):
    chance = random.Random(seed)
    expected = [{"id": n, "text": "é" * chance.randrange(20)} for n in range(60)]
    data = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in expected).encode()
    path, one, cursor, seen = folder / "a.jsonl", source(folder, "a.jsonl", max_messages=7), None, []
    path.write_bytes(b"")

    while data:
        step = chance.randrange(1, 200)
        with path.open("ab") as file:
            file.write(data[:step])
        data = data[step:]
        reading = await read(one, cursor)
        cursor = reading.cursor
        seen += payloads(reading)
    for _ in range(20):
        reading = await read(one, cursor)
        cursor = reading.cursor
        seen += payloads(reading)

    assert seen == expected
