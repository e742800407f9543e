"""What conditions are told about an entity: its values by name, those of other layers as `setpoint_desired` (S10, S11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.state import EntityState

STATUS: Final = "status"


def told_about(entity: EntityState) -> dict[str, Any]:
    """Every value that a plan may read: a disputed one isn't there, so that a condition on it doesn't hold (S11)."""
    told: dict[str, Any] = {name: held.value for name, held in entity.reported.items() if not held.disputed}
    told |= {f"{name}_desired": held.value for name, held in entity.desired.items()}
    told |= {f"{name}_expected": held.value for name, held in entity.expected.items()}
    return told | {"id": entity.id, "type": entity.type, "status": entity.status}


def told_since(entity: EntityState, policy: Policy, instant: int) -> dict[str, Any]:
    """The same after an act, where a reported value counts only if it was observed after `instant` (µs): what was said up to
    the act is no evidence of what came of it (S32), also where the world's clock is its newest event. Attributes, which don't change by acting, always count. An
    entity that no source gives a status, and of which something was observed, is active (S17).
    """
    told = told_about(entity)
    del told[STATUS]
    for name, held in entity.reported.items():
        if held.disputed or not (_is_attribute(entity, name, policy) or held.observed_at > instant):
            told.pop(name, None)
        else:
            told[name] = held.value
    if STATUS not in entity.reported and heard_at(entity, policy) > instant:
        told[STATUS] = "active"
    return told


def heard_at(entity: EntityState, policy: Policy) -> int:
    """When something of the entity was observed last (µs), attributes and what is disputed aside; -1 where nothing was."""
    declared = policy.variables(entity.type) | {STATUS}
    return max(
        (
            held.observed_at
            for name, held in entity.reported.items()
            if name in declared and not held.disputed and not _is_attribute(entity, name, policy)
        ),
        default=-1,
    )


def disputed_names(entity: EntityState) -> list[str]:
    """The reported values of which it isn't clear who is right (S11)."""
    return sorted(name for name, held in entity.reported.items() if held.disputed)


def _is_attribute(entity: EntityState, name: str, policy: Policy) -> bool:
    declared = policy.variable(entity.type, name)
    return bool(declared and declared.attribute)


def reported_values(entity: EntityState | None, names: Mapping[str, Any]) -> dict[str, Any]:
    """What is reported of the named variables, where it is known and undisputed."""
    held = entity.reported if entity else {}
    return {name: held[name].value for name in sorted(names) if name in held and not held[name].disputed}
