"""The floor at one instant, and how it becomes the floor ten seconds later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from building.floor import Floor, HvacUnit, Zone
from building.machines import CentralAir, Unit, electric
from building.people import people_in, presence_at
from building.physics import (
    OUTDOOR_CO2,
    STEP,
    Flows,
    Surroundings,
    ZoneState,
    check_step,
    flows_of,
    moved_on,
    stored_heat,
)
from building.weather import Weather

BODY_HEAT: Final = 75.0
"""W of a sitting person that warm the air."""

_SETTLE: Final = 6 * 3600 // STEP
"""Steps that a new floor runs before anybody looks."""


@dataclass(slots=True)
class House:
    """Everything that is really so; nobody outside sees it but through sensors and the building management."""

    floor: Floor
    weather: Weather
    seed: int
    now: int
    zones: dict[str, ZoneState]
    units: dict[str, Unit]
    air_handlers: dict[str, CentralAir]
    shares: dict[str, float]
    """The part of its air handler's air that a zone gets."""
    people: dict[str, int] = field(default_factory=dict)
    power: float = 0.0
    """W that the floor draws."""
    energy: float = 0.0
    """J since the meter was mounted."""
    exchanged: Flows = field(default_factory=Flows)
    """J over the boundary since the beginning."""

    @property
    def stored(self) -> float:
        """J in all zones."""
        return sum(stored_heat(zone, self.zones[zone.id]) for zone in self.floor.zones)

    def step(self) -> None:
        """Ten seconds pass."""
        outside = self.weather.outside(self.now)
        around = {zone.id: self._around(zone, outside) for zone in self.floor.zones}
        flows = {
            zone.id: flows_of(zone, self.zones, around[zone.id], self.floor.neighbours(zone.id))
            for zone in self.floor.zones
        }
        for one in flows.values():
            self.exchanged = self.exchanged.plus(one, STEP)
        self.power = self._power(around)
        self.energy += self.power * STEP
        self.zones = {
            zone.id: moved_on(zone, self.zones[zone.id], flows[zone.id], around[zone.id]) for zone in self.floor.zones
        }
        self.now += STEP
        self._control(outside)

    def _around(self, zone: Zone, outside: float) -> Surroundings:
        unit = self.units[self.floor.unit_of(zone.id).id]
        central = self.air_handlers[unit.built.air_handler]
        people = self.people[zone.id] = people_in(zone, self.now, self.seed)
        heating, cooling = unit.coil(self.zones[zone.id].air)
        return Surroundings(
            outside=outside,
            sun=zone.glazing * self.weather.sun_on_wall(self.now, zone.azimuth),
            gains=people * BODY_HEAT + _equipment(zone, self.now),
            airflow=central.airflow * self.shares[zone.id],
            supply=central.supply,
            heating=heating,
            cooling=cooling,
            people=people,
        )

    def _control(self, outside: float) -> None:
        for unit in self.units.values():
            unit.control(self.zones[unit.built.zone].air, STEP)
        for central in self.air_handlers.values():
            served = [unit.zone for unit in self.floor.hvac_units if unit.air_handler == central.built.id]
            returned = sum(self.zones[zone].air for zone in served) / len(served)
            central.condition(outside, returned, STEP)

    def _power(self, around: dict[str, Surroundings]) -> float:
        machines = sum(_equipment(zone, self.now) for zone in self.floor.zones)
        fans = sum(one.power() for one in (*self.units.values(), *self.air_handlers.values()))
        coils = sum(electric(one.heating) + electric(one.cooling) for one in around.values())
        return machines + fans + coils + sum(electric(central.load) for central in self.air_handlers.values())


def build(floor: Floor, *, seed: int, start: int) -> House:
    """The floor at `start`, after six hours in which it settled. Raises BuildingError for a floor that can't be
    reckoned with.
    """
    check_step(floor)
    house = House(
        floor=floor,
        weather=Weather(floor.site, seed),
        seed=seed,
        now=start - _SETTLE * STEP,
        zones={zone.id: ZoneState(floor.unit_of(zone.id).setpoint, 22.5, OUTDOOR_CO2 + 150) for zone in floor.zones},
        units={unit.id: _unit(unit) for unit in floor.hvac_units},
        air_handlers={one.id: CentralAir(one, one.supply, one.fan_speed, one.supply) for one in floor.air_handlers},
        shares={zone.id: zone.area / sum(one.area for one in _served_with(zone, floor)) for zone in floor.zones},
    )
    for _ in range(_SETTLE):
        house.step()
    house.exchanged = Flows()
    return house


def _served_with(zone: Zone, floor: Floor) -> list[Zone]:
    """The zones of the same air handler."""
    handler = floor.unit_of(zone.id).air_handler
    return [one for one in floor.zones if floor.unit_of(one.id).air_handler == handler]


def _unit(built: HvacUnit) -> Unit:
    return Unit(built, built.setpoint)


def _equipment(zone: Zone, now: int) -> float:
    """W of machines and lights, all of which end as heat in the zone."""
    return zone.equipment * (zone.standby + (1 - zone.standby) * presence_at(now))
