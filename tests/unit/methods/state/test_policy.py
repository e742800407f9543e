"""What a configuration says about sources and fields (S11)."""

from __future__ import annotations

from math import inf

import pytest
from contracts.scene import DAY, MINUTE, twin

from graphtwin.methods.state.policy import Policy

TYPES = {
    "device": {"variables": {"reading": {"half_life": "10m", "cadence": "1m"}, "name": {"attribute": True}}},
    "sensor": {"is_a": "device", "variables": {"mode": {"authority": ["system_of_record", "bus"], "valid_for": "2m"}}},
}
RELATIONS = {"on": {"functional": True, "attributes": {"slot": {"half_life": "5m"}, "since": {}}}, "near": {}}
POLICY = Policy(twin("w", types=TYPES, relations=RELATIONS))


def test_variables_are_inherited_and_relation_attributes_are_declared_with_their_relation():
    assert POLICY.variable("sensor", "reading") is not None
    assert POLICY.variable("device", "mode") is None
    assert POLICY.variable("sensor", "on.slot") is not None
    assert POLICY.attribute_of("on.slot") == ("on", "slot")
    assert POLICY.attribute_of("off.slot") is None


@pytest.mark.parametrize(
    ("name", "half_life"),
    [
        ("reading", 10 * MINUTE),
        ("mode", 60 * MINUTE),
        ("name", 14 * DAY),
        ("undeclared", 14 * DAY),
        ("on.slot", 5 * MINUTE),
        ("on.since", 14 * DAY),
    ],
)
def test_the_half_life_belongs_to_the_field(name: str, half_life: int):
    assert POLICY.half_life("sensor", name) == half_life


@pytest.mark.parametrize(
    ("source", "name", "trust"),
    [
        ("bus", "reading", 0.95),
        ("notes", "reading", 0.55),
        ("nobody", "reading", 0.55),
        ("book", "mode", 0.92),
        ("bus", "mode", 0.95 * 0.9),
        ("notes", "mode", 0.25),
        ("model", "reading", 0.92),
        ("override", "mode", inf),
    ],
)
def test_trust_is_the_classs_unless_the_field_names_its_authorities(source: str, name: str, trust: float):
    assert POLICY.trust(source, "sensor", name) == pytest.approx(trust)


def test_trust_is_overridden_by_source_weight_then_by_source_name():
    sources = {
        "bus": {"type": "file", "path": "p", "weight": 0.4},
        "book": {"type": "file", "path": "p", "weight": 0.4},
    }
    one = Policy(twin("w", sources=sources, trust={"sources": {"book": 0.7}, "classes": {"human_note": 0.3}}))

    assert [one.source_trust(source) for source in ("bus", "book", "anybody")] == [0.4, 0.7, 0.3]


def test_a_claim_is_valid_for_what_is_declared_else_three_cadences():
    assert POLICY.valid_for("sensor", "mode", "bus") == 2 * MINUTE
    assert POLICY.valid_for("sensor", "reading", "bus") == 3 * MINUTE
    assert POLICY.valid_for("sensor", "name", "bus") is None


def test_relations_know_whether_they_are_functional():
    assert (POLICY.functional("on"), POLICY.functional("near"), POLICY.is_relation("far")) == (True, False, False)
