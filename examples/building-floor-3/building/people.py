"""Who is there: people come and go by the hour and the day of the week, and a little by chance."""

from __future__ import annotations

from typing import Final

from building.chance import even
from building.floor import Zone
from building.instants import DAY, HOUR, MINUTE

_BY_HOUR: Final = (
    0, 0, 0, 0, 0, 0, 0.02, 0.15, 0.55, 0.85, 0.9, 0.9, 0.6, 0.8, 0.9, 0.9, 0.8, 0.45, 0.15, 0.05, 0.02, 0, 0, 0,
)  # fmt: skip
_WORKING_DAYS: Final = 5
_ON_FREE_DAYS: Final = 0.05
_SITTING: Final = 15 * MINUTE
"""How long people stay where they are."""


def people_in(zone: Zone, now: int, seed: int) -> int:
    """How many are in the zone; the same for the same seed and instant."""
    quarter = now // _SITTING
    presence = presence_at(now)
    if not presence:
        return 0
    meant = zone.people * presence * (0.8 + 0.4 * even(seed, "people", zone.id, quarter))
    return min(zone.people, int(meant + even(seed, "person", zone.id, quarter)))


def presence_at(now: int) -> float:
    """The part of the seats that is taken on average, between 0 and 1."""
    days = now // DAY  # 1970-01-01 was a Thursday
    free = (days + 3) % 7 >= _WORKING_DAYS
    return _BY_HOUR[now % DAY // HOUR] * (_ON_FREE_DAYS if free else 1)
