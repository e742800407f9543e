"""A line on the terminal that says which step is running, for whatever takes longer than a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

from rich.console import Console
from rich.status import Status

from graphtwin.cli.output import line, stderr

PATIENCE_S: Final = 1.5
"""Nothing is shown for what is over sooner."""


class Live:
    """What a long command tells on stderr while it works; its line is only drawn where somebody watches."""

    def __init__(self, console: Console, status: Status | None, doing: str) -> None:
        self._console = console
        self._status = status
        self._doing = doing

    def step(self, step: str, phase: Any) -> None:
        """A workflow's step begins (`start`), ends or is skipped."""
        if self._status and phase == "start":
            self._status.update(line(f"{self._doing} · {step.replace('_', '-')}", "dim"))

    def say(self, sentence: str) -> None:
        """A sentence that stays."""
        self._console.print(line(sentence, "dim"), soft_wrap=True)


@contextmanager
def live(doing: str, console: Console | None = None) -> Iterator[Live]:
    """For the time of one command; the line appears once it takes longer than a moment."""
    shown = console or stderr()
    if not shown.is_terminal:
        yield Live(shown, None, doing)
        return
    status = shown.status(line(doing, "dim"), spinner="dots")
    timer = Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield Live(shown, status, doing)
    finally:
        timer.cancel()
        timer.join()
        status.stop()
