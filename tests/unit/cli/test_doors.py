"""The real doors: nothing is started for a file that can't be used, and what takes long says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import typer
from unit.cli.small_world import MemoryDoors

from graphtwin.cli import app as program
from graphtwin.cli.doors import AppDoors, ask
from graphtwin.cli.live import PATIENCE_S
from graphtwin.errors import ConfigurationError


def test_a_twin_that_cannot_be_used_starts_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_HOME", str(tmp_path / "home"))
    twin = tmp_path / "twin.yaml"
    twin.write_text("world: {id: plant}\nsources: {bms: {type: telepathy}}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="type"):
        AppDoors().start(twin)

    assert not (tmp_path / "home").exists()


async def test_a_question_that_takes_long_says_so_to_who_watches(
    doors: MemoryDoors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    context = typer.Context(typer.main.get_command(program), obj=doors)

    await ask(context, lambda _doors, _store: asyncio.sleep(PATIENCE_S + 0.5))

    assert "Asking the database" in capsys.readouterr().err
