"""Entities as lines of N-Quads: what they are, their values, relations and records, and the facts behind (S10, S15)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_parts import words_of
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.durations import format_duration
from graphtwin.model.fact import BEGIN, ENTITY, Fact, Layer
from graphtwin.model.state import Edge, EntityState, Held
from graphtwin.ports import Portion
from graphtwin.rdf.fact_lines import NEIGHBOURS, FactLines, held_of, lines_about
from graphtwin.rdf.made import Made
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import literal, text
from graphtwin.rdf.used import Used
from graphtwin.rdf.vocabulary import DCTERMS, GT, PROV, RDF, RDFS, SKOS, SOSA, XSD, being, verb

_VALUE_OF: Final = {"desired": being(GT.DesiredValue), "expected": being(GT.ExpectedValue)}
_RELATIONSHIP_OF: Final = {
    "reported": being(GT.Relationship),
    "desired": being(GT.DesiredRelationship),
    "expected": being(GT.ExpectedRelationship),
}
_IS_ENTITY, _IS_FEATURE, _IS_OBSERVATION = being(GT.Entity), being(SOSA.FeatureOfInterest), being(SOSA.Observation)
_IS_RECORD, _IS_ORIGIN = being(GT.Record), being(PROV.Entity)
_IS_STATEMENT, _IS_ATTRIBUTE = being(RDF.Statement), being(GT.RelationshipAttribute)

_A, _IDENTIFIER, _LABEL, _OTHER_LABEL = verb(RDF.type), verb(DCTERMS.identifier), verb(RDFS.label), verb(SKOS.altLabel)
_TYPE, _LIFECYCLE, _STATUS = verb(GT.type), verb(GT.lifecycle), verb(GT.status)
_FEATURE, _OBSERVED, _BY = verb(SOSA.hasFeatureOfInterest), verb(SOSA.observedProperty), verb(SOSA.madeBySensor)
_RESULT, _SIMPLE_RESULT = verb(SOSA.hasResult), verb(SOSA.hasSimpleResult)
_PHENOMENON, _RESULT_TIME = verb(SOSA.phenomenonTime), verb(SOSA.resultTime)
_ABOUT, _PROPERTY, _VALUE, _RESTS_ON, _HOLDS = (
    verb(GT.about), verb(GT.property), verb(GT.value), verb(GT.restsOn), verb(GT.holdsDuring),
)  # fmt: skip
_RIVALS, _LOWEST, _HIGHEST, _VALID_FOR = verb(GT.rivals), verb(GT.lowest), verb(GT.highest), verb(GT.validFor)
_IS_DISPUTED, _IS_STALE = (f'{verb(one)}"true"^^<{XSD.boolean}>' for one in (GT.disputed, GT.stale))
_MOMENT, _DURATION = f'"^^<{XSD.dateTime}>', f'"^^<{XSD.duration}>'
_SUBJECT, _PREDICATE, _OBJECT = verb(RDF.subject), verb(RDF.predicate), verb(RDF.object)
_FAR, _FACT_VALUE, _RECORD_OF, _IDENTIFIED_BY = (
    verb(GT.objectRecord), verb(PROV.value), verb(GT.recordOf), verb(GT.identifiedBy),
)  # fmt: skip


class StateLines:
    """Writes portions of one state; what the lines speak of and don't describe is gathered in `used`.

    `valid` is the instant the state is of, `end` what a line ends with: the graph that it belongs to, if any.
    """

    def __init__(self, names: Names, policy: Policy, *, valid: int, end: str) -> None:
        self.used = used = Used()
        self._names = names
        self._valid = valid
        self._end = end
        self._observations, self._relationships = f"<{names.base}observation/", f"<{names.base}relationship/"
        self._wishes = {layer: f"<{names.base}{layer}/" for layer in _VALUE_OF}
        self._facts = FactLines(names, used, self._end)

        def kind(name: str) -> str:
            used.types.add(name)
            return names.of("type", name)

        def quality(name: str) -> str:
            used.properties.add(name)
            return names.of("property", name)

        def relation(name: str) -> str:
            used.relations.add(name)
            return names.of("relation", name)

        def since(micros: int) -> str:
            used.since.add(micros)
            return names.since(micros, self._time[micros])

        def source(name: str) -> str:
            used.sources.add(name)
            return names.of("source", name)

        self._time = Made(write_time, most=NEIGHBOURS)
        self._type, self._property, self._since = Made(kind), Made(quality), Made(since, most=NEIGHBOURS)
        self._relation = Made(relation)
        self._lifecycle: Made[str] = Made(lambda word: f"{_LIFECYCLE}{text(word)}")
        self._status: Made[str] = Made(lambda word: f"{_STATUS}{text(word)}", most=NEIGHBOURS)
        self._entity_iri: Made[str] = Made(lambda entity: names.of("entity", entity), most=NEIGHBOURS)
        self._observed: Made[str] = Made(lambda name: f"{_OBSERVED}{self._property[name]}")
        self._made_by: Made[str] = Made(lambda name: f"{_BY}{source(name)}")
        self._holds: Made[int] = Made(lambda micros: f"{_HOLDS}{self._since[micros]}", most=NEIGHBOURS)
        self._phenomenon: Made[int] = Made(lambda micros: f"{_PHENOMENON}{self._since[micros]}", most=NEIGHBOURS)
        self._result_time: Made[int] = Made(
            lambda micros: f'{_RESULT_TIME}"{self._time[micros]}{_MOMENT}', most=NEIGHBOURS
        )
        self._valid_for = lru_cache(maxsize=None)(policy.valid_for)

    def of(self, portion: Portion) -> Iterator[str]:
        """A text for each entity, all lines about one thing together. Short texts stay in the processor's cache: one for a
        whole portion takes five times as long.
        """
        self._facts.claims = portion.claims
        edges: dict[str, list[Edge]] = defaultdict(list)
        for edge in portion.edges:
            edges[edge.subject].append(edge)
        identity = {claim.record: claim for claim in portion.claims.values() if claim.name == ENTITY}
        for entity in portion.entities:
            yield "".join(self._entity(entity, edges.get(entity.id, ()), identity))

    def _entity(self, entity: EntityState, edges: Iterable[Edge], identity: Mapping[str, Fact]) -> list[str]:
        """The entity itself, then what is said of it."""
        e, kind = self._entity_iri[entity.id], self._type[entity.type]
        itself = [
            _IS_ENTITY, _IS_FEATURE, f"{_A}{kind}", f"{_IDENTIFIER}{text(entity.id)}", f"{_TYPE}{kind}",
            self._lifecycle[entity.lifecycle], self._status[entity.status],
        ]  # fmt: skip
        itself += _words(_LABEL, entity.reported.get("labels"))
        itself += _words(_OTHER_LABEL, entity.reported.get("aliases"))
        lines, feature = [""], f"{_FEATURE}{e}"
        for name, held in sorted(entity.reported.items()):
            value = literal(held.value)
            itself.append(f" {self._property[name]} {value}")
            lines += self._observation(entity, feature, name, held, value)
        for edge in edges:
            target, relation = self._entity_iri[edge.object], self._relation[edge.relation]
            if edge.layer == "reported":
                itself.append(f" {relation} {target}")
            lines += self._relationship(edge, e, relation, target)
        for name, held in sorted(entity.desired.items()):
            lines += self._wish(entity, e, "desired", name, held)
        for name, held in sorted(entity.expected.items()):
            lines += self._wish(entity, e, "expected", name, held)
        lines += [self._member(record, e, identity.get(record)) for record in entity.records]
        lines[0] = lines_about(e, itself, self._end)
        return lines

    def _observation(self, entity: EntityState, feature: str, name: str, held: Held, value: str) -> tuple[str, ...]:
        """A reported value: an observation (of the entity, as `feature` says), whose result is the fact that won."""
        key = held.fact or _mean(entity.id, "reported", name, held)
        fact = self._facts.name(key)
        said = [
            _IS_OBSERVATION, feature, self._observed[name], f"{_SIMPLE_RESULT}{value}", f"{_RESULT}{fact}",
            self._made_by[held.source], self._phenomenon[held.valid_from],
        ]  # fmt: skip
        if held.observed_at != BEGIN:
            said.append(self._result_time[held.observed_at])
        valid_for = self._valid_for(entity.type, name, held.source)
        if valid_for is not None:
            said.append(f'{_VALID_FOR}"{format_duration(valid_for)}{_DURATION}')
            said += (_IS_STALE,) if self._valid - held.observed_at > valid_for else ()
        if held.rivals:
            said += _contest(held)
        observation = lines_about(f"{self._observations}{key}>", said, self._end)
        told = self._facts.of_value(fact, held, value)
        return (observation, told) if held.fact else (observation, told, self._parts(fact, entity, "reported", name))

    def _wish(self, entity: EntityState, e: str, layer: Layer, name: str, held: Held) -> tuple[str, ...]:
        """A desired or expected value: never an observation, and never said of the entity itself."""
        key = held.fact or _mean(entity.id, layer, name, held)
        fact, value = self._facts.name(key), literal(held.value)
        said = [_VALUE_OF[layer], f"{_ABOUT}{e}", *self._value(self._property[name], value, fact, held)]
        wish = lines_about(f"{self._wishes[layer]}{key}>", said, self._end)
        told = self._facts.of_value(fact, held, value)
        return (wish, told) if held.fact else (wish, told, self._parts(fact, entity, layer, name))

    def _value(self, quality: str, value: str, fact: str, held: Held) -> list[str]:
        """What is said of a value that isn't an observation."""
        said = [
            f"{_PROPERTY}{quality}",
            f"{_VALUE}{value}",
            f"{_RESTS_ON}{fact}",
            self._holds[held.valid_from],
        ]
        return said + _contest(held) if held.rivals else said

    def _parts(self, mean: str, entity: EntityState, layer: Layer, name: str) -> str:
        """What a mean is made of, since no single fact says it."""
        own = frozenset(entity.records)
        group = (
            claim
            for claim in self._facts.claims.values()
            if claim.name == name and claim.layer == layer and claim.record in own and not claim.object
        )
        return self._facts.of_parts(mean, group)

    def _relationship(self, edge: Edge, e: str, relation: str, target: str) -> Iterator[str]:
        """What is known of a relation: a statement about it, which doesn't make a wish true."""
        held, fact = edge.held, self._facts.name(edge.held.fact)
        node = f"{self._relationships}{held.fact}>"
        said = [
            _RELATIONSHIP_OF[edge.layer], _IS_STATEMENT, f"{_SUBJECT}{e}", f"{_PREDICATE}{relation}", f"{_OBJECT}{target}",
            f"{_RESTS_ON}{fact}", self._holds[held.valid_from],
        ]  # fmt: skip
        said += _contest(held) if held.rivals else []
        attributes = [
            (name, self._attribute(edge.relation, name), literal(one.value), one)
            for name, one in sorted(edge.attributes.items())
        ]
        said += [f" {quality} {value}" for _, quality, value, _ in attributes]
        yield lines_about(node, said, self._end)
        yield self._facts.of(fact, held, [f"{_FAR}{self._facts.record[str(held.value)]}"])
        for name, quality, value, one in attributes:
            key = one.fact or _mean(node, edge.layer, name, one)
            told = self._facts.name(key)
            part = [_IS_ATTRIBUTE, f"{_ABOUT}{node}", *self._value(quality, value, told, one)]
            yield lines_about(f"<{self._names.base}attribute/{key}>", part, self._end)
            yield self._facts.of_value(told, one, value)

    def _member(self, record: str, e: str, decided: Fact | None) -> str:
        """A record is of the entity: because it was decided or claimed so, or because it is its own."""
        said = [
            _IS_RECORD, _IS_ORIGIN, f"{_IDENTIFIER}{text(record)}", f"{_RECORD_OF}{e}",
            self._facts.attributed[record.partition(":")[0]],
        ]  # fmt: skip
        r = self._facts.record[record]
        if decided is None:
            return lines_about(r, said, self._end)
        fact = self._facts.name(decided.id)
        told = self._facts.of(fact, held_of(decided), [f"{_FACT_VALUE}{text(str(decided.value))}"])
        return f"{lines_about(r, [*said, f'{_IDENTIFIED_BY}{fact}'], self._end)}{told}"

    def _attribute(self, relation: str, name: str) -> str:
        self.used.attributes.add((relation, name))
        return self._names.of("property", f"{relation}.{name}")


def _words(predicate: str, held: Held | None) -> list[str]:
    """Each word of a claimed list, once."""
    return [] if held is None else [f"{predicate}{text(word)}" for word in sorted(set(words_of(held)))]


def _contest(held: Held) -> list[str]:
    """How a value stands against its rivals."""
    said = [f"{_RIVALS}{literal(held.rivals)}"]
    said += [_IS_DISPUTED] if held.disputed else []
    said += [f"{_LOWEST}{literal(held.low)}"] if held.low is not None else []
    said += [f"{_HIGHEST}{literal(held.high)}"] if held.high is not None else []
    return said


def _mean(about: str, layer: str, name: str, held: Held) -> str:
    """The name of a value that no single fact says: the same for the same mean."""
    said = [about, layer, name, held.value, held.unit, held.valid_from, held.observed_at, held.confidence]
    return "mean-" + hashlib.sha256(canonical_json(said)).hexdigest()[:24]
