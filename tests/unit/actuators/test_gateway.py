"""Nothing passes the one gateway that its clearance doesn't cover to the letter, once, and in time (S30)."""

from __future__ import annotations

import json
import logging
from dataclasses import FrozenInstanceError, asdict, dataclass, replace
from typing import Any

import pytest
from contracts.actuator_contract import NOW, StandingClock
from fakes.fake_actuator import FakeActuator
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.actuators.gateway import OneGateway
from graphtwin.errors import ConfigurationError, GateClosed
from graphtwin.model.acting import ActRecord
from graphtwin.model.plan import (
    Clearance,
    Compliance,
    Covers,
    Plan,
    PlanStep,
    Request,
    RestorePoint,
    clear,
    clear_compensation,
    plan_id,
)

POINT = RestorePoint("w", "v3", 3, "sha256:0", "sha256:1", "sha256:2", 5, "run-1")
STEP = PlanStep(
    "action", "cool", "Cool", "zone:local/z1", ("f-1",), actuator="bms",
    request=Request("PUT", "zones/z1", {"setpoint": 21, "on": True}), compensation=Request("PUT", "zones/z1", {"setpoint": 23}),
)  # fmt: skip
WATCH = PlanStep("monitor", "", "Watch", "zone:local/z1", ("f-1",))
ACT = ActRecord(
    "act-1", "", "run-1", 1, "act", "zone:local/z1", "cool", "bms", Request("PUT", "zones/z1", {"setpoint": 21, "on": True}),
    {"setpoint": 21}, 1, NOW + 1, NOW,
)  # fmt: skip


def a_plan(*steps: PlanStep) -> Plan:
    return Plan(plan_id("w", steps), "w", "cool", steps, 0.3, 1.0)


PLAN = a_plan(WATCH, STEP, replace(STEP, compensation=None))


def cleared(plan: Plan = PLAN, covers: Covers = "act", point: RestorePoint = POINT) -> Clearance:
    if covers == "compensation":
        return clear_compensation(plan, point, range(len(plan.steps)))
    return clear(plan, Compliance(plan.id, True, False, 0.1, (), ()), point, None, basis="", now=0)


def an_act(**changes: Any) -> ActRecord:
    return replace(ACT, **({"plan": PLAN.id} | changes))


@dataclass
class Scene:
    """A gateway with two actuators behind it."""

    clock: StandingClock
    bms: FakeActuator
    line: FakeActuator
    gateway: OneGateway

    @property
    def arrived(self) -> list[str]:
        return [command.key for actuator in (self.bms, self.line) for command in actuator.arrivals]


def a_scene() -> Scene:
    clock, bms, line = StandingClock(), FakeActuator("bms"), FakeActuator("line")
    return Scene(clock, bms, line, OneGateway({"bms": bms, "line": line}, clock))


async def test_a_cleared_act_goes_out_with_its_id_as_the_key():
    scene = a_scene()

    answer = await scene.gateway.send(cleared(), an_act())

    [command] = scene.bms.arrivals
    assert answer.outcome == "done"
    assert (command.key, command.actuator, command.request, command.not_after) == ("act-1", "bms", ACT.request, NOW + 1)


async def test_a_compensation_goes_out_by_a_clearance_of_its_own():
    scene = a_scene()
    back = an_act(id="act-2", covers="compensation", request=STEP.compensation)

    await scene.gateway.send(cleared(), an_act())
    await scene.gateway.send(cleared(covers="compensation"), back)

    assert scene.arrived == ["act-1", "act-2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"plan": "plan-2"},
        {"place": 0},
        {"place": 3},
        {"place": -2},
        {"place": True},
        {"place": None},
        {"covers": "compensation"},
        {"covers": "compensation", "request": STEP.compensation},
        {"entity": "zone:local/z2"},
        {"action": "heat"},
        {"actuator": "line"},
        {"actuator": "other"},
        {"actuator": ""},
        {"request": replace(ACT.request, method="DELETE")},
        {"request": replace(ACT.request, path="zones/z2")},
        {"request": replace(ACT.request, body=None)},
        {"request": replace(ACT.request, body={"setpoint": 22, "on": True})},
        {"request": replace(ACT.request, body={"setpoint": 21, "on": 1})},
        {"request": replace(ACT.request, body={"setpoint": 21, "on": True, "force": True})},
        {"request": None},
        {"request": {"method": "PUT", "path": "zones/z1", "body": None}},
        {"outcome": "done"},
        {"outcome": "unknown"},
        {"answered_at": NOW},
    ],
)
async def test_an_act_that_differs_anywhere_is_refused_and_not_sent(changes):
    scene = a_scene()

    with pytest.raises(GateClosed):
        await scene.gateway.send(cleared(), an_act(**changes))

    assert scene.arrived == []


class Likeness(Clearance):
    """What looks like a clearance and was never given."""

    def __post_init__(self, seal: object) -> None:
        """Ask nobody."""


@pytest.mark.parametrize(
    "clearance",
    [None, True, "cleared", PLAN, POINT, Likeness(PLAN, POINT, None, "act", object())],
    ids=["none", "true", "text", "plan", "restore-point", "likeness"],
)
async def test_what_is_not_a_clearance_opens_nothing(clearance):
    scene = a_scene()

    with pytest.raises(GateClosed, match="isn't a clearance"):
        await scene.gateway.send(clearance, an_act())

    assert scene.arrived == []


async def test_a_clearance_of_another_plan_opens_nothing():
    scene = a_scene()
    other = a_plan(WATCH, replace(STEP, cost=9.0))

    with pytest.raises(GateClosed, match="plan"):
        await scene.gateway.send(cleared(other), an_act())

    assert scene.arrived == []


async def test_other_steps_under_the_id_of_a_cleared_plan_open_nothing():
    scene = a_scene()
    forged = replace(PLAN, steps=(WATCH, replace(STEP, request=Request("PUT", "zones/z1", {"setpoint": 99}))))

    with pytest.raises(GateClosed, match="aren't those"):
        await scene.gateway.send(cleared(forged), an_act(request=forged.steps[1].request))

    assert scene.arrived == []


async def test_what_cannot_be_made_up_for_has_no_compensation_to_send():
    scene = a_scene()

    for request in (ACT.request, STEP.compensation, None):
        with pytest.raises(GateClosed):
            await scene.gateway.send(
                cleared(covers="compensation"), an_act(covers="compensation", place=2, request=request)
            )

    assert scene.arrived == []


@pytest.mark.parametrize("how", ["apply", "refuse", "hang", "drop_after"])
async def test_nothing_is_sent_twice(how: str):
    scene = a_scene()
    scene.bms.behave(how)
    clearance = cleared()
    await scene.gateway.send(clearance, an_act())

    for again, act in ((clearance, an_act()), (cleared(), an_act()), (clearance, an_act(id="act-2"))):
        with pytest.raises(GateClosed, match="sent before"):
            await scene.gateway.send(again, act)

    assert scene.arrived == ["act-1"]


async def test_after_another_checkpoint_a_step_may_be_cleared_again():
    scene = a_scene()
    await scene.gateway.send(cleared(), an_act())

    await scene.gateway.send(cleared(point=replace(POINT, run="run-2", seq=4)), an_act(id="act-2"))

    assert scene.arrived == ["act-1", "act-2"]


async def test_what_never_left_may_be_intended_anew_under_its_clearance():
    scene = a_scene()
    scene.bms.behave("absent", "apply")
    first = await scene.gateway.send(cleared(), an_act())

    with pytest.raises(GateClosed, match="sent before"):
        await scene.gateway.send(cleared(), an_act())
    second = await scene.gateway.send(cleared(), an_act(id="act-2"))

    assert (first.outcome, second.outcome) == ("not_sent", "done")
    assert scene.arrived == ["act-2"]


async def test_a_compensation_that_another_process_sent_in_vain_goes_out_again_under_its_key():
    scene = a_scene()
    back = an_act(covers="compensation", request=STEP.compensation, outcome="unknown")

    await scene.gateway.send(cleared(covers="compensation"), back)
    with pytest.raises(GateClosed, match="sent before"):
        await scene.gateway.send(cleared(covers="compensation"), back)

    assert scene.arrived == ["act-1"]


async def test_too_late_is_not_sent():
    scene = a_scene()
    scene.clock.at = NOW + 2

    answer = await scene.gateway.send(cleared(), an_act())

    assert answer.outcome == "not_sent"
    assert scene.arrived == []


async def test_every_decision_is_an_event(caplog: pytest.LogCaptureFixture):
    scene = a_scene()
    caplog.set_level(logging.INFO, "graphtwin")

    await scene.gateway.send(cleared(), an_act())
    with pytest.raises(GateClosed):
        await scene.gateway.send(cleared(), an_act(id="act-2", entity="zone:local/z2"))

    done, refused = [vars(record) for record in caplog.records]
    assert (done["message"], done["act"], done["actuator"], done["outcome"]) == ("act answered", "act-1", "bms", "done")
    assert (refused["message"], refused["act"]) == ("act refused", "act-2")
    assert "entity" in refused["reason"]
    assert "setpoint" not in f"{done}{refused}"  # what was asked for stands in the act's record


def test_every_actuator_is_asked_beforehand_whether_it_can_be_used():
    scene = a_scene()
    scene.gateway.check()
    scene.line.problem = ConfigurationError("The environment variable GONE isn't set.")

    with pytest.raises(ConfigurationError, match="GONE"):
        scene.gateway.check()


# --- no path without a clearance ---------------------------------------------------------------------------------

BODIES = st.sampled_from([None, 1, True, 1.0, {"setpoint": 21}, {"setpoint": 22}, {"setpoint": True}, [1], [True]])
REQUESTS = st.builds(Request, st.sampled_from(["PUT", "POST"]), st.sampled_from(["z1", "z2"]), BODIES)
NAMES = {"entity": ("z1", "z2"), "action": ("cool", "heat"), "actuator": ("bms", "line", "gone")}
STEPS = st.builds(
    PlanStep,
    kind=st.sampled_from(["action", "action", "monitor"]),
    title=st.just("t"),
    answers=st.just(("f-1",)),
    request=REQUESTS | st.none(),
    compensation=REQUESTS | st.none(),
    **{name: st.sampled_from(values) for name, values in NAMES.items()},
)
PLANS = st.lists(STEPS, min_size=1, max_size=3).map(lambda steps: a_plan(*steps))


@st.composite
def acts(draw: st.DrawFn, plan: Plan) -> ActRecord:
    """An act near a step of the plan: the step's own, with some fields drawn anew."""
    place = draw(st.integers(0, len(plan.steps) - 1))
    covers = draw(st.sampled_from(["act", "compensation"]))
    step = plan.steps[place]
    act = an_act(
        plan=plan.id, place=place, covers=covers, entity=step.entity, action=step.action, actuator=step.actuator,
        request=step.request if covers == "act" else step.compensation,
    )  # fmt: skip
    others = {
        "plan": st.just("plan-2"),
        "place": st.integers(-3, 3),
        "covers": st.sampled_from(["act", "compensation"]),
        "request": REQUESTS | st.none(),
        "outcome": st.sampled_from(["intended", "done", "unknown", "not_sent"]),
        **{name: st.sampled_from(values) for name, values in NAMES.items()},
    }
    redrawn = draw(st.sets(st.sampled_from(sorted(others)), max_size=2))
    return replace(act, **{name: draw(others[name]) for name in sorted(redrawn)})


def _to_the_letter(clearance: Clearance, act: ActRecord) -> bool:
    """Said apart from the gateway: everything that names the act is what the clearance names."""
    if (act.plan, act.covers) != (clearance.plan.id, clearance.covers):
        return False
    if act.outcome != "intended" and (act.covers, act.outcome) != ("compensation", "unknown"):
        return False
    places = dict(enumerate(clearance.plan.steps))
    step = places.get(act.place)
    if step is None or step.kind != "action" or act.actuator == "gone":
        return False
    cleared_request = step.request if act.covers == "act" else step.compensation
    names = ("entity", "action", "actuator")
    return (
        all(getattr(step, name) == getattr(act, name) for name in names)
        and cleared_request is not None
        and act.request is not None
        and _as_json(cleared_request) == _as_json(act.request)
    )


def _as_json(request: Request) -> str:
    return json.dumps(asdict(request), sort_keys=True).replace("1.0", "1")


@settings(max_examples=400)
@given(st.data())
async def test_no_path_leads_through_the_gateway_without_a_clearance_for_exactly_this_act(data: st.DataObject):
    plan, other = data.draw(PLANS), data.draw(PLANS)
    clearance = cleared(
        data.draw(st.sampled_from([plan, plan, plan, other])), data.draw(st.sampled_from(["act", "compensation"]))
    )
    act = data.draw(acts(plan))
    scene = a_scene()

    try:
        await scene.gateway.send(clearance, act)
    except GateClosed:
        assert not _to_the_letter(clearance, act)
        assert scene.arrived == []
    else:
        assert _to_the_letter(clearance, act)
        assert scene.arrived == ["act-1"]


def test_a_clearance_cannot_be_widened_once_it_is_given():
    with pytest.raises(FrozenInstanceError):
        cleared().covers = "compensation"
