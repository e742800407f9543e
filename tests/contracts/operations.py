"""Random operations on a world: what sources, people and time may do to it, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts.scene import MINUTE, NOON, SECOND, belongs, decide, depends, located, roster, say, twin

from graphtwin.methods.rules.machines import firing_event, firing_facts
from graphtwin.methods.state.claims import cells_of, top_of
from graphtwin.model.commit import Draft
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, Key
from graphtwin.model.machine import Firing, Premise, is_machine_key
from graphtwin.model.state import State

LOCAL = tuple(f"r{number}" for number in range(6))
RECORDS = tuple(f"{source}:{local}" for source in ("bus", "book", "notes", "plans") for local in LOCAL)
TYPES = ("sensor", "sensor", "sensor", "controller", "zone")
NAMES = ("reading", "reading", "mode", "level", "serial", "undeclared")
GRID = 5 * MINUTE
"""Valid times lie on a coarse grid, so that claims contradict each other at one instant."""


@dataclass(frozen=True)
class Operation:
    """One commit: its drafts are written one after the other in one transaction."""

    kind: str
    drafts: tuple[Draft, ...]


@dataclass
class Operations:
    """A stream of operations; `next` looks at the facts and the state that the ones before have made."""

    seed: int
    world: str
    now: int = NOON
    _spoken: int = 0
    _undoable: list[list[tuple[Fact, Fact | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def first(self) -> Operation:
        """Most records exist from the beginning."""
        facts = tuple(self._typed(record, BEGIN) for record in RECORDS if self.chance.random() < 0.85)
        return Operation("births", (Draft(now=self.now, facts=facts),))

    def next(self, facts: list[Fact], state: State) -> Operation:
        """The next operation in the light of all committed facts and the present."""
        self.now += self.chance.choice((0, 0, SECOND, MINUTE, 3 * MINUTE, 20 * MINUTE))
        kinds: dict[Callable[[list[Fact], State], tuple[Draft, ...]], int] = {
            self._claims: 40,
            self._relations: 26,
            self._planned: 7,
            self._ends: 5,
            self._existence: 6,
            self._corrections: 7,
            self._withdrawals: 8,
            self._merge: 10,
            self._undo: 6,
            self._move: 5,
            self._split: 3,
            self._roster: 9,
            self._tick: 5,
            self._redelivery: 4,
            self._configuration: 3,
            self._transition: 6,
        }
        (make,) = self.chance.choices(list(kinds), weights=list(kinds.values()))
        return Operation(make.__name__.removeprefix("_"), make(facts, state))

    def instant(self) -> int:
        """A valid time somewhere between seven hours ago and two hours ahead, seldom the beginning of all."""
        if self.chance.random() < 0.05:
            return BEGIN
        return self.now + self.chance.randrange(-7 * 3600, 2 * 3600) * SECOND

    def entity(self, facts: list[Fact]) -> str:
        """An entity id that is, was, or never came to be."""
        named = sorted({str(fact.value) for fact in facts if fact.name == ENTITY and fact.value})
        return self.chance.choice([*RECORDS, *named])

    def _draft(self, *facts: Fact, **more: Any) -> tuple[Draft, ...]:
        """One draft, or now and then the same facts in two."""
        half = len(facts) // 2
        if half and self.chance.random() < 0.2:
            return (Draft(now=self.now, facts=facts[:half], **more), Draft(now=self.now + MINUTE, facts=facts[half:]))
        return (Draft(now=self.now, facts=facts, **more),)

    def _event(self) -> str:
        self._spoken += 1
        return f"event-{self.seed}-{self._spoken}"

    def _when(self) -> int:
        """Mostly now, often late, seldom within the skew ahead."""
        drawn = self.chance.random()
        if drawn < 0.5:
            return self.now
        if drawn < 0.55:
            return self.now + 10 * SECOND
        return self.now // GRID * GRID - self.chance.randrange(24) * GRID

    def _layer(self) -> str:
        return self.chance.choices(("reported", "desired", "expected"), weights=(80, 12, 8))[0]

    def _value(self, name: str) -> Any:
        if name in ("mode", "serial"):
            return self.chance.choice(("on", "off", "é"))
        return self.chance.choice(
            (self.chance.randrange(40), self.chance.randrange(400) / 10, True if name == "undeclared" else 7)
        )

    def _say(self, record: str, name: str, value: Any, at: int, **more: Any) -> Fact:
        position = self.chance.choice((None, None, self.chance.randrange(5)))
        return say(
            record, name, value, at, event=self._event(), position=position,
            confidence=self.chance.choice((1.0, 0.9, 0.5)), unit=self.chance.choice(("", "", "Cel")),
            kind=self.chance.choices(("observation", "assumption"), weights=(9, 1))[0],
            observed_at=self.chance.choice((None, None, None, at - MINUTE)), **more,
        )  # fmt: skip

    def _typed(self, record: str, at: int) -> Fact:
        return say(record, TYPE, self.chance.choice(TYPES), at, event=self._event())

    def _claims(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        said = []
        for _ in range(self.chance.randrange(1, 7)):
            name = self.chance.choice(NAMES)
            said.append(
                self._say(self.chance.choice(RECORDS), name, self._value(name), self._when(), layer=self._layer())
            )
        return self._draft(*said)

    def _relations(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        said = []
        for _ in range(self.chance.randrange(1, 4)):
            one, other = self.chance.choice(RECORDS), self.chance.choice((*RECORDS, "bus:nobody"))
            at, layer = self._when(), self._layer()
            drawn = self.chance.random()
            if drawn < 0.3:
                said.append(located(one, other, at, event=self._event(), layer=layer))
            elif drawn < 0.8:
                said.append(depends(one, other, self.chance.random() < 0.8, at, event=self._event(), layer=layer))
            else:
                load = self.chance.randrange(10)
                said.append(say(one, "depends_on.load", load, at, event=self._event(), object=other, layer=layer))
        return self._draft(*said)

    def _planned(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        record, at = f"plans:{self.chance.choice(LOCAL)}", self.now + self.chance.randrange(1, 120) * MINUTE
        drawn = self.chance.random()
        if drawn < 0.5:
            return self._draft(self._say(record, "reading", self._value("reading"), at))
        if drawn < 0.8:
            return self._draft(depends(record, self.chance.choice(RECORDS), True, at, event=self._event()))
        return self._draft(self._typed(record, at))

    def _cell(self, facts: list[Fact]) -> Fact | None:
        """A fact whose cell is to be rewritten; identity is left to merges and moves, existence mostly to itself."""
        kept = {ENTITY} if self.chance.random() < 0.2 else {ENTITY, TYPE}
        cells = [fact for fact in facts if fact.name not in kept]
        return self.chance.choice(cells) if cells else None

    def _ends(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        cell = self._cell(facts)
        if cell is None or cell.name == TYPE:
            return self._draft()
        end = say(
            cell.record,
            cell.name,
            None,
            self._when(),
            event=self._event(),
            object=cell.object,
            layer=cell.layer,
            op="end",
        )
        return self._draft(end)

    def _existence(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        record = self.chance.choice(RECORDS)
        if self.chance.random() < 0.3:
            return self._draft(say(record, TYPE, None, self._when(), event=self._event(), op="end"))
        return self._draft(self._typed(record, self.chance.choice((BEGIN, self._when()))))

    def _corrections(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        cell = self._cell(facts)
        if cell is None or cell.op != "assert":
            return self._draft()
        kept = cell.name in ("located_in", "@roster", TYPE) or is_machine_key(cell.key)
        value = cell.value if kept else self._value(cell.name)
        if cell.name == "depends_on":
            value = not cell.value
        fixed = decide(
            cell.record, cell.name, value, cell.valid_from, event=self._event(), object=cell.object, layer=cell.layer
        )
        return self._draft(fixed)

    def _withdrawals(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        cells = [cell for cell in (self._cell(facts) for _ in range(self.chance.randrange(1, 3))) if cell]
        return self._draft(
            *(
                decide(
                    cell.record, cell.name, None, cell.valid_from, event=self._event(), object=cell.object,
                    layer=cell.layer, op="withdraw",
                )
                for cell in cells
            )
        )  # fmt: skip

    def _merge(self, facts: list[Fact], state: State) -> tuple[Draft, ...]:
        """Every cell that makes a record the second entity's now makes it the first's (S13)."""
        if len(state.entities) < 2:
            return self._draft()
        kept, gone = self.chance.sample(sorted(state.entities), 2)
        decided, event = [], self._event()
        for record in state.entities[gone].records:
            cells = _identity_cells(facts, record)
            named = [cell for cell in cells if cell.op == "assert" and cell.value == gone]
            for at in [cell.valid_from for cell in named] or [BEGIN]:
                before = next((cell for cell in cells if cell.valid_from == at), None)
                decided.append((belongs(record, kept, event=event, at=at), before))
        self._undoable.append(decided)
        return self._draft(*(fact for fact, _ in decided))

    def _undo(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        """Each cell gets its winner from before back, where the merge still wins it (S13)."""
        if not self._undoable:
            return self._draft()
        merged = self._undoable.pop(self.chance.randrange(len(self._undoable)))
        winners = {
            fact.id: cell for fact, _ in merged for cell in _identity_cells(facts, fact.record) if cell.id == fact.id
        }
        event = self._event()
        restored = []
        for fact, before in merged:
            if fact.id not in winners:
                continue
            if before is None or before.op == "withdraw":
                restored.append(decide(fact.record, ENTITY, None, fact.valid_from, event=event, op="withdraw"))
            else:
                restored.append(decide(fact.record, ENTITY, before.value, fact.valid_from, event=event, op=before.op))
        return self._draft(*restored)

    def _move(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        """From an instant on, past or planned, a record is (part of) something else."""
        at = self.chance.choice((self._when(), self.now + self.chance.randrange(1, 90) * MINUTE))
        return self._draft(belongs(self.chance.choice(RECORDS), self.entity(facts), event=self._event(), at=at))

    def _split(self, facts: list[Fact], state: State) -> tuple[Draft, ...]:
        several = sorted(one.id for one in state.entities.values() if len(one.records) > 1)
        if not several:
            return self._draft()
        record = self.chance.choice(state.entities[self.chance.choice(several)].records)
        top = top_of([fact for fact in facts if fact.key == Key("reported", record, ENTITY)], valid=self.now, seq=2**62)
        at = top.valid_from if top else BEGIN
        return self._draft(belongs(record, f"part-{self._spoken}", event=self._event(), at=at))

    def _transition(self, facts: list[Fact], state: State) -> tuple[Draft, ...]:
        """A step of a state machine as the engine decides it, resting on facts that may later turn out wrong."""
        if not state.entities:
            return self._draft()
        subject = self.chance.choice(sorted(state.entities))
        before, after = self.chance.sample(("on", "off", "é"), 2)
        basis = self.chance.sample(facts, min(len(facts), 2))
        firing = Firing(
            subject, "mode", before, after, ("hot",),
            tuple(Premise(subject, fact.name, fact.id, fact.event, fact.key, fact.value) for fact in basis),
            self.chance.choice(state.entities[subject].records), self.now, self._event(), "oracle",
        )  # fmt: skip
        return self._draft(*firing_facts(firing), events=(firing_event(firing),))

    def _roster(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        members = [local for local in LOCAL if self.chance.random() < 0.6]
        at = self.chance.choice((self.now, self.now, self._when(), self.now + 30 * MINUTE))
        return self._draft(roster("book", members, at))

    def _tick(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        self.now += self.chance.randrange(90) * MINUTE
        return self._draft()

    def _redelivery(self, facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        """Facts that are known already, as they were sent."""
        again = self.chance.sample(facts, min(len(facts), 4))
        return self._draft(*(fact._replace(seq=0) for fact in again))

    def _configuration(self, _facts: list[Fact], _state: State) -> tuple[Draft, ...]:
        trust = {
            "sources": {source: self.chance.choice((0.3, 0.6, 0.9)) for source in ("bus", "book", "notes", "plans")},
            "half_life_attributes": self.chance.choice(("1h", "14d")),
            "strategy": self.chance.choice(("prefer_authoritative_sources", "prefer_recent", "escalate_to_human")),
        }
        return self._draft(configuration=twin(self.world, trust=trust).normalised())


def _identity_cells(facts: list[Fact], record: str) -> list[Fact]:
    """The winners of the cells that say whose a record is."""
    key = Key("reported", record, ENTITY)
    return cells_of((fact for fact in facts if fact.key == key), valid=2**62, seq=2**62)
