"""GraphQL, the analyst's Cypher and RDF say the same of a world, whenever on either axis it is asked (S1)."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from contracts.scene import NOON, SteppingClock
from hypothesis import given, settings
from hypothesis import strategies as st
from three_ways import ENTITIES, Told, told_by_cypher, told_by_graphql, told_by_rdf, told_by_state
from unit.api.conftest import Client, client_of
from unit.rdf.exported import exported, lived, quads_of

from graphtwin.app.inspection import read_at
from graphtwin.app.query import analyst_queries, run_query
from graphtwin.methods.views.view_value import write_time
from graphtwin.ports import Store
from graphtwin.store.memory import MemoryStore
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

HOUR = 3_600_000_000
seeds = st.integers(0, 2**32 - 1)

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(1_800)]


@settings(max_examples=3)
@given(seed=seeds, operations=st.integers(5, 24))
def test_three_instants_on_two_axes_are_told_alike_three_ways(neo4j_server: ServerAddress, seed: int, operations: int):
    asyncio.run(compare(neo4j_server, seed, operations))


@pytest.mark.nightly
@settings(max_examples=60)
@given(seed=seeds, operations=st.integers(5, 120))
def test_three_instants_are_told_alike_of_longer_histories(neo4j_server: ServerAddress, seed: int, operations: int):
    told = asyncio.run(compare(neo4j_server, seed, operations))
    print(json.dumps({"histories": 1, "instants": 3, "statements": told}))  # noqa: T201 - the figures of a proof


async def compare(server: ServerAddress, seed: int, operations: int) -> int:
    """A history in the database, asked at three instants of valid time as three versions knew it; how much was told."""
    statements = 0
    world, memory = f"ways-{uuid4().hex[:12]}", MemoryStore(SteppingClock())
    tested = Neo4jStore(server.uri, auth=server.auth, clock=SteppingClock())
    await tested.open()
    client = client_of(tested, page=100)
    async with client.http:
        stream = await lived((memory, tested), world, seed, operations)
        for asked in await questions(tested, world, stream.now):
            at = await read_at(tested, world, at=asked["at"], known_at=asked["known_at"], version=asked["version"])
            relations = (await tested.configuration(world, at.seq)).relations

            graphql = told_by_graphql(await nodes_of(client, world, asked))
            cypher = told_by_cypher(await as_of(tested, world, asked), relations)
            rdf = told_by_rdf(quads_of(await exported(tested, world, at)))

            own = told_by_state(await memory.state(world, at))
            assert own
            one = min(told[1] for told in own if told[0] == "entity")
            alone = told_by_cypher(await as_of(tested, world, {**asked, "entity": one}), relations)
            assert alone == {told for told in cypher if told[1 if told[0] in ("entity", "value") else 2] == one}
            statements += len(own)
            assert differing(own, graphql) == differing(own, cypher) == differing(own, rdf) == [], (seed, asked)
    await tested.close()
    return statements


async def questions(store: Store, world: str, now: int) -> list[dict[str, str | None]]:
    """Three instants of valid time, as it is known now, as a version knew it, and as it was known at an instant."""
    head = await store.head(world)
    [middle] = await store.commits_named(world, [max(1, head.seq // 2)])
    return [
        {"at": write_time(NOON - HOUR), "known_at": None, "version": None},
        {"at": write_time((NOON + now) // 2), "known_at": None, "version": f"v{max(1, head.seq // 3)}"},
        {"at": write_time(head.valid), "known_at": write_time(middle.committed_at), "version": None},
    ]


async def nodes_of(client: Client, world: str, asked: dict[str, str | None]) -> list[dict[str, Any]]:
    """All pages."""
    variables = {"world": world, "asOf": asked["at"], "knownAt": asked["known_at"], "version": asked["version"]}
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.data(ENTITIES, **variables, after=after))["entities"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def as_of(store: Store, world: str, asked: dict[str, str | None]) -> Any:
    """The analyst's query, by its parameters."""
    return await run_query(store, analyst_queries()["as_of"].text, {"world": world, **asked}, 100_000)


def differing(one: Told, other: Told) -> list[tuple[Any, ...]]:
    return sorted(one ^ other, key=repr)
