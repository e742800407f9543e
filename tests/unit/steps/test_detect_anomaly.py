"""Detection on whole states: every kind of finding, stable ids, nothing hidden."""

import random

import pytest

from graphtwin.model.commit import Changes, EdgeChange, RuleRow
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.configuration.twin import (
    EntityType,
    RelationType,
    Rule,
    TwinConfig,
    Variable,
    WorldConfig,
)
from graphtwin.model.configuration.twin_sources import Mapping, Source
from graphtwin.model.fact import BEGIN
from graphtwin.model.finding import RosterHold
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.ports import Sample
from graphtwin.steps.detect_anomaly import detect_anomaly

S = 1_000_000


def held(value, at=90 * S, disputed=False):
    return Held(value, "Cel", at, at, 1.0, "observation", "bms", "bms:z", f"fact-{value}", 0, disputed)


def config(**more):
    mapping = Mapping(type="zone", relations={"feeds": "feeds"})
    values = {
        "world": WorldConfig(id="w"),
        "sources": {"bms": Source(type="file", path="x", cadence="10s", mapping=(mapping,))},
        "types": {"zone": EntityType(variables={"temp": Variable(span=10.0), "load": Variable(), "mode": Variable(datatype="string")})},
        "relations": {"feeds": RelationType(dependency=True)},
        "constraints": Constraints(),
    }  # fmt: skip
    return TwinConfig(**values | more)


def zone(name="z", reported=None, desired=None, lifecycle="active"):
    return EntityState(name, "zone", lifecycle, (f"bms:{name}",), reported or {}, desired or {})


def state(*entities, edges=(), at=100 * S):
    return State(At(at, 3), {one.id: one for one in entities}, {one.key: one for one in edges})


def detect(world, twin=None, **more):
    return detect_anomaly(world, twin or config(), **{"samples": {}, "last_heard": {"bms": 95 * S}} | more)


def test_a_value_away_from_its_wish_is_a_finding_that_actions_can_name():
    out = detect(state(zone(reported={"temp": held(25.0)}, desired={"temp": held(21.0)})))

    (found,) = out.findings
    assert (found.name, found.kind, found.severity) == ("drift:zone.temp", "value", "medium")
    assert found.magnitude == pytest.approx(0.4)
    assert out.triggers == ("z temp is 25 Cel, desired is 21 Cel, for 10s",)
    assert found.anchors == (f"tool:detect-anomaly:{found.id}",)
    assert set(found.evidence) == {"fact-25.0", "fact-21.0"}
    assert out.drift_detected


def test_a_small_deviation_is_measured_but_is_no_anomaly():
    out = detect(state(zone(reported={"temp": held(22.0)}, desired={"temp": held(21.0)})))

    assert out.findings == ()
    assert (out.severity, out.drift_detected, out.judged) == ("low", False, 1)
    assert out.drift == pytest.approx(0.1)
    assert [one.variable for one in out.deviations] == ["temp"]


def test_a_leap_out_of_the_own_history_is_a_finding_and_its_noise_is_not():
    past = [Sample(place * S, 100.0 + place % 3) for place in range(30)]

    calm = detect(state(zone(reported={"load": held(102.0)})), samples={("z", "load"): past})
    leap = detect(state(zone(reported={"load": held(140.0)})), samples={("z", "load"): past})

    assert calm.findings == ()
    assert calm.drift == 0
    assert [one.reference_kind for one in leap.findings] == ["history"]
    assert "history" in leap.assumptions[0]


def test_an_assumption_that_was_always_so_has_no_duration():
    world = state(zone(reported={"temp": held(25.0, at=BEGIN)}, desired={"temp": held(21.0)}))

    (found,) = detect(world, config(sources={"bms": Source(type="file", path="x")})).findings

    assert found.since is None
    assert found.message.endswith("desired is 21 Cel")


def test_what_cannot_be_judged_is_listed_with_its_reason():
    out = detect(state(zone(reported={"load": held(5.0)}), zone("gone", lifecycle="stale")))

    assert {(one.entity, one.variable) for one in out.not_judged} == {("z", "load"), ("gone", "")}


def test_a_missing_edge_is_found_and_dated_when_this_sync_saw_it_go():
    edge = Edge("expected", "z", "feeds", "y", held("bms:y"))
    lost = Edge("reported", "z", "feeds", "y", held("bms:y"))
    changes = Changes(1, 2, "", "", edges=(EdgeChange(lost.key, lost, None),))
    world = state(zone(), zone("y"), edges=[edge])

    lasting, fresh = detect(world), detect(world, changes=changes)

    assert [(one.name, one.since) for one in lasting.findings] == [("missing:feeds", None)]
    assert fresh.findings[0].since == 100 * S
    assert fresh.findings[0].id == lasting.findings[0].id


def test_silence_is_a_finding_that_says_how_long():
    out = detect(state(zone(reported={"mode": held("on", at=10 * S)})), last_heard={"bms": 10 * S})

    (found,) = out.findings
    assert (found.name, found.magnitude, found.since) == ("silence:bms", 1.0, 10 * S)
    assert "1m30s" in found.message


def test_a_held_roster_is_a_finding():
    out = detect(state(zone()), holds=[RosterHold("bms", "it is empty", 99 * S)])

    assert [(one.name, one.kind) for one in out.findings] == [("roster:bms", "structure")]


def test_a_rule_row_becomes_a_finding_resting_on_its_premises():
    rule = Rule(id="too_warm", cypher="RETURN 1", severity="critical", description="A zone is too warm")
    rows = [RuleRow("too_warm", "z", {}, (), {"message": "z is at 25"}, (("z", "temp"),))]

    out = detect(state(zone(reported={"temp": held(25.0)})), config(rules=(rule,)), rule_rows=rows)

    (found,) = out.findings
    assert (found.name, found.severity, found.message, found.evidence) == (
        "too_warm", "critical", "z is at 25", ("fact-25.0",),
    )  # fmt: skip
    assert "tool:rule:too_warm" in found.anchors


def test_a_rule_s_finding_lasts_since_its_derived_value_holds():
    rows = [RuleRow("too_warm", "z", {}, (), {"message": "z is at 25"}, (("z", "temp"),))]
    derived = {"temp": held(25.0), "finding:too_warm": held("z is at 25", at=40 * S)}

    (found,) = detect(state(zone(reported=derived)), rule_rows=rows).findings

    assert found.since == 40 * S


def test_nonsense_in_a_rule_row_is_not_believed():
    rows = [RuleRow("odd", "z", {}, (), {"severity": "apocalyptic", "message": 7}, ())]

    (found,) = detect(state(zone()), rule_rows=rows).findings

    assert found.severity == "medium"
    assert found.message == "odd: z"


def test_a_rule_row_without_a_finding_is_no_anomaly():
    assert detect(state(zone()), rule_rows=[RuleRow("derive", "z", {"x": 1}, (), None, ())]).findings == ()


def test_the_order_of_entities_and_rows_does_not_matter():
    entities = [zone(str(n), {"temp": held(21.0 + n)}, {"temp": held(20.0)}) for n in range(8)]
    rows = [RuleRow("r", str(n), {}, (), {"severity": s}, ()) for n, s in enumerate(["low", "high", "medium"])]
    chance = random.Random(4)

    one = detect(state(*entities), rule_rows=rows)
    other = detect(state(*chance.sample(entities, 8)), rule_rows=chance.sample(rows, 3))

    assert one.findings == other.findings
    assert one.deviations == other.deviations


def test_without_constraints_the_default_threshold_holds_and_is_named():
    out = detect(state(zone(reported={"temp": held(25.0)}, desired={"temp": held(21.0)})), config(constraints=None))

    assert out.threshold == 0.15
    assert out.drift_detected
    assert "No constraints" in out.assumptions[0]


def test_a_variable_that_is_not_to_be_judged_is_left_alone():
    twin = config(types={"zone": EntityType(variables={"temp": Variable(span=1.0, judged=False)})})

    out = detect(state(zone(reported={"temp": held(25.0)}, desired={"temp": held(21.0)})), twin)

    assert (out.judged, out.findings, out.not_judged) == (0, (), ())


def test_a_disputed_value_is_marked_so_that_no_plan_reads_it():
    world = state(zone(reported={"temp": held(25.0, disputed=True)}, desired={"temp": held(21.0)}))

    assert detect(world).findings[0].disputed
