"""The demonstration on this machine as a stranger runs it: real services, a real database, and proofs that hold after it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from e2e.played_demo import SCHEMA, Demo

from graphtwin.model.report import SyncReport
from graphtwin.settings import Settings

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def demo(neo4j_server: object, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    del neo4j_server
    played = Demo(neo4j_settings, tmp_path_factory.mktemp("keys"), "machine")
    assert played.done.returncode == 0, played.done.stderr[-3000:]
    return played


def test_every_report_is_valid_and_has_exactly_the_contracts_fields(demo: Demo):
    schema = json.loads(SCHEMA.read_text("utf-8"))
    fields = set(SyncReport.model_fields) - {"details"}

    for report in demo.reports:
        jsonschema.validate(report, schema)
        assert set(report) == fields


def test_it_is_calm_first_and_finds_what_was_really_done_to_the_machine(demo: Demo):
    statuses = [report["status"] for report in demo.reports]
    triggers = "\n".join(demo.reports[-1]["drift_report"]["triggers"])

    assert statuses[0] == "synced"
    assert statuses[-1] == "drift_detected"
    assert set(statuses) == {"synced", "drift_detected"}
    for words in ("No process runs ledger", "heartbeats has said nothing", "should listen on port"):
        assert words in triggers


def test_it_proposes_and_does_not_act(demo: Demo):
    last = demo.reports[-1]

    assert not last["actions"]["executed"]
    assert "Start the service again" in last["actions"]["plan_summary"]
    assert last["verification"]["result"] == "SKIPPED"
    assert last["rollback"] == {"available": False, "executed": False, "restore_point": None, "command": None}


def test_world_and_audit_log_are_verified_after_it(demo: Demo):
    assert demo.graphtwin("verify", demo.world).returncode == 0
    assert demo.graphtwin("audit", "verify", demo.world).returncode == 0


def test_a_single_changed_byte_in_the_audit_log_is_found(demo: Demo, tmp_path: Path):
    kept = shutil.copy(demo.log, tmp_path / "kept.jsonl")
    data = bytearray(demo.log.read_bytes())
    place = data.index(b"commit", len(data) // 2)
    data[place] ^= 1
    demo.log.write_bytes(data)

    checked = demo.graphtwin("audit", "verify", demo.world)

    shutil.copy(kept, demo.log)
    assert checked.returncode == 1
    assert "line" in checked.stdout + checked.stderr


def test_nothing_that_it_started_is_left_running(demo: Demo):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    assert f"{demo.log.parents[1]}/services/service.py" not in listed
