"""From plan to rollback where nothing can act: proposals, verdicts, a restore point, honest refusals."""

import asyncio

import pytest

from graphtwin.errors import GateClosed
from graphtwin.model.commit import Head
from graphtwin.model.configuration.acting import Action, Constraints
from graphtwin.model.configuration.twin import Source, TwinConfig, WorldConfig
from graphtwin.model.finding import Finding
from graphtwin.model.plan import Approval, clear
from graphtwin.model.state import At, State
from graphtwin.steps.act_plan import act_plan
from graphtwin.steps.checkpoint import checkpoint
from graphtwin.steps.constrain import constrain
from graphtwin.steps.plan import plan
from graphtwin.steps.rollback import rollback
from graphtwin.steps.verify import verify

EMPTY = State(At(1, 1), {}, {})
HEAD = Head("w", 12, 77, "sha256:aa", "sha256:bb", "sha256:cc", 78)
DOWN = Finding("f-1", "rule", "down", "web", "", None, None, None, 1.0, "high", True, "web is down", ())


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
    return plan([DOWN], EMPTY, config(constraints), **more)


def test_without_constraints_the_plan_only_watches_and_policy_says_observe_only():
    out = proposed(None)

    verdict = constrain(out.plan, None, current_risk=0.1, forecasted_risk=0.1)

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


def test_even_a_fully_cleared_plan_is_not_carried_out_because_nothing_can():
    made = proposed().plan
    verdict = constrain(made, Constraints(allowed_actions=("restart",)), current_risk=0.1, forecasted_risk=0.1)
    point = asyncio.run(checkpoint(OneHead(), "w", run="run-1")).point
    clearance = clear(
        made, verdict.compliance, point, Approval(made.id, "ann", 1.0, 100, "sha256:b", "n"), basis="sha256:b", now=10
    )

    out = act_plan(made, clearance)

    assert (out.executed, out.changes) == (False, ())
    assert "no actuator" in out.reason


@pytest.mark.parametrize(
    ("out", "says"),
    [(act_plan(proposed().plan, None), "no clearance"), (act_plan(proposed(None).plan, None), "keep watching")],
)
def test_the_refusal_names_what_stands_in_the_way_first(out, says):
    assert not out.executed
    assert says in out.reason


def test_nothing_done_is_skipped_by_verify_and_leaves_nothing_to_roll_back():
    verified, rolled = verify(executed=False), rollback(executed=False)

    assert (verified.result, verified.criteria_met) == ("SKIPPED", ())
    assert (rolled.available, rolled.executed, rolled.restore_point, rolled.command) == (False, False, None, None)


@pytest.mark.parametrize("step", [verify, rollback])
def test_a_claim_that_something_was_executed_is_refused(step):
    with pytest.raises(GateClosed):
        step(executed=True)
