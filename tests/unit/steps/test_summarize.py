"""The report of a sync: every field of the contract, from a run that went through and from one that stopped early."""

import json
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from graphtwin.methods.judging.confidence import Confidence
from graphtwin.methods.judging.next_sync import recommended_interval, resync_triggers
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.durations import HOUR, MINUTE, SECOND
from graphtwin.model.finding import Finding, NotJudged
from graphtwin.model.plan import Gate, Plan, PlanStep
from graphtwin.model.report import SyncReport, SyncStatus, VerificationResult
from graphtwin.model.risk import Forecast, Risk
from graphtwin.model.snapshot import FlatEntity, FlatState, TwinSnapshot
from graphtwin.steps.summarize import summarize

ROOT = Path(__file__).parents[3]
CONFIG = parse_twin(
    "world: {id: shop}\nsources: {inventory: {type: file, path: inventory.csv}}\n"
    "constraints: {allowed_actions: []}\nschedule: {interval: 5m}\nassumptions: [clocks agree]\n"
)
FINDING = Finding(
    id="f-1", kind="value", name="drift:host.cpu", entity="web-1", variable="cpu", reported=0.9, reference=0.5,
    reference_kind="desired", magnitude=0.8, severity="high", exceeds=True, message="web-1 cpu is 0.9, desired is 0.5",
    anchors=("tool:detect-anomaly:f-1",), evidence=("ab12",), since=1_700_000_000_000_000,
)  # fmt: skip
FORECAST = Forecast("web-1", "cpu", 0.4, HOUR, 1_700_000_000_000_000, None, 0.95, "trend", 30)
CONTRACT = [
    "workflow_id", "world_id", "sync_timestamp", "status", "twin_snapshot", "drift_report", "risk_assessment", "actions",
    "verification", "audit", "rollback", "next_sync", "confidence", "evidence_anchors", "assumptions",
]  # fmt: skip


def answer(**fields):
    return SimpleNamespace(anchors=(f"tool:{'-'.join(fields)[:12]}",), assumptions=(), **fields)


def whole_run():
    plan = Plan(
        "plan-1", "shop", "Proposed to a person: Restart web (web-1).",
        (PlanStep("action", "restart", "Restart web", "web-1", ("f-1",), command="systemctl restart web"),), 0.3, 1.0,
    )  # fmt: skip
    return {
        "received": answer(answered={"inventory": True}, problems={}, messages=4),
        "transformed": answer(events=[1, 2, 3], refused={"inventory": 1}, messages={"inventory": 4}, partial_rosters={}),
        "identified": answer(touched=3, unresolved=(), merged=()),
        "detected": answer(
            findings=(FINDING,), deviations=(), judged=7, not_judged=(NotJudged("a", "x", "too few samples"),),
            threshold=0.15, severity="high", drift_detected=True, triggers=(FINDING.message,),
        ),
        "estimated": answer(risk=Risk(0.4, by_entity={"web-1": 0.4}), current=0.4, factors=("cpu is high",), stop=""),
        "forecasted": answer(
            forecasts=(FORECAST,), risk=Risk(0.55), forecasted=0.55, horizon=HOUR, factors=("cpu may pass 0.95",), stop=""
        ),
        "planned": answer(plan=plan, stop=""),
        "constrained": answer(
            compliant=False, needs_approval=True, observe_only=False, risk=0.55, violations=("restart isn't allowed",),
            gates=(Gate("allowed", False, "restart isn't allowed"),),
        ),
        "checkpointed": answer(restore_point="v3", hash="sha256:aa"),
        "acted": answer(executed=False, changes=(), reason="no actuator"),
        "verified": answer(result=VerificationResult.SKIPPED, criteria_met=()),
        "audited": answer(log_path="audit/shop.jsonl", provenance_chain=("inventory.csv → receive",)),
        "restored": answer(available=False, executed=False, restore_point=None, command=None),
    }  # fmt: skip


def report_of(status=SyncStatus.DRIFT_DETECTED, **changes):
    snapshot = TwinSnapshot(
        version="v3", state=FlatState(entities=(FlatEntity(id="web-1", type="host"),)), hash="sha256:aa",
        evidence_anchors=("file:inventory.csv:1",),
    )  # fmt: skip
    return summarize(
        workflow_id="sync-1", config=CONFIG, sync_at=1_700_000_000_000_000, status=status, snapshot=snapshot,
        confidence=Confidence({"receive": 1.0, "transform": 0.75}, 0.75, ""), log_path="audit/shop.jsonl",
        steps=(SimpleNamespace(step="world_state", started_at=1_700_000_000_000_000, ended_at=1_700_000_000_004_500,
                               outcome="done", reason="", attempts=1),),
        **changes,
    )  # fmt: skip


def test_a_whole_run_makes_exactly_the_contracts_fields():
    out = report_of(**whole_run())

    told = json.loads(out.without_details.model_dump_json())
    assert list(told) == CONTRACT
    assert (told["status"], told["sync_timestamp"]) == ("drift_detected", "2023-11-14T22:13:20Z")
    assert told["drift_report"] == {
        "anomalies_detected": 1, "severity": "high", "triggers": ["web-1 cpu is 0.9, desired is 0.5"],
        "evidence_anchors": [*whole_run()["detected"].anchors, "fact:ab12"],
    }  # fmt: skip
    assert (told["risk_assessment"]["current_risk"], told["risk_assessment"]["forecasted_risk"]) == (0.4, 0.55)
    assert told["actions"]["safety_gates_passed"] is False
    assert told["rollback"] == {"available": False, "executed": False, "restore_point": None, "command": None}
    assert told["assumptions"] == ["clocks agree"]
    assert {"file:inventory.csv:1", "fact:ab12"} <= set(told["evidence_anchors"])


@pytest.mark.parametrize("steps", [{}, whole_run()])
def test_every_report_fits_the_published_schema_and_reads_back(steps):
    schema = json.loads((ROOT / "reference" / "sync_report.schema.json").read_text())

    out = report_of(**steps)

    for report in (out.report, out.without_details):
        told = json.loads(report.model_dump_json())
        jsonschema.validate(told, schema)
        assert SyncReport.model_validate(told) == report


def test_the_checklist_has_nine_items_with_the_reason_of_each():
    out = report_of(**whole_run())

    assert [(check.item, check.passed) for check in out.checklist] == [
        ("Source Ingestion", True), ("Transform Success", False), ("Identity Resolved", True), ("Drift Detection", True),
        ("Risk Assessment", True), ("Policy Compliance", True), ("Checkpoint Valid", True), ("Audit Complete", True),
        ("Next Sync Scheduled", True),
    ]  # fmt: skip
    assert "1 quarantined (inventory 1)" in out.checklist[1].why
    assert out.report.details["checklist"][5]["why"] == "checked, and refused: restart isn't allowed"


def test_a_run_that_stopped_early_says_so_and_claims_nothing():
    silent = answer(answered={"inventory": False}, problems={"inventory": "no such file"}, messages=0)

    out = report_of(SyncStatus.FAILED, received=silent, stopped="no signals: no source answered")

    report = out.report
    assert report.risk_assessment.current_risk == report.risk_assessment.forecasted_risk == 1.0
    assert report.actions.plan_summary == "Nothing was planned: no signals: no source answered"
    assert not report.actions.safety_gates_passed
    assert report.verification.result == "SKIPPED"
    assert "inventory: no such file" in out.checklist[0].why
    assert not any(check.passed for check in out.checklist[:6])
    assert "inventory answers again" in report.next_sync.triggers


def test_an_action_that_policy_refused_or_without_a_restore_point_fails_its_item():
    steps = {**whole_run(), "acted": answer(executed=True, changes=("restarted",), reason=""), "checkpointed": None}

    checks = {check.item: check for check in report_of(**steps).checklist}

    assert not checks["Policy Compliance"].passed
    assert not checks["Checkpoint Valid"].passed


def test_details_hold_what_a_person_may_ask_next():
    details = report_of(**whole_run(), more={"dangling": ["s:x"]}).report.details

    assert details["steps"][0]["milliseconds"] == 4.5
    assert details["confidence"]["steps"] == {"receive": 1.0, "transform": 0.75}
    assert details["sources"]["inventory"]["quarantined"] == 1
    assert details["not_judged"] == [{"entity": "a", "variable": "x", "reason": "too few samples"}]
    assert details["findings"][0]["since"] == "2023-11-14T22:13:20Z"
    assert details["plan"]["steps"][0]["command"] == "systemctl restart web"
    assert details["dangling"] == ["s:x"]


QUIET = {"least": 0, "risk": 0.0, "drift_detected": False, "all_answered": True, "stopped": False}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 5 * MINUTE),
        ({"risk": 0.5}, 3 * MINUTE),
        ({"risk": 0.01}, 5 * MINUTE),
        ({"risk": 1.0}, MINUTE),
        ({"drift_detected": True}, 2 * MINUTE),
        ({"all_answered": False}, 2 * MINUTE),
        ({"stopped": True}, 2 * MINUTE),
        ({"risk": 1.0, "least": 4 * MINUTE}, 4 * MINUTE),
    ],
)
def test_the_next_sync_comes_sooner_the_more_is_at_stake(changes, expected):
    assert recommended_interval(5 * MINUTE, **{**QUIET, **changes}) == expected


def test_the_next_sync_is_never_nearer_than_a_second():
    assert recommended_interval(2 * SECOND, **{**QUIET, "risk": 1.0}) == SECOND


def test_a_sync_at_once_is_asked_for_in_words():
    assert resync_triggers((FINDING,), (FORECAST,), ("inventory",), actions=1) == (
        "A proposed action was carried out",
        "web-1 cpu exceeds 0.95",
        "web-1 cpu changes",
        "inventory answers again",
    )
    assert resync_triggers((), (), (), actions=0) == ("A source reports a change", "twin.yaml changes")
