"""Steps of state machines as records of action: what was changed, by which rule, resting on which facts."""

from __future__ import annotations

from graphtwin.methods.rules.machines import firing_facts, taken_back
from graphtwin.methods.views.view_firings import firing_actions
from graphtwin.model.action import ActionStatus
from graphtwin.model.fact import Fact, Key
from graphtwin.model.machine import Firing, Premise, firing_of

AHU = "ahu:floor/1"
NOON = 1_700_000_000_000_000
PREMISE = Premise(AHU, "temperature", "f1", "e1", Key("reported", "bus:1", "temperature"), 31)
STEP = Firing(AHU, "mode", "idle", "cooling", ("start", "also"), (PREMISE,), "bus:1", NOON, "transition:x:v2", "run-2")


def told(firing: Firing) -> Fact:
    """The fact that tells of a firing."""
    return firing_facts(firing)[1]


def test_a_step_is_an_executed_action_with_its_rules_and_premises_s22():
    (action,) = firing_actions([told(STEP)])

    assert action.action_id == "transition:x:v2"
    assert (action.actor, action.status) == ("graphtwin", ActionStatus.EXECUTED)
    assert action.intent == "transition start and also"
    assert action.changes == ("ahu:floor/1.mode: idle → cooling",)
    assert [anchor.ref for anchor in action.anchors] == ["tool:rule:start", "tool:rule:also", "fact:f1"]


def test_a_step_that_was_taken_back_was_rolled_back_s22():
    back = taken_back(STEP, valid=NOON + 1, seq=3, run="run-3")

    undo, step = firing_actions([told(back), told(STEP)])

    assert (undo.status, step.status) == (ActionStatus.EXECUTED, ActionStatus.ROLLED_BACK)
    assert undo.intent == "take back the transition start and also"
    assert undo.changes == ("ahu:floor/1.mode: cooling → idle",)


def test_a_firing_is_read_from_its_fact_as_it_was_written_s22():
    assert firing_of(told(STEP)) == STEP
    assert firing_facts(STEP)[0].key == Key("reported", "bus:1", "mode")
    assert all(fact.is_decision for fact in firing_facts(STEP))
