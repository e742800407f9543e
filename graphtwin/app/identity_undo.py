"""Taking a decision about identity back: what it wrote is as it was before, and matching judges anew what it led to (S13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from graphtwin.app.identity import identity_decisions, spoken_of
from graphtwin.app.person import Given, Person, person_decides
from graphtwin.errors import Conflict, NotFound, Refused
from graphtwin.methods.audit.decisions import IDENTITY
from graphtwin.methods.matching.entity_ids import MODEL
from graphtwin.methods.matching.identity import DECLARED
from graphtwin.methods.matching.judgements import (
    IdentityDecision,
    Judgements,
    judgements_of,
    once_undone,
    person_event,
)
from graphtwin.methods.matching.membership import Cell, corrected_cells, said_of_cells, winners
from graphtwin.methods.matching.replay import replayed
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import BEGIN, TYPE, Fact
from graphtwin.model.principal import Role
from graphtwin.ports import Store
from graphtwin.workflows.decide import Decided, Decision, Turn

_ALL: Final = 100_000
"""Facts of one name that are matched again."""


@dataclass(frozen=True, slots=True)
class _Undoing:
    """A decision that is being taken back, among the `decisions` as they stand without it; `facts` are all `@entity` facts
    of the records that it touched or led to.
    """

    person: Person
    target: IdentityDecision
    decisions: tuple[IdentityDecision, ...]
    facts: tuple[Fact, ...]

    @property
    def store(self) -> Store:
        return self.person.store

    @property
    def world(self) -> str:
        return self.person.world

    def gone(self) -> list[Fact]:
        """The facts of decisions that are undone, this one included."""
        return _undone(self.facts, self.decisions)

    def counted(self) -> list[Fact]:
        """The facts that were said in their own right: of nothing undone, and no repetition by an undo."""
        repeated = {one.event for one in self.decisions if one.action == "undo"}
        without = {fact.id for fact in self.gone()}
        return [fact for fact in self.facts if fact.id not in without and fact.event not in repeated]


async def undo_identity(store: Store, world: str, name: str, given: Given) -> Decided:
    """Take a decision back, named by the number of its audit record or by its run: each cell that it still wins is as it
    was before (S13). What matching made one stays two from then on. Raises NotFound, Conflict for one that is undone
    already, Refused for what twin.yaml says.
    """

    async def make(person: Person, turn: Turn) -> Decision:
        undoing = await _undoing(person, name)
        target, touched = undoing.target, _touched(undoing)
        groups = _parted(undoing)
        wanted = said_of_cells(undoing.counted(), [cell for cell in touched if cell[1] != BEGIN])
        again = await _matched_again(undoing, groups)
        wanted |= {(record, BEGIN): ("assert", entity) for record, entity in again.items() if entity}
        wanted |= {cell: ("withdraw", "") for cell in touched if cell[1] == BEGIN and not again.get(cell[0])}
        facts = corrected_cells(undoing.facts, wanted, event=person_event(turn.run), run=turn.run)
        said = {
            "action": "undo",
            "undoes": target.n,
            "entities": list(target.entities),
            "groups": groups,
            "records": sorted({fact.record for fact in facts}),
        }
        return person.decision(turn, IDENTITY, said, facts, target.entities[0])

    return await person_decides(store, world, given, make, least=Role.OPERATOR, prefix="identity")


async def _undoing(person: Person, name: str) -> _Undoing:
    store, world = person.store, person.world
    decisions = await identity_decisions(store, world)
    target = next((one for one in decisions if name in (str(one.n), one.run)), None)
    if target is None:
        raise NotFound(f"{world} has no decision {name} about identity.", hint=f"see: graphtwin identity list {world}")
    if target.undone_by is not None:
        raise Conflict(
            f"Decision {target.n} was undone by decision {target.undone_by}.",
            hint=f"to have it again, undo that one: graphtwin identity undo {world} {target.undone_by}",
        )
    if target.automatic and target.reason == DECLARED:
        raise Refused(
            f"Decision {target.n} follows from twin.yaml.", hint="change it there, then: graphtwin apply TWIN.yaml"
        )
    after = once_undone(decisions, target)
    return _Undoing(person, target, after, await _facts(store, world, target, after))


def _touched(undoing: _Undoing) -> list[Cell]:
    """The cells that the decision wrote."""
    target = undoing.target
    own = (fact for fact in undoing.facts if fact.event == target.event and fact.record in target.records)
    return sorted({(fact.record, fact.valid_from) for fact in own})


async def _facts(
    store: Store, world: str, target: IdentityDecision, decisions: Sequence[IdentityDecision]
) -> tuple[Fact, ...]:
    """All that was ever said of whose the records are: those of the entities that the decision was about, and of every
    entity that one of them was part of since the first of the decisions about them that are undone.
    """
    entities, records = set(target.entities), set(target.records)
    while True:
        ever = await store.records_ever(world, sorted(entities))
        found = records.union(*ever.values())
        facts = await store.entity_facts(world, sorted(found))
        since = min((fact.seq for fact in _undone(facts, decisions)), default=0)
        last = {fact.record: str(fact.value) for fact in facts if fact.op == "assert" and fact.seq < since}
        since_then = {str(fact.value) for fact in facts if fact.op == "assert" and fact.seq >= since}
        named = entities | since_then | set(last.values())
        if (found, named) == (records, entities):
            return facts
        entities, records = named, found


def _undone(facts: Iterable[Fact], decisions: Iterable[IdentityDecision]) -> list[Fact]:
    """The facts of decisions that are undone."""
    undone = {(one.event, record) for one in decisions if one.undone_by is not None for record in one.records}
    return [fact for fact in facts if (fact.event, fact.record) in undone]


def _parted(undoing: _Undoing) -> list[list[str]]:
    """Of a merge that matching made: the records that go back, and those that they are no longer one with."""
    target = undoing.target
    if not target.automatic:
        return []
    held = winners(undoing.facts)
    left = spoken_of(target.records)
    right = {record for (record, _), fact in held.items() if fact.value == target.entities[0]} - set(left)
    return [left, spoken_of(right)] if left and spoken_of(right) else []


async def _matched_again(undoing: _Undoing, groups: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """Whose each record would always have been: everything since the first decision that is undone is matched again."""
    since = min((fact.seq for fact in undoing.gone()), default=None)
    if since is None:
        return {}
    policy = Policy(undoing.person.config)
    said = await _said(undoing, {fact.record for fact in undoing.facts}, policy)
    entities = {str(fact.value) for fact in undoing.facts if fact.op == "assert"}
    founded = await undoing.store.founded(undoing.world, sorted(entities))
    judged = partial(_judged_by, undoing, groups)
    again = replayed(undoing.counted(), said, since=since, judged=judged, founded=founded, policy=policy)
    return {record: entity for record, entity in again.items() if not record.startswith(f"{MODEL}:")}


def _judged_by(undoing: _Undoing, groups: Sequence[Sequence[str]], seq: int) -> Judgements:
    """What persons had said by a commit, and that what matching made one is two: that was wrong from the first."""
    made = {fact.event: fact.seq for fact in undoing.facts}
    known = [one for one in undoing.decisions if one.action == "undo" or made.get(one.event, 0) <= seq]
    judged = judgements_of(known)
    return judged.with_split(groups) if groups else judged


async def _said(undoing: _Undoing, records: Collection[str], policy: Policy) -> list[Fact]:
    """What was ever said of the records that identity looks at; of those that exist."""
    known = await undoing.store.records_of(undoing.world, sorted(records))
    found: dict[str, Fact] = {}
    for entity in sorted({entity for _, entity in known.values()}):
        for name in (TYPE, *_looked_at(policy)):
            facts = await undoing.store.history(undoing.world, entity, name, limit=_ALL)
            found |= {fact.id: fact for fact in facts if fact.record in known}
    return list(found.values())


def _looked_at(policy: Policy) -> list[str]:
    """The names of identifying variables and of those that may forbid a merge."""
    signals = {
        name
        for kind in policy.config.types.values()
        for name, variable in kind.variables.items()
        if variable.high_signal
    }
    return sorted(signals | set(policy.config.identity.key_attributes))
