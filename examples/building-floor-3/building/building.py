"""The whole building at work: physics, sensors, gateway, management, commands and faults, moved on step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from building.commands import Commands
from building.faults import Scenario
from building.floor import Floor
from building.gateway import Gateway, Line
from building.house import House
from building.management import Management
from building.physics import STEP
from building.trouble import Trouble


@dataclass(slots=True)
class Building:
    """Not to be touched by two threads at once: `engine.py` takes care of that. `heard` are told what happens."""

    floor: Floor
    house: House
    gateway: Gateway
    commands: Commands
    trouble: Trouble
    management: Management
    heard: list[Callable[[str], None]] = field(default_factory=list)

    @property
    def now(self) -> int:
        """Seconds since 1970, UTC; the clock of this world."""
        return self.house.now

    def advance(self, seconds: int) -> None:
        """Let whole steps pass, up to `seconds`."""
        for _ in range(seconds // STEP):
            self.house.step()
            for told in self.trouble.tick():
                self.tell(told)
            self.gateway.tick(self.house)

    def greet(self) -> None:
        """The line to the broker works (again)."""
        self.gateway.greet(self.now)

    def take(self, payload: bytes) -> None:
        """A command for the gateway came over MQTT; each key restarts it once, however often it is delivered."""
        if self.gateway.health not in ("online", "hung"):
            return
        try:
            said = json.loads(payload)
            key, command = said["idempotency_key"], said["command"]
        except (ValueError, KeyError, TypeError):
            self.gateway.answer({"error": "send a JSON object with idempotency_key and command"})
            return
        self._do(key, command)

    def tell(self, what: str) -> None:
        """Let those who listen know."""
        for listener in self.heard:
            listener(what)

    def _do(self, key: Any, command: Any) -> None:
        point = self.floor.gateway.bms
        if self.commands.knows(str(key)):
            self.commands.note_mqtt(str(key), point, command, "replayed")
            self.gateway.answer({"key": key, "outcome": "replayed"})
            return
        if command != "restart":
            self.commands.note_mqtt(str(key), point, command, "refused", "the gateway knows only restart")
            self.gateway.answer({"key": key, "outcome": "refused", "error": "the gateway knows only restart"})
            return
        self.commands.note_mqtt(str(key), point, command, "applied")
        self.gateway.answer({"key": key, "outcome": "applied"})
        self.gateway.restart(self.now)
        self.trouble.restarted()
        self.tell("gateway: restarts")


def make_building(house: House, line: Line, *, scenario: Scenario | None = None) -> Building:
    """Everything around a house; its line is not yet connected, and its faults count from now."""
    gateway = Gateway(house.floor, line)
    commands = Commands(house)
    trouble = Trouble(house, gateway, commands, house.now)
    commands.forced = trouble.forced
    for fault in scenario.faults if scenario else ():
        trouble.add(fault)
    return Building(house.floor, house, gateway, commands, trouble, Management(house, house.floor))
