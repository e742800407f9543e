"""`graphtwin query`'s function: a person's own Cypher is admitted as rules are, and runs within its caps."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from contracts.neo4j_opened import opened
from contracts.scene import NOON, Scene, born, say
from integration.test_neo4j_admission import REACHES, WRITES, graph
from neo4j import AsyncDriver

from graphtwin.app.query import analyst_queries, run_query
from graphtwin.errors import Refused, UsageError
from graphtwin.ports import Store
from graphtwin.store.server import ServerAddress

WORLD = "asked"
PLUGINS = {
    "plugin": "RETURN apoc.cypher.runFirstColumn('CREATE (:Ghost)', {}) AS x",
    "plugin in backticks": "RETURN `apoc`.`x`() AS x",
    "escaped plugin": "RETURN \\u0061poc.x() AS x",
    "the server's own": "RETURN graph.names() AS x",
}
HARMLESS = (
    "RETURN rand() < 2 AS x, datetime() > datetime('2020-01-01') AS y, datetime.realtime() IS NOT NULL AS z",
    "MATCH (fact:GtFact) RETURN count(fact) AS facts",
    "MATCH (thing) RETURN labels(thing) AS labels, elementId(thing) AS id LIMIT 1",
    "CALL () { MATCH (world:GtWorld) RETURN max(world.seq) AS seq } RETURN seq",
)

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Store]:
    async with opened(neo4j_server) as store:
        scene = await Scene.make(store, WORLD)
        await scene.write(*(born(f"bus:s{n}") for n in range(5)), *(say(f"bus:s{n}", "reading", n) for n in range(5)))
        yield store


@pytest.mark.parametrize("text", WRITES.values(), ids=list(WRITES))
async def test_a_query_that_writes_is_refused_and_writes_nothing(store: Store, neo4j_driver: AsyncDriver, text: str):
    before = await graph(neo4j_driver)

    with pytest.raises(Refused):
        await run_query(store, text, {"world": WORLD} if "$world" in text.partition("//")[0] else {})

    assert await graph(neo4j_driver) == before


@pytest.mark.parametrize("text", [*REACHES.values(), *PLUGINS.values()], ids=[*REACHES, *PLUGINS])
async def test_a_query_that_reaches_outside_the_graph_is_refused_and_fetches_nothing(store: Store, text: str):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        asked = text.replace("{port}", str(listener.getsockname()[1]))

        with pytest.raises((Refused, UsageError)):
            await run_query(store, asked, {"world": WORLD} if "$world" in asked.partition("//")[0] else {})

        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("text", HARMLESS)
async def test_a_query_may_use_the_clock_chance_ids_and_facts(store: Store, text: str):
    assert (await run_query(store, text, {})).rows


async def test_rows_are_cut_and_told(store: Store):
    text = "MATCH (sensor:Sensor {world: $world}) RETURN sensor.id AS id, sensor.reading_at AS at, sensor ORDER BY id"

    cut, whole = [await run_query(store, text, {"world": WORLD}, rows) for rows in (2, 5)]

    assert (len(cut.rows), cut.cut, len(whole.rows), whole.cut) == (2, True, 5, False)
    assert cut.columns == ("id", "at", "sensor")
    assert cut.rows[0][:2] == ("bus:s0", "2023-11-14T22:13:20Z")
    assert cut.rows[0][2]["labels"] == ["Entity", "Sensor"]
    assert cut.rows[0][2]["properties"]["reading"] == 0
    assert NOON == 1_700_000_000_000_000


async def test_a_query_that_takes_too_long_is_stopped_and_told(store: Store):
    with pytest.raises(Refused, match=r"longer than 0\.3 s") as stopped:
        await run_query(store, "UNWIND range(1, 2000000000) AS n WITH n WHERE n % 7 = 8 RETURN n", {}, seconds=0.3)

    assert "--timeout" in stopped.value.hint


@pytest.mark.parametrize(
    ("text", "params", "told"),
    [
        ("MATCH (x:Entity {world: $world}) RETURN x.id", {}, r"needs \$world"),
        ("RETURN 1 AS one", {"depth": 3}, r"no parameter \$depth"),
        ("MATCH (x RETURN x", {}, "can't run the query"),
        ("RETURN 1 / 0 AS x", {}, "/ by zero"),
        ("RETURN 1 AS one; RETURN 2 AS two", {}, "can't run the query"),
        ("RETURN $`in ticks` AS x", {}, r"needs \$in"),
        ("RETURN $x AS x", {"x": 2**70}, "can't be told"),
        ("RETURN $x AS x", {"x": "\ud800"}, "can't be told"),
        ("RETURN '\ud800' AS x", {}, "can't be told"),
    ],
)
async def test_a_query_that_cant_be_run_says_why(store: Store, text: str, params: dict[str, object], told: str):
    with pytest.raises(UsageError, match=told) as refused:
        await run_query(store, text, params)

    assert refused.value.hint


async def test_each_of_the_analysts_queries_is_one_that_runs(store: Store):
    examples = {name: {p.name: p.value for p in one.parameters if p.needed} for name, one in analyst_queries().items()}

    answers = {
        name: await run_query(store, analyst_queries()[name].text, params | {"world": WORLD})
        for name, params in examples.items()
    }

    assert len(answers) == 20
    for name, answered in answers.items():
        assert ", ".join(answered.columns) == analyst_queries()[name].returns


async def test_a_world_of_an_earlier_version_is_described_when_it_is_opened_and_when_it_is_rebuilt(
    neo4j_server: ServerAddress, neo4j_driver: AsyncDriver
):
    world, asked = "described", "MATCH (c:GtConfiguration {world: $world}) RETURN properties(c) AS told"
    async with opened(neo4j_server) as store:
        await Scene.make(store, world)
        before = (await run_query(store, asked, {"world": world})).rows
        bare = "MATCH (c:GtConfiguration {world: $world}) SET c = c {.world, .hash, .json}"

        await neo4j_driver.execute_query(bare, {"world": world})
        async with opened(neo4j_server):
            reopened = (await run_query(store, asked, {"world": world})).rows
        await neo4j_driver.execute_query(bare, {"world": world})
        await store.rebuild(world)
        rebuilt = (await run_query(store, asked, {"world": world})).rows

    assert before == reopened == rebuilt
    assert before[0][0]["relations"] == ["depends_on", "located_in"]


async def test_a_world_whose_configuration_isnt_understood_any_more_keeps_no_other_out(
    neo4j_server: ServerAddress, neo4j_driver: AsyncDriver
):
    await neo4j_driver.execute_query(
        "CREATE (:GtConfiguration {world: 'of-old', hash: 'h', json: '{\"nonsense\": 1}'})"
    )

    async with opened(neo4j_server) as store:
        worlds = await store.worlds()

    await neo4j_driver.execute_query("MATCH (c:GtConfiguration {world: 'of-old'}) DELETE c")
    assert worlds
