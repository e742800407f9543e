"""Which records are one thing: exact ids, declared aliases and identifying attributes, under hard constraints (S13, S14).

Pairs are taken in canonical order and the touched component is resolved whole, so the answer doesn't depend on which
record came first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any, Final

from graphtwin.methods.matching.entity_ids import DeclaredIds, contested_id, founding_id
from graphtwin.methods.reading.identifiers import is_suspicious
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig

_BEFORE: Final = "one entity before"
_SAME_ID: Final = "the same id"
_LOOKS_ALIKE: Final = f"{_SAME_ID}, but it could be taken for another by eye: a person must say that they are one"
_UNKNOWN: Final = 2**63
"""Later than every version."""
_EACH_WITH_EACH: Final = 32
"""Records that share a value, up to which every pair is looked at."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """What identity may look at in a record; `entity` is "" for a record that is new."""

    id: str
    type: str
    entity: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The source that speaks of it."""
        return self.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A record whose identity a person should look at."""

    record: str
    candidate: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The entity of every record that was looked at, why, and what stayed open."""

    entity_of: Mapping[str, str]
    evidence: Mapping[str, str]
    unresolved: tuple[Unresolved, ...]


class _Clusters:
    """Union-find that refuses a union which a hard constraint forbids."""

    def __init__(
        self, records: Mapping[str, RecordView], config: TwinConfig, policy: Policy, natural: Mapping[str, str]
    ) -> None:
        declared = DeclaredIds(config)
        self.misdeclared: list[Unresolved] = []
        self.members: dict[str, list[RecordView]] = {record: [view] for record, view in records.items()}
        self.root: dict[str, str] = {record: record for record in records}
        self._config, self._policy = config, policy
        self.declared: dict[str, set[str]] = {
            record: self._declared(view, declared, natural[record]) for record, view in records.items()
        }

    def _declared(self, view: RecordView, declared: DeclaredIds, natural: str) -> set[str]:
        """The declared entity that a record is, if any; a thing of another type can't be it, whatever the model says."""
        name = declared.of(view.id, natural)
        if name is None:
            return set()
        kind = declared.types.get(name, view.type)
        if _compatible(view.type, kind, self._config):
            return {name}
        reason = f"twin.yaml says that it is {name}, but their types differ ({view.type}, {kind})"
        self.misdeclared.append(Unresolved(view.id, name, reason))
        return set()

    def find(self, record: str) -> str:
        while self.root[record] != record:
            self.root[record] = self.root[self.root[record]]
            record = self.root[record]
        return record

    def union(self, one: str, other: str, *, standing: bool) -> str:
        """Make two clusters one; the answer is empty when they are one now, else the reason why not.

        What is one already (`standing`) is parted by the model's word only: a thing may change its serial number.
        """
        left, right = sorted((self.find(one), self.find(other)))
        if left == right:
            return ""
        if reason := self._forbidden(left, right) or ("" if standing else self._unlike(left, right)):
            return reason
        self.root[right] = left
        self.members[left] += self.members.pop(right)
        self.declared[left] |= self.declared.pop(right)
        return ""

    def _forbidden(self, left: str, right: str) -> str:
        if len(self.declared[left] | self.declared[right]) > 1:
            return "the model declares them as two things"
        left_ids, right_ids = ({view.id for view in self.members[side]} for side in (left, right))
        for group in self._config.identity.distinct:
            if left_ids.intersection(group) and right_ids.intersection(group):
                return "twin.yaml says that they are distinct"
        return ""

    def _unlike(self, left: str, right: str) -> str:
        pairs = [(one, other) for one in self.members[left] for other in self.members[right]]
        for one, other in pairs:
            if not _compatible(one.type, other.type, self._config):
                return f"their types differ ({one.type}, {other.type})"
            for name in sorted(one.attributes.keys() & other.attributes.keys()):
                variable = self._policy.variable(one.type, name)
                if variable and variable.high_signal and one.attributes[name] != other.attributes[name]:
                    return f"their {name} differ ({one.attributes[name]!r}, {other.attributes[name]!r})"
        return ""


def resolve(
    records: Mapping[str, RecordView],
    same_id: Iterable[tuple[str, str]],
    policy: Policy,
    founded: Mapping[str, int] | None = None,
) -> Resolution:
    """The entity of each record. `same_id` are pairs that carry one id in one id space; records that share a declared
    entity, an existing entity or the value of an identifying attribute are paired here. An id that could be taken for
    another by eye makes nobody one by itself. `founded` names the versions that entities were founded at: of two that
    become one, where trust doesn't tell, the earlier gives the id (S14).
    """
    config = policy.config
    natural = {record: founding_id(record, view.type, config) for record, view in records.items()}
    clusters = _Clusters(records, config, policy, natural)
    evidence: dict[str, str] = {}
    unresolved: list[Unresolved] = list(clusters.misdeclared)
    doubtful: list[tuple[str, str]] = []
    for reason, one, other in _pairs(records, same_id, clusters, config):
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


def _pairs(
    records: Mapping[str, RecordView],
    same_id: Iterable[tuple[str, str]],
    clusters: _Clusters,
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
        *_chain("declared in twin.yaml", declared.values()),
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


def _compatible(one: str, other: str, config: TwinConfig) -> bool:
    if one == other:
        return True
    families = config.identity.subtypes
    return other in families.get(one, ()) or one in families.get(other, ())


def _name(
    clusters: _Clusters, natural: Mapping[str, str], policy: Policy, founded: Mapping[str, int]
) -> dict[str, str]:
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
