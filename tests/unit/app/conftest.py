"""A small world in memory for each test, and keys that aren't the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.small_world import SmallWorld, memory


@pytest.fixture(autouse=True)
def _own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def plant(tmp_path: Path) -> SmallWorld:
    return SmallWorld(tmp_path / "plant", memory())
