"""Rules that could do more than read are refused before anything of them runs."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from contracts.neo4j_opened import opened
from contracts.scene import HOT, NOON, Scene, born, say
from neo4j import AsyncDriver

from graphtwin.errors import RuleRefused
from graphtwin.methods.rules.strata import stratify
from graphtwin.model.commit import RuleText
from graphtwin.model.configuration.load import load_twin
from graphtwin.ports import Store
from graphtwin.store.neo4j import rules
from graphtwin.store.server import ServerAddress

HERE = "MATCH (sensor:Sensor {world: $world}) "
ENDS = " RETURN sensor.id AS subject"

WRITES = {
    "create": HERE + "CREATE (:Ghost {world: $world})" + ENDS,
    "set": HERE + "SET sensor.reading = 1" + ENDS,
    "delete": HERE + "DETACH DELETE sensor RETURN $world AS subject",
    "merge": HERE + "MERGE (:Ghost {id: sensor.id})" + ENDS,
    "remove": HERE + "REMOVE sensor.reading" + ENDS,
    "foreach": HERE + "FOREACH (one IN [1] | CREATE (:Ghost))" + ENDS,
    "subquery that writes": HERE + "CALL (sensor) { CREATE (ghost:Ghost) RETURN ghost }" + ENDS,
    "in transactions": HERE + "CALL (sensor) { SET sensor.x = 1 } IN TRANSACTIONS" + ENDS,
    "create index": "CREATE INDEX ghost FOR (one:Ghost) ON (one.id) // $world",
}
REACHES = {
    "load csv over http": "LOAD CSV FROM 'http://127.0.0.1:{port}/x' AS row RETURN row[0] AS subject, $world AS finding",
    "load csv from a file": "LOAD CSV FROM 'file:///etc/hostname' AS row RETURN row[0] AS subject, $world AS finding",
    "list of settings": "SHOW SETTINGS YIELD name AS subject WHERE subject <> $world RETURN subject",
    "list of transactions": "SHOW TRANSACTIONS YIELD transactionId AS subject WHERE subject <> $world RETURN subject",
    "list of users": "SHOW USERS YIELD user AS subject WHERE subject <> $world RETURN subject",
    "end of transactions": "TERMINATE TRANSACTIONS 'neo4j-transaction-1' YIELD message AS subject "
    "WHERE subject <> $world RETURN subject",
    "procedure": "CALL dbms.listConfig() YIELD name AS subject WHERE subject <> $world RETURN subject",
    "procedure that makes labels": "CALL db.createLabel('Ghost') MATCH (one {world: $world}) RETURN one.id AS subject",
    "another user": "CREATE USER ghost SET PASSWORD 'secret123' // $world",
}
BENT = {
    "two statements": HERE + ENDS + "; MATCH (all) DETACH DELETE all",
    "profile": "PROFILE " + HERE + ENDS,
    "a comment before it": "/* harmless */ CREATE (:Ghost {world: $world}) RETURN 'x' AS subject",
    "a language version before it": "CYPHER 25 CREATE (:Ghost {world: $world}) RETURN 'x' AS subject",
    "no Cypher at all": "rm -rf $world",
    "no world": "MATCH (sensor:Sensor) RETURN sensor.id AS subject",
    "the world in a comment only": "MATCH (sensor:Sensor) RETURN sensor.id AS subject // $world",
    "no subject": HERE + "RETURN sensor.id AS id",
    "another parameter": HERE + "WHERE sensor.id = $secret" + ENDS,
    "an unknown column": HERE + "RETURN sensor.id AS subject, 1 AS shell",
}
UNSTEADY = {
    "chance": HERE + "WHERE rand() < 0.5" + ENDS,
    "chance in backticks": HERE + "WHERE `rand` /* */ () < 0.5" + ENDS,
    "an escaped name": HERE + "WHERE r\\u0061nd() < 0.5" + ENDS,
    "an escaped quote": HERE + "WHERE sensor.x = '\\u0027 + randomUUID() + \\u0027'" + ENDS,
    "a quote in backticks": HERE + "WITH sensor, 1 AS `'` WHERE rand() < 0.5 WITH sensor, 1 AS `'`" + ENDS,
    "random id": HERE + ENDS + ", {t: randomUUID()} AS set",
    "clock": HERE + ENDS + ", {t: toString(datetime())} AS set",
    "today": HERE + ENDS + ", {t: toString(date ( ))} AS set",
    "milliseconds": HERE + ENDS + ", {t: timestamp()} AS set",
    "clock of the statement": HERE + ENDS + ", {t: toString(datetime.statement())} AS set",
    "clock somewhere": HERE + ENDS + ", {t: toString(datetime({timezone: 'UTC'}))} AS set",
    "clock cut off": HERE + ENDS + ", {t: toString(datetime.truncate('day'))} AS set",
    "internal id": HERE + ENDS + ", {t: elementId(sensor)} AS set",
    "old internal id": HERE + ENDS + ", {t: id(sensor)} AS set",
    "plugin": HERE + ENDS + ", {t: apoc.x()} AS set",
    "another graph": HERE + ENDS + ", {t: graph.names()} AS set",
    "graphtwin's facts": "MATCH (fact:GtFact {world: $world}) RETURN fact.id AS subject",
    "graphtwin's facts in backticks": "MATCH (fact:`GtFact` {world: $world}) RETURN fact.id AS subject",
    "graphtwin's chain": HERE + ", (link:GtAudit) RETURN sensor.id AS subject, {t: link.body} AS set",
}
WIDE = {
    "all worlds": "WITH $world AS w MATCH (n:Entity) RETURN n.id AS subject",
    "all worlds behind one": HERE + "MATCH (n:Entity)" + ENDS + ", {t: n.id} AS set",
    "all nodes": "MATCH (n {world: $world}) RETURN n.id AS subject",
    "all nodes but some": "MATCH (n:!Sensor {world: $world}) RETURN n.id AS subject",
    "a label told later": "MATCH (n:$('Gt' + 'Fact') {world: $world}) RETURN n.id AS subject",
    "this world or not": "MATCH (n:Sensor) WHERE n.world = $world OR n.reading > 1 RETURN n.id AS subject",
    "not this world": "MATCH (n:Sensor) WHERE NOT n.world = $world AND n.x = 1 RETURN n.id AS subject",
    "the world in a text": "MATCH (n:Sensor) WHERE n.x = ' AND n.world = $world AND ' AND n.y = $world RETURN n.id AS subject",
    "relationships of all worlds": "MATCH (a)-[:DEPENDS_ON]->(b) WHERE a.x = $world RETURN a.id AS subject",
    "counted": HERE + "RETURN sensor.id AS subject, COUNT { MATCH (x:Sensor) } AS finding",
    "one name for two": "MATCH (m:Entity) WITH collect(m.id) AS ids MATCH (m:Sensor {world: $world}) "
    "RETURN m.id AS subject, {t: ids} AS set",
    "one name for two, quietly": HERE + "MATCH (m:Entity) WITH sensor MATCH (m:Sensor {world: $world})" + ENDS,
    "somewhere else exists": HERE + "WHERE EXISTS { MATCH (x:Zone) WHERE x.name = sensor.name }" + ENDS,
    "half of a union": HERE + ENDS + " UNION MATCH (n:Sensor) RETURN n.id AS subject",
}


def rule(cypher: str) -> RuleText:
    return replace(HOT, id="attack", cypher=cypher)


@pytest.fixture
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Store]:
    async with opened(neo4j_server) as store:
        yield store


async def graph(driver: AsyncDriver) -> tuple[int, list[str]]:
    """How many nodes are ghosts, and the names of the indexes."""
    records, _, _ = await driver.execute_query("MATCH (one:Ghost) RETURN count(one) AS ghosts")
    indexes, _, _ = await driver.execute_query("SHOW INDEXES YIELD name RETURN collect(name) AS names")
    return records[0]["ghosts"], sorted(indexes[0]["names"])


@pytest.mark.neo4j
@pytest.mark.parametrize(
    "cypher",
    [*WRITES.values(), *BENT.values(), *UNSTEADY.values(), *WIDE.values()],
    ids=[*WRITES, *BENT, *UNSTEADY, *WIDE],
)
async def test_a_rule_that_writes_or_bends_the_form_is_refused_and_named(
    store: Store, neo4j_driver: AsyncDriver, cypher: str
):
    before = await graph(neo4j_driver)

    with pytest.raises(RuleRefused, match="rule attack") as refused:
        await store.admit([rule(cypher)])

    assert refused.value.hint
    assert await graph(neo4j_driver) == before


@pytest.mark.neo4j
@pytest.mark.parametrize("cypher", REACHES.values(), ids=list(REACHES))
async def test_a_rule_that_reaches_outside_the_graph_is_refused_and_fetches_nothing(store: Store, cypher: str):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        text = cypher.replace("{port}", str(listener.getsockname()[1]))

        with pytest.raises(RuleRefused, match="rule attack"):
            await store.admit([rule(text)])

        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.neo4j
async def test_the_operator_that_a_rule_may_not_use_is_named(store: Store):
    with pytest.raises(RuleRefused, match="LoadCSV"):
        await store.admit([rule(REACHES["load csv from a file"])])


@pytest.mark.neo4j
@pytest.mark.parametrize(
    "cypher",
    [
        HOT.cypher,
        HERE + "OPTIONAL MATCH (sensor)-[:DEPENDS_ON]->(other) WITH sensor, count(other) AS n WHERE n = 0" + ENDS,
        HERE + "WHERE NOT EXISTS { (sensor)-[:DEPENDS_ON]->(:Sensor) }" + ENDS,
        HERE + "MATCH (sensor)-[:DEPENDS_ON*1..3]->(other) WITH DISTINCT sensor, other ORDER BY other.id" + ENDS,
        HERE
        + "MATCH p = SHORTEST 1 (sensor)-[:DEPENDS_ON]->+(other:Zone {world: $world}) RETURN sensor.id AS subject, $as_of AS finding",
        HERE + "WHERE datetime({epochMillis: $as_of / 1000}) > datetime('2020-01-01T00:00:00Z')" + ENDS,
        HERE + "WHERE date.truncate('month', date(sensor.day)) = date(sensor.day)" + ENDS,
        "UNWIND [1, 2] AS floor MATCH (sensor:Sensor {world: $world, floor: floor})" + ENDS,
        HERE + "WHERE sensor.note = 'call rand() on GtFact'" + ENDS + " // not datetime()",
        HERE + "WITH sensor, COUNT { (sensor)<-[:DEPENDS_ON]-() } AS n WHERE n > 2" + ENDS + " UNION " + HERE + ENDS,
    ],
    ids=[
        "hot",
        "optional",
        "exists",
        "variable length",
        "shortest",
        "instant",
        "date",
        "unwind",
        "quoted",
        "union",
    ],
)
async def test_a_rule_that_only_reads_is_admitted(store: Store, cypher: str):
    await store.admit([rule(cypher)])


@pytest.mark.neo4j
async def test_every_rule_of_the_examples_is_admitted(store: Store):
    twins = sorted(Path(__file__).parents[2].glob("examples/*/twin.yaml"))
    texts = [text for twin in twins for text in stratify(load_twin(twin).rules)]

    await store.admit(texts)

    assert texts


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("returns", "says"),
    [
        ("RETURN 1 AS subject", "without `subject`"),
        ("RETURN sensor.id AS subject, ['x'] AS premises", "aren't pairs"),
        (f"UNWIND range(0, {rules.ROWS}) AS n RETURN sensor.id AS subject", "more than"),
    ],
)
async def test_rows_that_the_engine_cannot_use_stop_the_commit(store: Store, returns: str, says: str):
    scene = await Scene.make(store, f"adm-{uuid4().hex[:12]}")
    await scene.write(born("bus:s1"), say("bus:s1", "reading", 1))
    assert scene.lease is not None

    async def run() -> None:
        assert scene.lease is not None
        async with store.begin(scene.lease) as transaction:
            await transaction.rule_rows(rule(HERE + returns))

    with pytest.raises(RuleRefused, match=says):
        await run()

    await scene.write(say("bus:s1", "reading", 2, NOON + 1), now=NOON + 1)
    assert await scene.value("bus:s1", "reading") == 2
