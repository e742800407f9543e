"""A line on the terminal that says which step is running, for whatever takes longer than a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

from rich.console import Console

from graphtwin.cli.output import stderr

PATIENCE_S: Final = 1.5
"""Nothing is shown for what is over sooner."""


@contextmanager
def live_steps(doing: str) -> Iterator[Callable[[str, Any], None]]:
    """Takes (step, phase) and shows the running step on stderr while the block runs; silent where nobody watches."""
    console = stderr()
    if not console.is_terminal:
        yield _unwatched
        return
    with _patient_status(console, doing) as update:
        yield lambda step, phase: update(f"{doing} · {step.replace('_', '-')}") if phase == "start" else None


def _unwatched(step: str, phase: Any) -> None:
    """Nobody watches."""


@contextmanager
def _patient_status(console: Console, doing: str) -> Iterator[Callable[[str], None]]:
    status = console.status(f"[dim]{doing}[/dim]", spinner="dots")
    timer = Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda text: status.update(f"[dim]{text}[/dim]")
    finally:
        timer.cancel()
        status.stop()
