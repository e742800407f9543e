"""What may be told to the building: points, who may refuse, and a journal in which each key takes effect once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal

from building.faults import RefusesCommands
from building.house import House
from building.instants import iso
from building.machines import CentralAir, Unit, Valve

Outcome = Literal["applied", "ignored", "refused", "replayed"]

_LIMITS: Final = {
    "setpoint": (16.0, 28.0),
    "cooling_valve": (0.0, 100.0),
    "heating_valve": (0.0, 100.0),
    "supply_setpoint": (12.0, 24.0),
    "fan_speed": (20.0, 100.0),
}
_CHOICES: Final = {"mode": ("auto", "off"), "isolation": ("open", "closed")}
_OF_UNITS: Final = ("setpoint", "mode", "cooling_valve", "heating_valve", "isolation")
_OF_CENTRAL: Final = ("supply_setpoint", "fan_speed")
_SHUT: Final = 5.0  # % up to which a valve counts as shut
_FORCED: Final = 95.0  # % at which a valve is driven against its end
_REFUSALS: Final = {
    "locked": (HTTPStatus.LOCKED, "the unit is in local control"),
    "interlock": (HTTPStatus.CONFLICT, "an interlock forbids it"),
    "busy": (HTTPStatus.SERVICE_UNAVAILABLE, "the field bus is busy; try again later"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as it was received; `applied` is the only outcome that had an effect."""

    n: int
    key: str
    point: str
    value: Any
    received_at: str
    channel: Literal["http", "mqtt"]
    outcome: Outcome
    status: int
    why: str = ""
    before: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to who commanded; `hang_up` says nothing, `wait` keeps them waiting for some seconds."""

    status: int
    body: dict[str, Any]
    replayed: bool = False
    hang_up: bool = False
    wait: float = 0.0


@dataclass(slots=True)
class Refusing:
    """A fault that still has something to refuse."""

    fault: RefusesCommands
    left: int | None


class Refused(Exception):
    """A command that has no effect, and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(slots=True)
class Commands:
    """Takes commands one at a time; `forced` hears of a valve that is driven by hand to its end."""

    house: House
    forced: Callable[[str, str], None] = lambda _unit, _valve: None
    journal: list[Entry] = field(default_factory=list)
    refusing: dict[str, Refusing] = field(default_factory=dict)
    _answered: dict[str, tuple[str, Any, Answer]] = field(default_factory=dict)

    def write(self, point: str, value: Any, key: str) -> Answer:
        """Do it, or say why not. A key that took effect before gets its first answer again, and nothing happens."""
        if key in self._answered:
            return self._again(point, value, key)
        fault = self._fault_for(point)
        before = None
        try:
            before = self.read(point)["value"]
            self._check(point, value, fault)
        except Refused as refused:
            return self._refuse(refused, point, value, key, before)
        ignored = fault is not None and fault.how == "ignores"
        if not ignored:
            self._apply(point, value)
        self._note(key, point, value, "ignored" if ignored else "applied", HTTPStatus.OK, before=before)
        body = {"point": point, "value": value, "accepted_at": iso(self.house.now), "key": key}
        answer = Answer(HTTPStatus.OK, body)
        self._answered[key] = (point, value, answer)
        if fault is None:
            return answer
        return Answer(
            HTTPStatus.OK, body, hang_up=fault.how == "drops", wait=fault.wait if fault.how == "slow" else 0.0
        )

    def note_mqtt(self, key: str, point: str, value: Any, outcome: Outcome, why: str = "") -> None:
        """Write down a command that came over MQTT; what had an effect is remembered by its key."""
        status = HTTPStatus.CONFLICT if outcome == "refused" else HTTPStatus.OK
        self._note(key, point, value, outcome, status, why=why, channel="mqtt")
        if outcome == "applied":
            self._answered[key] = (point, value, Answer(HTTPStatus.OK, {"point": point, "value": value, "key": key}))

    def knows(self, key: str) -> bool:
        """The key took effect before."""
        return key in self._answered

    def read(self, point: str) -> dict[str, Any]:
        """The point as the building management shows it. Raises Refused for one that there isn't."""
        machine, name = self._machine(point)
        return {
            "point": point,
            "value": _value(machine, name),
            "locked": bool(machine.locked),
            "at": iso(self.house.now),
        }

    def points(self) -> Iterator[str]:
        """The names of all points that can be written."""
        for unit in self.house.units.values():
            yield from (f"{unit.built.bms}.{name}" for name in _OF_UNITS)
        for central in self.house.air_handlers.values():
            yield from (f"{central.built.bms}.{name}" for name in _OF_CENTRAL)

    def entries(self) -> list[dict[str, Any]]:
        """The journal as plain values, oldest first."""
        return [asdict(entry) for entry in self.journal]

    def _again(self, point: str, value: Any, key: str) -> Answer:
        first_point, first_value, answer = self._answered[key]
        if (first_point, first_value) != (point, value):
            why = "this key was used for another command"
            self._note(key, point, value, "refused", HTTPStatus.UNPROCESSABLE_ENTITY, why=why)
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": why, "key": key})
        self._note(key, point, value, "replayed", answer.status)
        return Answer(answer.status, answer.body, replayed=True)

    def _refuse(self, refused: Refused, point: str, value: Any, key: str, before: Any) -> Answer:
        self._note(key, point, value, "refused", refused.status, why=str(refused), before=before)
        return Answer(refused.status, {"error": str(refused), "point": point, "key": key})

    def _note(
        self, key: str, point: str, value: Any, outcome: Outcome, status: int, *, why: str = "", before: Any = None,
        channel: Literal["http", "mqtt"] = "http",
    ) -> None:  # fmt: skip
        received_at = iso(self.house.now)
        self.journal.append(
            Entry(len(self.journal) + 1, key, point, value, received_at, channel, outcome, int(status), why, before)
        )

    def _machine(self, point: str) -> tuple[Unit | CentralAir, str]:
        name, _, field_name = point.partition(".")
        for unit in self.house.units.values():
            if unit.built.bms == name and field_name in _OF_UNITS:
                return unit, field_name
        for central in self.house.air_handlers.values():
            if central.built.bms == name and field_name in _OF_CENTRAL:
                return central, field_name
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no point {point}")

    def _fault_for(self, point: str) -> RefusesCommands | None:
        """The fault that befalls this command; it is counted."""
        name, _, field_name = point.partition(".")
        machines = (*self.house.units.values(), *self.house.air_handlers.values())
        for refusing in self.refusing.values():
            fault = refusing.fault
            meant = fault.unit == "*" or any(one.built.id == fault.unit and one.built.bms == name for one in machines)
            if meant and refusing.left != 0 and (not fault.points or field_name in fault.points):
                refusing.left = None if refusing.left is None else refusing.left - 1
                return fault
        return None

    def _check(self, point: str, value: Any, fault: RefusesCommands | None) -> None:
        machine, name = self._machine(point)
        _check_value(name, value)
        if fault and fault.how in _REFUSALS:
            raise Refused(*_REFUSALS[fault.how])
        if machine.locked:
            raise Refused(HTTPStatus.LOCKED, machine.locked)
        if isinstance(machine, Unit):
            _check_interlocks(machine, name, value)

    def _apply(self, point: str, value: Any) -> None:
        machine, name = self._machine(point)
        if isinstance(machine, CentralAir):
            setattr(machine, {"supply_setpoint": "setpoint", "fan_speed": "fan"}[name], float(value))
        elif name == "isolation":
            machine.isolated = value == "closed"
        elif name.endswith("_valve"):
            _valve(machine, name).hand = None if value is None else float(value)
            if value is not None and value >= _FORCED:
                self.forced(machine.built.id, name.removesuffix("_valve"))
        elif name == "mode":
            machine.mode = value
        else:
            machine.setpoint = float(value)


def _value(machine: Unit | CentralAir, name: str) -> Any:
    if isinstance(machine, CentralAir):
        return machine.setpoint if name == "supply_setpoint" else machine.fan
    if name == "isolation":
        return "closed" if machine.isolated else "open"
    if name.endswith("_valve"):
        return _valve(machine, name).hand
    return machine.mode if name == "mode" else machine.setpoint


def _valve(unit: Unit, name: str) -> Valve:
    return unit.cooling if name == "cooling_valve" else unit.heating


def _check_value(name: str, value: Any) -> None:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} is one of {', '.join(_CHOICES[name])}")
        return
    if value is None and name.endswith("_valve"):
        return
    low, high = _LIMITS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} is a number from {low:g} to {high:g}")


def _check_interlocks(unit: Unit, name: str, value: Any) -> None:
    """What would damage the unit, or waste heat and cold at once."""
    if name == "isolation" and unit.isolated and value == "open":
        raise Refused(HTTPStatus.LOCKED, "the water was shut off; only a technician on site opens it again")
    if name.endswith("_valve") and value:
        other = unit.heating if name == "cooling_valve" else unit.cooling
        if (other.hand or 0) > _SHUT or other.position > _SHUT:
            raise Refused(HTTPStatus.CONFLICT, "interlock: heating and cooling would be open at once")
    if name.endswith("_valve") and value and unit.mode == "off":
        raise Refused(HTTPStatus.CONFLICT, "interlock: the fan is off; open no valve without air")
    if name == "mode" and value == "off" and (unit.cooling.hand or unit.heating.hand):
        raise Refused(HTTPStatus.CONFLICT, "interlock: a valve is held open by hand; release it first")
