"""Names in the Cypher of a twin.yaml: what nothing is declared for is refused where it stands, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.cypher_names import looks_at_others, names_asked
from graphtwin.model.configuration.load import load_twin, parse_twin

GOOD = """
world: {id: floor}
sources: {bms: {type: file, path: bms.jsonl}}
types:
  zone: {is_a: location, variables: {setpoint: {unit: Cel}, mode: {datatype: string}}}
  hvac_unit: {is_a: asset, label: AirUnit, variables: {valve: {unit: '%'}}}
relations: {serves: {functional: true, attributes: {share: {}}}}
actuators: {bms: {type: http, endpoint: "http://127.0.0.1:1"}}
"""


def interlocked(cypher: str) -> str:
    return f"{GOOD}constraints: {{interlocks: [{{id: cold, cypher: {json.dumps(cypher)}}}]}}\n"


@pytest.mark.parametrize(
    ("cypher", "word", "hint"),
    [
        ("MATCH (z:Zones {world: $world}) RETURN z.id AS subject", "'Zones'", "Zone"),
        ("MATCH (:HvacUnit)-->(z:Zone) RETURN z.id AS subject", "'HvacUnit'", "AirUnit"),
        ("MATCH (z:Zone)<-[:SERVE]-(:AirUnit) RETURN z.id AS subject", "'SERVE'", "SERVES"),
        ("MATCH (z:Zone) WHERE z.setpont < 18 RETURN z.id AS subject", "'setpont'", "setpoint"),
        ("MATCH (z:Zone {mod: 'auto'}) RETURN z.id AS subject", "'mod'", "mode"),
        ("MATCH (z:Entity) WHERE z:Zon RETURN z.id AS subject", "'Zon'", "Zone"),
        ("MATCH (z:Zone) RETURN z.id AS subject, 'at ' + z.setpiont AS message", "'setpiont'", "setpoint"),
    ],
)
def test_a_name_that_nothing_is_declared_for_is_refused_with_the_nearest_one(cypher: str, word: str, hint: str):
    with pytest.raises(ConfigurationError) as caught:
        parse_twin(interlocked(cypher))

    (problem,) = caught.value.problems
    assert problem.path == "constraints.interlocks[0].cypher"
    assert (word in problem.message, f"`{hint}`" in problem.hint) == (True, True)


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (z:Zone {world: $world})<-[s:SERVES {share: 1}]-(u:AirUnit) RETURN z.id AS subject, u.valve_at AS u",
        "MATCH (z:Entity&Zone) WHERE z.setpoint_desired > 3 AND z.extra IS NULL RETURN z.id AS subject",
        "// a (z:Thing).\nMATCH (z:Zone) WHERE z.mode <> '(x:Other)' /* [:NONE] */ RETURN z.id AS subject",
        "MATCH (z:Zone) WITH z, {depth: 1} AS told, count(z) AS many RETURN z.id AS subject, told.depth AS depth",
        "MATCH (z:Zone) WITH {deep: z} AS z RETURN z.deep.id AS subject",
        "MATCH (c:GtWorld)-->(z:Zone)-[:SERVES*1..2]-() WHERE z.setpoint_at.epochMillis > 3 RETURN z.id AS subject",
    ],
)
def test_declared_names_and_graphtwins_own_are_known(cypher: str):
    assert parse_twin(interlocked(cypher)).constraints


def test_where_types_are_proposed_later_any_name_may_be_right():
    world = "world: {id: floor}\nsources: {bms: {type: file, path: bms.jsonl}}\n"
    text = "rules: [{id: r, cypher: 'MATCH (z:Anything) RETURN z.id AS subject'}]\n"

    assert parse_twin(world + text).rules


def test_a_rule_and_a_criterion_are_looked_through_too():
    wrong = "MATCH (z:Zome) RETURN z.id AS subject"
    action = f"{{id: a, title: A, actuator: bms, request: {{path: x}}, reversible: irreversible, criteria: [{{cypher: '{wrong}'}}]}}"

    with pytest.raises(ConfigurationError) as caught:
        parse_twin(f"{GOOD}rules: [{{id: r, cypher: '{wrong}'}}]\nactions: [{action}]\n")

    assert [one.path for one in caught.value.problems] == ["rules[0].cypher", "actions[0].criteria[0].cypher"]


@pytest.mark.parametrize(
    ("cypher", "others"),
    [
        ("MATCH (z:Zone {world: $world}) WHERE (z.setpoint > 2) RETURN z.id AS subject ORDER BY subject", False),
        ("MATCH (z:Zone) WHERE size(collect(z)) > 0 RETURN z.id AS subject", False),
        ("MATCH (z:Zone)<-[:SERVES]-(u:AirUnit) RETURN z.id AS subject", True),
        ("MATCH (z:Zone) WHERE EXISTS { (z)--(:AirUnit) } RETURN z.id AS subject", True),
        ("MATCH (z:Zone)<-[:SERVES]-(u) RETURN z.id AS subject, collect(u.id) AS units LIMIT 3", False),
    ],
)
def test_a_query_that_looks_at_others_has_to_name_them(cypher: str, others: bool):
    assert looks_at_others(cypher) is others


@pytest.mark.parametrize("example", ["building-floor-3", "this-machine"])
def test_what_the_examples_ask_for_is_found_and_declared(example: str):
    folder = Path(__file__).parents[4] / "examples" / example

    rules = load_twin(folder / "twin.yaml").rules

    assert all({one.kind for one in names_asked(rule.cypher)} >= {"label"} for rule in rules)
