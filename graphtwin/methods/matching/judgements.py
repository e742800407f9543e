"""Which records persons have said to be one thing, or two: matching keeps to it until they say otherwise (S13, S14).

Read from the audit chain, where every decision about identity stands with the records it was about, so it holds whatever
the entities are called by now. The latest decision about two records counts; one that was undone was never made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, Final, Literal

from graphtwin.methods.audit.decisions import IDENTITY, MERGED
from graphtwin.model.commit import AuditEntry, AuditRecord
from graphtwin.model.principal import SERVICE

IDENTITY_KINDS: Final = (IDENTITY, MERGED)
"""The kinds of audit records that tell decisions about identity: of persons, and merges by matching itself."""

Action = Literal["merge", "split", "undo"]


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """One decision about identity, named by the number `n` of its audit record.

    `entities` are the ids it was about, the one that was kept or split first; `records` those whose membership it changed,
    `groups` the two sides that it made one, or two; `event` is that of its facts; `undone_by` the undo that is in force.
    """

    n: int
    at: int
    run: str
    event: str
    principal: str
    action: Action
    entities: tuple[str, ...]
    records: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    forced: bool
    reason: str
    evidence: Mapping[str, Any] | None
    undoes: int | None
    undone_by: int | None = None

    @property
    def automatic(self) -> bool:
        """Made by matching, not by a person."""
        return self.event == matching_event(self.run)


@dataclass(frozen=True)
class Judgements:
    """Pairs of records that persons said to be one (True: against a hard constraint, too), and to be two."""

    together: Mapping[frozenset[str], bool] = field(default_factory=dict)
    apart: frozenset[frozenset[str]] = frozenset()

    @cached_property
    def _partners(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for pair in (*self.together, *self.apart):
            for record in pair:
                found[record] |= pair
        return {record: frozenset(partners) for record, partners in found.items()}

    def with_merge(self, groups: Iterable[Iterable[str]], *, forced: bool) -> Judgements:
        """As they stand when two sides are said to be one."""
        pairs = {frozenset(pair) for pair in product(*groups)}
        return Judgements({**self.together, **dict.fromkeys(pairs, forced)}, self.apart - pairs)

    def with_split(self, groups: Iterable[Iterable[str]]) -> Judgements:
        """As they stand when two sides are said to be two."""
        pairs = {frozenset(pair) for pair in product(*groups)}
        kept = {pair: forced for pair, forced in self.together.items() if pair not in pairs}
        return Judgements(kept, self.apart | pairs)

    def partners(self, records: Iterable[str]) -> set[str]:
        """The records that one of these was judged with: whoever looks at one must look at the other."""
        held = set(records)
        return {partner for record in held & self._partners.keys() for partner in self._partners[record]} - held


NOBODY: Final = Judgements()
"""Nobody has said anything."""


def matching_event(run: str) -> str:
    """The event of the facts by which a run's matching decides."""
    return f"identity:{run}"


def reference_event(run: str) -> str:
    """The event of the facts by which a run says what a record is that is only referred to."""
    return f"reference:{run}"


def person_event(run: str) -> str:
    """The event of the facts that a person's decision writes."""
    return f"decision:{run}"


def decisions_of(records: Iterable[AuditRecord]) -> tuple[IdentityDecision, ...]:
    """The decisions that audit records of IDENTITY_KINDS tell, in their order, each with the undo that is in force."""
    return _with_undone([_decision(record) for record in records])


def once_undone(decisions: Iterable[IdentityDecision], target: IdentityDecision) -> tuple[IdentityDecision, ...]:
    """The decisions as they stand when one of them is undone."""
    known = tuple(decisions)
    undo = replace(target, n=known[-1].n + 1, event="", action="undo", groups=(), undoes=target.n)
    return _with_undone([*known, undo])[:-1]


def _with_undone(told: Sequence[IdentityDecision]) -> tuple[IdentityDecision, ...]:
    undone: dict[int, int] = {}
    for one in reversed(told):
        if one.undoes is not None and one.n not in undone:
            undone[one.undoes] = one.n
    return tuple(replace(one, undone_by=undone.get(one.n)) for one in told)


def judgements_of(decisions: Iterable[IdentityDecision]) -> Judgements:
    """What the decisions in force amount to, given in their order."""
    judged = NOBODY
    for one in decisions:
        if one.undone_by is not None or one.automatic or not one.groups:
            continue
        merges = one.action == "merge"
        judged = judged.with_merge(one.groups, forced=one.forced) if merges else judged.with_split(one.groups)
    return judged


def merged_entry(gone: str, into: str, records: Iterable[str], why: str, *, at: int, run: str) -> AuditEntry:
    """What the chain says of an entity that matching made one with another."""
    body = {
        "principal": SERVICE,
        "action": "merge",
        "entities": [into, gone],
        "records": sorted(records),
        "reason": why,
    }
    return AuditEntry(MERGED, at, run, body)


def _decision(record: AuditRecord) -> IdentityDecision:
    body = record.body
    automatic = record.kind == MERGED
    return IdentityDecision(
        n=record.n,
        at=record.at,
        run=record.run,
        event=matching_event(record.run) if automatic else person_event(record.run),
        principal=str(body["principal"]),
        action=body["action"],
        entities=tuple(body["entities"]),
        records=tuple(body["records"]),
        groups=tuple(tuple(group) for group in body.get("groups", ())),
        forced=bool(body.get("forced")),
        reason=str(body.get("reason", "")),
        evidence=body.get("evidence"),
        undoes=body.get("undoes"),
    )
