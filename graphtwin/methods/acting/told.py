"""What conditions are told about an entity: its values by name, those of other layers as `setpoint_desired` (S10, S11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import Fact
from graphtwin.model.state import EntityState

STATUS: Final = "status"


def told_about(entity: EntityState) -> dict[str, Any]:
    """Every value that a plan may read: a disputed one isn't there, so that a condition on it doesn't hold (S11)."""
    told: dict[str, Any] = {name: held.value for name, held in entity.reported.items() if not held.disputed}
    told |= {f"{name}_desired": held.value for name, held in entity.desired.items()}
    told |= {f"{name}_expected": held.value for name, held in entity.expected.items()}
    return told | {"id": entity.id, "type": entity.type, "status": entity.status}


def asked_about(entity: str, type_name: str, policy: Policy) -> list[tuple[str, str]]:
    """The [entity, name] of everything that `told_since` wants to know."""
    names = sorted(policy.variables(type_name))
    return [(entity, STATUS), *((entity, name + suffix) for name in names for suffix in ("", "_desired", "_expected"))]


def told_since(
    entity: str, type_name: str, facts: Mapping[tuple[str, str], Fact], policy: Policy, instant: int
) -> dict[str, Any]:
    """The same from winning facts, where a reported value counts only if it was observed at `instant` (µs) or later: what
    was said before an act is no evidence of what came of it (S32). Attributes, which don't change by acting, always count.
    An entity that no source gives a status, and of which something was observed, is active (S17).
    """
    told: dict[str, Any] = {"id": entity, "type": type_name}
    for (about, name), fact in facts.items():
        declared = policy.variable(type_name, name)
        timeless = fact.layer != "reported" or bool(declared and declared.attribute)
        if about == entity and fact.op == "assert" and (timeless or fact.observed_at >= instant):
            told[name] = fact.value
    if (entity, STATUS) not in facts and is_heard(told, type_name, policy):
        told[STATUS] = "active"
    return told


def is_heard(told: Mapping[str, Any], type_name: str, policy: Policy) -> bool:
    """Whether what `told_since` says of an entity holds a reading, and not only what was always so or is wanted."""
    variables = (policy.variable(type_name, name) for name in policy.variables(type_name) & told.keys())
    return STATUS in told or any(variable and not variable.attribute for variable in variables)


def reported_values(entity: EntityState | None, names: Mapping[str, Any]) -> dict[str, Any]:
    """What is reported of the named variables, where it is known and undisputed."""
    held = entity.reported if entity else {}
    return {name: held[name].value for name in sorted(names) if name in held and not held[name].disputed}
