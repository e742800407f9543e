"""Which process is this home's server, and how it is ended."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest

from graphtwin.store.server.home import ServerHome, ServerState
from graphtwin.store.server.java import home_argument
from graphtwin.store.server.process import end, find_process, is_alive, last_lines, spawn

SLEEP = "import time; print('hello', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


@pytest.fixture
def home(tmp_path: Path) -> ServerHome:
    home = ServerHome.of(tmp_path)
    home.create()
    return home


def pretend(home: ServerHome, program: str = SLEEP) -> psutil.Process:
    """A process whose command line names the home, as the server's does."""
    return spawn([sys.executable, "-c", program, home_argument(home)], home)


def state_of(process: psutil.Process) -> ServerState:
    return ServerState(1, 2, "x", pid=process.pid, process_started=process.create_time())


def test_the_process_of_the_state_file_is_found(home: ServerHome):
    process = pretend(home)

    found = find_process(home, state_of(process))
    end(process, 10)

    assert found == process


def test_a_server_without_a_state_file_is_found_by_the_home_it_names(home: ServerHome):
    process = pretend(home)

    found = find_process(home, None)
    end(process, 10)

    assert found == process


def test_a_stranger_that_got_the_pid_is_not_taken_for_the_server(home: ServerHome):
    assert find_process(home, state_of(psutil.Process())) is None


def test_a_killed_process_is_dead_at_once_and_leaves_no_zombie(home: ServerHome):
    process = pretend(home)
    state = state_of(process)

    process.send_signal(signal.SIGKILL)
    process.wait(10)

    assert not is_alive(process)
    assert find_process(home, state) is None
    assert not psutil.pid_exists(process.pid)


def test_an_ending_is_gentle_first_and_a_kill_last(home: ServerHome):
    gentle, stubborn = pretend(home), pretend(home, STUBBORN)
    while "hello" not in "".join(last_lines(home.console_log)):
        assert is_alive(stubborn)

    assert end(gentle, 10)
    assert not end(stubborn, 0.5)
    assert not is_alive(gentle)
    assert not is_alive(stubborn)


def test_the_last_lines_of_a_log_are_shown_and_a_missing_log_has_none(tmp_path: Path):
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))

    assert last_lines(log, 2) == ["line 9998", "line 9999"]
    assert last_lines(tmp_path / "none") == []
