"""A store in Neo4j, opened for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.scene import SteppingClock

from graphtwin.ports import Store
from graphtwin.store.server import ServerAddress


@asynccontextmanager
async def opened(server: ServerAddress) -> AsyncIterator[Store]:
    from graphtwin.store.neo4j import Neo4jStore

    store = Neo4jStore(server.uri, auth=server.auth, clock=SteppingClock())
    await store.open()
    yield store
    await store.close()
