"""Small worlds in the session's real database, and the environment in which programs find it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from e2e.small_world import SmallWorld

from graphtwin.app.adapters import SystemClock
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress


@asynccontextmanager
async def real_store(server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    """An open store in the session's server."""
    store = Neo4jStore(server.uri, auth=server.auth, database=server.database, clock=SystemClock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def real_world(folder: Path, store: Neo4jStore, name: str = "plant") -> SmallWorld:
    """A world of its own in a database that other tests use, too."""
    world = SmallWorld(folder, store)
    world.config["world"]["id"] = f"{name}-{uuid4().hex[:8]}"
    return world


def environment(settings: Settings, config: Path) -> dict[str, str]:
    """What a program needs to find the session's server, and keys that aren't the user's."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GRAPHTWIN_")}
    return {**inherited, "GRAPHTWIN_HOME": str(settings.home), "GRAPHTWIN_CONFIG": str(config), "COLUMNS": "200"}
