"""The basis of a plan: a hash of what it would overwrite, so that an approval holds for exactly that (S28)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.plan import Plan
from graphtwin.model.state import EntityState, Held


def plan_basis(plan: Plan, entities: Mapping[str, EntityState]) -> str:
    """`sha256:<hex>` over each target's existence, type and records, and the reported and desired values of what the plan
    sets. Anything else of the world may change and the basis stays.
    """
    parts = [_target(step.entity, step.effects, entities.get(step.entity)) for step in plan.acts]
    return "sha256:" + hashlib.sha256(canonical_json(sorted(parts, key=canonical_json))).hexdigest()


def _target(entity: str, effects: Mapping[str, Any], held: EntityState | None) -> list[Any]:
    if held is None:
        return [entity, None]
    values = [[name, _said(held.reported.get(name)), _said(held.desired.get(name))] for name in sorted(effects)]
    return [entity, [held.type, list(held.records), values]]


def _said(held: Held | None) -> list[Any] | None:
    return None if held is None else [held.value, held.unit]
