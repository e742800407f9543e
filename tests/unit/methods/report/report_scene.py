"""Runs to draw reports of: a machine that drifted, one in step, one that stopped, and one that means harm."""

import math
import random
from dataclasses import replace
from types import SimpleNamespace

from graphtwin.methods.judging.checklist import Check
from graphtwin.methods.report.report_context import ReportContext
from graphtwin.model.finding import Deviation, Finding
from graphtwin.model.instants import instant_of
from graphtwin.model.plan import Gate, Plan, PlanStep
from graphtwin.model.report import SyncReport, VerificationResult
from graphtwin.model.risk import Forecast
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.ports import Sample

NOW = 1_790_000_000_000_000
SECOND = 1_000_000
HOSTILE = "<script>alert('x')</script>\"'&\u202eevil\x00<img src=x onerror=alert(1)>"


def held(value, unit=""):
    return Held(value, unit, NOW, NOW, 1.0, "observation", "host", "host:a", "fact-1")


def entity(id_, kind, label="", **values):
    reported = {name: held(value) for name, value in values.items()}
    if label:
        reported["labels"] = held([label])
    return EntityState(id_, kind, "active", (f"host:{id_}",), reported)


def edge(subject, relation, target, layer="reported"):
    return Edge(layer, subject, relation, target, held(target))


def state_of(entities, edges):
    return State(At(NOW, 47), {one.id: one for one in entities}, {one.key: one for one in edges})


def machine():
    entities = [
        entity("service:local/shop-web", "service", "shop-web"),
        entity("service:local/shop-api", "service", "shop-api"),
        entity("service:local/shop-db", "service", "shop-db"),
        entity("process:local/4711-web", "process", "http.server (web)"),
        entity("process:local/4714-db", "process", "db.py"),
        entity("endpoint:local/127.0.0.1:8081", "endpoint", "127.0.0.1:8081"),
        entity("endpoint:local/127.0.0.1:8099", "endpoint", "127.0.0.1:8099"),
        entity("host:local/localhost", "host", "localhost", cpu_percent=96.4),
        entity("filesystem:local/root", "filesystem", "/"),
    ]
    e = {one.id.split("/", 1)[1]: one.id for one in entities}
    edges = [
        edge(e["shop-web"], "depends_on", e["shop-api"]),
        edge(e["shop-api"], "depends_on", e["shop-db"]),
        edge(e["shop-web"], "runs_as", e["4711-web"]),
        edge(e["shop-db"], "runs_as", e["4714-db"]),
        edge(e["shop-api"], "runs_as", "process:local/4712-api", "expected"),
        edge(e["4711-web"], "runs_on", e["localhost"]),
        edge(e["4714-db"], "runs_on", e["localhost"]),
        edge(e["4714-db"], "listens_on", e["127.0.0.1:8099"]),
        edge(e["shop-db"], "listens_on", e["127.0.0.1:8081"], "expected"),
        edge(e["root"], "belongs_to", e["localhost"]),
        edge(e["shop-db"], "stored_on", e["root"]),
    ]
    return state_of(entities, edges)


def past(seed=3, count=90):
    chance = random.Random(seed)
    calm = [
        Sample(NOW - (count - i) * 2 * SECOND, 21 + 4 * math.sin(i / 9) + chance.gauss(0, 1.5))
        for i in range(count - 12)
    ]
    loud = [Sample(NOW - (12 - i) * 2 * SECOND, min(97.0, 40.0 + 6 * i)) for i in range(12)]
    return (*calm, *loud)


def finding(id_, kind, name, about, message, *grade, **more):
    severity, exceeds = (*grade, *("high", True)[len(grade) :])
    fields = {"variable": "", "reported": None, "reference": None, "reference_kind": None, "magnitude": 1.0}
    return Finding(
        id=id_, kind=kind, name=name, entity=about, severity=severity, exceeds=exceeds, message=message,
        anchors=(f"tool:detect-anomaly:{id_}",), evidence=("9f2c1d", "77aa01"), since=NOW - 40 * SECOND,
        **{**fields, **more},
    )  # fmt: skip


FINDINGS = (
    finding("f-01", "rule", "service_without_process", "service:local/shop-api",
            "shop-api is declared and no process of it runs", "critical"),
    finding("f-02", "value", "drift:host.cpu_percent", "host:local/localhost",
            "localhost cpu_percent is 96.4 %, its history's median is 21.3 %", variable="cpu_percent", reported=96.4,
            reference=21.3, reference_kind="history", magnitude=2.9),
    finding("f-03", "structure", "wrong_port", "service:local/shop-db",
            "shop-db is declared on port 8081 and listens on 8099", "medium", variable="port", reported=8099, reference=8081,
            reference_kind="desired"),
    finding("f-04", "silence", "silence:heartbeats", "service:local/shop-api",
            "heartbeats has said nothing about shop-api (requests) for 38s", "medium"),
    finding("f-06", "structure", "missing:runs_as", "service:local/shop-api",
            "shop-api should be seen to runs as 4712-api, but isn't", "high", variable="runs_as",
            reference="process:local/4712-api"),
    finding("f-05", "value", "drift:filesystem.used_percent", "filesystem:local/root",
            "/ used_percent is 64.1 %, its history's median is 63.9 %", "low", False, variable="used_percent",
            magnitude=0.04),
)  # fmt: skip

CHECKS = tuple(
    Check(item, "", passed, why)
    for item, passed, why in (
        ("Source Ingestion", True, "7 of 7 sources answered, with 412 messages"),
        ("Transform Success", False, "409 events from 412 messages; 3 quarantined (heartbeats 3)"),
        ("Identity Resolved", True, "318 records looked at, none left open"),
        ("Drift Detection", True, "212 variables judged, 5 findings"),
        ("Risk Assessment", True, "0.58 now, 0.71 ahead"),
        ("Policy Compliance", True, "checked, and refused: constraints.allowed_actions doesn't name restart_service"),
        ("Checkpoint Valid", True, "v47 stands; nothing was executed"),
        ("Audit Complete", True, "14 links in the chain, recorded in audit/this-machine.jsonl"),
        ("Next Sync Scheduled", True, "in 30s"),
    )
)  # fmt: skip
STEPS = tuple(
    SimpleNamespace(step=name, started_at=NOW, ended_at=NOW + took, outcome=outcome, reason=reason, attempts=1)
    for name, took, outcome, reason in (
        ("receive", 412_000, "done", ""), ("search", 9_000, "done", ""), ("transform", 31_000, "done", ""),
        ("integrate", 18_000, "done", ""), ("identity_resolution", 22_000, "done", ""), ("world_state", 240_000, "done", ""),
        ("detect_anomaly", 64_000, "done", ""), ("act_plan", 0, "skipped", "policy doesn't allow the plan"),
    )
)  # fmt: skip
CHAIN = (
    "collectors/host.py → receive", "services.yaml → receive", "v46 → search", "search → integrate",
    "receive → transform", "transform → integrate", "integrate → identity-resolution",
    "identity-resolution → world-state", "world-state → detect-anomaly", "detect-anomaly → audit",
)  # fmt: skip


def report(status="drift_detected", severity="critical", anomalies=6, now=0.58, ahead=0.71, **more):
    fields = {
        "workflow_id": "sync_20260922_141320_this-machine",
        "world_id": "this-machine",
        "sync_timestamp": instant_of(NOW),
        "status": status,
        "twin_snapshot": {
            "version": "v47", "hash": "sha256:" + "9c1e" * 16, "evidence_anchors": ["tool:host:collectors/host.py"],
            "state": {"ref": "runs/x/state.json", "entities": 318, "hash": "sha256:" + "9c1e" * 16},
        },
        "drift_report": {
            "anomalies_detected": anomalies, "severity": severity, "triggers": [], "evidence_anchors": [],
        },
        "risk_assessment": {
            "current_risk": now, "forecasted_risk": ahead, "evidence_anchors": [],
            "risk_factors": ["shop-api has no process (service_without_process), weight 0.48",
                             "shop-web depends on shop-api, carried 0.31", "cpu_percent may pass 98, weight 0.22"],
        },
        "actions": {
            "executed": False, "changes": [], "safety_gates_passed": False, "evidence_anchors": [],
            "plan_summary": "Proposed to a person: Restart shop-api (shop-api); then keep watching 2 findings.",
        },
        "verification": {"result": "SKIPPED", "criteria_met": [], "evidence_anchors": []},
        "audit": {"log_path": "audit/this-machine.jsonl", "provenance_chain": list(CHAIN), "evidence_anchors": []},
        "rollback": {"available": False, "executed": False, "restore_point": None, "command": None},
        "next_sync": {"recommended_interval": "30s", "triggers": [
            "A proposed action was carried out", "localhost cpu_percent exceeds 98", "heartbeats speaks again"]},
        "confidence": 0.93,
        "evidence_anchors": [f"file:services.yaml:{n}" for n in range(1, 30)],
        "assumptions": ["Clocks of this machine and its services agree", "Causes of risk at one entity are independent"],
    }  # fmt: skip
    return SyncReport.model_validate({**fields, **more})


def drifted():
    step = PlanStep("action", "restart_service", "Restart shop-api", "service:local/shop-api", ("f-01", "f-04"),
                    command="python examples/this-machine/services/run.py --unit shop-api &", cost=1.0, risk=0.3,
                    reversible="compensable", rollback="compensate for it by hand; graphtwin can't act")  # fmt: skip
    return report(), ReportContext(
        world="this-machine",
        title="This machine and the services declared on it",
        file="examples/this-machine/twin.yaml",
        state=machine(),
        samples={("host:local/localhost", "cpu_percent"): past()},
        findings=FINDINGS,
        deviations=(Deviation("host:local/localhost", "cpu_percent", 96.4, 21.3, "history", 26.0, 2.9),),
        not_judged=(("process:local/1 rss_bytes", "fewer than 5 samples"),) * 3,
        forecasts=(
            Forecast("host:local/localhost", "cpu_percent", 0.42, 600 * SECOND, NOW, None, 98.0, "trend", 90),
            Forecast("filesystem:local/root", "used_percent", 0.02, 600 * SECOND, NOW, None, 90.0, "trend", 90),
            Forecast("filesystem:local/boot", "used_percent", None, 600 * SECOND, NOW, None, 90.0, "", 2, reason="few"),
        ),
        risk={"service:local/shop-api": 0.48, "service:local/shop-web": 0.31, "host:local/localhost": 0.22},
        approval_above=0.7,
        dependencies=frozenset({"depends_on", "runs_as", "runs_on", "stored_on"}),
        plan=Plan("plan-1", "this-machine", "Restart shop-api", (step,), 0.3, 1.0),
        violations=("constraints.allowed_actions doesn't name restart_service",),
        gates=(
            Gate("policy", True, "constraints are declared"),
            Gate("allowed", False, "constraints.allowed_actions doesn't name restart_service"),
            Gate("risk", True, "current, forecast and plan risk are known"),
        ),
        checks=CHECKS,
        steps=STEPS,
        quarantined={"heartbeats": 3},
        changes=("gone: shop-api runs_as process 4712", "localhost cpu_percent: 22.1 → 96.4"),
    )  # fmt: skip


def taken_back():
    report_, context = drifted()
    more = {
        "actions": report_.actions.model_copy(update={"changes": ("service:local/shop-api: restarted [refused]",)}),
        "verification": report_.verification.model_copy(update={"result": VerificationResult.FAIL}),
        "rollback": report_.rollback.model_copy(update={"executed": True, "restore_point": "v46"}),
    }
    return report_.model_copy(update=more), replace(
        context, plan_status="rolled_back", unmet=("Restart shop-api (service:local/shop-api): refused; 409 Conflict",),
        gates=(*context.gates, Gate("approval", False, "needs approval")),
    )  # fmt: skip


def in_step():
    calm = report("synced", "low", 0, 0.02, 0.03, confidence=1.0,
                  risk_assessment={"current_risk": 0.02, "forecasted_risk": 0.03, "risk_factors": [], "evidence_anchors": []})  # fmt: skip
    checks = tuple(Check(one.item, one.asks, True, one.why.split(";")[0]) for one in CHECKS)
    return calm, ReportContext(
        title="This machine", file="twin.yaml", state=machine(), checks=checks, steps=STEPS, approval_above=0.7,
        dependencies=frozenset({"depends_on", "runs_as", "runs_on"}),
    )  # fmt: skip


def stopped():
    why = "no signals: no source answered (inventory: there is no file 'inventory.csv')"
    checks = tuple(Check(one.item, one.asks, False, "the step did not run") for one in CHECKS)
    return report("failed", "low", 0, 1.0, 1.0, confidence=0.0), ReportContext(
        file="twin.yaml", stopped=why, checks=checks,
        problems={"inventory": "there is no file 'inventory.csv' in the folder of twin.yaml; put it there"},
    )  # fmt: skip


def hostile():
    about = f"service:x/{HOSTILE}"
    other = f"host:y/{HOSTILE}2"
    bad = finding(f'f"><b>{HOSTILE}', "value", HOSTILE, about, HOSTILE, variable=HOSTILE, reported=HOSTILE, magnitude=0.9,
                  reference=1.0, reference_kind="desired")  # fmt: skip
    step = PlanStep("action", HOSTILE, HOSTILE, about, (), command=HOSTILE, rollback=HOSTILE)
    harm = report(
        workflow_id=HOSTILE, world_id=HOSTILE, assumptions=[HOSTILE], evidence_anchors=[HOSTILE],
        audit={"log_path": HOSTILE, "provenance_chain": [HOSTILE], "evidence_anchors": []},
        next_sync={"recommended_interval": "30s", "triggers": [HOSTILE]},
        risk_assessment={"current_risk": 0.1, "forecasted_risk": 0.2, "risk_factors": [HOSTILE], "evidence_anchors": []},
        actions={"executed": True, "changes": [HOSTILE], "safety_gates_passed": True, "evidence_anchors": [],
                 "plan_summary": HOSTILE},
        rollback={"available": True, "executed": False, "restore_point": HOSTILE, "command": HOSTILE},
    )  # fmt: skip
    return harm, ReportContext(
        title=HOSTILE, file=HOSTILE, stopped=HOSTILE, findings=(bad,), plan=Plan("p", HOSTILE, HOSTILE, (step,), 0.1, 1.0),
        state=state_of([entity(about, HOSTILE, HOSTILE), entity(other, HOSTILE)], [edge(about, HOSTILE, other)]),
        samples={(about, HOSTILE): past()}, deviations=(Deviation(about, HOSTILE, 1.0, 1.0, "desired", 1.0, 0.9),),
        forecasts=(Forecast(about, HOSTILE, 0.5, SECOND, NOW, 1.0, 2.0, HOSTILE, 9),), not_judged=((HOSTILE, HOSTILE),),
        gates=(Gate(HOSTILE, False, HOSTILE),), violations=(HOSTILE,), checks=(Check(HOSTILE, HOSTILE, False, HOSTILE),),
        problems={HOSTILE: HOSTILE}, quarantined={HOSTILE: 2}, unresolved=((HOSTILE, HOSTILE),), changes=(HOSTILE,),
        steps=(SimpleNamespace(step=HOSTILE, started_at=0, ended_at=1, outcome=HOSTILE, reason=HOSTILE, attempts=1),),
    )  # fmt: skip
