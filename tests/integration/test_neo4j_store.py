"""The store in Neo4j keeps the contract of stores, and agrees with the store in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from contracts.scene import SteppingClock
from contracts.store_contract import StoreContract

from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def neo4j_store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    store = Neo4jStore(neo4j_server.uri, auth=neo4j_server.auth, clock=SteppingClock())
    await store.open()
    yield store
    await store.close()


@pytest.mark.neo4j
class TestNeo4jStore(StoreContract):
    @pytest.fixture
    def store(self, neo4j_store: Neo4jStore) -> Neo4jStore:
        return neo4j_store
