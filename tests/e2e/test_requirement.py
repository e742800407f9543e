"""The requirement's first example as it is written, over the simulated building: nothing declared, everything typed."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docs.tour import ROOT
from e2e.small_world import details, memory
from jsonschema import Draft202012Validator

from graphtwin.app.begin import begin
from graphtwin.app.configure import apply_in
from graphtwin.app.sync import sync_in
from graphtwin.model.configuration.load import load_input

EXAMPLE = ROOT / "examples" / "building-floor-3"
WORLD = "building-floor-3-twin"

pytestmark = pytest.mark.timeout(300)


def scenario_module() -> Any:
    spec = importlib.util.spec_from_file_location("requirement_scenario", EXAMPLE / "scenario.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Any]:
    """The building, standing still after a quarter of an hour; its certificates are kept by the broker."""
    with scenario_module().Scenario() as scenario:
        scenario.prepare(tmp_path / "floor")
        scenario.start(paused=True)
        yield scenario


def test_the_example_file_is_the_requirements_with_other_endpoints_and_nothing_else():
    asked = load_input(ROOT / "examples" / "requirement.yaml")

    assert asked.config.world.id == WORLD
    assert asked.config.types == {}
    assert [source.type for source in asked.config.sources.values()] == ["mqtt", "api"]
    assert asked.sync_mode == "incremental"


async def test_it_syncs_in_every_mode_to_valid_reports_and_typed_entities(building: Any):
    store, twin = memory(), building.folder / "requirement.yaml"
    schema = json.loads((ROOT / "reference" / "sync_report.schema.json").read_text("utf-8"))

    outcomes = [await sync_in(store, twin, mode=mode) for mode in ("incremental", "full", "delta_only")]

    state = await store.state(WORLD)
    unit = next(one for one in state.entities.values() if one.id.endswith("/AHU-3A"))
    assert [one.exit_code for one in outcomes] == [0, 0, 0]
    assert [one.report.confidence for one in outcomes] == [1, 1, 1]
    for one in outcomes:
        assert list(Draft202012Validator(schema).iter_errors(json.loads(one.report.model_dump_json()))) == []
    assert (unit.type, isinstance(unit.reported["setpoint"].value, float)) == ("unit", True)
    assert {"unit", "air_handler", "temp", "gateway"} <= {one.type for one in state.entities.values()}
    assert await store.quarantined(WORLD) == ()
    assert any("type temp from" in one for one in outcomes[0].report.assumptions)
    assert (await store.verify(WORLD)).problems == ()


async def test_what_the_sensors_say_later_is_told_and_taken_over_by_a_person(building: Any):
    store, twin = memory(), building.folder / "requirement.yaml"
    await sync_in(store, twin)
    building.building.advance("10m")

    told = await sync_in(store, twin)
    building.building.advance("10m")
    applied = await apply_in(store, twin, dry_run=False)
    building.building.advance("10m")
    outcome = await sync_in(store, twin)

    sensor = next(one for one in (await store.state(WORLD)).entities.values() if one.id == "temp:local/temp-301")
    assert "127.0.0.1-floor-3: messages like floor-3/temp-301/temperature" in details(told)["undeclared"]
    assert any("temp.variables.temperature" in one for one in applied.changes)
    assert sensor.reported["temperature"].unit == "Cel"
    assert details(outcome)["undeclared"] == []
    assert await store.quarantined(WORLD) == ()


async def test_init_learns_from_the_same_broker_and_server(building: Any, tmp_path: Path):
    building.building.advance("10m")

    begun = await begin(
        "floor", [f"{building.mqtt}/floor-3", f"{building.url}/roster", f"{building.url}/hvac/status"], tmp_path
    )
    store = memory()
    outcome = await sync_in(store, begun.twin)

    state = await store.state("floor")
    fan_coil = next(one for one in state.entities.values() if one.type == "fan_coil")
    assert outcome.exit_code == 0
    assert {"located_in", "fed_by"} <= {edge.relation for edge in state.edges.values() if edge.subject == fan_coil.id}
    assert await store.quarantined("floor") == ()
