"""The folder of a server: private, its state file whole or ignored, one holder of its lock."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from graphtwin.errors import Unavailable
from graphtwin.store.server.home import ServerHome, ServerState, file_lock, read_state, write_private, write_state


@pytest.fixture
def home(tmp_path: Path) -> ServerHome:
    home = ServerHome.of(tmp_path)
    home.create()
    return home


def test_the_home_is_for_its_owner_only(home: ServerHome):
    folders = [home.root, *(entry for entry in home.root.iterdir() if entry.is_dir())]

    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_a_home_that_cant_be_made_says_so_with_the_next_move(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable) as refused:
        ServerHome.of(tmp_path / "file").create()

    assert "GRAPHTWIN_HOME" in refused.value.hint


def test_a_state_is_read_back_as_it_was_written(home: ServerHome):
    state = ServerState(17687, 17474, "2026.09.0", pid=12, process_started=1.5, started_at="2026-01-01T00:00:00Z")

    write_state(home, state)

    assert read_state(home) == state
    assert state.bolt_uri in home.state_file.read_text()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"bolt_port": 1}', "null"])
def test_a_state_file_that_cant_be_read_counts_as_none(home: ServerHome, content: str):
    home.state_file.write_text(content)

    assert read_state(home) is None


def test_a_private_file_is_for_its_owner_only_even_when_it_was_open_before(home: ServerHome):
    home.password_file.write_text("old")
    home.password_file.chmod(0o644)

    write_private(home.password_file, "new")

    assert home.password_file.read_text() == "new"
    assert home.password_file.stat().st_mode & 0o777 == 0o600


def test_who_waits_for_a_lock_is_told_so_and_who_gets_it_at_once_isnt(tmp_path: Path):
    told: list[str] = []
    waiting = threading.Event()

    def waits() -> None:
        told.append("second")
        waiting.set()

    def enter() -> None:
        with file_lock(tmp_path / "lock", waits):
            pass

    with file_lock(tmp_path / "lock", lambda: told.append("first")):
        second = threading.Thread(target=enter)
        second.start()
        waited = waiting.wait(10)
    second.join(10)

    assert waited
    assert told == ["second"]


def test_a_lock_lets_one_in_at_a_time(tmp_path: Path):
    inside: list[int] = []
    most: list[int] = []

    def enter() -> None:
        for _ in range(20):
            with file_lock(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 80
    assert max(most) == 1
