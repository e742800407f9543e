"""A world that pushes back: a building that takes commands in a process of its own, what it says as a source, and persons."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from e2e.small_world import SmallWorld
from fakes.building_actuator import BuildingActuator

from graphtwin.app.people import add_user
from graphtwin.ports import Store

READ = """\
import json, sys, urllib.request
for one in json.load(urllib.request.urlopen(sys.argv[1] + "/readings", timeout=5)):
    print(json.dumps(one))
"""
DEVICES: Mapping[str, Mapping[str, Any]] = {
    "za": {"type": "zone", "setpoint": 25.0, "mode": "auto", "temperature": 24.0},
    "zb": {"type": "zone", "setpoint": 22.0, "mode": "auto", "temperature": 22.0},
}
FLOOR: dict[str, Any] = {
    "world": {"id": "floor"},
    "sources": {"bms": {"type": "api", "endpoint": "", "trust": "primary_api"}},
    "types": {
        "zone": {
            "is_a": "location",
            "variables": {
                "setpoint": {"unit": "Cel", "span": 10, "resolution": 0.1},
                "temperature": {"unit": "Cel", "span": 10, "judged": False},
                "mode": {"datatype": "string", "judged": False},
                "fan": {"unit": "%", "judged": False},
            },
        },
    },
    "entities": [
        {"id": "za", "type": "zone", "aliases": ["bms:za"], "desired": {"setpoint": 22.0}},
        {"id": "zb", "type": "zone", "aliases": ["bms:zb"], "desired": {"setpoint": 22.0}},
    ],
    "actuators": {"bms": {"type": "http", "endpoint": "", "timeout": "2s"}},
    "actions": [
        {
            "id": "reset", "title": "Reset the setpoint", "when": ["drift:zone.setpoint"], "actuator": "bms",
            "request": {"method": "PUT", "path": "points/{record:bms}", "body": {"setpoint": "{setpoint}"}},
            "requires": ["entity.mode == 'auto'"], "effects": {"setpoint": "=entity.setpoint_desired"},
            "criteria": [{"expect": "entity.setpoint == entity.setpoint_desired", "within": "2s"}],
            "risk": 0.1, "reversible": "reversible",
        },
    ],
    "constraints": {
        "allowed_actions": ["reset"], "pre_approved": ["reset"], "require_approval_above_risk": 1.0,
        "bounds": {"zone.setpoint": {"min": 18, "max": 26}},
    },
}  # fmt: skip


class ActingWorld(SmallWorld):
    """A floor with two zones, the first of which has a wrong setpoint, and the building that they are in."""

    def __init__(self, folder: Path, store: Store, building: BuildingActuator, **constraints: Any) -> None:
        config = deepcopy(FLOOR)
        config["actuators"]["bms"]["endpoint"] = building.url
        config["sources"]["bms"]["endpoint"] = f"{building.url}/readings"
        config["constraints"] |= constraints
        self.building = building
        super().__init__(folder, store, config)

    def read_by_program(self) -> None:
        """Let a program beside twin.yaml read the building, which a test can take away."""
        self.write("read.py", READ)
        source = {"type": "command", "command": ["python", "read.py", self.building.url], "trust": "primary_api"}
        self.config["sources"]["bms"] = source

    async def value_of(self, local: str, name: str) -> Any:
        """What is reported of a zone."""
        zone = await self.entity(local, "zone")
        return zone.reported[name].value if zone else None

    async def person(self, name: str = "ann", role: str = "approver") -> None:
        """Somebody who may decide."""
        await add_user(self.store, self.id, name, role=role, public_key=None, by=None)
