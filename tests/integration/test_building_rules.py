"""The rules and interlocks of the example's building, run by Neo4j on a present that is written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncDriver

pytestmark = pytest.mark.neo4j

RULES = Path(__file__).resolve().parents[2] / "examples" / "building-floor-3" / "rules"
WORLD = "building-rules"
Rows = Callable[[str], Awaitable[list[dict[str, Any]]]]
Write = Callable[[str], Awaitable[None]]

FLOOR = """
CREATE (z:Entity:Zone {world: $world, id: 'z'}), (empty:Entity:Zone {world: $world, id: 'empty'}),
       (h:Entity:AirHandler {world: $world, id: 'h'}),
       (u:Entity:HvacController {world: $world, id: 'u', temperature: 23.6, setpoint: 22.0,
                                 cooling_valve: 10.0, cooling_command: 80.0, heating_valve: 0.0, cooling_override: -1.0}),
       (u)-[:CONTROLS]->(z), (u)-[:FED_BY]->(h),
       (t1:Entity:TemperatureSensor {world: $world, id: 't1', reading: 23.0})-[:LOCATED_IN]->(z),
       (t2:Entity:TemperatureSensor {world: $world, id: 't2', reading: 24.1})-[:LOCATED_IN]->(z),
       (t3:Entity:TemperatureSensor {world: $world, id: 't3'})-[:LOCATED_IN]->(z),
       (c:Entity:Co2Sensor {world: $world, id: 'c', co2: 700.0})-[:LOCATED_IN]->(z),
       (p:Entity:PeopleCounter {world: $world, id: 'p', people: 7})-[:LOCATED_IN]->(z),
       (x:Entity:HvacController {world: $world + '-other', id: 'x', temperature: 30.0, setpoint: 22.0,
                                 cooling_override: 100.0, heating_valve: 100.0})
"""


@pytest_asyncio.fixture
async def write(neo4j_driver: AsyncDriver) -> AsyncIterator[Write]:
    async def run(cypher: str) -> None:
        await neo4j_driver.execute_query(cypher, world=WORLD)

    await run("MATCH (entity:Entity) WHERE entity.world STARTS WITH $world DETACH DELETE entity")
    await run(FLOOR)
    yield run
    await run("MATCH (entity:Entity) WHERE entity.world STARTS WITH $world DETACH DELETE entity")


@pytest.fixture
def rows(neo4j_driver: AsyncDriver) -> Rows:
    async def run(rule: str) -> list[dict[str, Any]]:
        text = (RULES / f"{rule}.cypher").read_text(encoding="utf-8")
        return [record.data() for record in (await neo4j_driver.execute_query(text, world=WORLD)).records]

    return run


async def test_every_rule_only_reads(neo4j_driver: AsyncDriver) -> None:
    files = sorted(RULES.glob("*.cypher"))

    kinds = {
        (await neo4j_driver.execute_query(f"EXPLAIN {file.read_text()}", world=WORLD)).summary.query_type
        for file in files
    }

    assert len(files) == 9
    assert kinds == {"r"}


async def test_a_zone_has_the_mean_of_its_thermometers_and_what_is_counted_in_it(write: Write, rows: Rows) -> None:
    [zone] = await rows("zone_climate")

    assert (zone["subject"], zone["set"]) == ("z", {"temperature": 23.55, "co2": 700.0, "people": 7})
    assert ["t1", "reading"] in zone["premises"]
    assert ["t3", "reading"] not in zone["premises"]


async def test_a_zone_needs_the_unit_that_controls_it(write: Write, rows: Rows) -> None:
    found = await rows("zone_unit")

    assert [(row["subject"], row["edges"]) for row in found] == [("z", [["conditioned_by", "u"]])]


async def test_a_unit_is_compared_with_its_own_setpoint(write: Write, rows: Rows) -> None:
    [row] = await rows("too_warm")

    assert row == {"subject": "u", "variable": "temperature", "op": ">", "reference": ["u", "setpoint"], "margin": 1.5}


async def test_a_valve_is_compared_with_its_command_on_the_side_where_it_is(write: Write, rows: Rows) -> None:
    [below] = await rows("stuck_valve")
    await write("MATCH (u:HvacController {world: $world, id: 'u'}) SET u.cooling_valve = 95.0")
    [above] = await rows("stuck_valve")

    assert (below["op"], above["op"]) == ("<", ">")
    assert below["reference"] == ["u", "cooling_command"]


async def test_only_a_unit_that_cools_can_overcool(write: Write, rows: Rows) -> None:
    shut = await rows("overcooled")
    await write("MATCH (u:HvacController {world: $world, id: 'u'}) SET u.cooling_valve = 60.0")
    [row] = await rows("overcooled")

    assert shut == []
    assert (row["op"], row["reference"]) == ("<", ["u", "setpoint"])


async def test_a_valve_that_is_held_open_longer_than_it_need_be_is_found(write: Write, rows: Rows) -> None:
    await write("MATCH (u:HvacController {world: $world, id: 'u'}) SET u.cooling_override = 100.0")
    warm = await rows("held_open")
    await write("MATCH (u:HvacController {world: $world, id: 'u'}) SET u.temperature = 21.9")
    [cool] = await rows("held_open")
    overcooled = await rows("overcooled")

    assert (warm, overcooled) == ([], [])
    assert cool["finding"]["message"] == "u is held open at 100.0 % and is down to 21.9 °C"


async def test_each_sensor_is_compared_with_the_unit_of_its_zone(write: Write, rows: Rows) -> None:
    found = await rows("sensors_disagree")

    assert [(row["subject"], row["op"], row["reference"]) for row in found] == [
        ("t1", "<", ["u", "temperature"]),
        ("t2", ">", ["u", "temperature"]),
    ]


async def test_heating_and_cooling_at_once_is_forbidden(write: Write, rows: Rows) -> None:
    apart = await rows("heating_and_cooling")
    await write(
        "MATCH (u:HvacController {world: $world, id: 'u'}) SET u.cooling_override = 100.0, u.heating_valve = 30.0"
    )
    [both] = await rows("heating_and_cooling")

    assert apart == []
    assert both == {"subject": "u", "message": "the heating valve of u is open"}


async def test_no_air_handler_feeds_more_than_two_units_that_are_held_open(write: Write, rows: Rows) -> None:
    await write(
        """
        MATCH (h:AirHandler {world: $world, id: 'h'})
        UNWIND ['a', 'b'] AS name
        CREATE (:Entity:HvacController {world: $world, id: name, cooling_override: 0.0})-[:FED_BY]->(h)
        """
    )
    two = await rows("too_many_overrides")
    await write("MATCH (u:HvacController {world: $world, id: 'u'}) SET u.cooling_override = 100.0")
    three = await rows("too_many_overrides")

    assert two == []
    assert [row["subject"] for row in three] == ["h"]
