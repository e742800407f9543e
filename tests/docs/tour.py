"""The tour of the README, played: its commands in their order, each with what the page shows and what really came."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

_PORT: Final = "8700"
_KEYS: Final = "~/.config/graphtwin"
_BLOCK: Final = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_VOLATILE: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\S*/(?=runs/)"), ""),
    (re.compile(r"_\d{8}_\d{6}_[0-9a-f]{6}"), "_RUN"),
    (re.compile(r"\b[0-9a-f]{12,}…?"), "HASH"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Shown:
    """A command of the page with the lines of its answer that the page shows."""

    command: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """What a command really did."""

    shown: Shown
    exit_code: int
    output: str


def tour(page: str) -> list[Shown]:
    """Every `$ command` of the page's console blocks with the lines below it."""
    steps: list[Shown] = []
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            steps.append(Shown(command, tuple(line for line in lines if line.strip())))
    return steps


def play(steps: list[Shown], folder: Path, environment: dict[str, str]) -> list[Played]:
    """Run them one after the other, as a person would type them, until one fails. What the page serves is served at a port
    that is free here, and keys lie where the environment says.
    """
    here = {_PORT: str(free_port()), _KEYS: environment.get("GRAPHTWIN_CONFIG", _KEYS)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    played: list[Played] = []
    for step in steps:
        done = subprocess.run(
            ["bash", "-c", _in_place(step.command, here)],
            cwd=folder,
            env={**os.environ, **environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        played.append(Played(step, done.returncode, done.stdout + done.stderr))
        if done.returncode:
            break
    return played


def _in_place(command: str, here: Mapping[str, str]) -> str:
    for said, meant in here.items():
        command = command.replace(said, meant)
    return command.replace("graphtwin serve", f"graphtwin serve --port {here[_PORT]}")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def steady(line: str) -> str:
    """A line without what differs from run to run: times, folders, run ids, hashes, the width of columns."""
    for pattern, name in _VOLATILE:
        line = pattern.sub(name, line)
    return line.strip()
