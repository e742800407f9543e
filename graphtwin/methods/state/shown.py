"""Which value a property of the present shows: `setpoint`, `setpoint_desired`, `setpoint_expected` (S10)."""

from __future__ import annotations

from graphtwin.model.fact import LAYERS, Layer
from graphtwin.model.state import EntityState, Held


def shown(entity: EntityState, name: str) -> Held | None:
    """The value under a property's name; None where there is none."""
    place = shown_as(entity, name)
    return entity.layer(place[0])[place[1]] if place else None


def shown_as(entity: EntityState, name: str) -> tuple[Layer, str] | None:
    """The layer and the variable that stand behind a property's name; None where there is no value."""
    return next(((layer, bare) for layer, bare in readings_of(name) if bare in entity.layer(layer)), None)


def readings_of(name: str) -> tuple[tuple[Layer, str], ...]:
    """What a property's name can mean, in the order in which it does."""
    bare = ((layer, name if layer == "reported" else name.removesuffix(f"_{layer}")) for layer in LAYERS)
    return tuple((layer, part) for layer, part in bare if layer == "reported" or part != name)
