"""The heat and the air of the zones, moved on by one step: what flows in, minus what flows out, is what is stored.

Each zone has two temperatures, of its air (with the furniture) and of its mass (slabs and walls). Flows are W and
positive into the zone. Humidity isn't modelled: coils move sensible heat only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from building.floor import BuildingError, Floor, Zone

STEP: Final = 10
"""Seconds of one explicit step."""
AIR_HEAT: Final = 1005.0
"""J/(kg K)."""
AIR_DENSITY: Final = 1.2
"""kg/m³."""
OUTDOOR_CO2: Final = 420.0
"""ppm."""

_BREATHED: Final = 5.2e-6  # m³/s of CO2 a sitting person
_INFILTRATION: Final = 0.05 / 3600  # of the volume that leaks a second
_TO_MASS: Final = 0.5  # of the sun falls on the floor, the rest warms air and furniture
_STABLE: Final = 0.5  # of a capacity that one step may move for each K


@dataclass(frozen=True, slots=True)
class ZoneState:
    """°C of air and mass, ppm of CO2."""

    air: float
    mass: float
    co2: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What acts on a zone during a step: °C outside, W of sun and of people and machines, kg/s of air at °C `supply`,
    W of the coil (cooling is negative), and how many breathe.
    """

    outside: float
    sun: float = 0.0
    gains: float = 0.0
    airflow: float = 0.0
    supply: float = 18.0
    heating: float = 0.0
    cooling: float = 0.0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Flows:
    """W into a zone, by where from; `neighbours` and `mass` only move heat about inside the floor."""

    envelope: float = 0.0
    sun: float = 0.0
    gains: float = 0.0
    ventilation: float = 0.0
    heating: float = 0.0
    cooling: float = 0.0
    neighbours: float = 0.0
    mass: float = 0.0

    def across_the_boundary(self) -> float:
        """What the floor as a whole gains here."""
        return self.envelope + self.sun + self.gains + self.ventilation + self.heating + self.cooling

    def plus(self, other: Flows, times: float = 1.0) -> Flows:
        """The sum, the other one multiplied."""
        return Flows(
            self.envelope + times * other.envelope,
            self.sun + times * other.sun,
            self.gains + times * other.gains,
            self.ventilation + times * other.ventilation,
            self.heating + times * other.heating,
            self.cooling + times * other.cooling,
            self.neighbours + times * other.neighbours,
            self.mass + times * other.mass,
        )


def check_step(floor: Floor, step: int = STEP) -> None:
    """Raises BuildingError where an explicit step of so many seconds could swing instead of settle."""
    largest = {handler.id: handler.airflow / 3600 * AIR_DENSITY * AIR_HEAT for handler in floor.air_handlers}
    for zone in floor.zones:
        unit = floor.unit_of(zone.id)
        conductance = zone.envelope + zone.mass + sum(one for _, one in floor.neighbours(zone.id))
        conductance += largest[unit.air_handler] + unit.cooling + unit.heating
        moved = max(step * conductance / (1000 * zone.air_capacity), step * zone.mass / (1000 * zone.mass_capacity))
        if moved > _STABLE:
            raise BuildingError(
                f"{zone.id}: {step} s is too long a step for so little capacity ({moved:.2f} > {_STABLE})"
            )


def flows_of(
    zone: Zone, states: Mapping[str, ZoneState], around: Surroundings, neighbours: tuple[tuple[str, float], ...]
) -> Flows:
    """What flows into a zone at this moment."""
    own = states[zone.id]
    return Flows(
        envelope=zone.envelope * (around.outside - own.air),
        sun=around.sun,
        gains=around.gains,
        ventilation=around.airflow * AIR_HEAT * (around.supply - own.air),
        heating=around.heating,
        cooling=around.cooling,
        neighbours=sum(conductance * (states[other].air - own.air) for other, conductance in neighbours),
        mass=zone.mass * (own.mass - own.air),
    )


def moved_on(zone: Zone, state: ZoneState, flows: Flows, around: Surroundings, step: int = STEP) -> ZoneState:
    """The zone a step later."""
    to_mass = _TO_MASS * flows.sun
    into_air = flows.across_the_boundary() - to_mass + flows.neighbours + flows.mass
    into_mass = to_mass - flows.mass
    fresh = around.airflow / AIR_DENSITY + _INFILTRATION * zone.volume
    breathed = around.people * _BREATHED * 1e6
    return ZoneState(
        air=state.air + step * into_air / (1000 * zone.air_capacity),
        mass=state.mass + step * into_mass / (1000 * zone.mass_capacity),
        co2=state.co2 + step * (breathed - fresh * (state.co2 - OUTDOOR_CO2)) / zone.volume,
    )


def stored_heat(zone: Zone, state: ZoneState) -> float:
    """J above 0 °C in air and mass."""
    return 1000 * (zone.air_capacity * state.air + zone.mass_capacity * state.mass)
