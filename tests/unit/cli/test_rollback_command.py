"""`graphtwin rollback`: shown first, asked, and told in what it leaves."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from unit.cli.small_world import CONFIG, MINUTE, NOON, MemoryDoors, commit

from graphtwin.model.commit import Draft

Typed = Callable[..., Any]


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def anna(graphtwin: Typed) -> Typed:
    """Types `graphtwin rollback` as anna, an approver."""
    graphtwin("user", "add", "anna", "--role", "approver")
    return lambda *words: graphtwin("rollback", "plant", *words, "--as", "anna")


def speed(graphtwin: Typed) -> Any:
    claims = graphtwin("why", "pump-1.a.speed", "-o", "json").json["claims"]
    return next(one["value"] for one in claims if one["wins"])


def test_a_dry_run_shows_what_would_change_as_diff_does_and_changes_nothing(graphtwin: Typed):
    answer, same = graphtwin("rollback", "--to", "v1", "--dry-run"), graphtwin("diff", "v2", "v1")

    assert (answer.code, speed(graphtwin)) == (0, 1500)
    assert "1500 r/min → 1400 r/min" in answer.out
    assert "1500 r/min → 1400 r/min" in same.out
    assert "2 cells to be restored; nothing is written yet" in answer.out
    assert answer.out.strip().splitlines()[-1] == "Next: graphtwin rollback plant --to v1"


def test_a_dry_run_for_programs_has_the_same_changes_as_diff(graphtwin: Typed):
    answer = graphtwin("rollback", "--to", "v1", "--dry-run", "-o", "json").json

    changes = graphtwin("diff", "v2", "v1", "-o", "json").json
    assert (answer["before"], answer["restore_point"], answer["version"], answer["taken_back"]) == (
        "v2",
        "v1",
        None,
        ["v2"],
    )
    assert answer["hash_after"] == answer["restore_hash"] == changes["after_hash"]
    assert answer["changes"]["values"] == changes["values"]


def test_going_back_is_a_version_of_its_own_and_says_so(graphtwin: Typed, anna: Typed):
    answer = anna("--to", "v1", "--yes", "--reason", "a bad batch")

    assert answer.code == 0, answer.err
    assert "2 cells restored, as v3" in answer.out
    assert "the state is that of v1: sha256:" in answer.out
    assert "graphtwin diff plant v1 v3; graphtwin verify plant" in answer.out
    assert speed(graphtwin) == 1400
    assert graphtwin("diff", "v1", "v3", "--exit-code").code == 0
    assert "back to v1 by anna, 2 cells: a bad batch" in graphtwin("audit", "show").out


def test_a_person_is_shown_it_and_asked(graphtwin: Typed, anna: Typed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))

    answer = anna("--to", "v1")

    assert answer.code == 0, answer.err
    assert answer.out.index("nothing is written yet") < answer.out.index("restored, as v3")
    assert speed(graphtwin) == 1400


def test_a_no_ends_it(graphtwin: Typed, anna: Typed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))

    answer = anna("--to", "v1")

    assert (answer.code, speed(graphtwin)) == (1, 1500)


def test_a_program_must_say_yes_itself(graphtwin: Typed, anna: Typed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    answer = anna("--to", "v1")

    assert (answer.code, speed(graphtwin)) == (2, 1500)
    assert "nobody is there to say yes" in answer.err
    assert "--yes" in answer.err


def test_a_newer_configuration_is_pointed_out(graphtwin: Typed, doors: MemoryDoors):
    newer = CONFIG.model_copy(update={"world": CONFIG.world.model_copy(update={"title": "the new hall"})})
    asyncio.run(commit(doors.store, "apply-1", Draft(NOON + MINUTE, configuration=newer.normalised())))

    answer = graphtwin("rollback", "--to", "v1", "--dry-run")

    assert "another twin.yaml was applied since v1" in answer.out
    assert graphtwin("rollback", "--to", "v1", "--dry-run", "-o", "json").json["newer_configuration"] is True


def test_where_nothing_came_since_nothing_is_done(graphtwin: Typed, anna: Typed):
    answer = anna("--to", "v2")

    assert answer.code == 0, answer.err
    assert "Nothing differs." in answer.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--to", "v9"), 3, "no version v9"),
        (("--to", "yesterday"), 2, "isn't a version"),
        (("--to", "v0", "--yes"), 2, "before its baseline"),
        ((), 3, "--to"),
    ],
)
def test_a_version_that_can_not_be_gone_back_to_is_told(graphtwin: Typed, words: tuple[str, ...], code: int, told: str):
    answer = graphtwin("rollback", "plant", *words)

    assert answer.code == code
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_who_is_no_approver_is_refused(graphtwin: Typed):
    graphtwin("user", "add", "otto", "--role", "operator")

    answer = graphtwin("rollback", "plant", "--to", "v1", "--yes", "--as", "otto")

    assert answer.code == 5
    assert "this needs approver or above" in answer.err
