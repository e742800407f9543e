"""The requirement's safety lines, each through whole syncs."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import FIRST, SmallWorld, details, memory, reading
from fakes.building_actuator import BuildingActuator, building
from fakes.no_gateway import NoGateway

from graphtwin.app.adapters import SystemClock, make_audit, make_sources
from graphtwin.app.outcome import SyncOutcome
from graphtwin.errors import GateClosed, IntegrityError, TooSoon
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.plan import RestorePoint
from graphtwin.model.state import At
from graphtwin.steps.checkpoint import CheckpointOut
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Workflow, run_workflow

SOURCES = Path(__file__).resolve().parents[2] / "graphtwin"
LATER = "2026-01-01T00:01:00Z"
STEPS = [step.name for step in SYNC_LOOP.steps]


def with_remedy(plant: SmallWorld, **constraints: Any) -> None:
    """A limit that is broken as soon as t1 says 90, and a remedy that policy allows."""
    plant.config["types"]["sensor"]["variables"]["reading"]["nominal"] = 20
    plant.config["actions"] = [{
        "id": "cool", "title": "Cool it", "when": ["drift:sensor.reading"], "command": "cool {id}", "risk": 0.1,
    }]  # fmt: skip
    plant.config["constraints"] = {"allowed_actions": ["cool"], **constraints}


def outcome_of(outcome: SyncOutcome, step: str) -> str:
    """How a step went: done, skipped, failed."""
    return next(one["outcome"] for one in details(outcome)["steps"] if one["step"] == step)


def nothing_acted(outcome: SyncOutcome) -> bool:
    plan = details(outcome)["plan"]
    only_watched = plan is None or all(step["kind"] == "monitor" for step in plan["steps"])
    return not outcome.report.actions.executed and not outcome.report.actions.changes and only_watched


# --- STOP on low confidence from any perception step ---------------------------------------------------------------


async def stopped_by(plant: SmallWorld, step: str) -> SyncOutcome:
    """Syncs; the run was stopped by that step's confidence, nothing acts, and what was observed is shown."""
    outcome = await plant.sync()
    assert (outcome.report.status.value, outcome.exit_code) == ("failed", 5)
    assert f"confidence of {step}" in details(outcome)["stopped"]
    assert nothing_acted(outcome)
    return outcome


async def test_stop_on_low_confidence_from_receive(plant: SmallWorld):
    with_remedy(plant, min_confidence=0.9)
    await plant.sync()
    plant.say(reading("t1", 90, LATER))
    (plant.folder / "book.csv").unlink()

    await stopped_by(plant, "receive")

    assert await plant.value("t1") == 90


async def test_stop_on_low_confidence_from_transform(plant: SmallWorld):
    with_remedy(plant)
    await plant.sync()
    plant.say(reading("t1", 90, LATER), reading("t2", "warm"), reading("t3", "cold"))

    await stopped_by(plant, "transform")

    assert await plant.value("t1") == 90


async def test_stop_on_low_confidence_from_integrate(plant: SmallWorld):
    with_remedy(plant, min_confidence=0.6)  # of the two values that the book says at last, one is disputed
    plant.config["types"]["sensor"]["variables"]["mode"]["strategy"] = "escalate_to_human"
    await plant.sync()
    plant.say({"id": "t1", "type": "sensor", "mode": "on", "ts": LATER})
    await plant.sync()
    plant.write("book.csv", f"id,type,serial,ts,mode\nt1,sensor,S-1,{LATER},off\n")

    await stopped_by(plant, "integrate")

    entity = await plant.entity("t1")
    assert entity
    assert entity.reported["mode"].disputed


async def test_stop_on_low_confidence_from_identity_resolution(plant: SmallWorld):
    with_remedy(plant)
    await plant.sync()
    plant.say(reading("t1", 90, LATER, feeds=["t7", "t8", "t9"]))

    await stopped_by(plant, "identity_resolution")

    assert await plant.value("t1") == 90


async def test_stop_when_each_step_is_trusted_but_all_together_are_not(plant: SmallWorld):
    await plant.sync()
    (plant.folder / "book.csv").unlink()
    plant.say(reading("t1", 1, LATER), reading("t2", 2, LATER), reading("t3", 3, LATER), reading("t9", "warm"))

    outcome = await plant.sync()

    steps = details(outcome)["confidence"]["steps"]
    product = details(outcome)["confidence"]["product"]
    assert min(steps.values()) >= 0.5 > product
    assert "the whole sync" in details(outcome)["stopped"]


async def test_what_was_left_open_before_does_not_lower_the_confidence_of_a_calm_sync(plant: SmallWorld):
    plant.say(reading("t2", 1), reading("t3", 1), reading("t4", 1, feeds=["t9"]))
    await plant.sync()

    calm = await plant.sync()

    assert calm.report.confidence == 1
    assert [one["record"] for one in details(calm)["identity"]["unresolved"]] == ["readings:t9"]


# --- NEVER execute mutation without checkpoint ---------------------------------------------------------------------


def point(run: str) -> RestorePoint:
    return RestorePoint("plant", "v1", 1, "sha256:0", "sha256:1", "sha256:2", 5, run)


@pytest.mark.parametrize(
    "outputs",
    [{}, {"checkpoint_out": CheckpointOut(point("another run"), "v1", "sha256:0", ())}],
    ids=["no checkpoint", "the checkpoint of another run"],
)
def test_never_execute_mutation_without_checkpoint(outputs: dict[str, Any]):
    acting = next(step for step in SYNC_LOOP.steps if step.name == "act_plan")
    run = Run("run-1", "plant", "sync", "incremental", 1, outputs=outputs)

    with pytest.raises(GateClosed, match="restore point"):
        acting.gate(run)  # type: ignore[misc]


async def test_a_sync_takes_its_checkpoint_before_it_may_act(plant: SmallWorld):
    outcome = await plant.sync()

    names = [one["step"] for one in details(outcome)["steps"]]
    assert names.index("checkpoint") < names.index("act-plan")
    assert details(outcome)["checkpoint"] == {
        "restore_point": outcome.report.twin_snapshot.version,
        "hash": outcome.report.twin_snapshot.hash,
    }


# --- No second act without a new checkpoint ------------------------------------------------------------------------


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


async def test_no_second_act_without_a_new_checkpoint(tmp_path: Path, bms: BuildingActuator):
    floor = ActingWorld(tmp_path / "floor", memory(), bms)
    reset = floor.config["actions"][0]
    floor.config["actions"].append({**reset, "id": "other", "risk": 0.2})
    floor.config["constraints"] |= {"allowed_actions": ["reset", "other"], "pre_approved": ["reset", "other"]}
    bms.behave("refuse")
    went: list[str] = []

    await floor.sync(on_step=lambda step, phase: went.append(f"{step}:{phase}"))

    order = [one for one in went if one in ("checkpoint:end", "act_plan:start")]
    acts = [act for act in await floor.store.acts(floor.id) if act.covers == "act"]
    points = [plan.restore_point for plan in await floor.store.plans(floor.id)]
    assert order == ["checkpoint:end", "act_plan:start"] * (len(order) // 2)
    assert len(bms.arrivals()) == len(acts) == len(set(points)) == 2


async def test_acts_come_no_more_often_than_policy_lets_them(tmp_path: Path, bms: BuildingActuator):
    limits = [{"actions": ["reset"], "max": 1, "per": "1h"}]
    floor = ActingWorld(tmp_path / "floor", memory(), bms, rate_limits=limits)
    await floor.sync()
    (bms.folder / "devices.json").write_text(json.dumps(DEVICES | {"zb": DEVICES["za"]}), "utf-8")  # the other zone too

    again = await floor.sync()

    assert len(bms.arrivals()) == 1
    assert not details(again)["policy"]["compliant"]
    assert any("1h" in one for one in details(again)["policy"]["violations"])


# --- NEVER emit external side effects without explicit approval ----------------------------------------------------


async def test_never_a_side_effect_without_approval(plant: SmallWorld):
    with_remedy(plant)
    await plant.sync()
    plant.say(reading("t1", 90, LATER))

    outcome = await plant.sync()

    assert outcome.report.status.value == "drift_detected"
    assert "Cool it" in outcome.report.actions.plan_summary
    assert not outcome.report.actions.executed
    assert "a person carries out" in details(outcome)["not_acted_because"]
    assert outcome.report.verification.result.value == "SKIPPED"
    assert not outcome.report.rollback.available


def test_one_place_of_the_program_makes_clearances():
    importers = {
        (str(path.relative_to(SOURCES)), name.name)
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "graphtwin.model.plan"
        for name in node.names
        if name.name in ("clear", "clear_compensation", "_SEAL")
    }

    assert importers == {("workflows/acting.py", "clear"), ("workflows/taking_back.py", "clear_compensation")}


# --- Validate all source data before integration -------------------------------------------------------------------


async def test_validate_all_source_data_before_integration(plant: SmallWorld):
    await plant.sync()
    plant.say(reading("t2", 30, LATER), reading("t3", "warm", LATER), reading("t4", 40, "soon"))
    plant.say_raw("{not json}\n")

    await plant.sync()

    refused = {one.place for one in await plant.quarantined()}
    state = await plant.state()
    assert refused == {"readings.jsonl:3", "readings.jsonl:4", "readings.jsonl:5"}
    assert not {"sensor:local/t3", "sensor:local/t4"} & set(state.entities)
    assert all(isinstance(one.reported["reading"].value, float) for one in state.entities.values())


# --- Preserve previous snapshot for rollback -----------------------------------------------------------------------


async def test_preserve_the_previous_snapshot(plant: SmallWorld):
    await plant.sync()
    for minute in range(1, 5):
        before, state_before = await plant.head(), await plant.state()
        plant.say(reading("t1", 20 + minute, f"2026-01-01T00:0{minute}:00Z"), reading("t0", minute, FIRST))
        plant.write("book.csv", f"id,type,serial,ts\nt1,sensor,S-{minute},2026-01-01T00:0{minute}:00Z\n")
        await plant.sync()

        kept = await plant.store.state(plant.id, At(before.valid, before.seq))

        assert state_hash(kept) == before.hash
        assert kept == state_before
        assert (await plant.head()).hash != before.hash


# --- Rate-limit sync frequency to prevent thrashing ----------------------------------------------------------------


async def test_a_sync_that_comes_too_soon_is_refused_with_the_time_to_retry(plant: SmallWorld):
    plant.config["constraints"]["min_sync_interval"] = "1h"
    await plant.sync()

    with pytest.raises(TooSoon) as refused:
        await plant.sync()

    assert refused.value.exit_code == 5
    assert "try again in 59m" in str(refused.value)


async def test_a_sync_that_comes_a_little_too_soon_waits_for_its_turn(plant: SmallWorld):
    plant.config["constraints"]["min_sync_interval"] = "600ms"
    await plant.sync()
    started = time.monotonic()
    await plant.sync()
    await plant.sync()

    took = time.monotonic() - started

    assert took > 0.6


# --- Never sync without prior world model established --------------------------------------------------------------


async def test_never_sync_without_a_baseline(plant: SmallWorld):
    context = await _context(plant)
    run = Run("run-1", plant.id, SYNC_LOOP.definition.name, "incremental", 1)

    done = await run_workflow(SYNC_LOOP, run, context)

    assert done.stopped
    assert "has no baseline" in done.stopped.reason
    assert (await plant.head()).seq == 0


async def test_the_first_sync_builds_the_baseline(plant: SmallWorld):
    outcome = await plant.sync()

    first, *_ = await plant.store.commits(plant.id)
    assert first.run.startswith("build_")
    assert details(outcome)["baseline"]["version"] == "v1"


async def test_no_baseline_is_made_of_nothing(plant: SmallWorld):
    (plant.folder / "book.csv").unlink()
    (plant.folder / "readings.jsonl").unlink()

    with pytest.raises(GateClosed, match="has no baseline"):
        await plant.sync()

    assert (await plant.head()).seq == 0


async def _context(plant: SmallWorld) -> Context:
    config = load_twin(plant.twin)
    await plant.store.create_world(config, SystemClock().now())
    audit = make_audit(config, plant.folder)
    return Context(
        store=plant.store, clock=SystemClock(), config=config, policy=Policy(config),
        sources=make_sources(config, plant.folder), rules=(), audit=audit, log_path=str(audit.path),
        on_step=lambda _step, _phase: None, gateway=NoGateway(), holder="here/1/1", lives=lambda *_: False,
    )  # fmt: skip


# --- Never skip anomaly detection to proceed directly to action ----------------------------------------------------


@pytest.mark.parametrize("step", ["estimate_risk", "forecast_risk", "plan", "constrain", "checkpoint", "verify"])
def test_never_skip_detection(step: str):
    row = next(one for one in SYNC_LOOP.steps if one.name == step)
    run = Run("run-1", "plant", "sync", "incremental", 1)

    assert row.why_not(run)


@pytest.mark.parametrize("broken", [name for name in STEPS if name not in ("rollback", "summarize")])
async def test_a_step_that_fails_is_told_and_recorded_and_nothing_acts(plant: SmallWorld, broken: str):
    with_remedy(plant)
    await plant.sync()
    plant.say(reading("t1", 90, LATER))
    context, before = await _context(plant), await plant.head()
    steps = tuple(replace(step, call=_fail) if step.name == broken else step for step in SYNC_LOOP.steps)
    run = Run("run-1", plant.id, SYNC_LOOP.definition.name, "incremental", 1)

    done = await run_workflow(Workflow(SYNC_LOOP.definition, steps, SYNC_LOOP.entry), run, context)

    report = done.out("summarize").report
    committed = STEPS.index(broken) > STEPS.index("state_transition")
    assert (report.status.value, report.actions.executed) == ("failed", False)
    assert (await plant.head()).seq == before.seq + committed
    assert done.has("audit") == (broken != "audit")
    assert done.stopped
    assert done.stopped.reason == "broken on purpose"


async def _fail(_run: Run, _context: Context) -> Any:
    raise IntegrityError("broken on purpose")


async def test_every_sync_that_is_not_stopped_detects(plant: SmallWorld):
    outcomes = [await plant.sync(), await plant.sync(mode="full"), await plant.sync(mode="delta_only")]

    assert [outcome_of(outcome, "detect-anomaly") for outcome in outcomes] == ["done"] * 3


# --- Never execute actions without policy constraint check ---------------------------------------------------------


async def test_without_constraints_it_observes_only_and_says_so(plant: SmallWorld):
    with_remedy(plant)
    plant.config["constraints"] = None
    await plant.sync()
    plant.say(reading("t1", 90, LATER))

    outcome = await plant.sync()

    assert not outcome.report.actions.executed
    assert not outcome.report.actions.safety_gates_passed
    assert outcome_of(outcome, "act-plan") == "skipped"
    assert "No constraints are declared: graphtwin observes and never acts" in outcome.report.assumptions


async def test_an_action_that_policy_does_not_name_is_denied(plant: SmallWorld):
    with_remedy(plant)
    plant.config["constraints"]["allowed_actions"] = []
    await plant.sync()
    plant.say(reading("t1", 90, LATER))

    outcome = await plant.sync()

    assert not details(outcome)["policy"]["compliant"]
    assert outcome_of(outcome, "act-plan") == "skipped"
    assert (outcome.report.status.value, outcome.exit_code) == ("drift_detected", 0)


async def test_policy_is_checked_in_every_sync(plant: SmallWorld):
    outcomes = [await plant.sync() for _ in range(2)]

    assert [outcome_of(outcome, "constrain") for outcome in outcomes] == ["done"] * 2
    assert all(details(outcome)["policy"]["gates"] for outcome in outcomes)


# --- Never delete audit logs before retention period ---------------------------------------------------------------


async def test_the_audit_log_only_grows(plant: SmallWorld):
    plant.config["retention"] = {"audit_logs": "1s", "observations": "1s"}
    log, held = plant.folder / "audit" / "plant.jsonl", b""
    for number in range(4):
        plant.say(reading("t1", number, f"2026-01-01T00:0{number}:00Z"))
        await plant.sync()

        now = log.read_bytes()

        assert now.startswith(held)
        assert len(now) > len(held)
        held = now


async def test_the_log_tells_of_every_version_and_every_run(plant: SmallWorld):
    outcomes = [await plant.sync() for _ in range(2)]

    lines = [json.loads(line) for line in (plant.folder / "audit" / "plant.jsonl").read_text("utf-8").splitlines()]
    records = [line for line in lines if "head" not in line]
    told = {line["run"] for line in records if line["kind"] == "run"}
    assert {outcome.run_id for outcome in outcomes} <= told
    assert [line["n"] for line in records] == list(range(1, len(records) + 1))


def test_no_path_of_the_program_deletes_an_audit_log():
    removing = {"unlink", "remove", "rmtree", "rmdir", "truncate", "rename", "replace"}
    calls = {
        (path.name, ast.unparse(node))
        for path in SOURCES.rglob("*.py")
        if "audit" in path.name or "log_path" in path.read_text("utf-8")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in removing
    }

    touching = {call for call in calls if not call[1].startswith(("template.replace", "dataclasses.replace"))}
    assert {text for name, text in touching if name == "audit_log.py"} == {
        "probe.unlink(missing_ok=True)",  # the probe that proves the disk takes bytes
        "log.truncate(keep)",  # a line torn by a crash, after it was copied beside the log
    }
    assert not [text for name, text in touching if name != "audit_log.py" and ("log" in text or "audit" in text)]
