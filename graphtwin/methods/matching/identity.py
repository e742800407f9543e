"""Which records are one thing: what persons said, exact ids, declared aliases and identifying attributes, under hard
constraints (S13, S14).

Pairs are taken in canonical order and the touched component is resolved whole, so the answer doesn't depend on which
record came first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

from graphtwin.methods.matching.clusters import Clusters, RecordView, Unresolved
from graphtwin.methods.matching.entity_ids import contested_id, founding_id
from graphtwin.methods.matching.judgements import NOBODY, Judgements
from graphtwin.methods.reading.identifiers import is_suspicious
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig

SAID: Final = "a person said so"
DECLARED: Final = "declared in twin.yaml"
_BEFORE: Final = "one entity before"
_SAME_ID: Final = "the same id"
_LOOKS_ALIKE: Final = f"{_SAME_ID}, but it could be taken for another by eye: a person must say that they are one"
_UNKNOWN: Final = 2**63
"""Later than every version."""
_EACH_WITH_EACH: Final = 32
"""Records that share a value, up to which every pair is looked at."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The entity of every record that was looked at, why, and what stayed open."""

    entity_of: Mapping[str, str]
    evidence: Mapping[str, str]
    unresolved: tuple[Unresolved, ...]


def resolve(
    records: Mapping[str, RecordView],
    same_id: Iterable[tuple[str, str]],
    policy: Policy,
    founded: Mapping[str, int] | None = None,
    judged: Judgements = NOBODY,
) -> Resolution:
    """The entity of each record. `same_id` are pairs that carry one id in one id space; records that share a declared
    entity, an existing entity or the value of an identifying attribute are paired here. An id that could be taken for
    another by eye makes nobody one by itself. `founded` names the versions that entities were founded at: of two that
    become one, where trust doesn't tell, the earlier gives the id (S14). `judged` is what persons said: it goes before all
    that is paired here.
    """
    config = policy.config
    natural = {record: founding_id(record, view.type, config) for record, view in records.items()}
    clusters = Clusters(records, policy, natural, judged)
    evidence: dict[str, str] = {}
    unresolved: list[Unresolved] = list(clusters.misdeclared)
    doubtful: list[tuple[str, str]] = []
    pairs = _pairs(records, same_id, clusters, config)
    for one, other, forced in _said(records, judged):
        if refusal := clusters.join(one, other, forced=forced):
            unresolved.append(Unresolved(one, other, f"{SAID}, but {refusal}"))
        else:
            evidence |= {one: SAID, other: SAID}
    for reason, one, other in pairs:
        if frozenset((one, other)) in judged.apart:
            continue
        if reason == _SAME_ID and is_suspicious(one.partition(":")[2]):
            doubtful.append((one, other))
            continue
        refusal = clusters.union(one, other, standing=reason == _BEFORE)
        if not refusal:
            evidence.setdefault(one, reason)
            evidence.setdefault(other, reason)
        elif reason != _BEFORE:
            unresolved.append(Unresolved(one, other, f"{reason}, but {refusal}"))
    unresolved += [
        Unresolved(one, other, _LOOKS_ALIKE) for one, other in doubtful if clusters.find(one) != clusters.find(other)
    ]
    return Resolution(
        _name(clusters, natural, policy, founded or {}), evidence, tuple(sorted(set(unresolved), key=str))
    )


def _said(records: Mapping[str, RecordView], judged: Judgements) -> list[tuple[str, str, bool]]:
    """The pairs that a person said to be one, in canonical order, and whether they insisted."""
    known = [(sorted(pair), forced) for pair, forced in judged.together.items() if pair <= records.keys()]
    return sorted((one, other, forced) for (one, other), forced in known)


def why_two(one: Mapping[str, RecordView], other: Mapping[str, RecordView], policy: Policy) -> tuple[str, str]:
    """What keeps two entities from being one: what nobody may go over, and what a person may (both "" where nothing does)."""
    records = {**one, **other}
    natural = {record: founding_id(record, view.type, policy.config) for record, view in records.items()}
    clusters = Clusters(records, policy, natural, NOBODY)
    sides = []
    for side in (one, other):
        first, *rest = sorted(side)
        for record in rest:
            clusters.union(first, record, standing=True)
        sides.append(clusters.find(first))
    return clusters.hard(*sides), clusters.soft(*sides)


def _pairs(
    records: Mapping[str, RecordView],
    same_id: Iterable[tuple[str, str]],
    clusters: Clusters,
    config: TwinConfig,
) -> list[tuple[str, str, str]]:
    """Candidate pairs with their reason: what was one stays one, then declarations, ids, attributes; each sorted."""
    before: dict[Any, list[str]] = defaultdict(list)
    declared: dict[Any, list[str]] = defaultdict(list)
    attributes: dict[Any, list[str]] = defaultdict(list)
    for record, view in records.items():
        if view.entity:
            before[view.entity].append(record)
        for name in clusters.declared[record]:
            declared[name].append(record)
        for name in config.identity.key_attributes:
            if view.attributes.get(name) not in (None, ""):
                attributes[name, compared_text(view.attributes[name])].append(record)
    ids = [(_SAME_ID, min(pair), max(pair)) for pair in same_id if pair[0] in records and pair[1] in records]
    return [
        *_chain(_BEFORE, before.values()),
        *_chain(DECLARED, declared.values()),
        *sorted(ids),
        *(
            (f"the same {name}", one, other)
            for (name, _), group in sorted(attributes.items())
            for _, one, other in _chain("", [group])
        ),
    ]


def compared_text(value: Any) -> str:
    """What identifying values are compared by: 7, 7.0 and "7" name one thing, however a source writes its numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _chain(reason: str, groups: Iterable[Sequence[str]]) -> list[tuple[str, str, str]]:
    """Each with each, since one that may not be there must not part the others; neighbours only where they are many."""
    pairs: list[tuple[str, str, str]] = []
    for group in groups:
        ordered = sorted(group)
        couples = combinations(ordered, 2) if len(ordered) <= _EACH_WITH_EACH else pairwise(ordered)
        pairs += [(reason, one, other) for one, other in couples]
    return sorted(pairs)


def _name(clusters: Clusters, natural: Mapping[str, str], policy: Policy, founded: Mapping[str, int]) -> dict[str, str]:
    """The id of each cluster: declared, else an existing one by trust, age and founding record, else newly minted (S14).

    No two clusters get one id: those that have one keep it, then the others are named.
    """
    ranked = {
        root: sorted(members, key=lambda view: (-policy.source_trust(view.source), view.id))
        for root, members in clusters.members.items()
    }
    entity_of: dict[str, str] = {}
    taken: set[str] = set()
    for root in sorted(ranked, key=lambda root: (not clusters.declared[root], not _held(ranked[root]), root)):
        first = ranked[root][0]
        wanted = [
            *sorted(clusters.declared[root]),
            *_held_ids(ranked[root], policy, founded),
            natural[first.id],
            contested_id(first.id, first.type, policy.config),
        ]
        name = next((one for one in wanted if one not in taken), wanted[-1])
        taken.add(name)
        entity_of |= {view.id: name for view in ranked[root]}
    return entity_of


def _held(members: Sequence[RecordView]) -> bool:
    return any(view.entity for view in members)


def _held_ids(members: Iterable[RecordView], policy: Policy, founded: Mapping[str, int]) -> list[str]:
    """The ids that the records have, the one to keep first."""
    ranked = sorted(
        (-policy.source_trust(view.source), founded.get(view.entity, _UNKNOWN), view.id, view.entity)
        for view in members
        if view.entity
    )
    return [entity for *_, entity in ranked]
