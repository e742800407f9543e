"""graphtwin's own terms: what each class and property means, and how it hangs together with the public vocabularies."""

from __future__ import annotations

from typing import Final, NamedTuple

from rdflib import Graph, Literal, URIRef

from graphtwin.model.vocabulary import CORE_RELATIONS, DIGITAL_CLASSES, REAL_CLASSES
from graphtwin.rdf.vocabulary import CORE, DCTERMS, GT, OWL, PREFIXES, PROV, RDF, RDFS, SOSA, TIME, XSD


class Class(NamedTuple):
    """A class of things, below others."""

    name: str
    comment: str
    above: tuple[URIRef, ...] = ()


class Property(NamedTuple):
    """What may be said of a thing; `of` and `to` are classes or datatypes, None where several are possible."""

    name: str
    comment: str
    of: URIRef | None = None
    to: URIRef | None = None


CLASSES: Final = (
    Class("World", "One twin: everything that one configuration speaks of."),
    Class("Version", "A world as a commit left it, at the commit's own valid time. Its IRI names the graph that holds it.", (PROV.Entity,)),
    Class("Snapshot", "A world as a version knew it, at another valid time. Its IRI names the graph that holds it.", (PROV.Entity,)),
    Class("Commit", "The one transaction by which a version became known; its instant is the transaction time.", (PROV.Activity,)),
    Class("Run", "A run of a workflow, such as a sync.", (PROV.Activity,)),
    Class("AuditRecord", "A link of the world's audit chain.", (PROV.Entity,)),
    Class("Source", "Who speaks: a file, a program, a bus; also the model and the rules.", (PROV.Agent, SOSA.Sensor)),
    Class("Rule", "A query whose rows become facts.", (PROV.Plan,)),
    Class("Event", "One message of a source, or one decision.", (PROV.Entity,)),
    Class("Decision", "An event that a person or graphtwin made, under the world's lock.", (GT.Event,)),
    Class("Derivation", "The event of a rule's conclusion; it was derived from the facts that the conclusion rests on.", (GT.Event,)),
    Class("Record", "One source's view of a thing.", (PROV.Entity,)),
    Class("Fact", "One immutable statement about a record, with its origin. It is the result of the observation that it won.", (PROV.Entity, SOSA.Result)),
    Class("Mean", "What several facts amount to together, where no single one wins.", (PROV.Entity, SOSA.Result)),
    Class("Entity", "A thing: a set of records that are held to be one.", (SOSA.FeatureOfInterest,)),
    Class("EntityType", "A type of entities, as the world names it.", (RDFS.Class,)),
    Class("Relation", "A relation between entities, as the world names it.", (RDF.Property,)),
    Class("RelationAttribute", "What may be said of a relationship itself.", (RDF.Property,)),
    Class("DesiredValue", "A value that is wanted. It isn't so because it is wanted: no observation, and nothing said of the entity."),
    Class("ExpectedValue", "A value that the model foresees. Not an observation either."),
    Class("Relationship", "A statement about a relation that holds between two entities; the relation itself is stated beside it.", (RDF.Statement,)),
    Class("DesiredRelationship", "A statement about a relation that is wanted. The relation itself isn't stated.", (RDF.Statement,)),
    Class("ExpectedRelationship", "A statement about a relation that the model foresees. The relation itself isn't stated.", (RDF.Statement,)),
    Class("RelationshipAttribute", "A value that a relationship has."),
    Class("Plan", "What should be done about findings, in steps, and how far that came.", (PROV.Plan,)),
    Class("PlanStep", "One thing to do, or to watch."),
    Class("Approval", "A person's yes to exactly one plan, as it was signed.", (PROV.Entity,)),
    Class("Act", "What was sent to change something, and what came of it.", (SOSA.Actuation, PROV.Activity)),
    Class("Rollback", "The restoring of a version: of all that one run wrote, or, by a person's decision, of everything since.", (PROV.Activity,)),
)  # fmt: skip

PROPERTIES: Final = (
    Property("type", "The one type of an entity.", GT.Entity, GT.EntityType),
    Property("lifecycle", "active, or stale when its sources no longer name it.", GT.Entity, XSD.string),
    Property("status", "What a source claims as the entity's status, else its lifecycle; how a run ended, how far a plan came.", None, XSD.string),
    Property("about", "What a value that isn't an observation, or a step, is about: an entity, or a relationship."),
    Property("property", "Which of its properties.", None, RDF.Property),
    Property("value", "The value: text, number, boolean, or JSON."),
    Property("restsOn", "The fact that a value or a relationship is by.", None, PROV.Entity),
    Property("holdsDuring", "Valid time: from when on it is so.", None, TIME.Interval),
    Property("validFor", "How long a value may be relied on without a new claim.", SOSA.Observation, XSD.duration),
    Property("stale", "True when that time is over.", SOSA.Observation, XSD.boolean),
    Property("rivals", "How many other claims there are about the value.", None, XSD.integer),
    Property("disputed", "True when rivals contradict it and the winner isn't clear.", None, XSD.boolean),
    Property("lowest", "The least that was claimed.", None, XSD.double),
    Property("highest", "The most that was claimed.", None, XSD.double),
    Property("recordOf", "The entity that a record is (part of).", GT.Record, GT.Entity),
    Property("identifiedBy", "The fact that says whose a record is; without one it is its own entity.", GT.Record, GT.Fact),
    Property("record", "The record that a fact is about.", PROV.Entity, GT.Record),
    Property("objectRecord", "The record at the far end of a claimed relation.", GT.Fact, GT.Record),
    Property("confidence", "How sure a claim is, from 0 to 1.", PROV.Entity, XSD.double),
    Property("kind", "Of a fact: observation, inference, prediction, assumption, constraint or decision. Of an audit record, a step, an act, a rollback: which sort.", None, XSD.string),
    Property("ucumCode", "The unit of a value, as a UCUM code.", PROV.Entity, XSD.string),
    Property("eventType", "What an event is about.", GT.Event, XSD.string),
    Property("anchor", "Where the raw bytes of an event came from.", GT.Event, XSD.string),
    Property("rule", "The rule that drew a conclusion.", GT.Derivation, GT.Rule),
    Property("cypher", "The text of a rule.", GT.Rule, XSD.string),
    Property("attributeOf", "The relation that an attribute belongs to.", GT.RelationAttribute, GT.Relation),
    Property("functional", "True when an entity has at most one object of a relation.", GT.Relation, XSD.boolean),
    Property("dependency", "True when the subject of a relation depends on its object.", GT.Relation, XSD.boolean),
    Property("trustClass", "The class that says how far a source is believed.", GT.Source, XSD.string),
    Property("sourceType", "How a source is read: file, command and so on.", GT.Source, XSD.string),
    Property("world", "The world that a graph is of.", PROV.Entity, GT.World),
    Property("asOf", "The valid time that a graph is of.", PROV.Entity, TIME.Instant),
    Property("stateHash", "The hash of a state: recomputed by `graphtwin hash FILE`.", None, XSD.string),
    Property("versionId", "The hash that chains a version to its parent.", None, XSD.string),
    Property("configuration", "The hash of the configuration in force.", None, XSD.string),
    Property("entityCount", "How many entities a graph holds.", PROV.Entity, XSD.integer),
    Property("factCount", "How many facts a commit added.", GT.Commit, XSD.integer),
    Property("workflow", "The workflow that ran.", GT.Run, XSD.string),
    Property("body", "What an audit record says, or what was signed, as JSON.", PROV.Entity, RDF.JSON),
    Property("auditHash", "The hash of an audit record; it covers the one before.", GT.AuditRecord, XSD.string),
    Property("previousHash", "The hash of the audit record before; empty for the first.", GT.AuditRecord, XSD.string),
    Property("risk", "How likely it does harm, from 0 to 1.", GT.Plan, XSD.double),
    Property("needsApproval", "True when a person must approve it.", GT.Plan, XSD.boolean),
    Property("basis", "The hash of what a plan overwrites.", GT.Plan, XSD.string),
    Property("reason", "Why a plan is where it is, or something was taken back.", None, XSD.string),
    Property("place", "Which step of a plan it is, from 0.", GT.PlanStep, XSD.integer),
    Property("action", "The declared action.", None, XSD.string),
    Property("effects", "What it gives to the entity's variables, as JSON.", None, RDF.JSON),
    Property("request", "What was sent, as JSON.", GT.Act, RDF.JSON),
    Property("answer", "What the actuator told of the outcome.", GT.Act, XSD.string),
    Property("takesBack", "The act that an act takes back.", GT.Act, GT.Act),
    Property("undoes", "The run whose facts and acts were taken back; none where it was everything since.", GT.Rollback, GT.Run),
    Property("signature", "The signature of an approval, base64.", GT.Approval, XSD.string),
    Property("actuatorType", "How an actuator is spoken to: http, mqtt.", SOSA.Actuator, XSD.string),
    Property("role", "What a principal may do.", PROV.Agent, XSD.string),
)  # fmt: skip

_BANNER: Final = (
    "# Generated from graphtwin/rdf/ontology.py by scripts/publish_reference.py: change that, then run it.\n"
)


def ontology_text() -> str:
    """The whole ontology as Turtle. The same terms give the same bytes."""
    return _BANNER + ontology().serialize(format="turtle")


def ontology() -> Graph:
    """The ontology as a graph: graphtwin's terms, and the classes and relations that every world knows."""
    graph = Graph(bind_namespaces="none")
    for prefix in ("core", "dcterms", "gt", "owl", "prov", "rdf", "rdfs", "sosa", "time", "xsd"):
        graph.bind(prefix, PREFIXES[prefix])
    itself = URIRef(str(GT).removesuffix("#"))
    graph.add((itself, RDF.type, OWL.Ontology))
    graph.add((itself, DCTERMS.title, Literal("graphtwin: worlds, their versions, and what they rest on")))
    for one in CLASSES:
        _describe(graph, GT[one.name], OWL.Class, one.comment)
        for above in one.above:
            graph.add((GT[one.name], RDFS.subClassOf, above))
    for said in PROPERTIES:
        _describe(graph, GT[said.name], _kind(said.to), said.comment)
        if said.of is not None:
            graph.add((GT[said.name], RDFS.domain, said.of))
        if said.to is not None:
            graph.add((GT[said.name], RDFS.range, said.to))
    for name in (*DIGITAL_CLASSES, *REAL_CLASSES):
        sort = "digital" if name in DIGITAL_CLASSES else "real"
        _describe(graph, CORE[name], OWL.Class, f"A class that every world knows, of {sort} things.")
    for name in CORE_RELATIONS:
        _describe(graph, CORE[name], OWL.ObjectProperty, "A relation that every world knows.")
    return graph


def _describe(graph: Graph, term: URIRef, kind: URIRef, comment: str) -> None:
    graph.add((term, RDF.type, kind))
    graph.add((term, RDFS.label, Literal(term.rpartition("#")[2])))
    graph.add((term, RDFS.comment, Literal(comment)))


def _kind(to: URIRef | None) -> URIRef:
    """What a property leads to: a value, a thing, or either."""
    if to is None:
        return RDF.Property
    return OWL.DatatypeProperty if to.startswith(str(XSD)) or to == RDF.JSON else OWL.ObjectProperty
