"""Which sources have fallen silent, and which variables can no longer be believed because of it (S11, S26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.finding import NotJudged
from graphtwin.model.state import EntityState, State

MISSED: Final = 3
"""Readings in a row that a source may miss before it counts as silent."""


@dataclass(frozen=True, slots=True)
class Silence:
    """`source` last spoke at `heard_at` (epoch µs); at `entity` that leaves `variables` past their validity. `entity`
    is "" where the source is silent and no value of the present rests on it.
    """

    source: str
    entity: str
    variables: tuple[str, ...]
    heard_at: int


def find_silence(
    state: State, last_heard: Mapping[str, int], policy: Policy
) -> tuple[tuple[Silence, ...], tuple[NotJudged, ...]]:
    """Every silence at the state's valid time, by source and entity, and the sources that couldn't be judged.

    `last_heard` is the newest valid time of each source's claims. A source with a cadence is silent after three of
    them; a variable that declares its own cadence or validity is judged by that, even while its source speaks.
    """
    now = state.at.valid
    silent = {name for name, cadence in _cadences(policy).items() if _late(last_heard.get(name), MISSED * cadence, now)}
    found: list[Silence] = []
    for entity in state.entities.values():
        if entity.lifecycle == "active":
            found += _silent_variables(entity, silent, last_heard, policy, now)
    covered = {silence.source for silence in found}
    found += [Silence(name, "", (), last_heard[name]) for name in silent - covered]
    return tuple(sorted(found, key=lambda one: (one.source, one.entity))), _not_judged(policy, last_heard)


def _cadences(policy: Policy) -> dict[str, int]:
    return {name: s.cadence for name, s in policy.config.sources.items() if s.enabled and s.cadence}


def _late(heard_at: int | None, patience: int, now: int) -> bool:
    return heard_at is not None and now - heard_at > patience


def _silent_variables(
    entity: EntityState, silent: set[str], last_heard: Mapping[str, int], policy: Policy, now: int
) -> list[Silence]:
    by_source: dict[str, list[str]] = {}
    for name, held in entity.reported.items():
        variable = policy.variable(entity.type, name)
        own = variable is not None and bool(variable.cadence or variable.valid_for)
        patience = policy.valid_for(entity.type, name, held.source)
        if patience is not None and (own or held.source in silent) and now - held.observed_at > patience:
            by_source.setdefault(held.source, []).append(name)
    return [
        Silence(source, entity.id, tuple(sorted(names)), _heard_at(entity, names, last_heard.get(source)))
        for source, names in by_source.items()
    ]


def _heard_at(entity: EntityState, names: list[str], source_heard_at: int | None) -> int:
    """When the source last spoke about these variables; it may have spoken about others since."""
    newest = max(entity.reported[name].observed_at for name in names)
    return newest if source_heard_at is None else min(newest, source_heard_at)


def _not_judged(policy: Policy, last_heard: Mapping[str, int]) -> tuple[NotJudged, ...]:
    reasons = []
    for name, source in sorted(policy.config.sources.items()):
        if not source.enabled:
            continue
        if not source.cadence:
            reasons.append(NotJudged("", "", f"source {name} declares no cadence, so its silence can't be told"))
        elif name not in last_heard:
            reasons.append(NotJudged("", "", f"source {name} was never heard from"))
    return tuple(reasons)
