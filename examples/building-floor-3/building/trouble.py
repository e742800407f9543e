"""The faults of a running building: which wait, which are on, what each did and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from building.commands import Commands, Refusing
from building.faults import (
    DriftingSensor,
    Fault,
    MovedDevice,
    RefusesCommands,
    SilentGateway,
    StuckValve,
    WrongSetpoint,
)
from building.floor import BuildingError
from building.gateway import Gateway
from building.house import House
from building.instants import iso
from building.machines import Unit, Valve

State = Literal["waiting", "active", "ended"]


@dataclass(slots=True)
class Case:
    """A fault, and what became of it; `before` is what it changed, to be put back."""

    fault: Fault
    state: State = "waiting"
    began: int = 0
    ended: int = 0
    why: str = ""
    before: Any = None

    def shown(self) -> dict[str, Any]:
        """For people and programs."""
        told: dict[str, Any] = {**self.fault.model_dump(exclude_none=True), "state": self.state}
        if self.state != "waiting":
            told["began"] = iso(self.began)
        if self.state == "ended":
            told |= {"ended": iso(self.ended), "why": self.why}
        return told


@dataclass(slots=True)
class Trouble:
    """Begins and ends faults, by the building's clock or when told."""

    house: House
    gateway: Gateway
    commands: Commands
    start: int
    cases: dict[str, Case] = field(default_factory=dict)

    def add(self, fault: Fault) -> Case:
        """Take a fault on. Raises BuildingError where one of its name waits or is on."""
        held = self.cases.get(fault.id)
        if held and held.state != "ended":
            raise BuildingError(f"the fault {fault.id} is {held.state} already")
        self.cases[fault.id] = case = Case(fault)
        return case

    def tick(self) -> list[str]:
        """Begin and end what is due; tells what happened."""
        told = []
        for case in list(self.cases.values()):
            fault, since = case.fault, self.house.now - self.start
            if case.state == "waiting" and fault.at is not None and since >= fault.at:
                told.append(self.begin(fault.id))
            elif case.state == "active" and fault.lasts is not None and self.house.now >= case.began + fault.lasts:
                told.append(self.end(fault.id))
        return told

    def begin(self, name: str) -> str:
        """Let it happen now. Raises BuildingError where it doesn't wait."""
        case = self._case(name, "waiting")
        case.before = self._do(case.fault)
        case.state, case.began = "active", self.house.now
        return f"{name}: {case.fault.kind} begins"

    def end(self, name: str, why: str = "") -> str:
        """Undo it. Raises BuildingError where it isn't on; one that waits is given up."""
        held = self.cases.get(name)
        if held and held.state == "waiting":
            held.state, held.began, held.ended, held.why = "ended", self.house.now, self.house.now, "given up"
            return f"{name}: given up"
        case = self._case(name, "active")
        self._undo(case)
        case.state, case.ended, case.why = "ended", self.house.now, why or "it is over"
        return f"{name}: {case.fault.kind} ends: {case.why}"

    def forced(self, unit: str, valve: str) -> None:
        """A valve was driven by hand to its end: one that only stuck comes free."""
        for name, case in self.cases.items():
            fault = case.fault
            if case.state != "active" or not isinstance(fault, StuckValve) or not fault.frees_when_forced:
                continue
            if (fault.unit, fault.valve) == (unit, valve):
                self.end(name, "it came free when it was driven to its end")

    def restarted(self) -> None:
        """The gateway was restarted: if it hung, it no longer does."""
        for case in self.cases.values():
            if case.state == "active" and isinstance(case.fault, SilentGateway):
                case.state, case.ended, case.why = "ended", self.house.now, "the gateway was restarted"

    def _case(self, name: str, state: State) -> Case:
        case = self.cases.get(name)
        if case is None:
            raise BuildingError(f"there is no fault {name}; there are {', '.join(sorted(self.cases)) or 'none'}")
        if case.state != state:
            raise BuildingError(f"the fault {name} is {case.state}, not {state}")
        return case

    def _do(self, fault: Fault) -> Any:
        match fault:
            case StuckValve():
                valve = _valve(self.house.units[fault.unit], fault.valve)
                valve.stuck = True
                valve.position = valve.position if fault.position is None else fault.position
            case DriftingSensor():
                sensor = self.gateway.sensors[fault.sensor]
                sensor.drift_per_hour, sensor.drifts_since = fault.per_hour, self.house.now
            case SilentGateway():
                if fault.how == "lost":
                    self.gateway.vanish()
                else:
                    self.gateway.health = "hung"
            case WrongSetpoint():
                unit = self.house.units[fault.unit]
                before, unit.setpoint = unit.setpoint, fault.value
                unit.locked = "the unit is in local control: somebody set it by hand" if fault.hand else unit.locked
                return before
            case MovedDevice():
                sensor = self.gateway.sensors[fault.sensor]
                before_zone, sensor.zone = sensor.zone, fault.zone
                return before_zone
            case RefusesCommands():
                self.commands.refusing[fault.id] = Refusing(fault, fault.times)
        return None

    def _undo(self, case: Case) -> None:
        match case.fault:
            case StuckValve() as fault:
                _valve(self.house.units[fault.unit], fault.valve).stuck = False
            case DriftingSensor() as fault:
                self.gateway.sensors[fault.sensor].drift_per_hour = 0.0
            case SilentGateway():
                if self.gateway.health == "lost":
                    self.gateway.come_back()
                elif self.gateway.health == "hung":
                    self.gateway.health = "online"
            case WrongSetpoint() as fault:
                unit = self.house.units[fault.unit]
                unit.setpoint = case.before if unit.setpoint == fault.value else unit.setpoint
                unit.locked = ""
            case MovedDevice() as fault:
                self.gateway.sensors[fault.sensor].zone = case.before
            case RefusesCommands() as fault:
                self.commands.refusing.pop(fault.id, None)


def _valve(unit: Unit, name: str) -> Valve:
    return unit.cooling if name == "cooling" else unit.heating
