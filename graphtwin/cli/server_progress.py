"""Shows on the terminal what a start of the database is doing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn


class TerminalProgress:
    """Sentences and one download bar on stderr; the bar only where somebody watches."""

    def __init__(self, console: Console) -> None:
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Progress(TextColumn("jars"), *columns, console=console, disable=not console.is_terminal)
        self._console = console
        self._task = self._bar.add_task("jars", total=None, visible=False)

    def say(self, text: str) -> None:
        self._console.print(text, style="dim", highlight=False, markup=False, soft_wrap=True)

    def total(self, size: int) -> None:
        self._bar.start()
        self._bar.update(self._task, total=size, visible=True)

    def advance(self, size: int) -> None:
        self._bar.advance(self._task, size)

    def close(self) -> None:
        self._bar.stop()


@contextmanager
def terminal_progress() -> Iterator[TerminalProgress]:
    """For the time of one start."""
    progress = TerminalProgress(Console(stderr=True))
    try:
        yield progress
    finally:
        progress.close()
