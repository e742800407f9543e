"""A demonstration, played once by the program itself for all tests of a file, without network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from e2e.real_world import environment

from graphtwin.settings import Settings

SCHEMA = Path(__file__).resolve().parents[2] / "reference" / "sync_report.schema.json"


class Demo:
    """One demonstration, played once for all tests of this file."""

    def __init__(self, settings: Settings, keys: Path, *words: str) -> None:
        self._environment = {
            **environment(settings, keys),
            "GRAPHTWIN_MAVEN_URL": "http://127.0.0.1:1",  # nothing can be fetched
        }
        self.done = self.graphtwin("demo", *words, "-o", "json")
        self.reports: list[dict[str, Any]] = json.loads(self.done.stdout) if self.done.returncode == 0 else []

    def graphtwin(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "graphtwin", *words],
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=800,
            check=False,
        )

    @property
    def world(self) -> str:
        return str(self.reports[-1]["world_id"])

    @property
    def log(self) -> Path:
        return Path(self.reports[-1]["audit"]["log_path"])
