"""The building of the example does as it is told once, or says why not; and it can refuse, lie and break off."""

from __future__ import annotations

from typing import Any

import pytest
from building.building import Building
from building_scene import MINUTE, building_at
from hypothesis import given, settings
from hypothesis import strategies as st


def refusing(how: str, **more: Any) -> Building:
    building, _ = building_at(faults=({"id": "r", "kind": "refuses_commands", "how": how, "at": 0, **more},))
    building.advance(10)
    return building


def test_a_command_changes_what_really_happens() -> None:
    building, _ = building_at()
    before = building.house.air_handlers["air-handler-31"].supply

    answer = building.commands.write("CAHU-1.supply_setpoint", 14, "k")
    building.advance(20 * MINUTE)

    assert (answer.status, answer.body["value"]) == (200, 14)
    assert building.house.air_handlers["air-handler-31"].supply == pytest.approx(14, abs=0.2)
    assert before == pytest.approx(18, abs=0.2)


def test_a_key_takes_effect_once_and_gets_its_first_answer_again() -> None:
    building, _ = building_at()

    first = building.commands.write("AHU-3A.setpoint", 24, "k")
    building.house.units["hvac-unit-3a"].setpoint = 20.0
    again = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    assert building.house.units["hvac-unit-3a"].setpoint == 20.0
    assert [entry.outcome for entry in building.commands.journal] == ["applied", "replayed"]


def test_a_key_of_another_command_is_refused() -> None:
    building, _ = building_at()
    building.commands.write("AHU-3A.setpoint", 24, "k")

    other = building.commands.write("AHU-3B.setpoint", 24, "k")

    assert other.status == 422
    assert building.house.units["hvac-unit-3b"].setpoint == 22.0


def test_a_refused_key_may_be_tried_again_and_then_takes_effect() -> None:
    building = refusing("busy", times=1)

    first = building.commands.write("AHU-3A.setpoint", 24, "k")
    second = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert (first.status, second.status, second.replayed) == (503, 200, False)
    assert building.house.units["hvac-unit-3a"].setpoint == 24


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from([20, 23, 25])), max_size=12))
def test_whatever_comes_again_in_whatever_order_no_key_takes_effect_twice(told: list[tuple[str, int]]) -> None:
    building, _ = SHARED
    building.commands.journal.clear()
    building.commands._answered.clear()

    for key, value in told:
        building.commands.write("AHU-3C.setpoint", value, key)

    applied = [entry.key for entry in building.commands.journal if entry.outcome == "applied"]
    assert len(applied) == len(set(applied)) == len({key for key, _ in told})
    assert len(building.commands.journal) == len(told)


SHARED = building_at()


@pytest.mark.parametrize(
    ("point", "value", "status", "why"),
    [
        ("AHU-9Z.setpoint", 22, 404, "no point AHU-9Z.setpoint"),
        ("AHU-3A.colour", 22, 404, "no point"),
        ("AHU-3A.setpoint", 35, 422, "from 16 to 28"),
        ("AHU-3A.setpoint", "22", 422, "is a number"),
        ("AHU-3A.setpoint", True, 422, "is a number"),
        ("AHU-3A.setpoint", None, 422, "is a number"),
        ("AHU-3A.setpoint", float("nan"), 422, "is a number"),
        ("AHU-3A.mode", "fast", 422, "auto, off"),
        ("CAHU-1.fan_speed", 5, 422, "from 20 to 100"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(point: str, value: object, status: int, why: str) -> None:
    building, _ = SHARED

    answer = building.commands.write(point, value, f"key-{point}-{value}")

    assert answer.status == status
    assert why in answer.body["error"]
    assert building.commands.journal[-1].outcome == "refused"


def test_interlocks_keep_heating_and_cooling_apart_and_valves_shut_without_air() -> None:
    building, _ = building_at()
    building.advance(MINUTE)

    both = building.commands.write("AHU-3A.heating_valve", 50, "k1")
    building.commands.write("AHU-3A.mode", "off", "k2")
    airless = building.commands.write("AHU-3A.cooling_valve", 50, "k3")

    assert (both.status, airless.status) == (409, 409)
    assert "at once" in both.body["error"]
    assert "without air" in airless.body["error"]
    assert building.house.units["hvac-unit-3a"].heating.hand is None


def test_a_valve_is_held_by_hand_and_released() -> None:
    building, _ = building_at()

    building.commands.write("AHU-3A.cooling_valve", 80, "k1")
    building.advance(3 * MINUTE)
    held = building.house.units["hvac-unit-3a"].cooling.position
    building.commands.write("AHU-3A.cooling_valve", None, "k2")
    building.advance(10 * MINUTE)

    assert held == 80
    assert building.house.units["hvac-unit-3a"].cooling.position < 80


def test_a_unit_that_was_shut_off_stays_so_until_somebody_comes() -> None:
    building, _ = building_at()

    building.commands.write("AHU-3A.isolation", "closed", "k1")
    back = building.commands.write("AHU-3A.isolation", "open", "k2")
    building.advance(30 * MINUTE)

    assert back.status == 423
    assert building.house.units["hvac-unit-3a"].state == "off"
    assert building.house.zones["zone-3a"].air > 23


@pytest.mark.parametrize(("how", "status"), [("locked", 423), ("interlock", 409), ("busy", 503)])
def test_a_building_that_refuses_says_so_and_does_nothing(how: str, status: int) -> None:
    building = refusing(how)

    answer = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert answer.status == status
    assert building.house.units["hvac-unit-3a"].setpoint == 22.0
    assert building.commands.journal[-1].outcome == "refused"


def test_a_building_that_lies_says_yes_and_does_nothing() -> None:
    building = refusing("ignores")

    answer = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert answer.status == 200
    assert building.house.units["hvac-unit-3a"].setpoint == 22.0
    assert building.commands.journal[-1].outcome == "ignored"


def test_a_building_that_breaks_off_has_done_it_and_its_key_still_tells() -> None:
    building = refusing("drops", times=1)

    first = building.commands.write("AHU-3A.setpoint", 24, "k")
    again = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert (first.hang_up, again.hang_up, again.replayed) == (True, False, True)
    assert building.house.units["hvac-unit-3a"].setpoint == 24


def test_a_building_that_dawdles_keeps_the_asker_waiting() -> None:
    building = refusing("slow", wait=3)

    answer = building.commands.write("AHU-3A.setpoint", 24, "k")

    assert (answer.status, answer.wait) == (200, 3)


def test_a_refusal_is_about_the_unit_and_the_points_it_names_and_so_many_times() -> None:
    building = refusing("busy", unit="hvac-unit-3a", points=["setpoint"], times=2)

    statuses = [
        building.commands.write(point, value, f"{n}").status
        for n, (point, value) in enumerate(
            [("AHU-3B.setpoint", 23), ("AHU-3A.mode", "auto"), *[("AHU-3A.setpoint", 23)] * 3]
        )
    ]

    assert statuses == [200, 200, 503, 503, 200]


def test_a_knob_turned_by_hand_locks_the_unit_until_the_fault_ends() -> None:
    building, _ = building_at(
        faults=({"id": "w", "kind": "wrong_setpoint", "unit": "hvac-unit-3a", "value": 26, "hand": True, "at": 0},)
    )
    building.advance(10)

    locked = building.commands.write("AHU-3A.setpoint", 22, "k1")
    building.trouble.end("w")
    after = building.house.units["hvac-unit-3a"].setpoint
    free = building.commands.write("AHU-3A.setpoint", 23, "k2")

    assert (locked.status, after, free.status) == (423, 22.0, 200)


def test_a_setpoint_that_was_put_right_meanwhile_is_left_alone_when_the_fault_ends() -> None:
    building, _ = building_at(
        faults=({"id": "w", "kind": "wrong_setpoint", "unit": "hvac-unit-3a", "value": 26, "at": 0},)
    )
    building.advance(10)

    building.commands.write("AHU-3A.setpoint", 21, "k1")
    building.trouble.end("w")

    assert building.house.units["hvac-unit-3a"].setpoint == 21


def test_a_stuck_valve_comes_free_when_it_is_driven_to_its_end() -> None:
    building, _ = building_at(
        faults=(
            {
                "id": "s",
                "kind": "stuck_valve",
                "unit": "hvac-unit-3a",
                "position": 0,
                "at": 0,
                "frees_when_forced": True,
            },
        )
    )
    building.advance(20 * MINUTE)
    warm = building.house.zones["zone-3a"].air

    building.commands.write("AHU-3A.cooling_valve", 60, "k1")
    building.advance(2 * MINUTE)
    still = building.house.units["hvac-unit-3a"].cooling.position
    building.commands.write("AHU-3A.cooling_valve", 100, "k2")
    building.advance(10 * MINUTE)

    assert still == 0
    assert building.house.units["hvac-unit-3a"].cooling.position == 100
    assert building.house.zones["zone-3a"].air < warm - 1
    assert building.trouble.cases["s"].shown()["why"].startswith("it came free")
