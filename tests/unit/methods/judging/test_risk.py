"""Risk: bounded, monotone, free of order, carried along dependencies, closed against nonsense."""

import math

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.judging.risk import (
    PER_HOP,
    assess,
    dependents,
    describe_risk,
    hazard_of,
    impact,
    noisy_or,
    unknown_to_one,
)
from graphtwin.model.configuration.twin import RelationType
from graphtwin.model.finding import Finding
from graphtwin.model.risk import Hazard
from graphtwin.model.state import Edge, Held

shares = st.floats(0, 1)
names = st.sampled_from("abcdef")
hazards = st.lists(
    st.builds(Hazard, names, shares, st.just("broken"), st.text("xyz", min_size=1, max_size=4)), max_size=8
)
graphs = st.lists(st.tuples(names, names), max_size=12).map(nx.DiGraph)


def hazard(entity="a", likelihood=0.6, cause="f-1"):
    return Hazard(entity, likelihood, f"{entity} is broken", cause)


def finding(**changes):
    values = {
        "id": "f-1", "kind": "value", "name": "drift:pump.flow", "entity": "a", "variable": "flow", "reported": 1,
        "reference": 2, "reference_kind": "desired", "magnitude": 0.6, "severity": "medium", "exceeds": True,
        "message": "off", "anchors": (),
    }  # fmt: skip
    return Finding(**values | changes)


@given(hazards, graphs)
def test_risk_is_always_between_zero_and_one(several, graph):
    risk = assess(several, graph)

    assert 0 <= risk.value <= 1
    assert all(0 <= value <= 1 for value in risk.by_entity.values())


@given(hazards, hazards, graphs)
def test_one_more_hazard_never_lowers_any_risk(several, more, graph):
    before = assess(several, graph)

    after = assess([*several, *more], graph)

    assert after.value >= before.value - 1e-12
    assert all(after.by_entity[entity] >= value - 1e-12 for entity, value in before.by_entity.items())


@given(hazards, graphs, st.randoms())
def test_the_order_of_hazards_does_not_matter(several, graph, chance):
    shuffled = chance.sample(several, len(several))

    assert assess(shuffled, graph) == assess(several, graph)


def test_risk_reaches_what_depends_on_the_broken_thing_and_fades_on_the_way():
    graph = nx.DiGraph([("db", "web"), ("web", "shop")])

    risk = assess([hazard("db")], graph)

    assert risk.by_entity["db"] == pytest.approx(0.6 * impact(2))
    assert risk.by_entity["web"] == pytest.approx(risk.by_entity["db"] * PER_HOP)
    assert risk.by_entity["shop"] == pytest.approx(risk.by_entity["web"] * PER_HOP)
    assert risk.value == risk.by_entity["db"]


def test_risk_does_not_travel_from_a_broken_thing_to_what_it_depends_on():
    risk = assess([hazard("web")], nx.DiGraph([("db", "web")]))

    assert set(risk.by_entity) == {"web"}


def test_a_cause_arrives_once_however_many_ways_lead_there_and_cycles_end():
    diamond = nx.DiGraph([("db", "one"), ("db", "two"), ("one", "web"), ("two", "web"), ("web", "db")])

    risk = assess([hazard("db")], diamond)

    assert risk.by_entity["web"] == pytest.approx(risk.by_entity["db"] * PER_HOP**2)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -0.1, 1.1])
def test_a_likelihood_that_is_no_share_closes_the_gate(nonsense):
    risk = assess([hazard("a", nonsense), hazard("b")], nx.DiGraph())

    assert risk.value == 1.0
    assert "counts as 1" in risk.stop


def test_only_declared_dependencies_carry_risk():
    held = Held("r", "", 1, 1, 1.0, "observation", "s", "s:r", "f")
    edges = [Edge("reported", "web", "depends_on", "db", held), Edge("reported", "web", "near", "door", held)]

    graph = dependents(edges, {"depends_on": RelationType(dependency=True), "near": RelationType()})

    assert list(graph.edges) == [("db", "web")]


def test_a_greater_deviation_and_a_graver_severity_are_likelier_to_harm():
    small, large = hazard_of(finding(), 0.15), hazard_of(finding(magnitude=1.2), 0.15)
    medium, grave = (hazard_of(finding(kind="rule", severity=one), 0.15) for one in ("medium", "critical"))

    assert small.likelihood == pytest.approx(0.5)
    assert small.likelihood < large.likelihood < 1
    assert medium.likelihood < grave.likelihood
    assert hazard_of(finding(), 0.0).likelihood == small.likelihood


@given(st.lists(shares, max_size=9))
def test_independent_causes_are_at_least_as_likely_as_the_likeliest(several):
    assert max(several, default=0.0) - 1e-12 <= noisy_or(several) <= 1


@pytest.mark.parametrize(("value", "risk"), [(0.3, 0.3), (math.nan, 1.0), (None, 1.0), (2, 1.0), (-1, 1.0), ("0", 1.0)])
def test_an_unknown_risk_counts_as_one(value, risk):
    assert unknown_to_one(value) == risk


def test_people_read_the_heaviest_factors_and_how_many_more_there_are():
    risk = assess([hazard(f"e{number}", 0.1 + number / 100) for number in range(50)], nx.DiGraph())

    said = describe_risk(risk)

    assert len(risk.factors) == 50
    assert said[0].startswith("e49 is broken")
    assert said[-1] == "and 30 lighter factors"
