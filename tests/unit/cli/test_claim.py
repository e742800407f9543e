"""`graphtwin claim`: as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PUMP = "bms:acme/pump-1.a"


@pytest.fixture(autouse=True)
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "note.txt"
    path.write_text("the display said 1450")
    return path


@pytest.fixture
def alice(graphtwin: Callable[..., Any]) -> Callable[..., Any]:
    """Types a command line as alice, an approver."""
    graphtwin("user", "add", "alice", "--role", "approver")
    return lambda *words: graphtwin("claim", *words, "--as", "alice")


def speed(graphtwin: Callable[..., Any]) -> Any:
    claims = graphtwin("why", f"{PUMP}.speed", "-o", "json").json["claims"]
    return next(one for one in claims if one["wins"])


def test_a_correction_is_shown_told_and_explained(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    answer = alice("correct", f"{PUMP}.speed", "1450", "--evidence", "note.txt", "--reason", "read it myself")

    why = graphtwin("why", f"{PUMP}.speed")
    assert answer.code == 0, answer.err
    assert "corrected by alice: bms should have said 1450 r/min instead of 1500" in answer.out
    assert f"{PUMP}.speed: 1500 r/min → 1450 r/min" in answer.out
    assert f"graphtwin why plant {PUMP}.speed" in answer.out
    assert "corrected by alice (approver)" in why.out
    assert "read it myself" in why.out
    assert "the display said 1450" in why.out
    assert "file:note.txt, 21 bytes" in why.out
    assert "alice: correct" in graphtwin("audit", "show").out


def test_a_dry_run_changes_nothing(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    answer = alice("correct", f"{PUMP}.speed", "1450", "--evidence", "note.txt", "--dry-run", "-o", "json").json

    assert (answer["version"], answer["dry_run"]) == (None, True)
    assert [(one["before"], one["after"]) for one in answer["changes"]] == [(1500, 1450.0)]
    assert speed(graphtwin)["value"] == 1500


def test_an_override_stands_until_it_is_withdrawn(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    alice("override", f"{PUMP}.speed", "-5", "--evidence", "https://desk.example/ticket/7")
    overridden = speed(graphtwin)

    answer = alice("withdraw", f"{PUMP}.speed")

    assert (overridden["value"], overridden["source"]) == (-5, "override")
    assert overridden["decision"]["evidence"] == {"ref": "https://desk.example/ticket/7"}
    assert "no longer overridden, says alice" in answer.out
    assert speed(graphtwin)["value"] == 1500


def test_a_withdrawn_claim_uncovers_what_was_said_beside_it(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    answer = alice("withdraw", f"{PUMP}.speed", "--source", "bms")

    assert "1500 r/min → 1400 r/min" in answer.out
    assert speed(graphtwin)["value"] == 1400


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("correct", f"{PUMP}.speed", "fast", "--evidence", "note.txt"), 2, "is declared as number in r/min"),
        (("correct", f"{PUMP}.speed", "5 kg", "--evidence", "note.txt"), 2, "can't be read as"),
        (("correct", f"{PUMP}.colour", "5", "--evidence", "note.txt"), 3, "Nothing is claimed"),
        (("override", f"{PUMP}.colour", "5", "--evidence", "note.txt"), 2, "it has: speed"),
        (("correct", f"{PUMP}.speed", "5", "--evidence", "none.txt"), 3, "no file none.txt"),
        (("correct", f"{PUMP}.speed", "5", "--evidence", "https://a:b@x.example/"), 2, "holds a name or password"),
        (("correct", f"{PUMP}.speed", "5", "--evidence", "note.txt", "--source", "x"), 3, "who does: bms, notes"),
        (("correct", f"{PUMP}.speed", "5", "--evidence", "note.txt", "--at", "noon"), 2, "times are written like"),
        (("correct", f"{PUMP}.speed", "5", "--evidence", "note.txt", "--at", "2001-01-01T00:00:00Z"), 3, "at 2001"),
        (("override", f"{PUMP}.speed", "5", "--evidence", "note.txt", "--until", "5s"), 2, "more than PT30S after"),
        (("override", "pump-9.speed", "5", "--evidence", "note.txt"), 3, "no entity"),
    ],
)
def test_what_can_not_be_is_refused_with_the_next_move(
    graphtwin: Callable[..., Any], alice: Callable[..., Any], words: tuple[str, ...], code: int, told: str
):
    before = graphtwin("world", "list", "-o", "json").json

    answer = alice(*words)

    assert (answer.code, told in answer.err, "Traceback" in answer.err) == (code, True, False), answer.err
    assert graphtwin("world", "list", "-o", "json").json == before


@pytest.mark.parametrize(
    ("role", "words", "code"),
    [
        ("viewer", ("correct", f"{PUMP}.speed", "5", "--evidence", "note.txt"), 5),
        ("viewer", ("withdraw", f"{PUMP}.speed"), 5),
        ("operator", ("correct", f"{PUMP}.speed", "5", "--evidence", "note.txt"), 0),
        ("operator", ("withdraw", f"{PUMP}.speed"), 0),
        ("operator", ("override", f"{PUMP}.speed", "5", "--evidence", "note.txt"), 5),
        ("admin", ("override", f"{PUMP}.speed", "5", "--evidence", "note.txt"), 0),
    ],
)
def test_a_role_decides_what_it_may(graphtwin: Callable[..., Any], role: str, words: tuple[str, ...], code: int):
    graphtwin("user", "add", "bob", "--role", role)

    answer = graphtwin("claim", *words, "--as", "bob")

    assert answer.code == code, answer.err


def test_an_operator_does_not_withdraw_an_override(graphtwin: Callable[..., Any], alice: Callable[..., Any]):
    graphtwin("user", "add", "bob", "--role", "operator")
    alice("override", f"{PUMP}.speed", "5", "--evidence", "note.txt")

    answer = graphtwin("claim", "withdraw", f"{PUMP}.speed", "--as", "bob")

    assert answer.code == 5
    assert "needs approver or above" in answer.err


def test_who_is_nobody_in_the_world_is_told_how_to_become_somebody(graphtwin: Callable[..., Any]):
    answer = graphtwin("claim", "withdraw", f"{PUMP}.speed")

    assert answer.code == 3
    assert "graphtwin user add plant" in answer.err
