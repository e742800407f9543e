"""Which criteria of a plan hold in what was read after its acts (S32)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.model.condition import holds
from graphtwin.model.plan import PlannedCriterion, PlanStep


@dataclass(frozen=True, slots=True)
class Unmet:
    """A criterion that doesn't hold (yet), in words, and how long it may take (µs)."""

    told: str
    within: int


def query_id(criterion: PlannedCriterion) -> str:
    """Names a criterion's query among the answers: equal queries are asked once."""
    return criterion.cypher


def judge_criteria(
    steps: Sequence[PlanStep],
    told: Mapping[str, Mapping[str, Any]],
    returned: Mapping[str, frozenset[str]],
    heard: Collection[str],
) -> tuple[list[str], list[Unmet]]:
    """(those that hold, those that don't), in the order of the steps. What can't be told doesn't hold: a query that returns
    an entity of which nothing was `heard` since the act knows it only as it was before.
    """
    met: list[str] = []
    unmet: list[Unmet] = []
    for step in steps:
        for criterion in step.criteria:
            held, why = _judge(criterion, step.entity, told, returned, heard)
            text = f"{step.entity}: {criterion.text}"
            if held:
                met.append(text)
            else:
                unmet.append(Unmet(f"{text} ({why})", criterion.within))
    return met, unmet


def _judge(
    criterion: PlannedCriterion,
    entity: str,
    told: Mapping[str, Mapping[str, Any]],
    returned: Mapping[str, frozenset[str]],
    heard: Collection[str],
) -> tuple[bool, str]:
    if criterion.cypher and entity not in heard:
        return False, "nothing was heard of the entity since the act"
    if criterion.cypher:
        found = entity in returned.get(query_id(criterion), frozenset())
        return found, "" if found else "its query doesn't return the entity"
    return holds(criterion.expect, {"entity": told.get(entity, {})})
