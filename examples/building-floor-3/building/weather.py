"""The weather outside at any instant: air temperature, and the sun on a wall that looks some way."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from math import asin, cos, exp, pi, radians, sin
from typing import Final

from building.chance import smooth
from building.floor import Site
from building.instants import DAY, HOUR

_MEAN: Final = 11.0
_SEASON: Final = 9.5  # K that the warmest month is above the mean of the year
_DAILY: Final = 5.5  # K that the afternoon is above the mean of the day
_WARMEST_DAY: Final = 202
_WARMEST_HOUR: Final = 15.0
_SOLAR: Final = 1361.0  # W/m² above the air
_CLEAREST: Final = 0.70  # of it, straight down through clear air
_CLOUDIEST: Final = 0.45  # of a clear sky's sun


class Weather:
    """The same for the same seed, site and instant, whatever was asked before."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._seed = seed
        self._latitude = radians(site.latitude)
        self._sky = lru_cache(maxsize=4)(self._sky_at)

    def outside(self, now: int) -> float:
        """°C of the air in the shade."""
        day, hour = _calendar(now)
        season = _SEASON * cos(2 * pi * (day - _WARMEST_DAY) / 365)
        daily = _DAILY * cos(2 * pi * (hour - _WARMEST_HOUR) / 24)
        fronts = 5.0 * (smooth(now, 2 * DAY, self._seed, "front") - 0.5)
        gusts = 0.8 * (smooth(now, HOUR, self._seed, "gust") - 0.5)
        return _MEAN + season + daily + fronts + gusts

    def clearness(self, now: int) -> float:
        """The part of a clear sky's sun that the clouds let through."""
        return _CLOUDIEST + (1 - _CLOUDIEST) * smooth(now, 2 * HOUR, self._seed, "clouds") ** 0.5

    def sun_on_wall(self, now: int, azimuth: float) -> float:
        """W/m² on a wall that looks to `azimuth`, in degrees from north over east."""
        height, direction, beam, diffuse = self._sky(now)
        facing = cos(height) * cos(direction - radians(azimuth))
        ground = self._site.ground_reflection * (beam * sin(height) + diffuse)
        return beam * max(0.0, facing) + (diffuse + ground) / 2

    def sun_on_roof(self, now: int) -> float:
        """W/m² on a level place, as a weather station measures it."""
        height, _, beam, diffuse = self._sky(now)
        return beam * sin(height) + diffuse

    def _sky_at(self, now: int) -> tuple[float, float, float, float]:
        """How high the sun stands and where (radians), its light and that of the whole sky (W/m²)."""
        height, direction = self._sun(now)
        return (height, direction, *self._light(now, height)) if height > 0 else (0.0, direction, 0.0, 0.0)

    def _sun(self, now: int) -> tuple[float, float]:
        """How high it stands and where, from north over east; radians."""
        day, hour = _calendar(now)
        declination = radians(23.44) * sin(2 * pi * (284 + day) / 365)
        turned = radians(15 * (hour - 12) + self._site.longitude)
        height = asin(sin(self._latitude) * sin(declination) + cos(self._latitude) * cos(declination) * cos(turned))
        south = (sin(height) * sin(self._latitude) - sin(declination)) / (cos(height) * cos(self._latitude))
        from_south = _acos(south)
        return height, pi + (from_south if sin(turned) >= 0 else -from_south)

    def _light(self, now: int, height: float) -> tuple[float, float]:
        """W/m²: straight from the sun, and from the whole sky on a level place."""
        air = 1 / (sin(height) + 0.15 * (height * 180 / pi + 3.885) ** -1.253)  # thickness of air, Kasten
        beam = _SOLAR * _CLEAREST ** (air**0.678)
        clear = self.clearness(now)
        diffuse = 0.1 * beam + 90 * (1 - clear) * (1 - exp(-6 * sin(height)))
        return beam * clear, diffuse


def _acos(value: float) -> float:
    return pi / 2 - asin(min(1.0, max(-1.0, value)))


def _calendar(now: int) -> tuple[int, float]:
    """Day of the year from 1, hour of the day with its fraction; UTC."""
    return datetime.fromtimestamp(now, UTC).timetuple().tm_yday, now % DAY / HOUR
