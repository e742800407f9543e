"""The floor as it was built: zones, machines and devices, read from floor.yaml and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

HERE: Final = Path(__file__).resolve().parent.parent
"""The folder of the example."""

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal["temperature", "co2", "people", "weather", "power"]
Model = TypeVar("Model", bound=BaseModel)

_SHOWN: Final = 5  # mistakes told at once


class BuildingError(ValueError):
    """Something about the building can't be so; says what, and where it stands."""


class Built(BaseModel):
    """What was built doesn't change, and has no fields but those named here."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Site(Built):
    latitude: Annotated[float, Field(ge=-66, le=66)]
    """Degrees; beyond the polar circles the sun of `weather.py` isn't right."""
    longitude: Annotated[float, Field(ge=-180, le=180)]
    ground_reflection: Share = 0.2


class Zone(Built):
    """A room with one air temperature. Heat flows in W/K, capacities in kJ/K."""

    id: str
    bms: str
    room: str
    title: str
    area: Positive
    """m²; the rooms are 2.8 m high."""
    azimuth: Annotated[float, Field(ge=0, lt=360)]
    """Which way the windows look, in degrees from north."""
    glazing: Annotated[float, Field(ge=0)]
    """m² of window that let all of the sun's heat in; blinds and coatings are counted in."""
    envelope: Positive
    air_capacity: Positive
    mass_capacity: Positive
    mass: Positive
    people: Annotated[int, Field(ge=0)]
    """As many as there are seats."""
    equipment: Annotated[float, Field(ge=0)]
    """W when everybody is there."""
    standby: Share
    """The part of it that is never switched off."""

    @property
    def volume(self) -> float:
        """m³ of air."""
        return self.area * 2.8


class Partition(Built):
    between: tuple[str, str]
    conductance: Positive


class AirHandler(Built):
    id: str
    bms: str
    asset: str
    serial: str
    title: str
    airflow: Positive
    """m³/h at full fan speed."""
    supply: float
    """°C that it is set to."""
    recovery: Share
    cooling: Positive
    """W that its cooling coil has."""
    heating: Positive
    fan: Positive
    """W at full speed."""
    fan_speed: Annotated[float, Field(ge=0, le=100)]


class HvacUnit(Built):
    """A fan coil; `cooling` and `heating` in W for each K between water and air, at full valve and fan."""

    id: str
    bms: str
    asset: str
    serial: str
    zone: str
    air_handler: str
    setpoint: float
    cooling: Positive
    heating: Positive
    fan: Positive


class Gateway(Built):
    id: str
    bms: str
    asset: str
    serial: str
    mqtt: str


class Device(Built):
    """A sensor that the gateway hears."""

    id: str
    mqtt: str
    bms: str
    asset: str
    serial: str
    kind: Kind
    zone: str = ""
    """Where it was mounted; "" for what belongs to the whole floor."""
    every: Annotated[int, Field(gt=0, multiple_of=10)]
    """Seconds between two readings."""


class Floor(Built):
    """Everything; refers only to what it has, and gives each thing a name of its own in every naming."""

    site: Site
    zones: tuple[Zone, ...]
    partitions: tuple[Partition, ...]
    air_handlers: tuple[AirHandler, ...]
    hvac_units: tuple[HvacUnit, ...]
    gateway: Gateway
    devices: tuple[Device, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        zones = {zone.id for zone in self.zones}
        handlers = {handler.id for handler in self.air_handlers}
        named = [*(zone for one in self.partitions for zone in one.between), *(unit.zone for unit in self.hvac_units)]
        named += [device.zone for device in self.devices if device.zone]
        _refuse("no zone is called", set(named) - zones)
        _refuse("no air handler is called", {unit.air_handler for unit in self.hvac_units} - handlers)
        _refuse("not exactly one unit serves", zones ^ {unit.zone for unit in self.hvac_units})
        for naming in ("id", "bms", "asset", "serial", "mqtt"):
            names = Counter(getattr(thing, naming) for thing in self.things if hasattr(thing, naming))
            _refuse(f"more than one thing has the {naming}", {name for name, count in names.items() if count > 1})
        return self

    @property
    def things(self) -> tuple[Zone | AirHandler | HvacUnit | Gateway | Device, ...]:
        """Whatever has a name."""
        return (*self.zones, *self.air_handlers, *self.hvac_units, self.gateway, *self.devices)

    def neighbours(self, zone: str) -> tuple[tuple[str, float], ...]:
        """(zone, W/K) on the other side of each partition."""
        return self._neighbours[zone]

    def unit_of(self, zone: str) -> HvacUnit:
        """The unit that serves a zone."""
        return self._units[zone]

    @cached_property
    def _neighbours(self) -> dict[str, tuple[tuple[str, float], ...]]:
        ways = [(one.between, one.conductance) for one in self.partitions]
        ways += [((there, here), conductance) for (here, there), conductance in ways]
        return {
            zone.id: tuple((there, conductance) for (here, there), conductance in ways if here == zone.id)
            for zone in self.zones
        }

    @cached_property
    def _units(self) -> dict[str, HvacUnit]:
        return {unit.zone: unit for unit in self.hvac_units}


def load_floor(path: Path = HERE / "floor.yaml") -> Floor:
    """The floor of a file. Raises BuildingError with the file and the fields that can't be so."""
    return checked(Floor, read_yaml(path), str(path))


def read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises BuildingError for one that can't be read."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BuildingError(f"{path} can't be read: {' '.join(str(error).split())}") from error


def checked(kind: type[Model], value: Any, place: str) -> Model:
    """`value` as a checked value. Raises BuildingError that names the place and each field."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in error.errors()[:_SHOWN]]
        raise BuildingError(f"{place}: {'; '.join(found)}") from error


def _refuse(what: str, names: Iterable[str]) -> None:
    if wrong := sorted(names):
        raise ValueError(f"{what} {', '.join(wrong)}")
