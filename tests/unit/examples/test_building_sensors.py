"""The gateway of the example: what it says in its own naming, how true it is, how it falls silent and comes back."""

from __future__ import annotations

import json
import re
from statistics import mean

import pytest
from building.gateway import LAST_WILL
from building.instants import read_instant
from building_scene import HOUR, MINUTE, WARM_MONDAY, building_at


def test_a_reading_says_value_unit_time_number_and_the_beacon_it_hears() -> None:
    building, line = building_at()

    building.advance(4 * MINUTE)

    first, second = line.on("temp-301/temperature")
    assert first.keys() == {"value", "unit", "ts", "seq", "beacon"}
    assert (first["unit"], first["beacon"], first["seq"], second["seq"]) == ("°C", "ZN3A", 1, 2)
    assert read_instant(second["ts"]) - read_instant(first["ts"]) == 120
    assert read_instant(second["ts"]) == building.now


def test_every_device_reports_at_its_own_pace_in_topics_of_its_own() -> None:
    building, line = building_at()

    building.advance(HOUR)

    topics = {topic for topic, _, retained in line.sent if not retained}
    assert len(topics) == 24
    assert all(re.fullmatch(r"floor-3/[a-z0-9]+-[0-9]+/[a-z0-9]+", topic) for topic in topics)
    assert len(line.on("co2-303/co2")) == 30
    assert len(line.on("weather-3/temperature")) == len(line.on("weather-3/irradiance")) == 15


def test_certificates_and_status_are_kept_by_the_broker_and_name_serial_numbers() -> None:
    building, line = building_at()

    kept = {topic: payload for topic, payload, retained in line.sent if retained}

    assert kept["floor-3/gateway/status"]["status"] == "online"
    assert kept["floor-3/temp-301/info"]["serial"] == "E8-44-0301"
    assert {payload["serial"] for topic, payload in kept.items() if topic.endswith("/info")} == {
        thing.serial for thing in (building.floor.gateway, *building.floor.devices)
    }
    assert json.loads(LAST_WILL) == {"status": "offline"}


def test_what_a_sensor_says_is_true_within_its_error_and_rounded_to_its_resolution() -> None:
    building, line = building_at()
    off: dict[str, list[float]] = {}

    for _ in range(60):
        building.advance(2 * MINUTE)
        truth = building.house.zones["zone-3a"]
        off.setdefault("temperature", []).append(line.on("temp-301/temperature")[-1]["value"] - truth.air)
        off.setdefault("co2", []).append(line.on("co2-301/co2")[-1]["value"] - truth.co2)

    assert all(abs(one) < 0.3 for one in off["temperature"])
    assert abs(mean(off["temperature"])) < 0.15
    assert all(abs(one) < 50 for one in off["co2"])
    values = [payload["value"] for payload in line.on("temp-301/temperature")]
    assert all(round(value, 1) == value for value in values)
    assert {type(payload["value"]) for payload in line.on("people-301/count")} == {int}


def test_the_meter_never_runs_backwards() -> None:
    building, line = building_at()

    building.advance(3 * HOUR)

    counted = [payload["value"] for payload in line.on("meter-3/energy")]
    assert counted == sorted(counted)
    assert counted[-1] > counted[0]


def test_a_drifting_sensor_parts_from_its_neighbour_and_is_calibrated_when_the_fault_ends() -> None:
    fault = {"id": "d", "kind": "drifting_sensor", "sensor": "sensor-temp-301", "per_hour": 2.0, "at": 0, "lasts": "2h"}
    building, line = building_at(faults=(fault,))

    building.advance(2 * HOUR - 10)
    apart = line.on("temp-301/temperature")[-1]["value"] - line.on("temp-302/temperature")[-1]["value"]
    building.advance(4 * MINUTE)
    again = line.on("temp-301/temperature")[-1]["value"] - line.on("temp-302/temperature")[-1]["value"]

    assert 3.4 < apart < 4.4
    assert abs(again) < 0.5


def test_a_moved_sensor_hears_another_beacon_and_measures_there() -> None:
    building, line = building_at()
    building.commands.write("AHU-3F.setpoint", 25.0, "tell-them-apart")
    building.advance(3 * HOUR)

    building.trouble.add(_read("moved_device", sensor="sensor-temp-304", zone="zone-3f"))
    building.trouble.begin("f")
    building.advance(2 * MINUTE)

    last = line.on("temp-304/temperature")[-1]
    assert last["beacon"] == "ZN3F"
    assert last["value"] == pytest.approx(building.house.zones["zone-3f"].air, abs=0.3)
    assert last["value"] > 24


@pytest.mark.parametrize("how", ["hung", "lost"])
def test_a_silent_gateway_says_nothing_and_what_was_measured_meanwhile_is_lost(how: str) -> None:
    building, line = building_at(
        faults=({"id": "g", "kind": "silent_gateway", "how": how, "at": "10m", "lasts": "10m"},)
    )

    building.advance(30 * MINUTE)

    numbers = [payload["seq"] for payload in line.on("temp-301/temperature")]
    assert numbers == [1, 2, 3, 4, 10, 11, 12, 13, 14, 15]
    assert (line.cuts, line.connections) == ((1, 1) if how == "lost" else (0, 0))


def test_a_restart_cures_a_gateway_that_hangs_and_each_key_restarts_it_once() -> None:
    building, line = building_at(faults=({"id": "g", "kind": "silent_gateway", "how": "hung", "at": 0},))
    building.advance(5 * MINUTE)
    command = b'{"command": "restart", "idempotency_key": "k-1"}'

    building.take(command)
    during = building.gateway.health
    building.advance(2 * MINUTE)
    building.take(command)

    assert (during, building.gateway.health) == ("restarting", "online")
    building.greet()
    assert (line.cuts, line.connections) == (1, 1)
    assert [payload["boots"] for payload in line.on("gateway/info")] == [1, 2]
    assert [entry.outcome for entry in building.commands.journal] == ["applied", "replayed"]
    assert [payload["outcome"] for payload in line.on("gateway/answer")] == ["applied", "replayed"]
    assert building.trouble.cases["g"].state == "ended"


def test_a_gateway_that_is_lost_hears_no_command() -> None:
    building, _ = building_at(faults=({"id": "g", "kind": "silent_gateway", "how": "lost", "at": 0},))
    building.advance(MINUTE)

    building.take(b'{"command": "restart", "idempotency_key": "k-1"}')

    assert building.gateway.health == "lost"
    assert building.commands.journal == []


@pytest.mark.parametrize(
    "payload", [b"restart", b"{}", b"[]", b"\xff", b'{"command": "explode", "idempotency_key": "k"}']
)
def test_what_the_gateway_does_not_understand_does_nothing_and_is_said(payload: bytes) -> None:
    building, line = building_at()

    building.take(payload)

    assert building.gateway.health == "online"
    assert "error" in line.on("gateway/answer")[-1]


def test_a_gateway_greets_again_whenever_its_line_works_again() -> None:
    building, line = building_at()
    building.advance(MINUTE)

    building.greet()

    assert [payload["seq"] for payload in line.on("gateway/status")] == [1, 2]
    assert read_instant(line.on("gateway/status")[1]["ts"]) == WARM_MONDAY + MINUTE


def _read(kind: str, **more: object):
    from building.faults import read_fault
    from building.floor import load_floor

    return read_fault({"id": "f", "kind": kind, **more}, load_floor())
