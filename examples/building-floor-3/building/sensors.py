"""What the devices say: the truth, with each device's own error, noise and resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from building.chance import even, normal
from building.floor import Device
from building.house import House
from building.instants import HOUR


class Measure(NamedTuple):
    """How a device measures one thing, in its vendor's words. `noise` is a standard deviation, `error` the greatest
    constant one; both in the unit, as is `resolution`.
    """

    name: str
    unit: str
    resolution: float
    noise: float = 0.0
    error: float = 0.0


MEASURES: Final[dict[str, tuple[Measure, ...]]] = {
    "temperature": (Measure("temperature", "°C", 0.1, noise=0.03, error=0.1),),
    "co2": (Measure("co2", "ppm", 1, noise=6, error=20),),
    "people": (Measure("count", "", 1),),
    "weather": (
        Measure("temperature", "°C", 0.1, noise=0.05, error=0.1),
        Measure("irradiance", "W/m2", 1, noise=3),
    ),
    "power": (
        Measure("power", "kW", 0.01, noise=0.02),
        Measure("energy", "kWh", 0.1),
    ),
}
"""By kind of device, in the order in which it sends them."""


@dataclass(slots=True)
class Sensor:
    """A device, where it hangs now, and how it has drifted."""

    built: Device
    zone: str
    seq: int = 0
    drift_per_hour: float = 0.0
    drifts_since: int = 0

    def drift(self, now: int) -> float:
        """How far its first measure is off by now."""
        return self.drift_per_hour * max(0, now - self.drifts_since) / HOUR

    def read(self, house: House) -> list[tuple[Measure, float]]:
        """One reading of each of its measures; each reading has the next number."""
        self.seq += 1
        found = []
        for place, measure in enumerate(MEASURES[self.built.kind]):
            value = _truth(house, self, measure.name) + (self.drift(house.now) if place == 0 else 0.0)
            value += measure.error * (2 * even(house.seed, self.built.id, measure.name) - 1)
            value += measure.noise * normal(house.seed, self.built.id, measure.name, self.seq)
            found.append((measure, _rounded(max(value, _least(measure)), measure.resolution)))
        return found


def _truth(house: House, sensor: Sensor, name: str) -> float:
    kind = sensor.built.kind
    if kind == "weather":
        return house.weather.outside(house.now) if name == "temperature" else house.weather.sun_on_roof(house.now)
    if kind == "power":
        return house.power / 1000 if name == "power" else house.energy / 3.6e6
    if kind == "people":
        return house.people.get(sensor.zone, 0)
    state = house.zones[sensor.zone]
    return state.air if kind == "temperature" else state.co2


def _least(measure: Measure) -> float:
    return -273.15 if measure.unit == "°C" else 0.0


def _rounded(value: float, resolution: float) -> float:
    """To the resolution, without the digits that binary fractions add; whole numbers stay whole."""
    steps = round(value / resolution)
    return steps if resolution == 1 else round(steps * resolution, 6)
