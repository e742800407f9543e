"""What a world's words mean as lines of N-Quads: types, properties, relations; who speaks; the rules (S17)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.configuration.reserved import SYSTEM_SOURCES
from graphtwin.model.fact import BEGIN
from graphtwin.model.principal import SERVICE, Principal
from graphtwin.model.vocabulary import CORE_RELATIONS, ENTITY_CLASSES
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import literal, text
from graphtwin.rdf.used import Used
from graphtwin.rdf.vocabulary import CORE, DCTERMS, GT, PROV, RDF, RDFS, SOSA, TIME, XSD, being, verb

_IDENTIFIER, _COMMENT = verb(DCTERMS.identifier), verb(RDFS.comment)
_BEGINNING, _STAMP = verb(TIME.hasBeginning), verb(TIME.inXSDDateTimeStamp)
_IS_INTERVAL, _IS_INSTANT = being(TIME.Interval), being(TIME.Instant)


class SchemaLines:
    """Describes what `used` names by the configuration in force."""

    def __init__(self, names: Names, policy: Policy, used: Used, *, end: str) -> None:
        self._names = names
        self._policy = policy
        self._config = policy.config
        self._used = used
        self._end = end

    def lines(self, principals: Sequence[Principal] = ()) -> Iterator[str]:
        """In an order that depends on nothing but the names."""
        for name in self._all_types():
            yield self._type(name)
        attributes = {f"{relation}.{name}": (relation, name) for relation, name in self._used.attributes}
        for name in sorted(self._used.properties | attributes.keys()):
            yield self._property(name, attributes.get(name))
        for name in sorted(self._used.relations):
            yield self._relation(name)
        for name in sorted(self._used.sources):
            yield self._source(name)
        for name in sorted(self._used.rules):
            yield self._rule(name)
        for name in sorted(self._used.actuators):
            yield self._actuator(name)
        roles = {one.id: one.role.value for one in principals}
        for name in sorted(self._used.agents):
            yield self._agent(name, roles.get(name, ""))

    def times(self) -> Iterator[str]:
        """The intervals and instants of both axes (OWL-Time), each once: instants beyond the calendar show as its ends."""
        names, z = self._names, self._end
        for since, instants in groupby(sorted(self._used.since), key=names.since):
            micros = next(instants)
            begins = "" if micros == BEGIN else f"{since}{_BEGINNING}{names.instant(micros)}{z}"
            yield f"{since}{_IS_INTERVAL}{z}{begins}"
        for instant, same in groupby(sorted(self._used.instants | self._used.since - {BEGIN}), key=names.instant):
            stamp = write_time(next(same))
            yield f'{instant}{_IS_INSTANT}{z}{instant}{_STAMP}"{stamp}"^^<{XSD.dateTimeStamp}>{z}'

    def _all_types(self) -> list[str]:
        """The types of entities, and those that they are kinds of."""
        found: set[str] = set()
        for used in self._used.types:
            name = used
            while name not in found:
                found.add(name)
                kind = self._config.types.get(name)
                name = kind.is_a if kind and kind.is_a in self._config.types else name
        return sorted(found)

    def _type(self, name: str) -> str:
        t = self._names.of("type", name)
        declared = self._config.types.get(name)
        parent = declared.is_a if declared else name
        above = self._names.of("type", parent) if parent in self._config.types and parent != name else ""
        if not above and parent in ENTITY_CLASSES:
            above = f"<{CORE[parent]}>"
        return self._named(t, name, (GT.EntityType, RDFS.Class), declared.description if declared else "") + (
            f"{t}{verb(RDFS.subClassOf)}{above}{self._end}" if above else ""
        )

    def _property(self, name: str, attribute: tuple[str, str] | None) -> str:
        p = self._names.of("property", name)
        said = {kind.variables[name].description for kind in self._config.types.values() if name in kind.variables}
        classes = [RDF.Property]
        classes += [SOSA.ObservableProperty] if name in self._used.properties else []
        if attribute is None:
            return self._named(p, name, classes, *said)
        declared = self._policy.variable("", name)
        of = f"{p}{verb(GT.attributeOf)}{self._names.of('relation', attribute[0])}{self._end}"
        return (
            self._named(p, name, [*classes, GT.RelationAttribute], *said, declared.description if declared else "") + of
        )

    def _relation(self, name: str) -> str:
        r, z = self._names.of("relation", name), self._end
        declared = self._config.relations.get(name)
        said = self._named(r, name, (GT.Relation, RDF.Property), declared.description if declared else "")
        if name in CORE_RELATIONS:
            said += f"{r}{verb(RDFS.subPropertyOf)}<{CORE[name]}>{z}"
        if declared:
            said += f"{r}{verb(GT.functional)}{literal(declared.functional)}{z}"
            said += f"{r}{verb(GT.dependency)}{literal(declared.dependency)}{z}"
        return said

    def _source(self, name: str) -> str:
        s, z = self._names.of("source", name), self._end
        declared = self._config.sources.get(name)
        own = (PROV.SoftwareAgent,) if name in SYSTEM_SOURCES else ()
        said = self._named(s, name, (GT.Source, PROV.Agent, SOSA.Sensor, *own))
        said += f"{s}{verb(GT.trustClass)}{text(self._policy.source_class(name))}{z}"
        return said + (f"{s}{verb(GT.sourceType)}{text(declared.type)}{z}" if declared else "")

    def _rule(self, name: str) -> str:
        r = self._names.of("rule", name)
        declared = next((rule for rule in self._config.rules if rule.id == name), None)
        said = self._named(r, name, (GT.Rule, PROV.Plan, PROV.Entity), declared.description if declared else "")
        cypher = declared.cypher if declared else ""
        return said + (f"{r}{verb(GT.cypher)}{text(cypher)}{self._end}" if cypher else "")

    def _actuator(self, name: str) -> str:
        a = self._names.of("actuator", name)
        declared = self._config.actuators.get(name)
        said = self._named(a, name, (SOSA.Actuator, PROV.Agent, PROV.SoftwareAgent))
        return said + (f"{a}{verb(GT.actuatorType)}{text(declared.type)}{self._end}" if declared else "")

    def _agent(self, name: str, role: str) -> str:
        a = self._names.of("agent", name)
        own = (PROV.SoftwareAgent,) if name == SERVICE else ()
        said = self._named(a, name, (PROV.Agent, *own))
        return said + (f"{a}{verb(GT.role)}{text(role)}{self._end}" if role else "")

    def _named(self, subject: str, name: str, classes: Sequence[str], *comments: str) -> str:
        """What everything has that bears a name."""
        z = self._end
        said = [f"{subject} <{RDF.type}> <{one}>{z}" for one in classes]
        said.append(f"{subject}{_IDENTIFIER}{text(name)}{z}")
        said += [f"{subject}{_COMMENT}{text(one)}{z}" for one in sorted(set(comments)) if one]
        return "".join(said)
