"""Illegal acts can't be written: a clearance comes from policy, checkpoint and approval only."""

import dataclasses

import pytest

from graphtwin.errors import GateClosed
from graphtwin.model.plan import (
    Approval,
    Clearance,
    Compliance,
    Plan,
    PlanStep,
    RestorePoint,
    clear,
    clear_compensation,
)

STEP = PlanStep("action", "restart", "Restart", "web", ("f-1",))
PLAN = Plan("plan-1", "w", "restart", (STEP,), 0.3, 1.0)
ALLOWED = Compliance("plan-1", True, True, 0.4, (), ())
POINT = RestorePoint("w", "v3", 3, "sha256:0", "sha256:1", "sha256:2", 5, "run-1")
YES = Approval("plan-1", "ann", 0.5, 100, "sha256:b", "n-1")
NOW = {"basis": "sha256:b", "now": 10}


def test_a_cleared_plan_keeps_what_it_was_cleared_with():
    clearance = clear(PLAN, ALLOWED, POINT, YES, **NOW)

    assert (clearance.plan, clearance.restore_point, clearance.approval) == (PLAN, POINT, YES)


def test_nobody_makes_a_clearance_by_hand_or_rewrites_one():
    clearance = clear(PLAN, ALLOWED, POINT, YES, **NOW)

    with pytest.raises(GateClosed):
        Clearance(PLAN, POINT, YES, "act", object())
    with pytest.raises(TypeError):
        Clearance(PLAN, POINT, YES, "act")
    with pytest.raises(ValueError, match="seal"):
        dataclasses.replace(clearance, plan=dataclasses.replace(PLAN, id="plan-2"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"compliance": None}, "wasn't checked"),
        ({"compliance": dataclasses.replace(ALLOWED, plan="plan-2")}, "wasn't checked"),
        ({"compliance": dataclasses.replace(ALLOWED, compliant=False, violations=("no",))}, "Policy refuses"),
        ({"restore_point": None}, "no restore point"),
        ({"restore_point": dataclasses.replace(POINT, world="other")}, "no restore point"),
        ({"approval": None}, "approval"),
        ({"approval": dataclasses.replace(YES, plan="plan-2")}, "approval"),
        ({"approval": dataclasses.replace(YES, expires=10)}, "expired"),
        ({"approval": dataclasses.replace(YES, basis="sha256:c")}, "would overwrite"),
        ({"approval": dataclasses.replace(YES, risk_ceiling=0.3)}, "risk"),
        ({"approval": dataclasses.replace(YES, risk_ceiling=float("nan"))}, "risk"),
    ],
)
def test_each_missing_condition_closes_the_gate(changes, says):
    given = {"compliance": ALLOWED, "restore_point": POINT, "approval": YES} | changes

    with pytest.raises(GateClosed, match=says):
        clear(PLAN, **given, **NOW)


def test_a_clearance_to_make_up_for_acts_covers_nothing_else():
    clearance = clear_compensation(PLAN, POINT, {0})

    assert (clearance.covers, clearance.approval) == ("compensation", None)


@pytest.mark.parametrize(("point", "done"), [(None, {0}), (POINT, set()), (POINT, {1})])
def test_what_never_went_out_is_not_made_up_for(point, done):
    with pytest.raises(GateClosed):
        clear_compensation(PLAN, point, done)
