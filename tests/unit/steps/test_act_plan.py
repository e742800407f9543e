"""From plan to act: proposals, verdicts, a restore point, what is sent, and honest refusals."""

from __future__ import annotations

import asyncio

import pytest
from contracts.scene import SteppingClock
from fakes.fake_actuator import FakeActuator
from fakes.fake_journal import FakeJournal

from graphtwin.actuators.gateway import OneGateway
from graphtwin.errors import GateClosed
from graphtwin.methods.acting.verdict import Circumstances
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Head
from graphtwin.model.configuration.acting import Action, Constraints
from graphtwin.model.configuration.twin import Source, TwinConfig, WorldConfig
from graphtwin.model.finding import Finding
from graphtwin.model.plan import (
    Clearance,
    Compliance,
    Plan,
    PlanStep,
    Request,
    RestorePoint,
    clear,
    clear_compensation,
    plan_id,
)
from graphtwin.model.state import At, State
from graphtwin.steps.act_plan import act_plan
from graphtwin.steps.checkpoint import checkpoint
from graphtwin.steps.constrain import constrain
from graphtwin.steps.plan import plan

EMPTY = State(At(1, 1), {}, {})
HEAD = Head("w", 12, 77, "sha256:aa", "sha256:bb", "sha256:cc", 78)
DOWN = Finding("f-1", "rule", "down", "web", "", None, None, None, 1.0, "high", True, "web is down", ())


POINT = RestorePoint("w", "v12", 12, "sha256:aa", "sha256:bb", "sha256:cc", 77, "run-1")


def plan_of(count: int) -> Plan:
    steps = tuple(
        PlanStep(
            "action", "set", "Set it", f"zone:local/z{n}", ("f-1",), effects={"setpoint": 22}, before={"setpoint": 25},
            actuator="bms", request=Request("PUT", f"points/z{n}", {"value": 22}),
            compensation=Request("PUT", f"points/z{n}", {"value": 25}),
        )
        for n in range(count)
    )  # fmt: skip
    return Plan(plan_id("w", steps), "w", "set", steps, 0.1, 1.0)


class OneHead:
    """A store that only knows its head, and refuses to be written by not having the words for it."""

    async def head(self, world):
        assert world == HEAD.world
        return HEAD


def config(constraints):
    restart = Action(id="restart", title="Restart", when=("down",), command="restart {id}")
    return TwinConfig(
        world=WorldConfig(id="w"),
        sources={"scan": Source(type="file", path="x")},
        actions=(restart,),
        constraints=constraints,
    )


def proposed(constraints=Constraints(allowed_actions=("restart",)), **more):  # noqa: B008 - frozen
    return plan([DOWN], EMPTY, Policy(config(constraints)), **more)


def test_without_constraints_the_plan_only_watches_and_policy_says_observe_only():
    out = proposed(None)

    verdict = constrain(out.plan, None, Circumstances(0.1, 0.1))

    assert out.plan.actions == ()
    assert verdict.observe_only
    assert not verdict.compliant
    assert "never acts" in verdict.assumptions[0]


def test_low_confidence_keeps_a_plan_from_proposing_anything():
    out = proposed(stop="confidence of receive is 0.20")

    assert out.plan.actions == ()
    assert out.stop == "confidence of receive is 0.20"
    assert "Observing only: confidence of receive" in out.plan.summary


def test_a_proposal_carries_criteria_and_a_command_for_a_person():
    out = proposed()

    assert out.plan.actions[0].command == "restart web"
    assert out.verification == ("the next sync no longer finds down at web",)
    assert out.anchors == (f"tool:plan:{out.plan.id}",)


def test_the_checkpoint_names_the_head_and_its_hash():
    out = asyncio.run(checkpoint(OneHead(), "w", run="run-1"))

    assert (out.restore_point, out.hash, out.point.seq, out.point.run) == ("v12", "sha256:aa", 12, "run-1")


def cleared(made: Plan) -> Clearance:
    allowed = Compliance(made.id, True, False, 0.1, (), ())
    return clear(made, allowed, POINT, None, basis="sha256:b", now=10)


def run_plan(actuator: FakeActuator, count: int = 2, **more):
    made = plan_of(count)
    journal = FakeJournal(**more)
    gateway = OneGateway({"bms": actuator}, SteppingClock())
    return asyncio.run(act_plan(made, cleared(made), gateway, journal)), journal


def test_every_act_is_intended_before_it_is_sent_and_concluded_after():
    actuator = FakeActuator()

    out, journal = run_plan(actuator)

    assert (out.attempted, out.executed, out.complete, out.reason) == (True, True, True, "")
    assert journal.told == ["intend 0", "done 0", "intend 1", "done 1"]
    assert [command.request.path for command in actuator.arrivals] == ["points/z0", "points/z1"]
    assert out.changes == ("zone:local/z0: setpoint 25 → 22", "zone:local/z1: setpoint 25 → 22")


@pytest.mark.parametrize(
    ("how", "outcome", "executed"),
    [
        ("refuse", "refused", False),
        ("hang", "unknown", True),
        ("absent", "not_sent", False),
        ("drop_after", "unknown", True),
    ],
)
def test_what_is_not_known_to_be_done_ends_the_plan(how, outcome, executed):
    actuator = FakeActuator(behaviour=[how])

    out, journal = run_plan(actuator)

    assert (out.attempted, out.executed, out.complete) == (True, executed, False)
    assert journal.told == ["intend 0", f"{outcome} 0"]
    assert outcome.replace("_", " ") in out.reason


def test_an_intent_that_cannot_be_committed_sends_nothing():
    actuator = FakeActuator()

    out, _ = run_plan(actuator, refuse=GateClosed("ann froze the world"))

    assert (out.attempted, out.executed, actuator.arrivals) == (False, False, [])
    assert out.reason == "ann froze the world"


@pytest.mark.parametrize(
    ("made", "says"),
    [(plan_of(1), "no clearance"), (proposed().plan, "a person"), (proposed(None).plan, "keep watching")],
)
def test_the_refusal_names_what_stands_in_the_way_first(made, says):
    gateway = OneGateway({"bms": FakeActuator()}, SteppingClock())

    out = asyncio.run(act_plan(made, None, gateway, FakeJournal()))

    assert not out.attempted
    assert says in out.reason


def test_a_clearance_of_another_plan_or_for_the_way_back_clears_nothing():
    gateway, actuator = OneGateway({"bms": FakeActuator()}, SteppingClock()), FakeActuator()
    other, back = cleared(plan_of(2)), clear_compensation(plan_of(1), POINT, {0})

    outs = [asyncio.run(act_plan(plan_of(1), one, gateway, FakeJournal())) for one in (other, back)]

    assert [out.attempted for out in outs] == [False, False]
    assert actuator.arrivals == []
