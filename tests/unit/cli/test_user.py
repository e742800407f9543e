"""`graphtwin user`: as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def test_a_person_is_added_listed_and_revoked(graphtwin: Callable[..., Any]):
    added = graphtwin("user", "add", "plant", "alice", "--role", "approver")
    listed = graphtwin("user", "list", "plant")
    revoked = graphtwin("user", "revoke", "plant", "alice")

    assert (added.code, listed.code, revoked.code) == (0, 0, 0), added.err + listed.err + revoked.err
    assert "alice is approver of plant, added by graphtwin" in added.out
    assert "only you can read it" in added.out
    assert "alice" in listed.out
    assert "may decide nothing any more" in revoked.out


def test_programs_get_json(graphtwin: Callable[..., Any]):
    added = graphtwin("user", "add", "alice", "--role", "viewer", "-o", "json").json

    assert (added["name"], added["role"], added["by"], added["revoked_at"]) == ("alice", "viewer", "graphtwin", None)
    assert Path(added["private_key"]).stat().st_mode & 0o777 == 0o600
    assert [one["name"] for one in graphtwin("user", "list", "-o", "json").json] == ["alice", "graphtwin"]


def test_a_world_without_people_says_how_to_add_one(graphtwin: Callable[..., Any]):
    assert "graphtwin user add plant NAME --role approver" in graphtwin("user", "list").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "revoke", "plant", "alice"), 3),
        (("user", "add", "nowhere", "alice", "--role", "admin"), 3),
        (("user", "add", "plant", "a/b", "--role", "admin"), 2),
        (("user", "add", "plant", "alice", "--role", "king"), 2),
        (("user", "add", "plant", "alice", "--role", "admin", "--as", "bob"), 5),
    ],
)
def test_what_can_not_be_ends_with_its_exit_code(graphtwin: Callable[..., Any], words: tuple[str, ...], code: int):
    answer = graphtwin(*words)

    assert (answer.code, "Traceback" in answer.err) == (code, False)
    assert answer.err.startswith("Error: ")


def test_an_api_key_is_shown_once_listed_by_its_name_and_ended(graphtwin: Callable[..., Any], tmp_path: Path):
    graphtwin("user", "add", "plant", "alice", "--role", "approver")

    given = graphtwin("user", "key", "plant", "alice", "-o", "json").json
    listed = graphtwin("user", "keys", "plant", "-o", "json")
    shown = graphtwin("audit", "show", "plant")
    ended = graphtwin("user", "end-key", "plant", "alice", "--key", given["name"])

    assert given["key"].startswith("gtk_")
    assert [(one["name"], one["principal"], one["ended_at"]) for one in listed.json] == [(given["name"], "alice", None)]
    assert given["key"] not in listed.out + shown.out
    assert f"API key {given['name']} of alice" in shown.out
    assert ended.code == 0, ended.err
    assert graphtwin("user", "end-key", "plant", "alice").code == 3


def test_a_key_of_another_world_is_given_again_from_a_file_that_only_its_owner_reads(
    graphtwin: Callable[..., Any], tmp_path: Path
):
    graphtwin("user", "add", "plant", "alice", "--role", "viewer")
    file = tmp_path / "key"
    file.write_text("k" * 40)
    file.chmod(0o644)

    refused = graphtwin("user", "key", "plant", "alice", "--again", str(file))
    file.chmod(0o600)
    given = graphtwin("user", "key", "plant", "alice", "--again", str(file))
    twice = graphtwin("user", "key", "plant", "alice", "--again", str(file))

    assert (refused.code, given.code, twice.code) == (2, 0, 4), given.err
    assert "k" * 40 not in given.out + given.err + twice.err


@pytest.mark.parametrize(("name", "code"), [("nobody", 3), ("graphtwin", 5)])
def test_a_key_is_of_a_person_who_is_there(graphtwin: Callable[..., Any], name: str, code: int):
    graphtwin("user", "add", "plant", "alice", "--role", "viewer")

    assert graphtwin("user", "key", "plant", name).code == code
