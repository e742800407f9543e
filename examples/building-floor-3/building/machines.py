"""What the building can move: valves, the controllers of the zone units, and the central air handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from building.floor import AirHandler, HvacUnit
from building.physics import AIR_DENSITY, AIR_HEAT

CHILLED_WATER: Final = 8.0
HOT_WATER: Final = 45.0

_OPEN: Final = 100.0
_STROKE: Final = 90.0  # seconds from shut to open
_GAIN: Final = 45.0  # % for each K
_RESET: Final = 900.0  # seconds in which the integral repeats it
_DEAD: Final = 0.15  # K in which nothing is corrected
_LEAST_FAN: Final = 30.0
_SUPPLY_LAG: Final = 180.0
_CHILLER: Final = 3.2  # W of cold for each W of power
_HEAT_PUMP: Final = 3.5
_WORTH_TELLING: Final = 2.0  # % at which a valve counts as open

Mode = Literal["auto", "off"]


@dataclass(slots=True)
class Valve:
    """A motor that follows its command, until it sticks. `hand` is what a person or a program commanded, if any."""

    command: float = 0.0
    position: float = 0.0
    hand: float | None = None
    stuck: bool = False

    def follow(self, wanted: float, seconds: float) -> None:
        """Take the command and move towards it."""
        self.command = wanted if self.hand is None else self.hand
        if not self.stuck:
            reach = 100 * seconds / _STROKE
            self.position += max(-reach, min(reach, self.command - self.position))


@dataclass(slots=True)
class Unit:
    """A zone's fan coil: a PI controller that opens one of two valves to keep the return air at its setpoint."""

    built: HvacUnit
    setpoint: float
    mode: Mode = "auto"
    cooling: Valve = field(default_factory=Valve)
    heating: Valve = field(default_factory=Valve)
    fan: float = _LEAST_FAN
    locked: str = ""
    """Why its points can't be written from afar; "" when they can."""
    isolated: bool = False
    """Its water was shut off at the unit; only a technician on site opens it again."""
    _integral: float = 0.0

    @property
    def state(self) -> str:
        """What it is doing, in the words of the building management."""
        if self.mode == "off" or self.isolated:
            return "off"
        if self.cooling.position > _WORTH_TELLING:
            return "cooling"
        return "heating" if self.heating.position > _WORTH_TELLING else "idle"

    def control(self, air: float, seconds: float) -> None:
        """Judge the return air and move valves and fan."""
        wanted = self._wanted(air, seconds) if self.mode == "auto" and not self.isolated else 0.0
        self.cooling.follow(max(0.0, wanted), seconds)
        self.heating.follow(max(0.0, -wanted), seconds)
        driven = max(abs(wanted), self.cooling.hand or 0.0, self.heating.hand or 0.0)
        self.fan = 0.0 if self.mode == "off" else _LEAST_FAN + (100 - _LEAST_FAN) * min(driven, 100.0) / 100

    def _wanted(self, air: float, seconds: float) -> float:
        """% of cooling, or of heating where negative; the integral stops where the valve is at its end."""
        error = air - self.setpoint
        error = 0.0 if abs(error) < _DEAD else error
        wanted = _GAIN * error + self._integral
        if abs(wanted) < _OPEN or wanted * error < 0:
            self._integral += _GAIN * error * seconds / _RESET
        return max(-_OPEN, min(_OPEN, wanted))

    def coil(self, air: float) -> tuple[float, float]:
        """W of heating and of cooling (negative) into air of this temperature."""
        if self.isolated:
            return 0.0, 0.0
        blown = self.fan / 100
        heating = self.built.heating * blown * self.heating.position / 100 * max(0.0, HOT_WATER - air)
        cooling = self.built.cooling * blown * self.cooling.position / 100 * max(0.0, air - CHILLED_WATER)
        return heating, -cooling

    def power(self) -> float:
        """W of its fan."""
        return self.built.fan * (self.fan / 100) ** 3


@dataclass(slots=True)
class CentralAir:
    """An air handler: outside air, its heat partly recovered, brought towards the supply setpoint as far as it can."""

    built: AirHandler
    setpoint: float
    fan: float
    supply: float
    load: float = 0.0
    """W of its coils; cooling is negative."""
    locked: str = ""

    @property
    def airflow(self) -> float:
        """kg/s."""
        return self.built.airflow / 3600 * AIR_DENSITY * self.fan / 100

    def condition(self, outside: float, returned: float, seconds: float) -> None:
        """Mix, heat or cool for some seconds; `returned` is the °C of the air that comes back."""
        mixed = (
            outside + self.built.recovery * (returned - outside)
            if _helps(outside, returned, self.setpoint)
            else outside
        )
        carried = self.airflow * AIR_HEAT
        self.load = max(-self.built.cooling, min(self.built.heating, carried * (self.setpoint - mixed)))
        reached = mixed + self.load / carried if carried else mixed
        self.supply += (reached - self.supply) * min(1.0, seconds / _SUPPLY_LAG)

    def power(self) -> float:
        """W of its fan."""
        return self.built.fan * (self.fan / 100) ** 3


def electric(heat: float) -> float:
    """W of power that a heat pump (heat > 0) or a chiller takes for so many W."""
    return heat / _HEAT_PUMP if heat > 0 else -heat / _CHILLER


def _helps(outside: float, returned: float, setpoint: float) -> bool:
    """The wheel turns only where it brings the air nearer to what is wanted."""
    return (returned - outside) * (setpoint - outside) > 0
