"""What can go wrong, as checked values of a scenario file or a request: what, where, from when, for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from building.floor import BuildingError, Built, Floor, checked, read_yaml
from building.instants import Seconds

Positive = Annotated[float, Field(gt=0)]
Percent = Annotated[float, Field(ge=0, le=100)]


class _Fault(Built):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    at: Seconds | None = None
    """After the simulation's start; without it, it waits until somebody starts it (`POST /faults/<id>/start`)."""
    lasts: Seconds | None = None
    """How long; without it, until somebody ends it."""


class StuckValve(_Fault):
    """A valve takes its commands and doesn't move. Where it `frees_when_forced`, driving it by hand to its end helps."""

    kind: Literal["stuck_valve"]
    unit: str
    valve: Literal["cooling", "heating"] = "cooling"
    position: Percent | None = None
    """Where it sticks; without it, where it happens to be."""
    frees_when_forced: bool = False


class DriftingSensor(_Fault):
    """What a sensor says parts from the truth, further every hour, until it is calibrated again."""

    kind: Literal["drifting_sensor"]
    sensor: str
    per_hour: float


class SilentGateway(_Fault):
    """The gateway `hung`: connected, but silent (a restart helps); or it is `lost` from the network."""

    kind: Literal["silent_gateway"]
    how: Literal["hung", "lost"] = "hung"


class WrongSetpoint(_Fault):
    """Somebody turns the knob at the unit. With `hand`, the unit stays in local control: it refuses what comes from afar."""

    kind: Literal["wrong_setpoint"]
    unit: str
    value: Annotated[float, Field(ge=10, le=35)]
    hand: bool = False


class MovedDevice(_Fault):
    """Somebody takes a sensor along to another zone."""

    kind: Literal["moved_device"]
    sensor: str
    zone: str


class RefusesCommands(_Fault):
    """The building management doesn't do as it is told: it says so (`locked` 423, `interlock` 409, `busy` 503), or says
    yes and does nothing (`ignores`), or does it and hangs up before it answers (`drops`), or answers late (`slow`).
    """

    kind: Literal["refuses_commands"]
    unit: str = "*"
    """A unit or air handler; `*` is every one."""
    points: tuple[str, ...] = ()
    """Only these fields, such as `setpoint`; none named is all."""
    how: Literal["locked", "interlock", "busy", "ignores", "drops", "slow"]
    times: Annotated[int, Field(ge=1)] | None = None
    """How many commands it befalls; without it, all."""
    wait: Annotated[float, Field(gt=0, le=120)] = 10.0
    """Seconds of this machine's clock that a `slow` answer takes."""


Fault = Annotated[
    StuckValve | DriftingSensor | SilentGateway | WrongSetpoint | MovedDevice | RefusesCommands,
    Field(discriminator="kind"),
]


class Scenario(Built):
    """A file of faults."""

    title: str = ""
    faults: tuple[Fault, ...] = ()


_FAULT: Final[TypeAdapter[Fault]] = TypeAdapter(Fault)


def load_scenario(path: Path, floor: Floor) -> Scenario:
    """The faults of a file. Raises BuildingError for what can't be, with the file and the fault."""
    scenario = checked(Scenario, read_yaml(path), str(path))
    seen: set[str] = set()
    for fault in scenario.faults:
        if fault.id in seen:
            raise BuildingError(f"{path}: two faults are called {fault.id}")
        seen.add(fault.id)
        check_names(fault, floor, str(path))
    return scenario


def read_fault(value: Any, floor: Floor) -> Fault:
    """The fault of a request. Raises BuildingError."""
    try:
        fault = _FAULT.validate_python(value)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in error.errors()[:5]]
        raise BuildingError(f"the fault can't be so: {'; '.join(found)}") from error
    check_names(fault, floor, "the fault")
    return fault


def check_names(fault: Fault, floor: Floor, place: str) -> None:
    """Raises BuildingError where the fault names something that the floor doesn't have."""
    units = {unit.id for unit in floor.hvac_units}
    central = {handler.id for handler in floor.air_handlers}
    known: dict[str, set[str]] = {
        "unit": units | central | {"*"} if isinstance(fault, RefusesCommands) else units,
        "sensor": {device.id for device in floor.devices if device.zone or not isinstance(fault, MovedDevice)},
        "zone": {zone.id for zone in floor.zones},
    }
    for field, names in known.items():
        name = getattr(fault, field, None)
        if name is not None and name not in names:
            raise BuildingError(
                f"{place}: {fault.id}: no {field} is called {name!r}; there are {', '.join(sorted(names))}"
            )
