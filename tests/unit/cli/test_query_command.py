"""`graphtwin query`: what is asked, with which parameters, before the database is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from unit.cli.small_world import Answer, MemoryDoors

from graphtwin.ports import Answered

Typed = Callable[..., Answer]
ROWS = Answered(("id", "values", "gone"), (("a, b", {"x": [1.5]}, None), ("[red]", True, None)), cut=True)


@pytest.fixture
def asked(doors: MemoryDoors, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any], int, float]]:
    """What reached the store, which answers two rows."""
    heard: list[tuple[str, dict[str, Any], int, float]] = []

    async def query(text: str, params: dict[str, Any], *, rows: int, seconds: float) -> Answered:
        heard.append((text, params, rows, seconds))
        return ROWS

    monkeypatch.setattr(doors.store, "query", query)
    return heard


def test_the_queries_that_have_names_are_listed(graphtwin: Typed) -> None:
    listed, told = graphtwin("query", "--list"), graphtwin("query", "--list", "-o", "json").json

    assert "blast_radius" in listed.out
    assert "Next: graphtwin query NAME" in listed.out
    assert len(told) == 20
    [as_of] = [one for one in told if one["name"] == "as_of"]
    assert {"name": "at", "needed": False, "default": None}.items() <= as_of["parameters"][1].items()


def test_a_name_a_file_and_a_text_are_asked_with_their_parameters(
    graphtwin: Typed, asked: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "mine.cypher"
    file.write_text("// default: how many\n// :param most => 7\nRETURN $most AS most", "utf-8")

    codes = [
        graphtwin("query", "blast_radius", "--param", "entity=pump-1.a", "-p", "depth=3").code,
        graphtwin("query", str(file)).code,
        graphtwin("query", "RETURN $a AS a, $b AS b", "-p", "a=[1, true]", "-p", "b=2026-01-01", "--limit", "3").code,
    ]

    assert codes == [0, 0, 0]
    by_name, by_file, by_text = asked
    assert by_name[1] == {"world": "plant", "entity": "bms:acme/pump-1.a", "depth": 3, "relations": None}
    assert by_file[1] == {"most": 7}
    assert by_text[1:3] == ({"a": [1, True], "b": "2026-01-01"}, 3)


def test_rows_are_printed_for_people_and_programs_and_a_cut_is_told(graphtwin: Typed, asked: list[Any]) -> None:
    person, program, sheet = [graphtwin("query", "RETURN 1 AS one", "-o", form) for form in ("table", "json", "csv")]

    assert "a, b" in person.out
    assert "2 rows" in person.out
    assert "Next: graphtwin query --list" in person.out
    assert program.json == [
        {"id": "a, b", "values": {"x": [1.5]}, "gone": None}, {"id": "[red]", "values": True, "gone": None},
    ]  # fmt: skip
    assert list(csv.reader(io.StringIO(sheet.out)))[1:] == [["a, b", '{"x": [1.5]}', ""], ["[red]", "true", ""]]
    assert all("Only the first 2 rows; there are more." in one.err for one in (person, program, sheet))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("blast_radios",), 3, "Did you mean blast_radius?"),
        (("no-such.cypher",), 3, "graphtwin query --list"),
        (("blast_radius",), 2, "The query needs $entity: the id of what fails."),
        (("blast_radius", "-p", "depth"), 2, "--param depth=3"),
        (("RETURN 1 AS one", "--world", "plant"), 2, "doesn't use $world"),
        (("RETURN 1 AS one",), 2, "can't be asked in Cypher"),
        (("present", "--world", "nowhere"), 3, "nowhere"),
    ],
)
def test_what_cant_be_asked_is_told_with_the_next_move(
    graphtwin: Typed, words: tuple[str, ...], code: int, told: str
) -> None:
    answer = graphtwin("query", *words)

    assert answer.code == code
    assert told in answer.err


def test_rows_too_wide_for_a_table_stand_one_below_the_other(
    graphtwin: Typed, doors: MemoryDoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = tuple(f"a_long_heading_{number}" for number in range(12))

    async def query(*_: Any, **__: Any) -> Answered:
        return Answered(columns, (tuple(range(12)), tuple("x" * 30 for _ in columns)), cut=False)

    monkeypatch.setattr(doors.store, "query", query)
    told = graphtwin("query", "RETURN 1 AS one").out.splitlines()

    assert told[:2] == ["1.", "  a_long_heading_0   0"]
    assert "  a_long_heading_11  11" in told
    assert told[13:15] == ["2.", f"  a_long_heading_0   {'x' * 30}"]
