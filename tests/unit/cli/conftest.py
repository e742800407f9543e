"""A command line with a small world in memory behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.cli.small_world import Answer, MemoryDoors, details, golden_report, small_world

from graphtwin import app
from graphtwin.cli import run
from graphtwin.model.report import SyncReport


@pytest.fixture
def doors(tmp_path: Path) -> MemoryDoors:
    return MemoryDoors(asyncio.run(small_world()), tmp_path / "home")


@pytest.fixture
def outcome(tmp_path: Path) -> app.SyncOutcome:
    report = SyncReport.model_validate(golden_report())
    full = report.model_copy(update={"details": details()})
    return app.SyncOutcome(report, full, tmp_path / "report.html", 0, "sync-2")


@pytest.fixture
def graphtwin(
    doors: MemoryDoors, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Answer]:
    """Types a command line."""
    monkeypatch.delenv("GRAPHTWIN_WORLD", raising=False)
    monkeypatch.delenv("GRAPHTWIN_DEBUG", raising=False)

    def typed(*words: str) -> Answer:
        code = run(words, doors)
        return Answer(code, *capsys.readouterr())

    return typed
