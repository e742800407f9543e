"""A page of entities of the head costs what it shows: its ids come from the present, and only a past is listed, once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from contracts.portions_contract import hall, joined
from contracts.scene import MINUTE, NOON, Scene, say

from graphtwin.model.state import At
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

pytestmark = pytest.mark.neo4j


class LeapingClock:
    """A clock by which everything was committed long ago."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> int:
        self._now += MINUTE // 10
        return self._now


async def test_pages_of_the_head_are_of_the_present_and_those_of_a_past_are_listed_once_s19(
    neo4j_server: ServerAddress,
):
    store = Neo4jStore(neo4j_server.uri, auth=neo4j_server.auth, clock=LeapingClock())
    await store.open()
    scene = await Scene.make(store, f"w-{uuid4().hex[:12]}")
    await hall(scene)
    head = await store.head(scene.world)
    at = At(head.valid, head.seq)

    of_head = await pages(store, scene, at)
    listed_for_head = store._listed.of(scene.world, at)
    await scene.write(say("bus:a", "reading", 25, NOON + 2 * MINUTE), now=NOON + 2 * MINUTE)
    of_past = await pages(store, scene, at)

    state = await scene.state(at)
    assert joined(of_head) == joined(of_past) == (state.entities, state.edges)
    assert listed_for_head is None
    assert store._listed.of(scene.world, at) == sorted(state.entities)
    await store.close()


async def pages(store: Neo4jStore, scene: Scene, at: At):
    found, after = [], ""
    while (portion := await store.page(scene.world, at, limit=1, after=after)).entities:
        found.append(portion)
        after = portion.entities[-1].id
    return found
