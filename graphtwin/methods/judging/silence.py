"""Which sources have fallen silent, and which variables can no longer be believed because of it (S11, S26)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from graphtwin.methods.state.as_of import max_future_skew
from graphtwin.methods.state.policy import Policy
from graphtwin.model.finding import NotJudged
from graphtwin.model.state import EntityState, Held, State

GONE: Final = "gone_since"
"""Where a source's cursor keeps since when (epoch µs) it is gone by its own word."""
MISSED: Final = 3
"""Readings in a row that a source may miss before it counts as silent."""


@dataclass(frozen=True, slots=True)
class Silence:
    """`source` last spoke at `heard_at` (epoch µs); at `entity` that leaves `variables` past their validity. `entity`
    is "" where the source is silent and no value of the present rests on it. `gone_since` is when it was known that the
    source itself said, by its last will, that it is gone; None where it only fell silent.
    """

    source: str
    entity: str
    variables: tuple[str, ...]
    heard_at: int
    gone_since: int | None = None


def find_silence(
    state: State,
    last_heard: Mapping[str, int],
    policy: Policy,
    *,
    gone: Mapping[str, int] | None = None,
    behind: Collection[str] = (),
    now: int | None = None,
) -> tuple[tuple[Silence, ...], tuple[NotJudged, ...]]:
    """Every silence at `now` (by default the state's valid time), by source and entity, and the sources that couldn't be
    judged.

    `last_heard` is the newest valid time of each source's claims. A source with a cadence is silent after three of
    them; a variable that declares its own cadence or validity is judged by that, even while its source speaks. A source
    that is `gone` (since when, by name) is silent at once about all that it had said by then. What a source that is
    `behind` (it had more to say than was read) says of now isn't known yet: it is judged at the last instant heard from it.
    """
    at = state.at.valid if now is None else now
    away = {name: since for name, since in (gone or {}).items() if _is_asked(name, policy)}
    instants = {name: min(at, last_heard.get(name, at)) for name in behind}
    silent = {
        name for name, cadence in _cadences(policy).items()
        if _late(last_heard.get(name), MISSED * cadence, instants.get(name, at))
    }  # fmt: skip
    heard = _Heard(last_heard, silent, away, instants)
    found: list[Silence] = []
    for entity in state.entities.values():
        if entity.lifecycle == "active":
            found += _silent_variables(entity, heard, policy, at)
    covered = {silence.source for silence in found}
    found += [
        Silence(name, "", (), last_heard.get(name, away.get(name, at)), away.get(name))
        for name in (silent | away.keys()) - covered
    ]
    return tuple(sorted(found, key=lambda one: (one.source, one.entity))), _not_judged(policy, last_heard)


def _is_asked(source: str, policy: Policy) -> bool:
    configured = policy.config.sources.get(source)
    return configured is not None and configured.enabled and bool(configured.will_topic)


def _cadences(policy: Policy) -> dict[str, int]:
    return {name: s.cadence for name, s in policy.config.sources.items() if s.enabled and s.cadence}


def _late(heard_at: int | None, patience: int, now: int) -> bool:
    return heard_at is not None and now - heard_at > patience


class _Heard(NamedTuple):
    """When each source last spoke, which are silent, since when some are gone by their own word, and at which earlier
    instant some are judged.
    """

    last: Mapping[str, int]
    silent: set[str]
    gone: Mapping[str, int]
    instants: Mapping[str, int]


def _silent_variables(entity: EntityState, heard: _Heard, policy: Policy, now: int) -> list[Silence]:
    by_source: dict[str, list[str]] = {}
    for name, held in entity.reported.items():
        variable = policy.variable(entity.type, name)
        own = variable is not None and bool(variable.cadence or variable.valid_for)
        patience = policy.valid_for(entity.type, name, held.source)
        at = heard.instants.get(held.source, now)
        late = patience is not None and (own or held.source in heard.silent) and at - held.observed_at > patience
        if late or _before_it_went(held, heard.gone, policy):
            by_source.setdefault(held.source, []).append(name)
    return [
        Silence(
            source,
            entity.id,
            tuple(sorted(names)),
            _heard_at(entity, names, heard.last.get(source)),
            heard.gone.get(source),
        )
        for source, names in by_source.items()
    ]


def _before_it_went(held: Held, gone: Mapping[str, int], policy: Policy) -> bool:
    """Whether a value is one that its source gave before it went, whose clock may have been ahead of the world's (S2)."""
    since = gone.get(held.source)
    return since is not None and held.observed_at <= since + max_future_skew(policy.config)


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
