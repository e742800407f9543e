"""What properties of an entity showed over a stretch of valid time, from its records' claims (S8 to S12, S24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from graphtwin.methods.state.claims import cells_of
from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.shown import readings_of
from graphtwin.model.fact import ENTITY, TYPE, Fact, Key, Layer
from graphtwin.model.state import At, Held, Spell

Retired = Mapping[str, Sequence[tuple[int, int]]]
"""For a record: the stretches [from, until) of valid time in which rosters had retired it."""


def past_values(
    entity: str,
    names: Iterable[str],
    *,
    before: Mapping[Key, Fact],
    later: Iterable[Fact],
    retired: Retired,
    policy: Policy,
    since: int,
    at: At,
) -> dict[str, tuple[Spell, ...]]:
    """The spells of each property over [since, at.valid], oldest first. `before` are the tops at `since`, `later` the facts
    of the same keys that are valid after it, of every record that was ever the entity's.

    It shows what `assemble` would at each instant, and looks only at what changes there.
    """
    turns = _turns(later, at)
    bounds = {one for stretches in retired.values() for stretch in stretches for one in stretch}
    claims = _Claims(entity, policy, dict(before), set(before) | {c.key for own in turns.values() for c in own})
    found: dict[str, list[Spell]] = {name: [] for name in names}
    for instant in sorted({since, *turns, *(one for one in bounds if since < one <= at.valid)}):
        cells = turns.get(instant, ())
        claims.tops.update((cell.key, cell) for cell in cells)
        moved = instant == since or instant in bounds or any(cell.name in (TYPE, ENTITY) for cell in cells)
        if moved:
            claims.look_who(instant, retired)
        said = {(cell.layer, cell.name) for cell in cells}
        for name, spells in found.items():
            if moved or not said.isdisjoint(readings_of(name)):
                spell = Spell(instant, claims.shown(name), claims.type)
                if not spells or (spells[-1].held, spells[-1].type) != (spell.held, spell.type):
                    spells.append(spell)
    return {name: tuple(spells) for name, spells in found.items()}


def _turns(facts: Iterable[Fact], at: At) -> dict[int, list[Fact]]:
    """The winners of the facts' cells by valid time; withdrawn ones were never said."""
    by_key: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_key[fact.key].append(fact)
    turns: dict[int, list[Fact]] = defaultdict(list)
    for own in by_key.values():
        for cell in cells_of(own, valid=at.valid, seq=at.seq):
            if cell.op != "withdraw":
                turns[cell.valid_from].append(cell)
    return turns


class _Claims:
    """The tops of an entity's records at an instant, and which of them speak for it then."""

    def __init__(self, entity: str, policy: Policy, tops: dict[Key, Fact], keys: Iterable[Key]) -> None:
        self.tops = tops
        self.type = ""
        self._entity = entity
        self._policy = policy
        self._members: frozenset[str] = frozenset()
        self._named: dict[tuple[Layer, str], list[Key]] = defaultdict(list)
        self._records = sorted({key.record for key in keys})
        for key in sorted(keys):
            if not (policy.is_relation(key.name) or (key.object and policy.attribute_of(key.name))):
                self._named[key.layer, key.name].append(key)

    def look_who(self, instant: int, retired: Retired) -> None:
        """Which records make up the entity now, and its type; "" where there are none."""
        types: dict[str, Fact] = {}
        for record in self._records:
            kind, mapped = self._top(record, TYPE), self._top(record, ENTITY)
            whose = str(mapped.value) if mapped else record
            gone = any(begin <= instant < end for begin, end in retired.get(record, ()))
            if kind and whose == self._entity and not gone:
                types[record] = kind
        self._members = frozenset(types)
        self.type = str(fuse(list(types.values()), self._policy, "", TYPE).value) if types else ""

    def shown(self, name: str) -> Held | None:
        """The value under a property's name; None where there is none."""
        for reading in readings_of(name):
            group = [
                top
                for key in self._named.get(reading, ())
                if key.record in self._members and (top := self.tops.get(key)) is not None and top.op == "assert"
            ]
            if group:
                return fuse(group, self._policy, self.type, reading[1])
        return None

    def _top(self, record: str, name: str) -> Fact | None:
        top = self.tops.get(Key("reported", record, name))
        return top if top is not None and top.op == "assert" else None
