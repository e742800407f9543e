"""GraphQL, the analyst's Cypher and RDF say the same of a world, whenever on either axis it is asked (S1)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from contracts.scene import NOON, SteppingClock
from hypothesis import given, settings
from hypothesis import strategies as st
from three_ways import ENTITIES, Told, told_by_cypher, told_by_graphql, told_by_rdf, told_by_state
from unit.api.conftest import Client, client_of
from unit.rdf.exported import exported, lived, quads_of

from graphtwin.app.query import analyst_queries, run_query
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.state import At
from graphtwin.ports import Store
from graphtwin.store.memory import MemoryStore
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

HOUR = 3_600_000_000
seeds = st.integers(0, 2**32 - 1)

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(1_800)]


@settings(max_examples=4)
@given(seed=seeds, operations=st.integers(5, 30))
def test_three_instants_on_two_axes_are_told_alike_three_ways(neo4j_server: ServerAddress, seed: int, operations: int):
    asyncio.run(compare(neo4j_server, seed, operations))


@pytest.mark.nightly
@settings(max_examples=60)
@given(seed=seeds, operations=st.integers(5, 120))
def test_three_instants_are_told_alike_of_longer_histories(neo4j_server: ServerAddress, seed: int, operations: int):
    asyncio.run(compare(neo4j_server, seed, operations))


async def compare(server: ServerAddress, seed: int, operations: int) -> None:
    """A history in the database, asked at three instants of valid time as three versions knew it."""
    world, memory = f"ways-{uuid4().hex[:12]}", MemoryStore(SteppingClock())
    tested = Neo4jStore(server.uri, auth=server.auth, clock=SteppingClock())
    await tested.open()
    client = client_of(tested, page=100)
    async with client.http:
        stream = await lived((memory, tested), world, seed, operations)
        head = await tested.head(world)
        for valid, seq in zip(
            (NOON - HOUR, (NOON + stream.now) // 2, head.valid),
            (head.seq, max(1, head.seq // 2), head.seq),
            strict=True,
        ):
            at = At(valid, seq)
            relations = (await tested.configuration(world, seq)).relations

            asked = {"world": world, "asOf": write_time(valid), "version": f"v{seq}"}
            graphql = told_by_graphql(await nodes_of(client, asked))
            cypher = told_by_cypher(await as_of(tested, world, at), relations)
            rdf = told_by_rdf(quads_of(await exported(tested, world, at)))

            own = told_by_state(await memory.state(world, at))
            assert differing(own, graphql) == differing(own, cypher) == differing(own, rdf) == [], (seed, at)
    await tested.close()


async def nodes_of(client: Client, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.data(ENTITIES, **variables, after=after))["entities"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def as_of(store: Store, world: str, at: At) -> Any:
    """The analyst's query, by its parameters."""
    params = {"world": world, "at": write_time(at.valid), "version": at.seq}
    return await run_query(store, analyst_queries()["as_of"].text, params, 100_000)


def differing(one: Told, other: Told) -> list[tuple[Any, ...]]:
    return sorted(one ^ other, key=repr)
