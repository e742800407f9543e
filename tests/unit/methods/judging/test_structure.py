"""Differences between the reported and the expected topology."""

import pytest

from graphtwin.methods.judging.structure import find_gaps
from graphtwin.model.configuration.twin import EntityType, RelationType, TwinConfig, WorldConfig
from graphtwin.model.configuration.twin_rules import Rule
from graphtwin.model.configuration.twin_sources import Mapping, Source
from graphtwin.model.state import At, Edge, EntityState, Held, Loose, State


def held(value, source="scan"):
    return Held(value, "", 1, 1, 1.0, "observation", source, f"{source}:{value}", f"fact-{value}")


def edge(layer, subject, relation, target):
    return Edge(layer, subject, relation, target, held(target))


def state(*edges, loose=(), records=None):
    entities = {
        name: EntityState(name, "service", "active", tuple((records or {}).get(name, (f"scan:{name}",))))
        for name in ("web", "db", "disk")
    }
    return State(At(100, 1), entities, {one.key: one for one in edges}, tuple(loose))


def config(*, relations=(), rules=()):
    mapping = Mapping(type="service", relations={name: name for name in relations})
    return TwinConfig(
        world=WorldConfig(id="w"),
        sources={"scan": Source(type="file", path="x", mapping=(mapping,))},
        types={"service": EntityType()},
        relations={"depends_on": RelationType(dependency=True), "stored_on": RelationType(functional=True)},
        rules=rules,
    )


def test_an_expected_edge_that_a_source_could_report_but_does_not_is_missing():
    gaps = find_gaps(state(edge("expected", "web", "depends_on", "db")), config(relations=["depends_on"]))

    assert [(gap.name, gap.entity, gap.reference) for gap in gaps] == [("missing:depends_on", "web", "db")]


def test_an_expected_edge_that_nothing_could_report_is_not_missing():
    assert find_gaps(state(edge("expected", "web", "depends_on", "db")), config()) == ()


def test_the_message_says_what_is_reported_instead():
    both = state(edge("expected", "db", "stored_on", "disk"), edge("reported", "db", "stored_on", "web"))

    (gap,) = find_gaps(both, config())

    assert "instead: web" in gap.message
    assert gap.reported == ["web"]


@pytest.mark.parametrize(
    ("text", "found"), [("RETURN [['depends_on', d.id]]", 1), ("MATCH (a)-[:DEPENDS_ON]->(b) RETURN a", 0)]
)
def test_a_rule_produces_the_relation_it_returns_but_not_the_one_it_reads(text, found):
    rule = Rule(id="derive", cypher=text)

    gaps = find_gaps(state(edge("expected", "web", "depends_on", "db")), config(rules=(rule,)))

    assert len(gaps) == found


def test_a_relation_to_something_unknown_is_dangling_and_a_self_loop_is_no_gap():
    loose = [
        Loose("dangling", "reported", "web", "depends_on", "scan:ghost", "f1"),
        Loose("self_loop", "reported", "web", "depends_on", "scan:web2", "f2"),
    ]

    gaps = find_gaps(state(loose=loose), config())

    assert [(gap.name, gap.reported, gap.evidence) for gap in gaps] == [("dangling:depends_on", "scan:ghost", ("f1",))]


def test_a_declared_thing_that_its_sources_no_longer_report_is_unobserved():
    gaps = find_gaps(state(records={"db": ("model:db",), "web": ("model:web", "scan:web")}), config())

    assert [(gap.name, gap.entity) for gap in gaps] == [("unobserved:service", "db")]
