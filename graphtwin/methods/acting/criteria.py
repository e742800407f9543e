"""Which criteria of a plan hold in what was read after its acts (S32)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphtwin.methods.acting.told import disputed_names, heard_at, told_since
from graphtwin.methods.state.policy import Policy
from graphtwin.model.condition import holds
from graphtwin.model.plan import PlannedCriterion, PlanStep
from graphtwin.model.state import EntityState

Named = Mapping[str, Mapping[str, frozenset[str]]]
"""By query, the entities that it returned, each with all that its rows named beside it."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A step, and when its own act went out (µs of the world's clock): nothing observed until then is evidence for it."""

    step: PlanStep
    since: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """A criterion that doesn't hold (yet), in words, and until when it may (µs of the world's clock)."""

    told: str
    until: int


def query_id(criterion: PlannedCriterion) -> str:
    """Names a criterion's query among the answers: equal queries are asked once."""
    return criterion.cypher


def judge_criteria(
    awaited: Sequence[Awaited], entities: Mapping[str, EntityState], returned: Named, policy: Policy
) -> tuple[list[str], list[Unmet]]:
    """(those that hold, those that don't), in the order of the steps. What can't be told doesn't hold: a disputed value
    proves nothing, and a query whose rows name an entity of which nothing was heard since knows it only as it was before.
    """
    met: list[str] = []
    unmet: list[Unmet] = []
    for one in awaited:
        for criterion in one.step.criteria:
            why = (
                _why_unproven(criterion, one, entities, returned, policy)
                if criterion.cypher
                else _why_false(criterion, one, entities, policy)
            )
            text = f"{one.step.entity}: {criterion.text}"
            if why:
                unmet.append(Unmet(f"{text} ({why})", one.since + criterion.within))
            else:
                met.append(text)
    return met, unmet


def _why_false(
    criterion: PlannedCriterion, awaited: Awaited, entities: Mapping[str, EntityState], policy: Policy
) -> str:
    entity = entities.get(awaited.step.entity)
    told = told_since(entity, policy, awaited.since) if entity else {}
    held, why = holds(criterion.expect, {"entity": told})
    disputed = _asked(criterion.expect, entity)
    return "" if held else f"{disputed[0]} is disputed" if disputed else why


def _why_unproven(
    criterion: PlannedCriterion,
    awaited: Awaited,
    entities: Mapping[str, EntityState],
    returned: Named,
    policy: Policy,
) -> str:
    target = awaited.step.entity
    found = returned.get(query_id(criterion), {})
    for name in (target, *sorted(found.get(target, frozenset()) - {target})):
        about = "the entity" if name == target else name
        entity = entities.get(name)
        if disputed := _asked(criterion.cypher, entity):
            return f"{disputed[0]} of {about} is disputed"
        if entity is None or heard_at(entity, policy) <= awaited.since:
            return f"nothing was heard of {about} since the act"
    return "" if target in found else "its query doesn't return the entity"


def _asked(text: str, entity: EntityState | None) -> list[str]:
    """The disputed values that a text asks about, by their names in it."""
    words = set(re.findall(r"\w+", text))
    return [name for name in disputed_names(entity) if name in words] if entity else []
