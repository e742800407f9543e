"""The gateway: sends on over MQTT what the sensors say, in its vendor's naming; it can hang, vanish and be restarted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from building.floor import Floor
from building.house import House
from building.instants import MINUTE, iso
from building.sensors import Measure, Sensor

TOPIC: Final = "floor-3"
"""Everything of this floor is below it."""
STATUS: Final = f"{TOPIC}/gateway/status"
COMMAND: Final = f"{TOPIC}/gateway/command"
ANSWER: Final = f"{TOPIC}/gateway/answer"
LAST_WILL: Final = b'{"status":"offline"}'
"""It bears no time: the broker sends it, long after it was written."""
RESTART: Final = MINUTE
"""Seconds that a restart takes."""

_MODELS: Final = {"temperature": "RT-2", "co2": "RQ-1", "people": "RP-3", "weather": "WX-500", "power": "EM-340"}

Health = Literal["online", "hung", "lost", "restarting"]


class Line(Protocol):
    """A way to the broker. `up` is called whenever it begins to work."""

    def connect(self) -> None:
        """Begin, with a last will; it goes on trying until it is cut."""

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message over; it is delivered at least once."""

    def cut(self) -> None:
        """Be gone without a word, so that the broker sends the last will."""


@dataclass(slots=True)
class Gateway:
    """What its sensors say while it hangs is lost: neither it nor they remember."""

    floor: Floor
    line: Line
    sensors: dict[str, Sensor] = field(init=False)
    health: Health = "online"
    back_at: int = 0
    boots: int = 1
    _greeted: int = 0

    def __post_init__(self) -> None:
        self.sensors = {device.id: Sensor(device, device.zone) for device in self.floor.devices}

    def greet(self, now: int) -> None:
        """Say that it is online, and whom it hears: one certificate a device, kept by the broker."""
        if self.health != "online":
            return
        self._greeted += 1
        self._send("gateway/status", {"status": "online", "ts": iso(now), "seq": self._greeted}, retain=True)
        gateway = self.floor.gateway
        about = {"serial": gateway.serial, "model": "RG-11", "boots": self.boots, "ts": iso(now)}
        self._send(f"{gateway.mqtt}/info", about, retain=True)
        for device in self.floor.devices:
            certificate = {"serial": device.serial, "model": _MODELS[device.kind], "ts": iso(now)}
            self._send(f"{device.mqtt}/info", certificate, retain=True)

    def tick(self, house: House) -> None:
        """Every device that is due measures, and is heard if the gateway works."""
        if self.health == "restarting" and house.now >= self.back_at:
            self.come_back()
        for sensor in self.sensors.values():
            if house.now % sensor.built.every == 0:
                self._report(sensor, sensor.read(house), house)

    def restart(self, now: int) -> None:
        """Go away like one whose power is cut, and come back a minute later."""
        self.health = "restarting"
        self.boots += 1
        self.back_at = now + RESTART
        self.line.cut()

    def vanish(self) -> None:
        """Be gone until `come_back`."""
        self.health = "lost"
        self.line.cut()

    def come_back(self) -> None:
        """Work again; it greets once the line is up."""
        self.health = "online"
        self.line.connect()

    def answer(self, payload: dict[str, Any]) -> None:
        """Say what became of a command."""
        if self.health in ("online", "hung"):
            self.line.send(ANSWER, _json(payload))

    def _report(self, sensor: Sensor, reading: list[tuple[Measure, float]], house: House) -> None:
        if self.health != "online":
            return
        for measure, value in reading:
            payload: dict[str, Any] = {"value": value, "unit": measure.unit, "ts": iso(house.now), "seq": sensor.seq}
            if sensor.zone:
                payload["beacon"] = next(zone.bms for zone in self.floor.zones if zone.id == sensor.zone)
            self._send(f"{sensor.built.mqtt}/{measure.name}", payload)

    def _send(self, below: str, payload: dict[str, Any], *, retain: bool = False) -> None:
        self.line.send(f"{TOPIC}/{below}", _json(payload), retain=retain)


def _json(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
