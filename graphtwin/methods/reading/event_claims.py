"""What a message says, checked against twin.yaml and written as facts; all of it, or a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from graphtwin.methods.reading.identifiers import is_suspicious, read_id
from graphtwin.methods.reading.number_text import measured_as
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.thing import Said, Thing
from graphtwin.methods.reading.typed_value import number_in, typed_cell, typed_value
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig, Variable
from graphtwin.model.fact import BEGIN, TYPE, Fact, Kind, Layer, claim_prio, fact_id, record_id

MAX_NAME: Final = 256
MODEL: Final = "model"
"""The source of the records that twin.yaml declares."""

_KINDS: Final[dict[Layer, Kind]] = {"reported": "observation", "desired": "constraint", "expected": "prediction"}
_OWN: Final = frozenset({"status", "aliases"})
"""Names under which an incoming value feeds the entity's own (S17); a label is a part of the thing itself."""
_NUMBERS: Final = frozenset({"number", "integer"})
_TYPE_SAID: Final = Said(TYPE, None, "", "reported", None)
_LABELS_SAID: Final = Said("labels", None, "", "reported", None)


class Stamp(NamedTuple):
    """The event that facts come from: its id, times (µs), the source's position, and how sure it is."""

    event: str
    at: int
    position: int | None
    confidence: float
    run: str


class Claims(NamedTuple):
    """What one event claims: its facts, the records it speaks of (in order), its normalised form, ids to look at."""

    facts: tuple[Fact, ...]
    records: tuple[str, ...]
    canonical: dict[str, Any]
    suspicious: tuple[str, ...]


class _Subject(NamedTuple):
    """The record that is spoken of, and the record ids of the objects of its relations."""

    record: str
    type: str
    valid_from: int
    objects: dict[str, list[str]]


class ClaimWriter:
    """Writes the facts of one source under one configuration; `valid_from` texts are read by the caller's `read_time`."""

    def __init__(self, source: str, config: TwinConfig, *, text_cells: bool) -> None:
        configured = config.sources[source]
        self._source = source
        self._config = config
        self._policy = Policy(config)
        self._revision = config.mapping_revision(source)
        self._text_cells = text_cells
        self._numbers = configured.numbers
        self._prefixes = frozenset({*config.sources, MODEL})
        self._observation: Kind = "inference" if configured.trust == "derived_inference" else "observation"
        self._declared: dict[tuple[str, str], Variable | None] = {}

    def write(self, things: Iterable[tuple[Thing, int]], stamp: Stamp) -> Claims:
        """The facts of an event; each thing comes with the instant its values are valid from. Raises Refusal."""
        sheet = _Sheet(self._source, self._revision, stamp)
        shown: list[dict[str, Any]] = []
        types: dict[str, str] = {}
        suspicious: list[str] = []
        for thing, valid_from in things:
            local = read_id(thing.id)
            kind = self._type(thing.type)
            record = record_id(self._source, local)
            if types.setdefault(record, kind) != kind:
                raise Refusal(
                    f"{short(local)!r} is both {types[record]!r} and {kind!r}", "let only one mapping apply to it"
                )
            if is_suspicious(local):
                suspicious.append(record)
            subject = _Subject(record, kind, valid_from, {said.name: self._objects(said) for said in thing.relations})
            sheet.add(subject, _TYPE_SAID._replace(value=kind), kind=self._observation, valid_from=BEGIN)
            shown.append(self._write_thing(thing, subject, sheet))
        return Claims(tuple(sheet.facts.values()), tuple(types), {"entities": shown}, tuple(suspicious))

    def _write_thing(self, thing: Thing, subject: _Subject, sheet: _Sheet) -> dict[str, Any]:
        """Writes the thing's facts; returns its normalised form."""
        shown: dict[str, Any] = {"record": subject.record, "type": subject.type}
        if thing.label not in (None, "", []):
            shown["labels"] = _own_list("labels", thing.label)
            sheet.add(subject, _LABELS_SAID._replace(value=shown["labels"]), kind=self._observation)
        values = {said.name: self._write_value(said, subject, sheet) for said in thing.variables}
        for said in thing.relations:
            self._write_relation(said, subject, sheet)
        written = {name: value for name, value in values.items() if value is not None}
        named = {name: ids for name, ids in subject.objects.items() if ids}
        return shown | ({"variables": written} if written else {}) | ({"relations": named} if named else {})

    def _type(self, value: Any) -> str:
        if isinstance(value, str) and value in self._config.types:
            return value
        if value in (None, ""):
            raise Refusal("the type is missing", "map `type` to a field that every message has")
        known = ", ".join(sorted(self._config.types)[:5]) or "none yet"
        raise Refusal(f"the type {short(value)!r} is not declared", f"declare it under types (declared: {known})")

    def _write_value(self, said: Said, subject: _Subject, sheet: _Sheet) -> Any:
        """The value that was written; None where a cell was empty."""
        relation = self._policy.attribute_of(said.name)
        if relation:
            return self._write_attribute(said, relation, subject, sheet)
        if said.name in self._config.relations:
            raise Refusal(f"{said.name!r} is a declared relation", "map it under relations, with the object's id")
        name = _fact_name(said.name)
        if name in _OWN:
            value, unit = _own_value(name, said.value), ""
        else:
            value, unit = self._typed(said, self._variable(subject.type, name))
        if value is not None:
            sheet.add(subject, said._replace(name=name, value=value, unit=unit), kind=self._kind(said.layer))
        return value

    def _write_attribute(self, said: Said, relation: tuple[str, str], subject: _Subject, sheet: _Sheet) -> Any:
        """A list as long as the list of objects gives each its own value; any other value is that of all."""
        declared = self._config.relations[relation[0]].attributes.get(relation[1])
        objects = subject.objects.get(relation[0], [])
        each = isinstance(said.value, list) and len(said.value) == len(objects) > 1
        for index, far_end in enumerate(objects):
            one = said._replace(value=said.value[index]) if each else said
            value, unit = self._typed(one, declared)
            if value is not None:
                one = one._replace(value=value, unit=unit)
                sheet.add(subject, one, far_end=far_end, kind=self._kind(said.layer))
        return said.value if objects else None

    def _typed(self, said: Said, declared: Variable | None) -> tuple[Any, str]:
        """The value in its declared type and unit; a refusal names the field."""
        if said.unit is not None and not isinstance(said.unit, str):
            raise Refusal(f"{said.name}: the unit is not text", "map `unit` to a UCUM code such as Cel")
        value, unit = said.value, said.unit or ""
        try:
            if isinstance(value, str) and declared is not None and declared.datatype in _NUMBERS:
                found = measured_as(value, declared.unit, self._numbers)
                if found and unit in ("", found.unit):
                    value, unit = number_in(found.number, declared.datatype), found.unit
            if self._text_cells and isinstance(value, str):
                value = typed_cell(value, declared, self._numbers)
            return (None, "") if value is None else typed_value(value, unit, declared)
        except Refusal as refusal:
            raise type(refusal)(f"{said.name}: {refusal.reason}", refusal.hint) from refusal

    def _write_relation(self, said: Said, subject: _Subject, sheet: _Sheet) -> None:
        objects, functional = subject.objects[said.name], self._config.relations[said.name].functional
        if functional and len(objects) > 1:
            raise Refusal(f"{said.name} names {len(objects)} objects, but has one at a time", "map it to one id")
        for far_end in objects:
            one = said._replace(value=far_end if functional else True, unit="")
            sheet.add(subject, one, far_end="" if functional else far_end, kind=self._kind(said.layer))

    def _objects(self, said: Said) -> list[str]:
        """The record ids that a relation names, each once, in order."""
        named = said.value if isinstance(said.value, list) else [said.value]
        return list(dict.fromkeys(self._object(said.name, one) for one in named if one not in (None, "")))

    def _object(self, relation: str, value: Any) -> str:
        try:
            identifier = read_id(value)
        except Refusal as refusal:
            raise Refusal(f"{relation}: {refusal.reason}", refusal.hint) from refusal
        prefix, colon, local = identifier.partition(":")
        if colon and local and prefix in self._prefixes:
            return identifier
        return record_id(self._source, identifier)

    def _variable(self, kind: str, name: str) -> Variable | None:
        key = (kind, name)
        if key not in self._declared:
            self._declared[key] = self._policy.variable(kind, name)
        return self._declared[key]

    def _kind(self, layer: Layer) -> Kind:
        return self._observation if layer == "reported" else _KINDS[layer]


class _Sheet:
    """The facts of one event so far; the same said twice is one fact, two values for one cell are a refusal."""

    def __init__(self, source: str, revision: str, stamp: Stamp) -> None:
        self.facts: dict[str, Fact] = {}
        self._source = source
        self._revision = revision
        self._stamp = stamp
        self._prio = claim_prio(stamp.event, stamp.position)

    def add(
        self, subject: _Subject, said: Said, *, kind: Kind, far_end: str = "", valid_from: int | None = None
    ) -> None:
        """One more fact, valid from the subject's instant unless another is given."""
        event, at, _, confidence, run = self._stamp
        start = subject.valid_from if valid_from is None else valid_from
        place = f"{said.layer}/{subject.record}/{said.name}/{far_end}"
        if start not in (at, BEGIN):
            place += f"/{start}"
        fact = Fact(
            fact_id(event, self._revision, place), said.layer, subject.record, said.name, far_end, "assert", said.value,
            said.unit, start, at, self._prio, 0, kind, _sure(said, confidence), self._source, event, "", run,
        )  # fmt: skip
        known = self.facts.setdefault(place, fact)
        if known is not fact and (known.value != said.value or known.unit != said.unit):
            raise Refusal(
                f"{subject.record} says both {short(known.value)!r} and {short(said.value)!r} for {said.name}",
                "send one value a field",
            )


def _fact_name(name: str) -> str:
    """The name as facts carry it; names that begin with @ are graphtwin's own and are set apart (S17)."""
    if len(name) > MAX_NAME or not name.isprintable() or not name.strip():
        raise Refusal(f"the field name {short(name)!r} can't be kept", f"use up to {MAX_NAME} visible characters")
    return f"extra.{name}" if name.startswith("@") else name


def _own_value(name: str, value: Any) -> str | list[str] | None:
    """A status is one text, aliases are a list of texts; None for an empty cell."""
    if value == "":
        return None
    texts = _own_list(name, value)
    if name == "aliases":
        return texts
    if isinstance(value, list):
        raise Refusal("status: a list, not text", "map status to one text")
    return texts[0]


def _own_list(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values):
        raise Refusal(f"{name}: not text", f"map {name} to text or a list of texts")
    return [str(one) for one in values]


def _sure(said: Said, base: float) -> float:
    """The confidence of a value: the event's, times what is said about this value."""
    if said.confidence is None:
        return base
    if isinstance(said.confidence, bool) or not isinstance(said.confidence, int | float):
        raise Refusal(f"{said.name}: the confidence is not a number", "map `confidence` to a number from 0 to 1")
    if not 0 <= said.confidence <= 1:
        raise Refusal(f"{said.name}: the confidence {said.confidence} is not between 0 and 1", "scale it to 0 to 1")
    return base * float(said.confidence)
