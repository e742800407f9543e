"""The world that the pages speak of, made once by playing the README's tour."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from docs.tour import ROOT, Played, play, tour

from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress


@dataclass(frozen=True)
class Pumphouse:
    """The world of the tour: its folder, how to reach it, and what each command answered."""

    folder: Path
    environment: Mapping[str, str]
    played: list[Played]


@pytest.fixture(scope="session")
def pumphouse(
    neo4j_server: ServerAddress, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Pumphouse:
    folder = tmp_path_factory.mktemp("pumphouse")
    keys = tmp_path_factory.mktemp("config")
    environment = {"GRAPHTWIN_HOME": str(neo4j_settings.home), "GRAPHTWIN_CONFIG": str(keys), "GRAPHTWIN_WORLD": ""}
    steps = tour((ROOT / "README.md").read_text("utf-8"))
    played = play(steps, folder, environment)
    if not any(step.shown.command.startswith("kill ") for step in played) and (folder / "serve.pid").exists():
        os.kill(int((folder / "serve.pid").read_text()), signal.SIGTERM)  # it stopped before the page stops its server
    return Pumphouse(folder, environment, played)
