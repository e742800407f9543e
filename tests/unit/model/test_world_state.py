"""World states: the indexes find everything that is in the lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from graphtwin.model.world_state import WorldState, index_state

STANDARD = Path(__file__).resolve().parents[2] / "golden" / "standard"
WORLD_STATE: dict[str, Any] = yaml.safe_load((STANDARD / "world_state.yaml").read_text(encoding="utf-8"))


def test_the_indexes_are_those_of_the_lists() -> None:
    state = WorldState.model_validate(WORLD_STATE)

    indexes = index_state(state.entities, state.relationships, state.state_variables, state.observations)

    assert indexes == state.indexes


def test_a_relation_of_a_thing_with_itself_is_indexed_once() -> None:
    edge = WorldState.model_validate(WORLD_STATE).relationships[0]
    loop = edge.model_copy(update={"dst": edge.src})

    indexes = index_state((), (loop,), (), ())

    assert indexes.by_entity == {edge.src.entity_id: {"relationships": [0]}}
