"""What the building management shows of the floor, in its own naming: the state of its machines, and what it knows of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from building.chance import normal
from building.floor import Floor
from building.house import House
from building.instants import iso
from building.machines import CentralAir, Unit, Valve

REFRESH: Final = 30
"""Seconds in which it asks its machines anew."""

_NOISE: Final = 0.03
_TOO_WARM: Final = 3.0  # K above the setpoint that raise an alarm
_COLUMNS: Final = {"temperature": "room temperature", "co2": "air quality", "people": "people counter"}


@dataclass(slots=True)
class Management:
    """Remembers what it last read from the machines; a command makes it ask again."""

    house: House
    floor: Floor
    _read_at: int = -1
    _status: dict[str, Any] | None = None

    def status(self) -> dict[str, Any]:
        """All units and air handlers, as of the last refresh."""
        due = self.house.now - self.house.now % REFRESH
        if self._status is None or due > self._read_at:
            self._read_at = due
            self._status = self._read()
        return self._status

    def refresh(self) -> None:
        """Ask the machines anew at the next question."""
        self._status = None

    def roster(self) -> list[dict[str, Any]]:
        """Everything that the management knows of, wherever it has gone since."""
        zone_name = {zone.id: zone.bms for zone in self.floor.zones}
        central = {handler.id: handler.bms for handler in self.floor.air_handlers}
        rows: list[dict[str, Any]] = [
            {"point": zone.bms, "kind": "zone", "title": zone.title, "area_m2": zone.area} for zone in self.floor.zones
        ]
        rows += [
            {"point": one.bms, "kind": "air_handler", "serial": one.serial, "title": one.title}
            for one in self.floor.air_handlers
        ]
        rows += [
            {"point": one.bms, "kind": "fan_coil", "serial": one.serial, "zone": zone_name[one.zone],
             "fed_by": central[one.air_handler]}
            for one in self.floor.hvac_units
        ]  # fmt: skip
        rows.append({"point": self.floor.gateway.bms, "kind": "gateway", "serial": self.floor.gateway.serial})
        for device in self.floor.devices:
            row = {"point": device.bms, "kind": _COLUMNS.get(device.kind, device.kind), "serial": device.serial}
            rows.append(
                row | ({"zone": zone_name[device.zone]} if device.zone else {}) | {"via": self.floor.gateway.bms}
            )
        return rows

    def _read(self) -> dict[str, Any]:
        zone_name = {zone.id: zone.bms for zone in self.floor.zones}
        return {
            "floor": "3",
            "read_at": iso(self.house.now),
            "units": [self._unit(unit, zone_name[unit.built.zone]) for unit in self.house.units.values()],
            "air_handlers": [self._central(one) for one in self.house.air_handlers.values()],
        }

    def _unit(self, unit: Unit, zone: str) -> dict[str, Any]:
        air = self._measured(unit.built.id, self.house.zones[unit.built.zone].air)
        return {
            "name": unit.built.bms,
            "serial": unit.built.serial,
            "zone": zone,
            "ts": iso(self.house.now),
            "mode": unit.mode,
            "state": unit.state,
            "room_temp": air,
            "setpoint": round(unit.setpoint, 1),
            "cooling_valve": _valve(unit.cooling),
            "heating_valve": _valve(unit.heating),
            "fan_pct": round(unit.fan),
            "isolation": "closed" if unit.isolated else "open",
            "control": "local" if unit.locked else "remote",
            "alarms": ["ROOM_TOO_WARM"] if air > unit.setpoint + _TOO_WARM else [],
        }

    def _central(self, one: CentralAir) -> dict[str, Any]:
        return {
            "name": one.built.bms,
            "serial": one.built.serial,
            "ts": iso(self.house.now),
            "supply_temp": self._measured(one.built.id, one.supply),
            "supply_setpoint": round(one.setpoint, 1),
            "fan_pct": round(one.fan),
            "coil_kw": round(one.load / 1000, 1),
        }

    def _measured(self, name: str, truth: float) -> float:
        return round(truth + _NOISE * normal(self.house.seed, name, self.house.now), 1)


def etag_of(body: Any) -> str:
    """Names a content: equal contents, equal tags."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def _valve(valve: Valve) -> dict[str, Any]:
    """What it was told and what it says back; `hand` where somebody told it by hand."""
    return {"command": round(valve.command, 1), "position": round(valve.position, 1), "hand": valve.hand}
