"""The whole chain on a world that pushes back: act, verify, roll back, approve, in memory and against a real building."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import details, memory
from fakes.building_actuator import BuildingActuator, building

from graphtwin.app.adapters import QUIET_FOR, process_lives, process_name
from graphtwin.app.approving import approve, freeze, reject, unfreeze
from graphtwin.errors import Conflict, Refused, UsageError


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


@pytest.fixture
def floor(tmp_path: Path, bms: BuildingActuator) -> ActingWorld:
    return ActingWorld(tmp_path / "floor", memory(), bms)


async def test_what_policy_approved_before_is_done_and_verified_in_one_sync(floor: ActingWorld, bms: BuildingActuator):
    outcome = await floor.sync()

    assert outcome.report.status == "action_taken", outcome.full.details
    assert outcome.report.verification.result == "PASS"
    assert outcome.report.actions.executed
    assert [one.body for one in bms.effects()] == [{"setpoint": 22.0}]
    assert outcome.report.rollback.available
    assert (await floor.store.verify(floor.id)).passed


async def test_an_act_that_the_building_refuses_is_rolled_back_to_the_restore_points_hash(
    floor: ActingWorld, bms: BuildingActuator
):
    bms.behave("refuse")

    outcome = await floor.sync()

    assert (outcome.report.status, outcome.exit_code) == ("rolled_back", 6)
    assert outcome.report.rollback.executed
    commits = {f"v{one.seq}": one for one in await floor.store.commits(floor.id)}
    point = commits[str(outcome.report.rollback.restore_point)]
    assert outcome.report.twin_snapshot.hash == commits[outcome.report.twin_snapshot.version].hash == point.hash
    assert outcome.report.twin_snapshot.version != outcome.report.rollback.restore_point
    assert bms.effects() == []
    assert (await floor.store.verify(floor.id)).passed


async def test_a_plan_that_needs_approval_waits_for_it(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    waiting = await floor.sync()
    (record,) = await floor.store.plans(floor.id)
    await floor.person()

    await approve(floor.store, floor.id, record.id, named="ann")
    untouched = bms.arrivals()
    acted = await floor.sync()

    assert (waiting.report.status, waiting.report.actions.executed) == ("drift_detected", False)
    assert record.status == "waiting"
    assert untouched == [], "approving only signs"
    assert acted.report.status == "action_taken", details(acted)
    assert (await floor.store.plan(floor.id, record.id)).status == "executed"


async def test_an_act_without_an_answer_is_verified_and_not_sent_again(floor: ActingWorld, bms: BuildingActuator):
    bms.behave("drop_after")

    outcome = await floor.sync()

    assert outcome.report.status == "action_taken", details(outcome)
    assert len(bms.arrivals()) == 1
    (act,) = await floor.store.acts(floor.id)
    assert act.outcome == "unknown"


@pytest.mark.parametrize("how", ["drop_before", "ignore", "fail"])
async def test_an_act_that_had_no_effect_is_made_up_for_and_rolled_back(
    floor: ActingWorld, bms: BuildingActuator, how: str
):
    bms.behave(how, "apply")

    outcome = await floor.sync()

    assert (outcome.report.status, outcome.report.verification.result) == ("rolled_back", "FAIL")
    assert [one.body for one in bms.arrivals()] == [{"setpoint": 22.0}, {"setpoint": 25.0}]
    assert bms.devices()["za"]["setpoint"] == 25.0


async def test_a_failed_plan_is_planned_again_without_what_failed_at_most_three_times(
    floor: ActingWorld, bms: BuildingActuator
):
    reset = floor.config["actions"][0]
    floor.config["actions"] += [{**reset, "id": f"reset{n}", "risk": 0.1 + n / 100} for n in range(1, 6)]
    names = [one["id"] for one in floor.config["actions"]]
    floor.config["constraints"] |= {"allowed_actions": names, "pre_approved": names}
    bms.behave("refuse")

    outcome = await floor.sync()

    assert outcome.report.status == "rolled_back"
    assert len(bms.arrivals()) == 4, "one plan and three loops"
    assert len(details(outcome)["attempts"]) == 3
    assert {one.status for one in await floor.store.plans(floor.id)} == {"rolled_back"}


async def test_another_remedy_is_tried_after_the_first_failed(floor: ActingWorld, bms: BuildingActuator):
    other = {**floor.config["actions"][0], "id": "other", "title": "Do it otherwise", "risk": 0.2}
    floor.config["actions"].append(other)
    floor.config["constraints"] |= {"allowed_actions": ["reset", "other"], "pre_approved": ["reset", "other"]}
    bms.behave("refuse", "apply")

    outcome = await floor.sync()

    assert outcome.report.status == "action_taken", "the run's last act decides (S27)"
    assert [one.plan.actions[0].action for one in await floor.store.plans(floor.id, statuses=("executed",))] == [
        "other"
    ]


async def test_a_rolled_back_plan_is_not_applied_again_without_new_evidence_and_a_person(
    floor: ActingWorld, bms: BuildingActuator
):
    bms.behave("refuse")
    await floor.sync()
    bms.behave("apply")

    again = await floor.sync()

    assert not again.report.actions.executed
    assert len(bms.arrivals()) == 1
    (waiting,) = await floor.store.plans(floor.id, statuses=("waiting",))
    assert waiting.plan.occasion == 1, "new readings are new evidence, but only a person lets it through once more"


@pytest.mark.parametrize(
    ("constraints", "says"),
    [
        ({"bounds": {"zone.setpoint": {"min": 23, "max": 26}}}, "allowed is 23 to 26"),
        ({"allowed_actions": [], "pre_approved": []}, "doesn't name reset"),
        ({"max_actions": 0}, "1 acts in one plan"),
        ({"rate_limits": [{"max": 0, "per": "1h"}]}, "0 are allowed"),
        ({"conditions": [{"expect": "risk < 0.0", "message": "too risky"}]}, "too risky"),
        ({"conditions": ["entity.nobody_knows > 1.0"]}, "isn't known"),
        (
            {"interlocks": [{"id": "cold", "cypher": "RETURN 'zone:local/za' AS subject", "description": "frost"}]},
            "frost",
        ),
    ],
)
async def test_policy_denies_what_it_does_not_allow(
    tmp_path: Path, bms: BuildingActuator, constraints: dict, says: str
):
    store = memory({"interlock:cold": lambda _state, _now: [{"subject": "zone:local/za"}]})
    floor = ActingWorld(tmp_path / "floor", store, bms, **constraints)

    outcome = await floor.sync()

    assert (outcome.report.status, outcome.exit_code) == ("drift_detected", 0)
    assert says in "; ".join(details(outcome)["policy"]["violations"])
    assert bms.arrivals() == []


async def test_an_interlock_sees_the_state_that_the_plan_would_bring_about(tmp_path: Path, bms: BuildingActuator):
    def cold(state, _now):
        return [{"subject": one.id} for one in state.entities.values() if one.reported["setpoint"].value < 22.5]

    floor = ActingWorld(
        tmp_path / "floor", memory({"interlock:cold": cold}), bms,
        interlocks=[{"id": "cold", "cypher": "RETURN 1 AS subject", "description": "never below 22.5"}],
    )  # fmt: skip
    floor.config["entities"] = floor.config["entities"][:1]
    floor.config["sources"]["bms"]["mapping"] = {"type": "zone", "when": "id == 'za'", "variables": {
        "setpoint": "setpoint", "mode": "mode"}}  # fmt: skip

    outcome = await floor.sync()

    assert "zone:local/za: never below 22.5" in details(outcome)["policy"]["violations"][0]
    assert (await floor.value_of("za", "setpoint")) == 25.0, "a what-if leaves nothing behind (S29)"


async def test_a_frozen_world_only_watches_until_it_is_lifted(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id)
    await approve(floor.store, floor.id, record.id, named="ann")
    await freeze(floor.store, floor.id, reason="people on the roof", named="ann")

    frozen = await floor.sync()
    await unfreeze(floor.store, floor.id, reason="they are down", named="ann")
    lifted = await floor.sync()

    assert not frozen.report.actions.executed
    assert "people on the roof" in details(frozen)["policy"]["violations"][0]
    assert lifted.report.status == "action_taken", "what was approved waits for a freeze to be lifted"


async def test_an_approval_is_stale_when_what_it_overwrites_has_changed(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id)
    await approve(floor.store, floor.id, record.id, named="ann")
    (bms.folder / "devices.json").write_text('{"za": {"type": "zone", "setpoint": 26.0, "mode": "auto"}}')

    outcome = await floor.sync()

    assert not outcome.report.actions.executed
    assert bms.arrivals() == []
    assert (await floor.store.plan(floor.id, record.id)).status == "stale"


async def test_who_may_not_approve_is_refused(floor: ActingWorld):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person("bob", "operator")
    await floor.person("ann")
    (record,) = await floor.store.plans(floor.id)

    with pytest.raises(Refused):
        await approve(floor.store, floor.id, record.id, named="bob")
    with pytest.raises(Refused):
        await approve(floor.store, floor.id, record.id, named="graphtwin")
    with pytest.raises(UsageError):
        await approve(floor.store, floor.id, record.id, named="ann", risk_ceiling=0.0)
    assert (await floor.store.plan(floor.id, record.id)).status == "waiting"


async def test_a_rejected_plan_is_over_until_something_new_is_learned(floor: ActingWorld):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id)

    await reject(floor.store, floor.id, record.id, reason="it is summer", named="ann")

    assert (await floor.store.plan(floor.id, record.id)).status == "rejected"
    with pytest.raises(Conflict):
        await approve(floor.store, floor.id, record.id, named="ann")


async def test_what_cannot_be_taken_back_and_failed_freezes_the_world_for_a_person(
    floor: ActingWorld, bms: BuildingActuator
):
    floor.config["actions"][0] |= {"reversible": "irreversible"}
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id)
    await approve(floor.store, floor.id, record.id, named="ann")
    bms.behave("ignore")

    outcome = await floor.sync()

    assert (outcome.report.status, outcome.exit_code) == ("failed", 7)
    assert not outcome.report.rollback.executed
    assert (await floor.store.freeze(floor.id)) is not None
    assert (await floor.store.plan(floor.id, record.id)).status == "failed"


async def test_an_asked_for_plan_that_nobody_approved_is_not_carried_out(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    (record,) = await floor.store.plans(floor.id)

    outcome = await floor.sync(plan=record.id)

    assert not outcome.report.actions.executed
    assert "needs a person's approval" in details(outcome)["not_acted_because"]
    assert bms.arrivals() == []


async def test_what_cannot_be_read_after_an_act_counts_as_failed_and_is_taken_back(
    floor: ActingWorld, bms: BuildingActuator
):
    floor.read_by_program()
    asked = []

    def vanish(step: str, phase: str) -> None:
        asked.append(step)
        if (step, phase) == ("conclude", "end"):
            floor.write("read.py", "raise SystemExit('the line is dead')")

    outcome = await floor.sync(on_step=vanish)

    assert outcome.report.status == "rolled_back", details(outcome)
    assert "look" in asked
    assert bms.devices()["za"]["setpoint"] == 25.0


def test_a_process_that_lives_on_without_a_sign_of_life_is_not_at_it_any_more():
    now = 10**15

    assert process_lives(process_name(), now, now)
    assert process_lives(process_name(), now - QUIET_FOR + 1, now)
    assert not process_lives(process_name(), now - QUIET_FOR, now)
    assert not process_lives("elsewhere/1/1.000", now, now)
    assert process_lives("elsewhere/1/1.000", now + 1, now)
    assert not process_lives(f"{process_name()}9", now, now)
