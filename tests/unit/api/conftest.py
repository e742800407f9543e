"""The API over a small world in memory, asked as a client asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from e2e.small_world import SmallWorld, memory, reading
from starlette.applications import Starlette

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.ports import Store

KEY = "k" * 43
HERE = "http://here"


@dataclass(frozen=True)
class Client:
    """Sends documents with the key."""

    http: httpx.AsyncClient
    application: Starlette
    key: str = KEY

    def with_key(self, key: str) -> Client:
        """The same for another caller."""
        return Client(self.http, self.application, key)

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        """What HTTP says."""
        return await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"Authorization": f"Bearer {self.key}"}
        )

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        response = await self.post(query, **variables)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def error(self, query: str, **variables: Any) -> Mapping[str, Any]:
        """The one error of an answer."""
        [error] = (await self.ask(query, **variables))["errors"]
        return error


def client_of(store: Store, **limits: Any) -> Client:
    """A client of an application of its own."""
    application = make_application(store, key=KEY, limits=Limits(**limits))
    transport = httpx.ASGITransport(application, raise_app_exceptions=True)
    return Client(httpx.AsyncClient(transport=transport, base_url=HERE), application)


@pytest_asyncio.fixture
async def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """Three sensors that feed each other; the second sync changed a value, and could not read one message."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    plant = SmallWorld(tmp_path / "plant", memory())
    plant.say(reading("t2", 21, feeds=["t1"]), reading("t3", 22, feeds=["t2"]))
    await plant.sync()
    plant.say(reading("t1", 93, "2026-01-01T01:00:00Z"))
    plant.say_raw("{broken\n")
    await plant.sync()
    return plant


@pytest_asyncio.fixture
async def client(plant: SmallWorld) -> AsyncIterator[Client]:
    client = client_of(plant.store)
    async with client.http:
        yield client
