"""The building of the example: its heat is conserved, its ends are those that can be calculated, and it is the same for a seed."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import pytest
from building.floor import BuildingError, Floor, Partition, load_floor
from building.house import build
from building.instants import read_instant
from building.people import people_in, presence_at
from building.physics import (
    AIR_DENSITY,
    AIR_HEAT,
    OUTDOOR_CO2,
    Flows,
    Surroundings,
    ZoneState,
    check_step,
    flows_of,
    moved_on,
    stored_heat,
)
from building.weather import Weather
from building_scene import HOUR, MINUTE, WARM_MONDAY, building_at
from hypothesis import given, settings
from hypothesis import strategies as st

FLOOR = load_floor()
ZONE = FLOOR.zones[0]
DAY = 86_400


def long_after(around: Surroundings, hours: int = 700) -> ZoneState:
    """One zone alone with the same surroundings for very long, in steps of a minute."""
    state = ZoneState(20.0, 20.0, 600.0)
    for _ in range(hours * 60):
        state = moved_on(ZONE, state, flows_of(ZONE, {ZONE.id: state}, around, ()), around, step=MINUTE)
    return state


# --- conservation --------------------------------------------------------------------------------------------------


def test_what_is_stored_is_what_crossed_the_boundary_over_a_whole_day() -> None:
    building, _ = building_at()
    before = building.house.stored

    building.advance(DAY)

    crossed = building.house.exchanged.across_the_boundary()
    assert building.house.stored - before == pytest.approx(crossed, rel=1e-9)
    assert abs(building.house.exchanged.cooling) > 1e7


def test_heat_between_zones_and_into_masses_only_moves_about() -> None:
    building, _ = building_at()

    building.advance(6 * HOUR)

    moved = building.house.exchanged
    assert moved.neighbours == pytest.approx(0.0, abs=1e-6 * abs(moved.gains))


SURROUNDINGS = st.builds(
    Surroundings,
    outside=st.floats(-30, 45),
    sun=st.floats(0, 5000),
    gains=st.floats(0, 3000),
    airflow=st.floats(0, 0.3),
    supply=st.floats(10, 40),
    heating=st.floats(0, 4000),
    cooling=st.floats(-6000, 0),
)


@settings(max_examples=50, deadline=None)
@given(SURROUNDINGS, st.floats(-10, 50), st.floats(-10, 50))
def test_one_step_of_a_zone_stores_exactly_what_flows_in(around: Surroundings, air: float, mass: float) -> None:
    state = ZoneState(air, mass, 500.0)
    flows = flows_of(ZONE, {ZONE.id: state}, around, ())

    later = moved_on(ZONE, state, flows, around)

    residual = stored_heat(ZONE, later) - stored_heat(ZONE, state) - 10 * flows.across_the_boundary()
    assert abs(residual) < 1e-3


# --- where it ends -------------------------------------------------------------------------------------------------


def test_a_zone_left_alone_ends_where_its_losses_equal_its_gains() -> None:
    around = Surroundings(outside=5.0, gains=1240.0)

    end = long_after(around)

    assert end.air == pytest.approx(5.0 + 1240.0 / ZONE.envelope, abs=0.01)
    assert end.mass == pytest.approx(end.air, abs=0.01)


def test_a_ventilated_zone_ends_between_outside_and_supply_by_their_conductances() -> None:
    around = Surroundings(outside=30.0, airflow=0.1, supply=16.0)

    end = long_after(around)

    carried = 0.1 * AIR_HEAT
    assert end.air == pytest.approx((ZONE.envelope * 30 + carried * 16) / (ZONE.envelope + carried), abs=0.01)


def test_co2_ends_where_what_is_breathed_is_what_is_blown_out() -> None:
    around = Surroundings(outside=20.0, airflow=0.12, people=8)

    end = long_after(around, hours=24)

    fresh = 0.12 / AIR_DENSITY + 0.05 / 3600 * ZONE.volume
    assert end.co2 == pytest.approx(OUTDOOR_CO2 + 8 * 5.2 / fresh, rel=1e-3)


@pytest.mark.parametrize("more", [{"outside": 26.0}, {"sun": 900.0}, {"gains": 2500.0}, {"heating": 800.0}])
def test_whatever_warms_more_makes_it_warmer_at_every_moment(more: dict[str, float]) -> None:
    cool = Surroundings(outside=20.0, sun=400.0, gains=1000.0)
    warm = replace(cool, **more)
    one = other = ZoneState(22.0, 22.0, 500.0)

    for _ in range(360):
        one = moved_on(ZONE, one, flows_of(ZONE, {ZONE.id: one}, cool, ()), cool)
        other = moved_on(ZONE, other, flows_of(ZONE, {ZONE.id: other}, warm, ()), warm)
        assert other.air > one.air


def test_a_step_that_could_swing_is_refused() -> None:
    light = FLOOR.model_copy(update={"zones": (ZONE.model_copy(update={"air_capacity": 1.0}), *FLOOR.zones[1:])})

    check_step(FLOOR)

    with pytest.raises(BuildingError, match="zone-3a: 10 s is too long a step"):
        check_step(light)
    assert issubclass(BuildingError, ValueError)


# --- the whole floor -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["2026-01-12T06:00:00Z", "2026-06-15T06:00:00Z", "2026-10-04T06:00:00Z"])
def test_a_day_in_any_season_stays_comfortable_and_finite(start: str) -> None:
    building, _ = building_at(read_instant(start))
    warmest = coldest = 22.0

    for _ in range(24):
        building.advance(HOUR)
        airs = [state.air for state in building.house.zones.values()]
        warmest, coldest = max(warmest, *airs), min(coldest, *airs)
        assert all(isfinite(value) for state in building.house.zones.values() for value in (state.mass, state.co2))
        assert 0 < building.house.power < 60_000

    assert coldest > 20.0
    assert warmest < 23.5


def test_a_cooling_valve_that_sticks_shut_warms_its_zone_past_the_alarm_and_no_other() -> None:
    building, _ = building_at(
        faults=({"id": "s", "kind": "stuck_valve", "unit": "hvac-unit-3a", "position": 0, "at": 0},)
    )

    building.advance(40 * MINUTE)

    airs = {name: state.air for name, state in building.house.zones.items()}
    assert airs["zone-3a"] > 23.5
    assert all(air < 22.5 for name, air in airs.items() if name != "zone-3a")
    unit = building.house.units["hvac-unit-3a"]
    assert (unit.cooling.command, unit.cooling.position) == (100, 0)


def test_a_new_setpoint_is_reached_and_held() -> None:
    building, _ = building_at()

    building.commands.write("AHU-3B.setpoint", 24.0, "warmer")
    building.advance(3 * HOUR)

    assert building.house.zones["zone-3b"].air == pytest.approx(24.0, abs=0.3)


def test_the_same_seed_makes_the_same_floor_and_another_seed_another() -> None:
    def told(seed: int, piece: int) -> list[object]:
        building, line = building_at(seed=seed)
        for _ in range(2 * HOUR // piece):
            building.advance(piece)
        return [*line.sent, building.house.stored]

    assert told(7, 600) == told(7, 60)
    assert told(7, 600) != told(8, 600)


def test_the_meter_counts_what_the_power_was() -> None:
    building, _ = building_at()
    before, powers = building.house.energy, []

    for _ in range(60):
        building.advance(10)
        powers.append(building.house.power)

    assert building.house.energy - before == pytest.approx(10 * sum(powers))


# --- sun, weather, people ------------------------------------------------------------------------------------------


def test_the_sun_is_in_the_east_in_the_morning_and_gone_at_night() -> None:
    weather = Weather(FLOOR.site, 7)
    morning, evening, night = (read_instant(f"2026-06-15T{hour}:00:00Z") for hour in ("07", "17", "01"))

    assert weather.sun_on_wall(morning, 90) > 2 * weather.sun_on_wall(morning, 270)
    assert weather.sun_on_wall(evening, 270) > 2 * weather.sun_on_wall(evening, 90)
    assert weather.sun_on_wall(night, 180) == weather.sun_on_roof(night) == 0


def test_a_summer_noon_is_warmer_and_brighter_than_a_winter_noon() -> None:
    weather = Weather(FLOOR.site, 7)
    summer, winter = read_instant("2026-07-15T12:00:00Z"), read_instant("2026-01-15T12:00:00Z")

    assert weather.outside(summer) > weather.outside(winter) + 10
    assert weather.sun_on_roof(summer) > 2 * weather.sun_on_roof(winter) > 0
    assert weather.sun_on_roof(summer) < 1100


def test_people_come_on_working_days_and_never_more_than_there_are_seats() -> None:
    monday = [people_in(ZONE, WARM_MONDAY + hour * HOUR, 7) for hour in range(-11, 13)]

    assert max(monday) > ZONE.people / 2
    assert all(0 <= count <= ZONE.people for count in monday)
    assert presence_at(WARM_MONDAY + 5 * DAY) < 0.1 * presence_at(WARM_MONDAY)
    assert people_in(ZONE, WARM_MONDAY - 9 * HOUR, 7) == 0


# --- what was built ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"partitions": (Partition(between=("zone-3a", "attic"), conductance=1),)}, "no zone is called attic"),
        ({"hvac_units": FLOOR.hvac_units[1:]}, "not exactly one unit serves zone-3a"),
        ({"devices": (*FLOOR.devices, FLOOR.devices[0])}, "more than one thing has the id sensor-temp-301"),
    ],
)
def test_a_floor_that_does_not_hang_together_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Floor.model_validate({**dict(FLOOR), **change})


def test_a_floor_without_losses_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        type(ZONE).model_validate({**ZONE.model_dump(), "envelope": 0})


def test_flows_add_up() -> None:
    total = Flows(sun=1.0).plus(Flows(sun=2.0, mass=3.0), times=10)

    assert total == Flows(sun=21.0, mass=30.0)


def test_a_house_settles_before_anybody_looks() -> None:
    house = build(FLOOR, seed=7, start=WARM_MONDAY)

    assert house.now == WARM_MONDAY
    assert house.exchanged == Flows()
    assert all(abs(state.air - FLOOR.unit_of(name).setpoint) < 0.5 for name, state in house.zones.items())
