"""Plans: deterministic, within policy, proposals only."""

import json
import math
import random

import pytest

from graphtwin.methods.acting.planning import make_plan
from graphtwin.methods.acting.verdict import Circumstances, judge_plan
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.acting import Action, Constraints
from graphtwin.model.configuration.twin import Source, TwinConfig, WorldConfig
from graphtwin.model.finding import Finding
from graphtwin.model.state import At, EntityState, Held, State

RESTART = Action(id="restart", title="Restart the service", when=("down",), command="systemctl restart {id}", risk=0.3)
STATE = State(
    At(10, 1),
    {
        "web": EntityState(
            "web", "service", "active", ("s:web",),
            {"replicas": Held(1, "", 1, 1, 1.0, "observation", "s", "s:web", "f")},
        )
    },
    {},
)  # fmt: skip

POLICY = Policy(TwinConfig(world=WorldConfig(id="w"), sources={"s": Source(type="file", path="x")}))


def finding(number=1, **changes):
    values = {
        "id": f"f-{number}", "kind": "rule", "name": "down", "entity": "web", "variable": "", "reported": None,
        "reference": None, "reference_kind": None, "magnitude": 1.0, "severity": "high", "exceeds": True,
        "message": "web is down", "anchors": (),
    }  # fmt: skip
    return Finding(**values | changes)


def plan_for(*findings, actions=(RESTART,), because=""):
    return make_plan("w", findings, actions, STATE, POLICY, observe_because=because).plan


def judge(plan, constraints, *, current=0.1, forecast=0.1, **more):
    return judge_plan(plan, constraints, Circumstances(current, forecast, **more))


def test_a_finding_is_answered_by_the_declared_action_with_the_least_risk():
    careful = Action(id="reload", title="Reload", when=("down",), command="reload {id}", risk=0.1)

    plan = plan_for(finding(), actions=(RESTART, careful))

    assert [(step.action, step.entity, step.answers) for step in plan.actions] == [("reload", "web", ("f-1",))]


def test_equal_findings_in_any_order_make_the_same_plan():
    findings = [finding(n, entity=e, severity=s) for n, (e, s) in enumerate([("web", "low"), ("db", "critical")])]
    shuffled = random.Random(2).sample(findings, 2)

    assert plan_for(*findings) == plan_for(*shuffled)
    assert plan_for(*findings).steps[0].entity == "db"
    assert plan_for(*findings).id != plan_for(findings[0]).id


@pytest.mark.parametrize(
    "watched",
    [finding(exceeds=False), finding(name="other"), finding(disputed=True), finding(entity="")],
)
def test_what_is_small_unanswered_disputed_or_nowhere_is_only_watched(watched):
    plan = plan_for(watched)

    assert plan.actions == ()
    assert [step.kind for step in plan.steps] == ["monitor"]
    assert plan.risk == 0


def test_without_permission_to_act_nothing_is_proposed_and_the_summary_says_why():
    plan = plan_for(finding(), because="no constraints are declared")

    assert plan.actions == ()
    assert "no constraints are declared" in plan.summary


def test_a_command_quotes_ids_that_a_shell_would_obey():
    (step,) = plan_for(finding(entity="web; rm -rf /")).actions

    assert step.command == "systemctl restart 'web; rm -rf /'"


def test_a_command_can_name_the_last_part_of_an_id_as_its_source_wrote_it():
    mount = Action(id="mount", title="Mount", when=("down",), command="mount {local_id}; tell {id}", risk=0.1)

    (step,) = plan_for(finding(entity="disk:local/%2Fvar%20log"), actions=(mount,)).actions

    assert step.command == "mount '/var log'; tell disk:local/%2Fvar%20log"


def test_a_command_that_names_no_entity_is_one_step_for_all_its_findings():
    general = Action(id="collect", title="Restart the collector", when=("down",), command="systemctl restart collector")

    plan = plan_for(finding(1), finding(2, entity="db"), finding(3, entity=""), actions=(general,))

    assert [(step.entity, len(step.answers)) for step in plan.actions] == [("", 3)]


def test_a_step_says_how_to_verify_it_and_how_to_take_it_back():
    scale = Action(id="scale", title="Scale up", when=("down",), command="scale {id} 3", effects={"replicas": 3})

    (step,) = plan_for(finding(), actions=(scale,)).actions

    assert step.verification == ("the next sync no longer finds down at web", "web reports replicas = 3")
    assert "replicas = 1" in step.rollback


def test_without_constraints_no_plan_complies():
    verdict = judge(plan_for(because="no constraints are declared"), None)

    assert not verdict.compliant
    assert "never act" in verdict.violations[0]


def test_an_action_that_policy_does_not_name_is_denied():
    verdict = judge(plan_for(finding()), Constraints())

    assert not verdict.compliant
    assert "restart" in verdict.violations[0]


def test_an_allowed_action_needs_approval_unless_policy_approved_it_before_and_the_risk_is_low():
    allowed = Constraints(allowed_actions=("restart",))
    plan = plan_for(finding())

    assert judge(plan, allowed).compliant
    assert judge(plan, allowed).needs_approval
    before = allowed.model_copy(update={"pre_approved": ("restart",)})
    assert not judge(plan, before).needs_approval
    assert judge(plan, before, current=0.8).needs_approval
    assert judge(plan, before, forecast=0.8).needs_approval


def test_what_cannot_be_taken_back_always_needs_approval():
    wipe = Action(id="wipe", title="Wipe", when=("down",), command="wipe {id}", reversible="irreversible", risk=0.0)
    plan = plan_for(finding(), actions=(wipe,))

    verdict = judge(plan, Constraints(allowed_actions=("wipe",), pre_approved=("wipe",)))

    assert verdict.needs_approval


@pytest.mark.parametrize("unknown", [math.nan, math.inf, -1.0])
def test_a_risk_that_is_no_number_refuses_to_act(unknown):
    allowed = Constraints(allowed_actions=("restart",))

    verdict = judge(plan_for(finding()), allowed, current=unknown)

    assert not verdict.compliant
    assert verdict.risk == 1.0


def test_a_plan_that_only_watches_complies_with_any_policy_and_asks_nobody():
    verdict = judge(plan_for(), Constraints(), current=0.99)

    assert verdict.compliant
    assert not verdict.needs_approval


def test_the_summary_of_many_steps_stays_readable():
    plan = plan_for(*(finding(number, entity=f"web-{number}") for number in range(50)))

    assert len(plan.actions) == 50
    assert "47 more such steps" in plan.summary
    assert len(plan.summary) < 200


@pytest.mark.parametrize(
    ("local", "path"),
    [
        ("AHU 3A", "points/AHU%203A/set"),
        ("a/b", "points/a%2Fb/set"),
        ("../admin?now=1#x", "points/..%2Fadmin%3Fnow%3D1%23x/set"),
        ("100%", "points/100%25/set"),
        ("Süd", "points/S%C3%BCd/set"),
    ],
)
def test_what_a_source_calls_a_thing_stays_one_part_of_a_path(local, path):
    zone = EntityState(
        "z", "zone", "active", (f"bms:{local}",),
        {"setpoint": Held(25.0, "", 1, 1, 1.0, "observation", "bms", f"bms:{local}", "f")},
    )  # fmt: skip
    action = Action.model_validate({
        "id": "set", "title": "Set it", "when": ["down"], "actuator": "bms", "reversible": "reversible",
        "request": {"path": "points/{record:bms}/set", "body": {"of": "{record:bms}"}}, "effects": {"setpoint": 22},
    })  # fmt: skip

    made = make_plan("w", [finding(entity="z")], [action], State(At(10, 1), {"z": zone}, {}), POLICY).plan

    (step,) = made.acts
    assert step.request.path == step.compensation.path == path
    assert step.request.body == {"of": local}


@pytest.mark.parametrize(
    ("effect", "sent"),
    [
        ("=entity.wanted", '{"level": 2, "steps": [1, 2.5]}'),
        ("=entity.setpoint > 20.0 ? entity.wanted : {}", '{"level": 2, "steps": [1, 2.5]}'),
        ("={'level': entity.wanted.level, 'at': 3, 'warm': entity.setpoint}", '{"at": 3, "level": 2, "warm": 25.0}'),
        ({"level": 2, "share": 2.0}, '{"level": 2, "share": 2.0}'),
    ],
)
def test_an_object_is_sent_with_its_numbers_as_they_were_written(effect, sent):
    def held(value):
        return Held(value, "", 1, 1, 1.0, "observation", "bms", "bms:z", "f")

    reported = {"wanted": held({"level": 2, "steps": [1, 2.5]}), "setpoint": held(25.0), "program": held({})}
    zone = EntityState("z", "zone", "active", ("bms:z",), reported)
    action = Action.model_validate({
        "id": "set", "title": "Set it", "when": ["down"], "actuator": "bms", "reversible": "reversible",
        "request": {"path": "x", "body": "{program}"}, "effects": {"program": effect},
    })  # fmt: skip

    made = make_plan("w", [finding(entity="z")], [action], State(At(10, 1), {"z": zone}, {}), POLICY).plan

    (step,) = made.acts
    assert json.dumps(step.request.body, sort_keys=True) == sent


def test_a_compensation_too_speaks_the_unit_of_the_other_side():
    zone = {"zone": {"variables": {"setpoint": {"unit": "Cel"}}}}
    policy = Policy(TwinConfig.model_validate({"world": {"id": "w"}, "sources": {}, "types": zone}))
    held = EntityState(
        "z", "zone", "active", ("bms:z",),
        {"setpoint": Held(25.0, "Cel", 1, 1, 1.0, "observation", "bms", "bms:z", "f")},
    )  # fmt: skip
    action = Action.model_validate({
        "id": "set", "title": "Set it", "when": ["down"], "actuator": "bms", "effects": {"setpoint": 22},
        "request": {"path": "{setpoint:K}"},
        "compensation": {"request": {"path": "x", "body": ["{effect:setpoint:degF}", "{setpoint:degF}"]}},
    })  # fmt: skip

    (step,) = make_plan("w", [finding(entity="z")], [action], State(At(10, 1), {"z": held}, {}), policy).plan.acts

    assert (step.request.path, step.compensation.body) == ("295.15", [71.6, 77.0])
