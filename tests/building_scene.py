"""The building of the example, in this process, with a line that remembers what was sent over it."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from building.building import Building, make_building
from building.faults import Scenario
from building.floor import load_floor
from building.house import House, build
from building.instants import read_instant

WARM_MONDAY = read_instant("2026-06-15T11:00:00Z")
MINUTE = 60
HOUR = 3600


@dataclass
class HeardLine:
    """What the gateway said, and whether it is there."""

    sent: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)
    connections: int = 0
    cuts: int = 0

    def connect(self) -> None:
        self.connections += 1

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.sent.append((topic, json.loads(payload), retain))

    def cut(self) -> None:
        self.cuts += 1

    def on(self, topic: str) -> list[dict[str, Any]]:
        """The payloads of one topic below floor-3, in order."""
        return [payload for one, payload, _ in self.sent if one == f"floor-3/{topic}"]


def building_at(
    start: int = WARM_MONDAY, *, seed: int = 7, faults: tuple[dict[str, Any], ...] = ()
) -> tuple[Building, HeardLine]:
    """A building and its line, greeted."""
    line = HeardLine()
    house = deepcopy(settled(start, seed))
    building = make_building(house, line, scenario=Scenario.model_validate({"faults": faults}))
    building.greet()
    return building, line


@lru_cache(maxsize=8)
def settled(start: int, seed: int) -> House:
    """A house that has run for hours; nobody may change it."""
    return build(load_floor(), seed=seed, start=start)
