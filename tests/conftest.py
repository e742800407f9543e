"""A real Neo4j server for the session, started in a folder of its own, and drivers to it.

Nothing is skipped when it can't be started: the tests that need it fail, and say why.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase

from graphtwin.settings import Settings, load_settings
from graphtwin.store.server import ServerAddress, ensure_running, stop


@pytest.fixture(scope="session")
def settings_for() -> Callable[..., Settings]:
    """Settings of a home of one's own: a small server, and a start that a busy machine can't make fail."""

    def settings(home: Path, **flags: Any) -> Settings:
        sizes = {"uri": None, "heap_mb": 1024, "page_cache_mb": 256, "start_timeout_s": 240}
        return load_settings(home=home, neo4j=sizes | flags.pop("neo4j", {}), **flags)

    return settings


# A busy machine makes an example slow, never wrong.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def neo4j_settings(tmp_path_factory: pytest.TempPathFactory, settings_for: Callable[..., Settings]) -> Settings:
    """The session's home, so that the user's database is never touched; the cache of jars is the user's."""
    return settings_for(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def neo4j_server(neo4j_settings: Settings) -> Iterator[ServerAddress]:
    """The address of the session's server: `uri`, `auth` and `http_url`."""
    yield ensure_running(neo4j_settings)
    stop(neo4j_settings)
    shutil.rmtree(neo4j_settings.home)  # pytest keeps the folders of three sessions; a store has some 150 MB


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def neo4j_driver(neo4j_server: ServerAddress) -> AsyncIterator[AsyncDriver]:
    async with AsyncGraphDatabase.driver(neo4j_server.uri, auth=neo4j_server.auth) as driver:
        yield driver
