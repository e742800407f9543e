"""From what sources said at first to types, ids, variables, units and relations, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graphtwin.methods.proposing.column import Column, columns_of
from graphtwin.methods.proposing.datatype import is_time, number_style
from graphtwin.methods.proposing.documents import Rows, rows_of
from graphtwin.methods.proposing.fields import Field, field_of, unit_columns
from graphtwin.methods.proposing.naming import free, variable_name
from graphtwin.methods.proposing.part import Part, parts_of
from graphtwin.methods.proposing.proposal import (
    Guess,
    LeftOut,
    Proposal,
    ProposedRelation,
    ProposedSource,
    ProposedThings,
    ProposedVariable,
    Sample,
)
from graphtwin.methods.proposing.reconcile import reconcile
from graphtwin.methods.proposing.relating import Known, Things, relation_of
from graphtwin.methods.proposing.roles import NO_TIME, Time, find_time
from graphtwin.methods.reading.event_time import read_time, usual_name
from graphtwin.methods.reading.number_text import PLAIN, NumberStyle
from graphtwin.methods.reading.units import convertible
from graphtwin.model.configuration.twin import Variable
from graphtwin.model.durations import SECOND

_OWN_STATUS: Final = "status"
_MESSAGE_NUMBERS: Final = frozenset({"seq", "sequence", "sequence_number", "message_id", "msg_id", "event_id"})
_BELONGS: Final = "belongs_to"


def propose(samples: Sequence[Sample], *, now: int | None = None) -> Proposal:
    """How each source is to be read, in the samples' order. What is proposed reads every message that it understands.

    `now` (µs) is the clock by which times lie ahead; None where the world lives by its events.
    """
    looked = [_look(sample) for sample in samples]
    reconciled = reconcile({one.sample.source: one.parts for one in looked})
    looked = [replace(one, parts=reconciled.parts[one.sample.source]) for one in looked]
    ledger = _Ledger(_known(looked))
    return Proposal(tuple(_source(one, ledger, reconciled.id_spaces.get(one.sample.source), now=now) for one in looked))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A source's sample, taken apart."""

    sample: Sample
    numbers: tuple[NumberStyle, str]
    time: Time
    parts: tuple[Part, ...]


def _look(sample: Sample) -> _Looked:
    payloads = [payload for payload in sample.payloads if isinstance(payload, dict)]
    columns = columns_of(payloads, text=sample.text)
    numbers = number_style(columns)
    places = rows_of(payloads, sample.called)
    found = [(rows, *parts_of(rows, text=sample.text, telling=sample.named)) for rows in places]
    parts = [part for rows, _, own in found for part in own if not rows.each or not part.identified.last_resort]
    if not parts and payloads:  # lists of what bears no id hold no things: the message is one itself
        whole = Rows("payload", "", tuple(payloads), sample.called)
        found = [(whole, *parts_of(whole, text=sample.text, telling=sample.named))]
        parts = found[0][2]
    alone = len(found) == 1 and not found[0][0].each
    time = found[0][1] if alone else find_time(columns, days=False)
    return _Looked(sample, numbers, _kept_from_time(time, payloads), tuple(parts))


def _kept_from_time(time: Time, payloads: Sequence[Mapping[str, Any]]) -> Time:
    """Where nothing bears a time, nothing that is called like one may be taken for it."""
    name = next(filter(None, map(usual_name, payloads)), None) if time.guess.value == "" else None
    return Time(Guess(NO_TIME, f"{name} holds no time", "sure"), ()) if name else time


def _known(looked: Sequence[_Looked]) -> Known:
    known: dict[tuple[str, str], Things] = {}
    for one in looked:
        for part in one.parts:
            for kind in part.kind.types:
                key = (one.sample.source, kind)
                before = known[key].ids if key in known else frozenset()
                known[key] = Things(before | {name for name, its in part.typed.items() if its == kind}, part.prefix)
    return known


@dataclass(slots=True)
class _Ledger:
    """What has been declared so far, so that one name means one thing."""

    known: Known
    declared: dict[str, dict[str, Variable]] = field(default_factory=dict)
    relations: dict[str, bool] = field(default_factory=dict)
    kept: dict[str, set[str]] = field(default_factory=dict)
    """Names of each type that are only kept as they come, and never declared."""

    def place(
        self, kinds: Sequence[str], found: Field, wanted: str, taken: set[str]
    ) -> tuple[str, Variable | None, str]:
        """The name under which a field is declared in all of the types, its declaration, and the unit that its source
        speaks in where that is another.
        """
        base = variable_name(wanted, "field", taken | self.relations.keys())
        name = base
        while True:
            held = [self.declared[kind][name] for kind in kinds if name in self.declared.get(kind, {})]
            kept = any(name in self.kept.get(kind, ()) for kind in kinds)
            agreed = None if kept else _agreed(held, found.declared)
            if found.declared is None and not held:
                for kind in kinds:
                    self.kept.setdefault(kind, set()).add(name)
                return name, None, ""
            if agreed is not None:
                break
            name = free(base, taken | self.relations.keys() | self._names(kinds) | {name})
        for kind in kinds:
            self.declared.setdefault(kind, {})[name] = agreed
        other = found.declared.unit if found.declared and found.declared.unit != agreed.unit else ""
        return name, agreed, found.unit_said or other

    def _names(self, kinds: Sequence[str]) -> set[str]:
        return {name for kind in kinds for name in (*self.declared.get(kind, ()), *self.kept.get(kind, ()))}


def _agreed(held: Sequence[Variable], wanted: Variable | None) -> Variable | None:
    """One declaration for all; None where they can't be one."""
    if wanted is None:
        return None
    agreed = wanted
    for one in held:
        numbers = {one.datatype, agreed.datatype} <= {"number", "integer"}
        if one.datatype != agreed.datatype and not numbers:
            return None
        if one.unit != agreed.unit and not (one.unit and agreed.unit and convertible(agreed.unit, one.unit)):
            return None
        datatype = one.datatype if one.datatype == agreed.datatype else "number"
        judged, attribute = one.judged and agreed.judged, one.attribute and agreed.attribute
        agreed = Variable(datatype=datatype, unit=one.unit, judged=judged, attribute=attribute)
    return agreed


def _source(looked: _Looked, ledger: _Ledger, space: Guess | None, *, now: int | None) -> ProposedSource:
    sample = looked.sample
    objects = sum(isinstance(payload, dict) for payload in sample.payloads)
    unread = "" if objects else ("it said nothing" if not sample.payloads else "none of its messages is an object")
    style, why = looked.numbers
    things = tuple(_things(part, looked, ledger) for part in looked.parts)
    return ProposedSource(
        name=sample.source,
        timestamp=looked.time.guess,
        things=things,
        messages=len(sample.payloads),
        numbers=Guess(style, why) if style != PLAIN else None,
        roster=_roster(looked),
        plans=_plans(looked, now) if now is not None else None,
        id_space=space,
        unread=unread,
    )


def _roster(looked: _Looked) -> Guess | None:
    """A file of undated rows that each tell of another thing is a list of all there is."""
    ids = [one for part in looked.parts for one in part.identified.ids]
    dated = any(part.time.columns for part in looked.parts) or bool(looked.time.columns)
    if not looked.sample.whole or dated or len(ids) < 2 or len(set(ids)) < len(ids):  # noqa: PLR2004 - one thing is no list
        return None
    return Guess(True, "each row tells of another thing, and none bears a time: a list of all there is")


def _plans(looked: _Looked, now: int) -> Guess | None:
    """A source that dates ahead announces what is to come."""
    columns = [*looked.time.columns, *(column for part in looked.parts for column in part.time.columns)]
    for column in columns:
        told = [cell for cell in column.said if is_time(cell)]
        if any(read_time(cell.strip() if isinstance(cell, str) else cell) > now + SECOND for cell in told):
            return Guess(True, f"{column.title} bears times that lie ahead", "unsure")
    return None


def _things(part: Part, looked: _Looked, ledger: _Ledger) -> ProposedThings:
    source, text = looked.sample.source, looked.sample.text
    kinds = tuple(part.kind.types)
    relations: list[ProposedRelation] = []
    variables: list[ProposedVariable] = []
    left_out: list[LeftOut] = []
    taken: set[str] = set()
    units = unit_columns(part.columns, part.value)
    for column in part.columns:
        if not column.said:
            left_out.append(LeftOut(column.title, "says nothing in the sample", empty=True))
        elif column in units.values():
            continue
        elif part.measure and "_".join(column.path) in _MESSAGE_NUMBERS:
            left_out.append(LeftOut(column.title, "numbers the messages"))
        elif found := relation_of(column, source=source, own=kinds[0], known=ledger.known, text=text):
            relations.append(_relation(found, ledger, taken))
        else:
            variables.append(_variable(column, column.name, part, looked, ledger, taken, units.get(column)))
    if part.value is not None:
        variables.insert(0, _variable(part.value, part.measure, part, looked, ledger, taken, units.get(part.value)))
    return ProposedThings(
        type=part.kind.type,
        types=part.kind.types,
        id=part.identified.guess._replace(value=part.id),
        label=part.label,
        valid_from=_valid_from(part),
        place=part.rows.each,
        condition=part.condition,
        variables=tuple(variables),
        relations=tuple(relations),
        left_out=tuple(left_out),
        count=len(set(part.identified.ids)),
        ids=frozenset(part.identified.ids),
    )


def _valid_from(part: Part) -> Guess | None:
    """Items of a list date themselves."""
    guess = part.time.guess
    return guess if part.rows.each and guess.value not in ("", NO_TIME) else None


def _relation(found: ProposedRelation, ledger: _Ledger, taken: set[str]) -> ProposedRelation:
    name = free(found.name, taken)
    taken.add(name)
    functional = ledger.relations.get(name, True) and found.functional
    ledger.relations[name] = functional
    return ProposedRelation(name, found.path, functional, found.dependency, found.why, found.sure)


def _variable(  # noqa: PLR0917 - what it is made from
    column: Column, called: str, part: Part, looked: _Looked, ledger: _Ledger, taken: set[str], units: Column | None
) -> ProposedVariable:
    found = field_of(column, part.identified.ids, called=called, units=units, numbers=looked.numbers[0])
    if found.wanted == _OWN_STATUS and _OWN_STATUS not in taken and all(isinstance(cell, str) for cell in column.said):
        taken.add(_OWN_STATUS)
        return ProposedVariable(_OWN_STATUS, column.expression, None, "the thing's own status")
    name, declared, unit = ledger.place(tuple(part.kind.types), found, found.wanted, taken)
    taken.add(name)
    if declared is not None and called != part.measure and name != column.path[-1]:
        declared = declared.model_copy(update={"description": f"{column.title} of its source"})
    return ProposedVariable(name, found.kind.path, declared, found.why, found.sure, unit, found.layer)
