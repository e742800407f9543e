"""The server's operating system process: starting it apart from us, recognising it, ending it."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from graphtwin.store.server.home import ServerHome, ServerState
from graphtwin.store.server.java import home_argument, java_environment

SAME_START_S = 3.0  # the system's clock may be set between two readings of a process's start

_own_children: dict[
    int, subprocess.Popen[bytes]
] = {}  # so that one that ended can be reaped and isn't seen as a zombie


def spawn(command: list[str], home: ServerHome) -> psutil.Process:
    """Start the command in a session of its own, so that it outlives this program; it prints to the console log."""
    _keep_previous(home.console_log)
    shutil.rmtree(home.scratch, ignore_errors=True)
    home.scratch.mkdir()
    with home.console_log.open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=home.root,
            env=java_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _own_children[child.pid] = child
    return psutil.Process(child.pid)


def find_process(home: ServerHome, state: ServerState | None) -> psutil.Process | None:
    """The living server of this home: the process of the state file if it really is that, else any that names the home.

    A pid alone proves nothing: it may be stale and belong to somebody else by now.
    """
    if state is not None and state.pid is not None:
        process = _process(state.pid)
        if process is not None and _is_server_of(process, home) and _started_as(process, state):
            return process
    return next((process for process in psutil.process_iter() if _is_server_of(process, home)), None)


def is_alive(process: psutil.Process) -> bool:
    child = _own_children.get(process.pid)
    if child is not None and child.poll() is not None:
        del _own_children[process.pid]
        return False
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(process: psutil.Process, timeout_s: float) -> bool:
    """Ask it to stop, wait, then kill it; True when it went by itself."""
    try:
        process.terminate()
        if _wait(process, timeout_s):
            return True
        process.kill()
        _wait(process, timeout_s)
    except psutil.NoSuchProcess:
        return True
    return False


def started_at(process: psutil.Process) -> str:
    return datetime.fromtimestamp(process.create_time(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def last_lines(file: Path, count: int = 12) -> list[str]:
    """The end of a log, empty when there is none."""
    try:
        with file.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - 64_000))
            return log.read().decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []


def _wait(process: psutil.Process, timeout_s: float) -> bool:
    try:
        process.wait(timeout_s)
    except psutil.TimeoutExpired:
        return False
    child = _own_children.pop(process.pid, None)
    if child is not None:
        child.poll()
    return True


def _process(pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
    return process if is_alive(process) else None


def _is_server_of(process: psutil.Process, home: ServerHome) -> bool:
    try:
        ours = process.uids().real == os.getuid()  # else anybody could pose as our server
        return ours and home_argument(home) in process.cmdline() and is_alive(process)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def _started_as(process: psutil.Process, state: ServerState) -> bool:
    return state.process_started is not None and abs(process.create_time() - state.process_started) < SAME_START_S


def _keep_previous(log: Path) -> None:
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
