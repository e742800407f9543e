"""Scenario files of the example's building: what can be said in them, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from building.faults import load_scenario, read_fault
from building.floor import BuildingError, load_floor
from building.instants import read_duration, read_instant
from building_scene import HOUR, MINUTE, building_at

FLOOR = load_floor()
SCENARIOS = Path(__file__).resolve().parents[3] / "examples" / "building-floor-3" / "scenarios"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_published_scenario_can_be_played_to_its_end(path: Path) -> None:
    faults = tuple(fault.model_dump() for fault in load_scenario(path, FLOOR).faults)
    building, _ = building_at(faults=faults)
    told: list[str] = []
    building.heard.append(told.append)

    building.advance(6 * HOUR)

    begun = {line.partition(":")[0] for line in told if line.endswith("begins")}
    assert begun == {fault["id"] for fault in faults if fault["at"] is not None}
    assert all(
        case.state == ("waiting" if case.fault.at is None else "ended" if case.fault.lasts else "active")
        for case in building.trouble.cases.values()
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("faults: [{id: a, kind: flood}]", "faults.0: Input tag 'flood'"),
        ("faults: [{id: a, kind: stuck_valve}]", "faults.0.stuck_valve.unit: Field required"),
        ("faults: [{id: a, kind: stuck_valve, unit: AHU-3A}]", "no unit is called 'AHU-3A'"),
        ("faults: [{id: a, kind: stuck_valve, unit: hvac-unit-3a, sticks: true}]", "sticks: Extra inputs"),
        ("faults: [{id: a, kind: moved_device, sensor: weather-station-3, zone: zone-3a}]", "no sensor is called"),
        ("faults: [{id: a, kind: silent_gateway, at: soon}]", "'soon' isn't a duration"),
        ("faults: [{id: a b, kind: silent_gateway}]", "id: String should match"),
        ("faults: [{id: a, kind: silent_gateway}, {id: a, kind: silent_gateway}]", "two faults are called a"),
        ("faults: {", "can't be read"),
        ("- 1", "it: Input should be a valid dictionary"),
    ],
)
def test_a_mistake_in_a_scenario_is_told_with_its_file_and_place(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)

    with pytest.raises(BuildingError) as raised:
        load_scenario(path, FLOOR)

    assert str(path) in str(raised.value)
    assert told in str(raised.value)


def test_a_scenario_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BuildingError, match=r"none\.yaml can't be read"):
        load_scenario(tmp_path / "none.yaml", FLOOR)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("PT90S", 90), ("PT1H", 3600), ("P1D", 86_400), (30, 30), ("0s", 0)],
)
def test_durations_are_written_as_elsewhere(text: object, seconds: int) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "10", "m", "10 m", -1, 1.5, True, None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="isn't a duration"):
        read_duration(text)


def test_an_instant_without_a_zone_is_utc() -> None:
    assert read_instant("2026-06-15T11:00:00") == read_instant("2026-06-15T13:00:00+02:00")


def test_a_fault_that_is_given_up_never_happens() -> None:
    building, _ = building_at(
        faults=({"id": "k", "kind": "wrong_setpoint", "unit": "hvac-unit-3a", "value": 26, "at": "10m"},)
    )

    building.trouble.end("k")
    building.advance(20 * MINUTE)

    assert building.house.units["hvac-unit-3a"].setpoint == 22.0
    assert building.trouble.cases["k"].state == "ended"


def test_a_fault_of_a_request_is_checked_like_one_of_a_file() -> None:
    with pytest.raises(BuildingError, match="no zone is called 'roof'"):
        read_fault({"id": "m", "kind": "moved_device", "sensor": "sensor-temp-301", "zone": "roof"}, FLOOR)
