"""Risk now and within the horizon, on whole states."""

import random

import pytest

from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.configuration.amounts import Limit
from graphtwin.model.configuration.twin import EntityType, RelationType, Source, TwinConfig, Variable, WorldConfig
from graphtwin.model.finding import Finding
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.ports import Sample
from graphtwin.steps.estimate_risk import estimate_risk
from graphtwin.steps.forecast_risk import forecast_risk, limited_variables

S = 1_000_000
CONFIG = TwinConfig(
    world=WorldConfig(id="w"),
    sources={"scan": Source(type="file", path="x")},
    types={
        "disk": EntityType(variables={"used": Variable(limit=Limit(max=90.0)), "name": Variable(datatype="string")})
    },
    relations={"stored_on": RelationType(dependency=True)},
    constraints=Constraints(forecast_horizon="60s"),
)


def held(value):
    return Held(value, "%", 60 * S, 60 * S, 1.0, "observation", "scan", "scan:d", f"fact-{value}")


def world(used=60.0, order=("disk", "db")):
    entities = {
        "disk": EntityState("disk", "disk", "active", ("scan:disk",), {"used": held(used), "name": held("sda")}),
        "db": EntityState("db", "service", "active", ("scan:db",)),
    }
    edge = Edge("reported", "db", "stored_on", "disk", held("scan:disk"))
    return State(At(60 * S, 1), {name: entities[name] for name in order}, {edge.key: edge})


def past(slope=0.5, count=61, start=30.0):
    chance = random.Random(1)
    return {("disk", "used"): [Sample(n * S, start + slope * n + chance.gauss(0, 0.3)) for n in range(count)]}


def finding(entity="disk"):
    return Finding(
        f"f-{entity}", "rule", "slow", entity, "", None, None, None, 1.0, "high", True, f"{entity} is slow", ()
    )


def forecast(state=None, samples=None, findings=(), seed=3):
    state = state or world()
    hazards = estimate_risk(findings, state, CONFIG).hazards
    return forecast_risk(state, CONFIG, samples=past() if samples is None else samples, hazards=hazards, seed=seed)


def test_current_risk_names_its_factors_and_reaches_what_depends_on_the_place():
    out = estimate_risk([finding()], world(), CONFIG)

    assert 0 < out.current < 1
    assert set(out.risk.by_entity) == {"disk", "db"}
    assert out.factors[0].startswith("disk is slow")
    assert "db depends on disk (1 hop)" in out.factors[1]
    assert out.anchors == ("tool:estimate-risk:f-disk",)


def test_no_findings_no_risk():
    out = estimate_risk([], world(), CONFIG)

    assert (out.current, out.factors, out.stop) == (0.0, (), "")


def test_a_filling_disk_raises_the_forecast_above_the_current_risk_for_what_is_stored_on_it_too():
    out = forecast()

    (foreseen,) = out.forecasts
    assert foreseen.probability > 0.5
    assert out.forecasted > 0.3
    assert out.risk.by_entity["db"] > 0
    assert "may leave its limit within 1m (at most 90)" in out.factors[0]
    assert out.anchors == ("tool:forecast-risk:disk.used",)


def test_the_forecast_never_falls_below_the_current_risk():
    calm = past(slope=0.0)

    out = forecast(samples=calm, findings=[finding()])

    assert out.forecasted >= estimate_risk([finding()], world(), CONFIG).current


def test_what_is_already_outside_its_limit_is_certain():
    out = forecast(state=world(used=95.0))

    assert out.forecasts[0].probability == 1.0
    assert "is outside its limit" in out.factors[0]


def test_too_short_a_past_is_said_not_guessed():
    out = forecast(samples=past(count=4))

    assert out.forecasts[0].probability is None
    assert out.forecasted == 0
    assert any("fewer than 5 samples: disk used" in one for one in out.assumptions)


def test_the_same_seed_gives_the_same_forecast_whatever_the_order_of_entities():
    one = forecast(state=world(order=("disk", "db")))
    other = forecast(state=world(order=("db", "disk")))

    assert one == other


def test_only_reported_numbers_with_a_limit_are_asked_for():
    assert limited_variables(world(), Policy(CONFIG)) == (("disk", "used"),)


def test_a_world_without_constraints_looks_an_hour_ahead():
    out = forecast_risk(world(), CONFIG.model_copy(update={"constraints": None}), samples=past(), hazards=(), seed=1)

    assert out.horizon == 3_600 * S
    assert out.forecasted == pytest.approx(max(out.risk.by_entity.values()))
