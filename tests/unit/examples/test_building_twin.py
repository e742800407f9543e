"""The twin of the example's building: its configuration holds, and fits what was built and what is bought."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from building.floor import load_floor
from building_scene import MINUTE, building_at

from graphtwin.methods.reading.mapping import check_sources, compile_mapping
from graphtwin.methods.rules.strata import stratify
from graphtwin.model.configuration.load import load_twin

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "building-floor-3"
FLOOR = load_floor()
CONFIG = load_twin(EXAMPLE / "twin.yaml")


def test_the_configuration_as_published_is_valid() -> None:
    check_sources(CONFIG)

    order = [rule.id for rule in stratify(CONFIG.rules)]

    assert len(order) == len(CONFIG.rules)
    assert CONFIG.world.id == "building-floor-3"


def test_the_model_declares_exactly_what_was_built() -> None:
    assert {one.id for one in CONFIG.entities} == {thing.id for thing in FLOOR.things}


def test_every_alias_of_the_model_is_a_name_that_its_source_uses() -> None:
    names = {
        "sensors": {thing.mqtt for thing in (FLOOR.gateway, *FLOOR.devices)},
        "status": {thing.bms for thing in (*FLOOR.hvac_units, *FLOOR.air_handlers)},
        "roster": {thing.bms for thing in FLOOR.things},
        "inventory": {row["asset_tag"] for row in inventory()},
    }

    aliases = [alias.split(":") for one in CONFIG.entities for alias in one.aliases]

    assert all(name in names[source] for source, name in aliases)


def test_the_inventory_lists_everything_that_was_built_under_its_own_tags() -> None:
    rows = {row["asset_tag"]: row for row in inventory()}

    with_tags = [thing for thing in FLOOR.things if hasattr(thing, "asset")]
    rooms = {zone.id: zone.room for zone in FLOOR.zones}

    assert rows.keys() == {thing.asset for thing in with_tags} | set(rooms.values())
    assert all(rows[thing.asset]["serial_no"] == thing.serial for thing in with_tags)
    assert all(rows[device.asset]["room"] == rooms[device.zone] for device in FLOOR.devices if device.zone)


def test_the_model_wants_what_was_set_and_hangs_together_as_it_was_built() -> None:
    declared = {one.id: one for one in CONFIG.entities}

    for unit in FLOOR.hvac_units:
        assert declared[unit.id].desired == {"setpoint": unit.setpoint}
        assert declared[unit.id].relations == {"controls": unit.zone, "fed_by": unit.air_handler}
        assert declared[unit.zone].relations == {"conditioned_by": unit.id}
    for device in FLOOR.devices:
        assert declared[device.id].relations.get("located_in", "") == device.zone


def test_every_action_answers_a_finding_that_can_occur() -> None:
    judged = {f"drift:{kind}.{name}" for kind, declared in CONFIG.types.items() for name in declared.variables}
    possible = {rule.id for rule in CONFIG.rules} | judged | {f"silence:{name}" for name in CONFIG.sources}
    possible |= {f"missing:{relation}" for declared in CONFIG.entities for relation in declared.relations}

    answered = {name for action in CONFIG.actions for name in action.when}

    assert answered <= possible


def test_the_machines_of_the_status_become_things_of_their_types() -> None:
    building, _ = building_at()
    building.advance(MINUTE)
    status = building.management.status()
    read = compile_mapping("status", CONFIG)

    things = [thing for item in (*status["units"], *status["air_handlers"]) for thing in read(item)]

    assert [thing.type for thing in things] == ["hvac_controller"] * 6 + ["air_handler"] * 2
    first = {said.name: said.value for said in things[0].variables}
    assert (things[0].id, first["setpoint"], first["status"], first["cooling_override"]) == (
        "AHU-3A",
        22.0,
        "cooling",
        -1,
    )
    building.commands.write("AHU-3A.cooling_valve", 0, "shut")
    building.management.refresh()
    [shut] = read(building.management.status()["units"][0])
    assert {said.name: said.value for said in shut.variables}["cooling_override"] == 0


def test_every_row_of_the_roster_and_of_the_inventory_becomes_one_thing() -> None:
    building, _ = building_at()
    roster, bought = compile_mapping("roster", CONFIG), compile_mapping("inventory", CONFIG)
    types = {one.id: one.type for one in CONFIG.entities}

    listed = {thing.id: thing for row in building.management.roster() for thing in roster(row)}
    bought_things = {thing.id: thing for row in inventory() for thing in bought(row)}

    assert {name: thing.type for name, thing in listed.items()} == {
        thing.bms: types[thing.id] for thing in FLOOR.things
    }
    assert {name: thing.type for name, thing in bought_things.items()} == {
        getattr(thing, "asset", "") or getattr(thing, "room", ""): types[thing.id] for thing in FLOOR.things
    }


@pytest.mark.parametrize("name", ["twin.yaml", "../requirement.yaml"])
def test_the_ports_are_those_that_the_simulator_takes_by_default(name: str) -> None:
    text = (EXAMPLE / name).read_text("utf-8")

    assert "127.0.0.1:18831" in text
    assert "127.0.0.1:18080" in text


def test_the_requirements_input_has_its_example_and_nothing_more() -> None:
    asked = yaml.safe_load((EXAMPLE.parent / "requirement.yaml").read_text("utf-8"))

    assert asked == {
        "sources": [
            {"type": "mqtt", "endpoint": "mqtt://127.0.0.1:18831/floor-3"},
            {"type": "api", "endpoint": "http://127.0.0.1:18080/hvac/status"},
        ],
        "world_id": "building-floor-3-twin",
        "constraints": {"max_drift_threshold": 0.15, "require_approval_above_risk": 0.7},
        "sync_mode": "incremental",
    }


def inventory() -> list[dict[str, str]]:
    with (EXAMPLE / "inventory.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))
