"""Opens the store that the settings name, starting the embedded server where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from graphtwin.app.adapters import SystemClock
from graphtwin.app.logs import configure_log
from graphtwin.ports import Store
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress, ensure_running
from graphtwin.store.server.progress import Progress


async def embedded(settings: Settings, progress: Progress | None = None) -> ServerAddress:
    """The running server's address; the embedded one is started first if needed. Raises Unavailable."""
    return await asyncio.to_thread(ensure_running, settings, progress)


@asynccontextmanager
async def connect(settings: Settings, progress: Progress | None = None) -> AsyncIterator[Store]:
    """An open store. Raises Unavailable."""
    configure_log(settings.log_level)
    address = await embedded(settings, progress)
    store = Neo4jStore(address.uri, auth=address.auth, database=address.database, clock=SystemClock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()
