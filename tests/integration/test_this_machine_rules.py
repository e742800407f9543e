"""The rules of the example of this machine, run by Neo4j on a present that is written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncDriver

pytestmark = pytest.mark.neo4j

RULES = Path(__file__).resolve().parents[2] / "examples" / "this-machine" / "rules"
WORLD = "this-machine-rules"
Rows = Callable[[str], Awaitable[dict[str, dict[str, Any]]]]
Write = Callable[[str], Awaitable[None]]

SERVICES = """
CREATE (:Entity:Service {world: $world, id: 'a', unit_name: 'alpha', process_match: 'app --unit a ', port_desired: 80,
                         data_dir: '/data/a'}),
       (:Entity:Service {world: $world, id: 'b', unit_name: 'beta', process_match: 'app --unit b ', port_desired: 81,
                         data_dir: '/database'}),
       (:Entity:Service {world: $world, id: 'c', unit_name: 'gamma'}),
       (:Entity:Host {world: $world, id: 'h', process_count: 7}),
       (:Entity:Service {world: $world + '-other', id: 'x', process_match: 'app', port_desired: 80})
"""


@pytest_asyncio.fixture
async def write(neo4j_driver: AsyncDriver) -> AsyncIterator[Write]:
    async def run(cypher: str) -> None:
        await neo4j_driver.execute_query(cypher, world=WORLD)

    await run("MATCH (entity:Entity) WHERE entity.world STARTS WITH $world DETACH DELETE entity")
    await run(SERVICES)
    yield run
    await run("MATCH (entity:Entity) WHERE entity.world STARTS WITH $world DETACH DELETE entity")


@pytest.fixture
def rows(neo4j_driver: AsyncDriver) -> Rows:
    async def run(rule: str) -> dict[str, dict[str, Any]]:
        text = (RULES / f"{rule}.cypher").read_text(encoding="utf-8")
        found = [record.data() for record in (await neo4j_driver.execute_query(text, world=WORLD)).records]
        assert len({row["subject"] for row in found}) == len(found), "one row a subject"
        return {row["subject"]: row for row in found}

    return run


async def test_every_rule_only_reads(neo4j_driver: AsyncDriver) -> None:
    files = sorted(RULES.glob("*.cypher"))

    kinds = {
        file.stem: (await neo4j_driver.execute_query(f"EXPLAIN {file.read_text()}", world=WORLD)).summary.query_type
        for file in files
    }

    assert len(files) == 10
    assert set(kinds.values()) == {"r"}


async def test_a_service_is_implemented_by_the_running_processes_with_its_marker(write: Write, rows: Rows) -> None:
    await write(
        """
        CREATE (:Entity:Process {world: $world, id: 'p1', status: 'active', cmdline: '/bin/app --unit a --fast'}),
               (:Entity:Process {world: $world, id: 'p2', status: 'active', cmdline: '/bin/app --unit a --slow'}),
               (:Entity:Process {world: $world, id: 'p3', status: 'stale', cmdline: '/bin/app --unit b --fast'}),
               (:Entity:Process {world: $world + '-other', id: 'p4', status: 'active', cmdline: 'app --unit b '})
        """
    )

    found = await rows("service_process")

    assert found.keys() == {"a"}
    assert found["a"]["edges"] == [["implemented_by", "p1"], ["implemented_by", "p2"]]
    assert found["a"]["premises"] == [["a", "process_match"], ["p1", "cmdline"], ["p2", "cmdline"]]


async def test_a_service_runs_at_the_host_of_its_processes(write: Write, rows: Rows) -> None:
    await write(
        """
        MATCH (a:Service {world: $world, id: 'a'}), (h:Host {world: $world, id: 'h'})
        CREATE (a)-[:IMPLEMENTED_BY]->(:Entity:Process {world: $world, id: 'p1'})-[:RUNS_ON]->(h),
               (a)-[:IMPLEMENTED_BY]->(:Entity:Process {world: $world, id: 'p2'})-[:RUNS_ON]->(h)
        """
    )

    found = await rows("service_host")

    assert found.keys() == {"a"}
    assert found["a"]["edges"] == [["runs_at", "h"]]
    assert found["a"]["premises"] == [["a", "IMPLEMENTED_BY"], ["p1", "RUNS_ON"], ["p2", "RUNS_ON"]]


async def test_an_endpoint_is_served_by_the_process_that_holds_its_socket(write: Write, rows: Rows) -> None:
    await write(
        """
        CREATE (:Entity:Process {world: $world, id: 'p1', status: 'active', process_key: '1@boot.7'}),
               (:Entity:Process {world: $world, id: 'p2', status: 'stale', process_key: '2@boot.8'}),
               (:Entity:Endpoint {world: $world, id: 'e1', process_key: '1@boot.7'}),
               (:Entity:Endpoint {world: $world, id: 'e2', process_key: '2@boot.8'}),
               (:Entity:Endpoint {world: $world, id: 'e3'})
        """
    )

    found = await rows("endpoint_process")

    assert {subject: row["edges"] for subject, row in found.items()} == {"e1": [["served_by", "p1"]]}


async def test_a_service_listens_where_its_processes_do_preferably_as_declared(write: Write, rows: Rows) -> None:
    await write(
        """
        MATCH (a:Service {world: $world, id: 'a'}), (b:Service {world: $world, id: 'b'})
        CREATE (a)-[:IMPLEMENTED_BY]->(p:Entity:Process {world: $world, id: 'p1'}),
               (p)<-[:SERVED_BY]-(:Entity:Endpoint {world: $world, id: 'e1', port: 80, status: 'active'}),
               (p)<-[:SERVED_BY]-(:Entity:Endpoint {world: $world, id: 'e2', port: 22, status: 'active'}),
               (p)<-[:SERVED_BY]-(:Entity:Endpoint {world: $world, id: 'e3', port: 21, status: 'stale'}),
               (b)-[:IMPLEMENTED_BY]->(q:Entity:Process {world: $world, id: 'p2'}),
               (q)<-[:SERVED_BY]-(:Entity:Endpoint {world: $world, id: 'e4', port: 99, status: 'active'})
        """
    )

    found = await rows("service_endpoint")

    assert {subject: row["set"]["port"] for subject, row in found.items()} == {"a": 80, "b": 99}
    assert found["a"]["edges"] == [["listens_on", "e2"], ["listens_on", "e1"]]


async def test_data_lies_on_the_filesystem_with_the_longest_mount_point_above_it(write: Write, rows: Rows) -> None:
    await write(
        """
        CREATE (:Entity:Filesystem {world: $world, id: 'root', mountpoint: '/'}),
               (:Entity:Filesystem {world: $world, id: 'data', mountpoint: '/data'})
        """
    )

    found = await rows("service_storage")

    assert {subject: row["edges"] for subject, row in found.items()} == {
        "a": [["stored_on", "data"]],
        "b": [["stored_on", "root"]],
    }


@pytest.mark.parametrize(
    ("port", "health", "finds"), [(80, "up", False), (8080, "degraded", True), ("null", "degraded", True)]
)
async def test_a_service_is_healthy_only_on_its_declared_port(
    port: object, health: str, finds: bool, write: Write, rows: Rows
) -> None:
    await write(
        f"""
        MATCH (a:Service {{world: $world, id: 'a'}})
        SET a.port = {port}
        CREATE (a)-[:IMPLEMENTED_BY]->(:Entity:Process {{world: $world, id: 'p1'}})
        """
    )

    healths = {subject: row["set"]["health"] for subject, row in (await rows("service_health")).items()}
    wrong = await rows("wrong_port")

    assert healths == {"a": health, "b": "down"}
    assert wrong.keys() == ({"a"} if finds else set())
    assert all("should listen on port 80" in row["finding"]["message"] for row in wrong.values())


async def test_a_declared_service_without_a_process_is_found(write: Write, rows: Rows) -> None:
    await write(
        """
        MATCH (a:Service {world: $world, id: 'a'})
        CREATE (a)-[:IMPLEMENTED_BY]->(:Entity:Process {world: $world, id: 'p1'})
        """
    )

    found = await rows("service_without_process")

    assert found.keys() == {"b"}
    assert found["b"]["finding"]["severity"] == "high"
    assert found["b"]["finding"]["message"].startswith("No process runs beta")
    assert ["h", "process_count"] in found["b"]["premises"]


async def test_a_port_that_two_declare_or_one_takes_from_the_other_is_found(write: Write, rows: Rows) -> None:
    quiet = await rows("port_conflict")
    await write("MATCH (b:Service {world: $world, id: 'b'}) SET b.port = 80")
    taken = await rows("port_conflict")
    await write("MATCH (b:Service {world: $world, id: 'b'}) SET b.port_desired = 80, b.port = null")
    both = await rows("port_conflict")

    assert quiet == {}
    assert taken["a"]["finding"]["message"] == "Port 80 of alpha is claimed by beta too"
    assert taken.keys() == {"a"}
    assert both.keys() == {"a", "b"}


async def test_a_filesystem_is_full_when_little_is_left_by_both_measures(write: Write, rows: Rows) -> None:
    await write(
        """
        CREATE (:Entity:Filesystem {world: $world, id: 'f1', mountpoint: '/', used_percent: 97.5, free_bytes: 1000}),
               (:Entity:Filesystem {world: $world, id: 'f2', mountpoint: '/big', used_percent: 97.5,
                                    free_bytes: 100000000000}),
               (:Entity:Filesystem {world: $world, id: 'f3', mountpoint: '/half', used_percent: 50.0, free_bytes: 1000})
        """
    )

    found = await rows("filesystem_full")

    assert found.keys() == {"f1"}
    assert found["f1"]["finding"]["message"] == "/ is 97.5 % full"
