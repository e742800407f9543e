"""The demonstration in four acts as a stranger runs it: a real broker, a building that pushes back, a real database."""

from __future__ import annotations

import json
import subprocess

import jsonschema
import pytest
from e2e.played_demo import SCHEMA, Demo

from graphtwin.model.report import SyncReport
from graphtwin.settings import Settings

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def demo(neo4j_server: object, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    del neo4j_server
    played = Demo(neo4j_settings, tmp_path_factory.mktemp("keys"))
    assert played.done.returncode == 0, played.done.stderr[-3000:]
    return played


def test_every_report_is_valid_and_has_exactly_the_contracts_fields(demo: Demo):
    schema = json.loads(SCHEMA.read_text("utf-8"))
    fields = set(SyncReport.model_fields) - {"details"}

    for report in demo.reports:
        jsonschema.validate(report, schema)
        assert set(report) == fields


def test_the_four_acts_come_in_their_order(demo: Demo):
    statuses = [report["status"] for report in demo.reports]

    story = [status for place, status in enumerate(statuses) if place == 0 or statuses[place - 1] != status]
    assert story == ["synced", "drift_detected", "action_taken", "drift_detected", "rolled_back"]


def test_what_was_approved_is_done_and_verified(demo: Demo):
    (taken,) = [report for report in demo.reports if report["status"] == "action_taken"]

    assert taken["verification"]["result"] == "PASS"
    assert taken["verification"]["criteria_met"]
    assert taken["actions"]["executed"]
    assert taken["actions"]["changes"]
    assert taken["rollback"]["available"]


def test_what_was_refused_is_rolled_back_to_the_hash_of_its_restore_point(demo: Demo):
    last = demo.reports[-1]
    shown = demo.graphtwin("snapshot", demo.world, "--version", last["rollback"]["restore_point"], "-o", "json")

    assert last["rollback"]["executed"]
    assert last["twin_snapshot"]["hash"] == json.loads(shown.stdout)["hash"]


def test_world_and_audit_log_are_verified_after_it(demo: Demo):
    assert demo.graphtwin("verify", demo.world).returncode == 0
    assert demo.graphtwin("audit", "verify", demo.world).returncode == 0


def test_nothing_that_it_started_is_left_running(demo: Demo):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    assert str(demo.log.parents[1]) not in listed
