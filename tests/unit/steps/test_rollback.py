"""rollback: outside first, the last act before the others, then the twin; what can't be taken back needs a person (S31)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from contracts.scene import SteppingClock
from fakes.fake_actuator import FakeActuator
from fakes.fake_journal import FakeJournal

from graphtwin.actuators.gateway import OneGateway
from graphtwin.model.acting import ActRecord
from graphtwin.model.plan import Plan, PlanStep, Request, RestorePoint, clear_compensation, plan_id
from graphtwin.steps.rollback import RestoredState, RollbackOut, WayBack, nothing_to_take_back, rollback

POINT = RestorePoint("w", "v12", 12, "sha256:aa", "sha256:bb", "sha256:cc", 77, "run-1")


def step(number: int, *, back: bool = True) -> PlanStep:
    return PlanStep(
        "action", "set", "Set it", f"zone:local/z{number}", ("f-1",), effects={"setpoint": 22}, before={"setpoint": 25},
        actuator="bms", request=Request("PUT", f"points/z{number}", {"value": 22}),
        compensation=Request("PUT", f"points/z{number}", {"value": 25}) if back else None,
    )  # fmt: skip


def act(place: int, outcome: str = "done", covers: str = "act") -> ActRecord:
    return ActRecord(
        f"act-{place}", "plan", "run-1", place, covers, f"zone:local/z{place}", "set", "bms", Request("PUT", "x"), {}, 1, 2,
        3, outcome,
    )  # fmt: skip


def taken_back(
    actuator: FakeActuator,
    *acts: ActRecord,
    steps: tuple[PlanStep, ...] = (step(0), step(1)),
    before: bool = False,
    **more,
) -> tuple[RollbackOut, list[str]]:
    made = Plan(plan_id("w", steps), "w", "set", steps, 0.1, 1.0)
    told: list[str] = []

    async def restore() -> RestoredState:
        told.append(f"restored after {len(actuator.arrivals)} compensations")
        return RestoredState("v15", "sha256:aa")

    async def as_before(_step: PlanStep) -> bool:
        told.append("looked")
        return before

    can = {one.place for one in acts if steps[one.place].compensation}
    cleared = clear_compensation(made, POINT, can) if can else None
    way = WayBack(cleared, OneGateway({"bms": actuator}, SteppingClock()), FakeJournal(**more), as_before)
    return asyncio.run(rollback(made, acts, way, restore, point=POINT)), told


def test_acts_are_made_up_for_in_reverse_order_and_the_twin_is_restored_last():
    actuator = FakeActuator()

    out, told = taken_back(actuator, act(0), act(1))

    assert [one.request.path for one in actuator.arrivals] == ["points/z1", "points/z0"]
    assert told == ["restored after 2 compensations"]
    assert (out.executed, out.failed, out.restore_point, out.hash) == (True, (), "v12", "sha256:aa")


@pytest.mark.parametrize("outcome", ["refused", "not_sent"])
def test_what_had_no_effect_is_not_made_up_for(outcome):
    actuator = FakeActuator()

    out, told = taken_back(actuator, act(0, outcome))

    assert (actuator.arrivals, out.executed) == ([], True)
    assert told == ["restored after 0 compensations"]


@pytest.mark.parametrize("outcome", ["unknown", "intended"])
def test_what_may_have_had_an_effect_is_made_up_for(outcome):
    actuator = FakeActuator()

    out, _ = taken_back(actuator, act(0, outcome))

    assert [one.request.path for one in actuator.arrivals] == ["points/z0"]
    assert out.executed


def test_what_cannot_be_taken_back_needs_a_person_and_the_rest_is_taken_back_all_the_same():
    actuator = FakeActuator()

    out, _ = taken_back(actuator, act(0), act(1), steps=(step(0), step(1, back=False)))

    assert [one.request.path for one in actuator.arrivals] == ["points/z0"]
    assert (out.executed, out.available) == (False, False)
    assert "can't be taken back" in out.failed[0]


@pytest.mark.parametrize(("before", "executed"), [(True, True), (False, False)])
def test_a_compensation_without_an_answer_is_looked_at(before, executed):
    out, told = taken_back(FakeActuator(behaviour=["hang"]), act(0), before=before)

    assert (out.executed, told[0]) == (executed, "looked")


def test_a_compensation_of_an_earlier_run_goes_out_again_only_when_readings_deny_it():
    known = {0: replace(act(0, "unknown", "compensation"), id="act-c0", request=step(0).compensation, not_after=2**62)}
    steps = (step(0),)
    plan = plan_id("w", steps)
    known = {0: replace(known[0], plan=plan, action="set", entity="zone:local/z0")}
    done, denied = FakeActuator(), FakeActuator()

    taken_back(done, act(0), steps=steps, before=True, known=known)
    taken_back(denied, act(0), steps=steps, before=False, known=known)

    assert (len(done.arrivals), [one.key for one in denied.arrivals]) == (0, ["act-c0"])


def test_nothing_done_leaves_nothing_to_take_back():
    out = nothing_to_take_back()

    assert (out.available, out.executed, out.restore_point, out.command) == (False, False, None, None)
