"""The real doors: nothing is started for a file that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.cli.doors import AppDoors
from graphtwin.errors import ConfigurationError


def test_a_twin_that_cannot_be_used_starts_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_HOME", str(tmp_path / "home"))
    twin = tmp_path / "twin.yaml"
    twin.write_text("world: {id: plant}\nsources: {bms: {type: telepathy}}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="type"):
        AppDoors().start(twin)

    assert not (tmp_path / "home").exists()
