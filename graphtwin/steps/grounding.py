"""grounding: every declared entity is met by a record of some source, or is listed as not grounded."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.methods.matching.entity_ids import MODEL, declared_id
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import State


@dataclass(frozen=True, slots=True)
class GroundingOut:
    """Declared entities that a source speaks of, and those that only the model knows."""

    grounded: tuple[str, ...]
    ungrounded: tuple[str, ...]
    anchors: tuple[str, ...]


def grounding(state: State, config: TwinConfig) -> GroundingOut:
    """Compare the declared entities with the records of the state; both lists are sorted."""
    declared = sorted(declared_id(entity, config) for entity in config.entities)
    grounded = [
        entity
        for entity in declared
        if entity in state.entities
        and any(record.partition(":")[0] != MODEL for record in state.entities[entity].records)
    ]
    return GroundingOut(
        grounded=tuple(grounded),
        ungrounded=tuple(entity for entity in declared if entity not in grounded),
        anchors=tuple(f"tool:grounding:{entity}" for entity in declared),
    )
