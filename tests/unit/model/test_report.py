"""The sync report: the requirement's example is one, and nothing beside the contract is printed unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from graphtwin.model.report import SyncReport, SyncStatus
from graphtwin.model.snapshot import FlatState, StateDelta, StateReference
from graphtwin.model.world_state import WorldState

STANDARD = Path(__file__).resolve().parents[2] / "golden" / "standard"
SYNC_REPORT: dict[str, Any] = yaml.safe_load((STANDARD / "sync_report.yaml").read_text(encoding="utf-8"))
WORLD_STATE: dict[str, Any] = yaml.safe_load((STANDARD / "world_state.yaml").read_text(encoding="utf-8"))


DELTA: dict[str, Any] = {
    "base": "v46",
    "meta": WORLD_STATE["meta"],
    "entities": [],
    "relationships": [],
    "state_variables": WORLD_STATE["state_variables"],
    "removed": {
        "entities": ["tank-2"],
        "relationships": [{"src": "pump-1", "relation": "connected_to", "dst": "tank-2"}],
        "state_variables": [{"subject": {"entity_id": "tank-2", "entity_type": None, "alias": None}, "name": "level"}],
    },
}
REFERENCE: dict[str, Any] = {"ref": "runs/r-1/state.json", "entities": 5000, "hash": "sha256:00"}


def with_state(state: dict[str, Any]) -> dict[str, Any]:
    return {**SYNC_REPORT, "twin_snapshot": {**SYNC_REPORT["twin_snapshot"], "state": state}}


def test_the_requirements_example_is_a_sync_report_as_written() -> None:
    report = SyncReport.model_validate(SYNC_REPORT)

    assert report.status is SyncStatus.DRIFT_DETECTED
    assert isinstance(report.twin_snapshot.state, FlatState)
    assert report.model_dump(mode="json") == SYNC_REPORT


@pytest.mark.parametrize(
    ("state", "form"), [(WORLD_STATE, WorldState), (DELTA, StateDelta), (REFERENCE, StateReference)]
)
def test_the_state_is_read_in_each_of_its_forms(state: dict[str, Any], form: type) -> None:
    report = SyncReport.model_validate(with_state(state))

    assert type(report.twin_snapshot.state) is form
    assert report.model_dump(mode="json")["twin_snapshot"]["state"] == state
    assert SyncReport.model_validate(report.model_dump()) == report


def test_details_are_printed_only_when_there_are_some() -> None:
    report = SyncReport.model_validate({**SYNC_REPORT, "details": {"checklist": []}})

    assert report.model_dump(mode="json")["details"] == {"checklist": []}
    assert "details" not in SyncReport.model_validate(SYNC_REPORT).model_dump_json()


@pytest.mark.parametrize("field", list(SYNC_REPORT))
def test_no_field_of_the_contract_may_be_missing(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        SyncReport.model_validate({name: value for name, value in SYNC_REPORT.items() if name != field})


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("drift_report", "anomalies_detected", -1),
        ("drift_report", "anomalies_detected", "1"),
        ("drift_report", "severity", "fatal"),
        ("risk_assessment", "current_risk", 1.2),
        ("risk_assessment", "forecasted_risk", float("nan")),
        ("actions", "executed", "no"),
        ("verification", "result", "pass"),
        ("next_sync", "recommended_interval", "soon"),
    ],
)
def test_a_field_out_of_its_range_is_refused_by_name(part: str, field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        SyncReport.model_validate({**SYNC_REPORT, part: {**SYNC_REPORT[part], field: value}})
