"""`graphtwin identity`: as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PUMP, TANK = "bms:acme/pump-1.a", "bms:acme/tank-1"


@pytest.fixture(autouse=True)
def proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "plate.txt"
    path.write_text("serial 7")
    return path


@pytest.fixture
def alice(graphtwin: Callable[..., Any]) -> Callable[..., Any]:
    """Types a command line as alice, an operator."""
    graphtwin("user", "add", "alice", "--role", "operator")
    return lambda *words: graphtwin("identity", *words, "--as", "alice")


def records(graphtwin: Callable[..., Any]) -> dict[str, set[str]]:
    entities = graphtwin("snapshot", "--state", "full", "-o", "json").json["state"]["entities"]
    return {one["id"]: {alias["alias"] for alias in one["aliases"] if alias["kind"] == "record"} for one in entities}


def test_a_split_is_told_listed_and_undone(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    before = records(graphtwin)
    answer = alice("split", PUMP, "--records", "notes:p", "--evidence", "plate.txt", "--reason", "another plate")
    after = records(graphtwin)
    listed = graphtwin("identity", "list")
    number = graphtwin("identity", "list", "-o", "json").json[0]["decision"]

    undone = alice("undo", str(number))

    assert answer.code == 0, answer.err
    assert f"notes:p of {PUMP} are another thing, says alice: pump:local/p" in answer.out
    assert f"decision {number} in v3" in answer.out
    assert (after[PUMP], after["pump:local/p"]) == ({PUMP}, {"notes:p"})
    assert "another plate" in listed.out
    assert f"graphtwin identity undo plant {number}" in listed.out
    assert f"decision {number} is undone by alice" in undone.out
    assert records(graphtwin) == before
    assert "alice: split" in graphtwin("audit", "show").out


def test_a_merge_is_told_to_programs(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    alice("split", PUMP, "--records", "notes:p")

    refused = alice("merge", PUMP, "pump:local/p")
    answer = alice("merge", PUMP, "pump:local/p", "--force", "--evidence", "plate.txt", "-o", "json").json

    assert (refused.code, "different organizations" in refused.err) == (5, True)
    assert answer["forced"]
    assert answer["action"] == "merge"
    assert sorted(answer["entities"]) == [PUMP, "pump:local/p"]
    assert answer["version"] == "v4"
    assert {one["what"] for one in answer["changes"]} >= {"entity"}


def test_a_dry_run_of_a_merge_changes_nothing(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    alice("split", PUMP, "--records", "notes:p")
    before = records(graphtwin)

    answer = alice("merge", PUMP, "pump:local/p", "--force", "--evidence", "plate.txt", "--dry-run")

    assert "the same without --dry-run" in answer.out
    assert records(graphtwin) == before


def test_a_world_without_decisions_says_so(graphtwin: Callable[..., Any]):
    assert "Nobody has decided anything about identity" in graphtwin("identity", "list").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("merge", PUMP, TANK), 5, "their types differ"),
        (("merge", PUMP, TANK, "--force", "--evidence", "plate.txt"), 5, "their types differ"),
        (("merge", PUMP, "notes:p"), 2, "are one already"),
        (("merge", PUMP, "nothing"), 3, "no entity"),
        (("merge", PUMP), 2, "merge WORLD ENTITY ENTITY"),
        (("split", PUMP, "--records", "bms:none"), 3, "it has:"),
        (("split", TANK, "--records", TANK), 2, "Nothing would be left"),
        (("undo", "7"), 3, "graphtwin identity list plant"),
    ],
)
def test_what_can_not_be_is_refused_with_the_next_move(
    graphtwin: Callable[..., Any], alice: Callable[..., Any], words: tuple[str, ...], code: int, told: str
):
    answer = alice(*words)

    assert (answer.code, told in answer.err, "Traceback" in answer.err) == (code, True, False), answer.err


def test_a_viewer_decides_nothing_of_identity(graphtwin: Callable[..., Any]):
    graphtwin("user", "add", "vera", "--role", "viewer")

    answer = graphtwin("identity", "split", PUMP, "--records", "notes:p", "--as", "vera")

    assert answer.code == 5
    assert "needs operator or above" in answer.err
