"""Syncs in children that can be told to die at the boundary of a step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("sync_in_a_child.py")
KILLED = -9


class Children:
    """One program that forks a child for each sync."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sync(self, twin: Path, *, kill_at: str = "", kill_after: float | None = None) -> int:
        """How the child ended: an exit code, or minus the signal that killed it."""
        self.begin(twin, kill_at=kill_at, kill_after=kill_after)
        return self.end()

    def resume(self, twin: Path, run: str, *, kill_at: str = "") -> int:
        """How the child ended that brings to its end what a run left on its way: the exit code is the command's."""
        self._ask(twin=str(twin), kill_at=kill_at, kill_after=None, resume=run)
        return self.end()

    def begin(self, twin: Path, *, kill_at: str = "", kill_after: float | None = None) -> None:
        """Start one, without waiting for its end. It dies at a boundary, or after so many seconds, if it still runs then."""
        self._ask(twin=str(twin), kill_at=kill_at, kill_after=kill_after, resume="")

    def _ask(self, **asked: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def end(self) -> int:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the program that forks ended"
        return int(json.loads(answer))


@contextmanager
def children(environment: dict[str, Any]) -> Iterator[Children]:
    """The program, with exactly this environment; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield Children(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)
