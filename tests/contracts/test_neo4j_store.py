"""The store in Neo4j keeps the contract of stores, and finds out who tampered with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from contracts.neo4j_opened import opened
from contracts.scene import MINUTE, NOON, Scene, born, depends, say
from contracts.store_contract import StoreContract
from neo4j import AsyncDriver

from graphtwin.methods.audit.audit_entries import commit_entry
from graphtwin.model.commit import AuditEntry, Draft, EvidenceItem
from graphtwin.ports import Store
from graphtwin.store.server import ServerAddress

S = "bus:s1"
MAKE_EDGE_UP = """
    MATCH (subject:Entity {world: $world, id: 'bus:s2'}), (object:Entity {world: $world, id: 'bus:s1'})
    CREATE (subject)-[:DEPENDS_ON {world: $world}]->(object)
"""


async def tamper(driver: AsyncDriver, cypher: str, world: str) -> int:
    """Change the database behind the store's back; the number of places changed."""
    records, _, _ = await driver.execute_query(cypher + " RETURN count(*) AS places", world=world)
    return int(records[0]["places"])


@pytest.mark.neo4j
class TestNeo4jStore(StoreContract):
    @pytest.fixture
    async def store(self, neo4j_server: ServerAddress) -> AsyncIterator[Store]:
        async with opened(neo4j_server) as store:
            yield store

    @pytest.fixture
    async def sound(self, scene: Scene) -> Scene:
        """A world in which all that can be tampered with is there."""
        await scene.write(born(S), born("bus:s2"), say(S, "reading", 1), depends(S, "bus:s2"), say(S, "odd", [1]))
        await scene.write(say(S, "reading", 2, NOON + MINUTE), now=NOON + MINUTE)
        assert (await scene.store.verify(scene.world)).problems == ()
        return scene

    @pytest.mark.parametrize(
        "cypher",
        [
            "MATCH (e:Entity {world: $world, id: 'bus:s1'}) SET e.reading = 99",
            "MATCH (e:Entity {world: $world, id: 'bus:s1'}) SET e.type = 'zone'",
            "MATCH (e:Entity {world: $world, id: 'bus:s1'}) REMOVE e.reading",
            "MATCH (e:Entity {world: $world, id: 'bus:s2'}) DETACH DELETE e",
            "MATCH (:Entity {world: $world})-[r:DEPENDS_ON]->() DELETE r",
            MAKE_EDGE_UP,
            "CREATE (:Entity:Sensor {world: $world, id: 'bus:ghost', type: 'sensor'})",
        ],
        ids=["value", "type", "lost value", "lost entity", "lost edge", "made-up edge", "made-up entity"],
    )
    async def test_a_tampered_present_is_found_and_mended_by_rebuild_s18(
        self, sound: Scene, neo4j_driver: AsyncDriver, cypher: str
    ):
        places = await tamper(neo4j_driver, cypher, sound.world)

        found = await sound.store.verify(sound.world)
        await sound.store.rebuild(sound.world)
        mended = await sound.store.verify(sound.world)

        assert places == 1
        assert not found.passed
        assert mended.problems == ()

    @pytest.mark.parametrize(
        "cypher",
        [
            "MATCH (f:GtFact {world: $world, name: 'reading', seq: 2}) DETACH DELETE f",
            "MATCH (f:GtFact {world: $world, name: 'reading', seq: 2}) SET f.value = '3'",
        ],
        ids=["lost fact", "changed fact"],
    )
    async def test_a_tampered_fact_is_found_s21(self, sound: Scene, neo4j_driver: AsyncDriver, cypher: str):
        places = await tamper(neo4j_driver, cypher, sound.world)

        found = await sound.store.verify(sound.world)

        assert places == 1
        assert not found.passed

    async def test_a_second_store_on_the_same_database_reads_the_same_world_s20(
        self, sound: Scene, neo4j_server: ServerAddress
    ):
        async with opened(neo4j_server) as other:
            assert await other.state(sound.world) == await sound.state()
            assert await other.head(sound.world) == await sound.store.head(sound.world)

    async def test_a_source_can_not_move_a_relationship_to_another_world_s3(
        self, sound: Scene, neo4j_driver: AsyncDriver
    ):
        names = {"depends_on.world": "other", "depends_on.extra": "{", "depends_on.sneaky": 7, "depends_on.load": 0.5}
        await sound.write(*(say(S, name, value, object="bus:s2") for name, value in names.items()))

        records, _, _ = await neo4j_driver.execute_query(
            "MATCH (:Entity {world: $world})-[edge:DEPENDS_ON]->() RETURN properties(edge) AS shown", world=sound.world
        )

        extra = json.dumps({"extra": "{", "sneaky": 7, "world": "other"})
        assert [record["shown"] for record in records] == [{"world": sound.world, "load": 0.5, "extra": extra}]
        assert (await sound.store.verify(sound.world)).problems == ()

    @pytest.mark.parametrize(
        ("cypher", "says"),
        [
            ("MATCH (f:GtFact {world: $world, name: 'reading', seq: 1}) SET f.value = 99", "v1 has 2 facts"),
            ("MATCH (f:GtFact {world: $world, name: 'reading', seq: 1}) SET f.confidence = 0.1", "v1 has 2 facts"),
            ("MATCH (f:GtFact {world: $world, name: '@type'}) SET f.event = 'forged'", "v1 has 2 facts"),
            (
                "MATCH (s:GtSegment {world: $world}) SET s.table = replace(s.table, 'd7439bee', '00000000')",
                "the raw bytes behind v1",
            ),
        ],
        ids=["value", "confidence", "event", "evidence"],
    )
    async def test_altered_history_is_found_by_what_the_audit_chain_committed_to_s20(
        self, scene: Scene, neo4j_driver: AsyncDriver, cypher: str, says: str
    ):
        assert scene.lease is not None
        for number in range(3):
            evidence = EvidenceItem(f"e{number}", b"raw", "bus", f"bus.jsonl:{number}", NOON)
            facts = (
                *((born(S, event="e0"),) if not number else ()),
                say(S, "reading", number, NOON + number, event=f"e{number}"),
            )
            draft = Draft(now=NOON + number, facts=facts, evidence=(evidence,))
            async with scene.store.begin(scene.lease) as transaction:
                await transaction.write(draft)
                await transaction.record([commit_entry([draft], transaction.head, run=f"r{number}", at=NOON)])
                await transaction.commit(f"r{number}", f"r{number}")
        sound = await scene.store.verify(scene.world)
        places = await tamper(neo4j_driver, cypher, scene.world)

        texts = (await scene.store.verify(scene.world)).problems

        assert (sound.problems, sound.checks["history"]) == ((), 3)
        assert places
        assert any(text.startswith(f"history: {says}") for text in texts), texts

    async def test_verifying_beside_a_writer_finds_no_false_problems_s20(self, sound: Scene):
        async def work() -> None:
            assert sound.lease is not None
            for number in range(40):
                async with sound.store.begin(sound.lease) as transaction:
                    if number % 4 == 0:
                        said = say(S, "reading", number, NOON + MINUTE + number)
                        await transaction.write(Draft(now=NOON + MINUTE + number, facts=(said,)))
                    await transaction.record([AuditEntry("run", NOON, f"r{number}", {})])
                    await transaction.commit(f"beside-{number}", f"r{number}")

        working = asyncio.create_task(work())
        problems: list[str] = []
        while not working.done():
            problems += (await sound.store.verify(sound.world)).problems
        await working

        assert problems == []
