"""What demonstrations have in common: how they are told, what they end with, and where their scripts lie."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphtwin.app.outcome import SyncOutcome
from graphtwin.errors import NotFound
from graphtwin.model.report import SyncStatus
from graphtwin.model.resources import resource_folder


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """Every sync in order, and where to look next."""

    world: str
    folder: Path
    outcomes: tuple[SyncOutcome, ...]
    report_path: Path
    audit_path: Path
    queries: tuple[str, ...]
    browser_url: str | None


def told(number: int, outcome: SyncOutcome) -> str:
    """A sync in a sentence."""
    report = outcome.report
    what = f"Sync {number}: {report.twin_snapshot.version} {report.status.value}"
    if report.status is SyncStatus.SYNCED:
        return what
    count = report.drift_report.anomalies_detected
    return f"{what}: {count} finding{'s' if count != 1 else ''}, risk {report.risk_assessment.current_risk:.2f}"


def scenario_of(example: str) -> Any:
    """The example's own script: it isn't part of the package, so that people can read and change it. Raises NotFound."""
    path = resource_folder("examples") / example / "scenario.py"
    name = f"graphtwin_scenario_{example.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NotFound(f"The example {path} isn't there.", hint="reinstall graphtwin")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module.Scenario()
