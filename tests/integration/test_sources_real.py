"""Sources as they are in the world: real programs, and recorded loads of real buildings."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.command import CommandSource
from graphtwin.sources.file import FileSource
from graphtwin.steps.receive import receive
from graphtwin.steps.transform import transform

NOW = 1_769_860_800_000_000
HOUR = 3_600_000_000
LOADS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "signals" / "citylearn_load" / "series.csv"


def python(folder, program, **fields):
    return CommandSource("c", Source(type="command", command=(sys.executable, "-S", "-c", program), **fields), folder)


async def read(source, cursor=None):
    return await source.read(cursor, full=False, now=NOW)


async def test_each_line_that_a_program_prints_is_a_message(tmp_path):
    source = python(tmp_path, "print('{\"id\": 1}'); print(); print('nonsense'); print('[{\"id\": 2}, {\"id\": 3}]')")

    reading = await read(source)

    assert [message.payload for message in reading.messages] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert [message.locus for message in reading.messages] == ["r1.0", "r1.2", "r1.3"]
    assert [bad.place for bad in reading.malformed] == ["c#1:3"]
    assert reading.complete


@pytest.mark.parametrize(
    ("printed", "records"),
    [('[\n {"id": 1},\n {"id": 2}\n]', ""), ('{\n "a": {"b": [{"id": 1}, {"id": 2}]}\n}', "a.b")],
)
async def test_one_json_text_over_many_lines_is_read_whole(tmp_path, printed, records):
    reading = await read(python(tmp_path, f"print({printed!r})", records=records))

    assert [message.payload for message in reading.messages] == [{"id": 1}, {"id": 2}]
    assert reading.malformed == ()


async def test_a_value_that_goes_a_b_a_is_three_events(tmp_path):
    config = TwinConfig.model_validate(
        {
            "world": {"id": "w"},
            "sources": {"c": {"type": "command", "command": ["x"]}},
            "types": {"c": {"variables": {"v": {"datatype": "string"}}}},
        }
    )
    source = CommandSource("c", Source(type="command", command=("cat", "said")), tmp_path)
    cursor, events, said = None, [], []

    for n, value in enumerate("ABA"):
        (tmp_path / "said").write_text(json.dumps({"id": "x", "v": value}))
        reading = await source.read(cursor, full=False, now=NOW + n)
        cursor = reading.cursor
        out = transform([reading], config, run="r", now=NOW + n)
        events += [event.id for event in out.events]
        said += [(fact.valid_from - NOW, fact.value) for fact in out.facts if fact.name == "v"]

    assert len(set(events)) == 3
    assert said == [(0, "A"), (1, "B"), (2, "A")]


async def test_a_program_gets_path_lang_tz_and_what_is_declared_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "do not leak")
    monkeypatch.setenv("TZ", "UTC")
    source = python(tmp_path, "import os, json; print(json.dumps(dict(os.environ)))", env={"LIMIT": "5"})

    [message] = (await read(source)).messages

    assert set(message.payload) <= {"PATH", "LANG", "TZ", "LIMIT", "LC_CTYPE"}
    assert message.payload["LIMIT"] == "5"
    assert message.payload["TZ"] == "UTC"


async def test_python_is_the_one_that_graphtwin_runs_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    program = "import sys, json; print(json.dumps({'prefix': sys.prefix}))"

    [message] = (
        await read(CommandSource("c", Source(type="command", command=("python", "-c", program)), tmp_path))
    ).messages

    assert message.payload == {"prefix": sys.prefix}


async def test_a_program_runs_in_the_folder_of_the_twin_without_input_and_without_a_shell(tmp_path):
    source = CommandSource(
        "c",
        Source(
            type="command",
            command=(
                sys.executable, "-S", "-c",
                "import os, sys, json; print(json.dumps([{'cwd': os.getcwd(), 'in': sys.stdin.read(), 'argv': sys.argv[1]}]))",
                "$(touch evil); `touch evil` > evil",
            ),
        ),
        tmp_path,
    )  # fmt: skip

    [message] = (await read(source)).messages

    assert message.payload == {"cwd": str(tmp_path), "in": "", "argv": "$(touch evil); `touch evil` > evil"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("import sys; print('{\"id\": 1}'); sys.exit('the disk is gone')", "exit code 1: the disk is gone"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
async def test_a_program_that_fails_has_not_answered(tmp_path, program, problem):
    reading = await read(python(tmp_path, program), {"reading": 4})

    assert not reading.answered
    assert reading.messages == ()
    assert problem in reading.problem
    assert reading.cursor == {"reading": 4}
    assert "by hand" in reading.hint


async def test_a_program_that_is_not_there_has_not_answered(tmp_path):
    reading = await read(CommandSource("c", Source(type="command", command=("no-such-program",)), tmp_path))

    assert not reading.answered
    assert "no-such-program can't be started" in reading.problem


async def test_a_program_that_takes_too_long_is_stopped_with_all_that_it_started(tmp_path):
    program = (
        "import subprocess, sys, time, pathlib;"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']);"
        "pathlib.Path('pids').write_text(str(child.pid)); print('{\"id\": 1}', flush=True); time.sleep(60)"
    )
    began = time.monotonic()

    reading = await read(python(tmp_path, program, timeout="1500ms"))

    assert not reading.answered
    assert "longer than 1s500ms" in reading.problem
    assert time.monotonic() - began < 30
    assert await _gone(int((tmp_path / "pids").read_text()))


async def test_a_program_that_ends_but_leaves_a_child_talking_is_stopped_too(tmp_path):
    program = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])"

    reading = await read(python(tmp_path, program, timeout="1500ms"))

    assert not reading.answered


async def test_a_program_that_prints_without_end_is_stopped(tmp_path):
    reading = await read(python(tmp_path, "while True: print('{\"id\": 1}')", max_output=100_000))

    assert not reading.answered
    assert "max_output (100000 bytes)" in reading.problem


async def test_a_program_that_fills_stderr_does_not_block(tmp_path):
    program = "import sys; sys.stderr.write('x' * 1000000); print('{\"id\": 1}')"

    reading = await read(python(tmp_path, program))

    assert len(reading.messages) == 1


async def test_more_messages_than_allowed_are_left_and_told(tmp_path):
    reading = await read(python(tmp_path, "[print('{\"id\": %d}' % n) for n in range(12)]", max_messages=10))

    assert len(reading.messages) == 10
    assert "2 weren't read" in reading.problem
    assert not reading.complete


async def test_an_oversized_message_is_malformed_and_the_rest_is_read(tmp_path):
    program = "print('{\"id\": \"' + 'x' * 600 + '\"}'); print('{\"id\": 2}')"

    reading = await read(python(tmp_path, program, max_payload=500))

    assert [message.payload for message in reading.messages] == [{"id": 2}]
    assert "max_payload" in reading.malformed[0].reason


async def test_a_vanished_file_and_a_failing_program_lose_no_other_source(tmp_path):
    (tmp_path / "good.jsonl").write_text('{"id": 1}\n')
    sources = [
        FileSource("gone", Source(type="file", path="gone.csv"), tmp_path),
        python(tmp_path, "raise SystemExit(3)"),
        FileSource("good", Source(type="file", path="good.jsonl"), tmp_path),
    ]

    out = await receive(sources, {}, full=False, now=NOW)

    assert out.answered == {"c": False, "gone": False, "good": True}
    assert out.messages == 1
    assert set(out.problems) == {"c", "gone"}


async def test_a_file_that_may_not_be_read_is_a_problem(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1}\n')
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")

    reading = await FileSource("f", Source(type="file", path="a.jsonl"), tmp_path).read(None, full=False, now=NOW)

    assert "may not be read" in reading.problem


@pytest.mark.skipif(not LOADS.exists(), reason="the recorded building loads are not on this machine")
async def test_recorded_loads_of_nine_buildings_become_facts(tmp_path):
    hours = 48
    config = TwinConfig.model_validate(
        {
            "world": {"id": "loads", "clock": "events", "max_event_gap": "2h"},
            "sources": {
                "meters": {
                    "type": "file",
                    "path": "loads.csv",
                    "kind": "sensor",
                    "trust": "hardware_sensor",
                    "timestamp": "at",
                    "mapping": {
                        "type": "building",
                        "id": "unique_id",
                        "variables": {"load": {"path": "y", "unit": "kWh"}},
                    },
                }
            },
            "types": {"building": {"is_a": "asset", "variables": {"load": {"unit": "kW.h"}}}},
        }
    )
    _replay(tmp_path / "loads.csv", hours)

    source = FileSource("meters", config.sources["meters"], tmp_path)
    out = transform([await read(source)], config, run="r", now=0)

    loads = [fact for fact in out.facts if fact.name == "load"]
    assert out.quarantined == ()
    assert len({fact.record for fact in loads}) == 9
    assert len(loads) == 9 * hours
    first = next(fact for fact in loads if fact.record == "meters:Building_1" and fact.valid_from == NOW)
    assert (first.value, first.unit) == (2.2758, "kW.h")
    assert out.newest_event == NOW + (hours - 1) * HOUR


def _replay(path: Path, hours: int) -> None:
    """The first hours of each building, in time's order, with instants instead of hour numbers."""
    rows = [line.split(",") for line in LOADS.read_text().splitlines()[1:]]
    kept = sorted((int(hour), name, load) for name, hour, load in rows if int(hour) < hours)
    lines = [f"{name},{(NOW + hour * HOUR) // 1_000_000},{load}" for hour, name, load in kept]
    path.write_text("\n".join(["unique_id,at,y", *lines]) + "\n")


async def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        await asyncio.sleep(0.05)
    return False
