"""Records gathered into things, one union after the other, each refused that a hard constraint forbids (S13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import Any

from graphtwin.methods.matching.entity_ids import MODEL, DeclaredIds
from graphtwin.methods.matching.judgements import Judgements
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig


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


class Clusters:
    """Union-find that refuses a union which a hard constraint forbids."""

    def __init__(
        self, records: Mapping[str, RecordView], policy: Policy, natural: Mapping[str, str], judged: Judgements
    ) -> None:
        config = policy.config
        declared = DeclaredIds(config)
        self.misdeclared: list[Unresolved] = []
        self.members: dict[str, list[RecordView]] = {record: [view] for record, view in records.items()}
        self.root: dict[str, str] = {record: record for record in records}
        self._config, self._policy, self._apart = config, policy, _among(judged, records)
        self.declared: dict[str, set[str]] = {
            record: self._declared(view, declared, natural[record]) for record, view in records.items()
        }
        self._leave_declared(records)

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

    def _leave_declared(self, records: Mapping[str, RecordView]) -> None:
        """What a person parted from a declared thing isn't it, although its id says so."""
        for record, other in (pair for two in self._apart for pair in permutations(two)):
            if record in records and other in records:
                kept = self.declared[other] if records[other].source == MODEL else {records[other].entity}
                self.declared[record] -= kept - {records[record].entity}

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
        reason = self.never(left, right) or self._distinct(left, right)
        return reason or ("" if standing else self._unlike(left, right)) or self._unite(left, right)

    def join(self, one: str, other: str, *, forced: bool) -> str:
        """As `union`, because a person said so; only a `forced` word goes before `distinct` in twin.yaml."""
        left, right = sorted((self.find(one), self.find(other)))
        if left == right:
            return ""
        reason = self.hard(left, right)
        return reason or ("" if forced else self._distinct(left, right)) or self._unite(left, right)

    def _unite(self, left: str, right: str) -> str:
        self.root[right] = left
        self.members[left] += self.members.pop(right)
        self.declared[left] |= self.declared.pop(right)
        return ""

    def never(self, left: str, right: str) -> str:
        """Why two clusters aren't one whatever else speaks for it."""
        if len(self.declared[left] | self.declared[right]) > 1:
            return "the model declares them as two things"
        left_ids, right_ids = self._ids(left), self._ids(right)
        for pair in self._apart:
            if (pair & left_ids) and (pair & right_ids):
                return "a person said that they are two"
        return ""

    def _distinct(self, left: str, right: str) -> str:
        left_ids, right_ids = self._ids(left), self._ids(right)
        for group in self._config.identity.distinct:
            if left_ids.intersection(group) and right_ids.intersection(group):
                return "twin.yaml says that they are distinct"
        return ""

    def hard(self, left: str, right: str) -> str:
        """What even a person may not go over."""
        return self.never(left, right) or self._types_differ(left, right)

    def soft(self, left: str, right: str) -> str:
        """What only a person may go over, who insists."""
        return self._distinct(left, right) or self._unlike(left, right)

    def _ids(self, side: str) -> set[str]:
        return {view.id for view in self.members[side]}

    def _types_differ(self, left: str, right: str) -> str:
        pairs = product(self.members[left], self.members[right])
        two = next(((a.type, b.type) for a, b in pairs if not _compatible(a.type, b.type, self._config)), None)
        return f"their types differ ({two[0]}, {two[1]})" if two else ""

    def _unlike(self, left: str, right: str) -> str:
        if reason := self._types_differ(left, right):
            return reason
        for one, other in product(self.members[left], self.members[right]):
            for name in sorted(one.attributes.keys() & other.attributes.keys()):
                variable = self._policy.variable(one.type, name)
                if variable and variable.high_signal and one.attributes[name] != other.attributes[name]:
                    return f"their {name} differ ({one.attributes[name]!r}, {other.attributes[name]!r})"
        return ""


def _compatible(one: str, other: str, config: TwinConfig) -> bool:
    if one == other:
        return True
    families = config.identity.subtypes
    return other in families.get(one, ()) or one in families.get(other, ())


def _among(judged: Judgements, records: Mapping[str, RecordView]) -> tuple[frozenset[str], ...]:
    """The pairs of these records that a person said to be two."""
    return tuple(sorted((pair for pair in judged.apart if pair <= records.keys()), key=sorted))
