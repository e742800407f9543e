"""The API over a small world in memory, served on a free port of this machine, and clients that listen to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.websockets import WebsocketsTransport
from unit.api.conftest import KEY
from websockets.asyncio.client import ClientConnection, connect

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.api.serve import listener_at, make_server
from graphtwin.api.streams.stream_limits import StreamLimits
from graphtwin.ports import Store

PROTOCOL = "graphql-transport-ws"


@dataclass(frozen=True)
class Served:
    """Where it is."""

    address: str

    @property
    def socket(self) -> str:
        return self.address.replace("http", "ws", 1) + "/graphql"

    def client(self, key: str = KEY) -> Client:
        """A client as programs have it, which shows its key with connection_init."""
        shown = {"Authorization": f"Bearer {key}"}
        return Client(transport=WebsocketsTransport(url=self.socket, init_payload=shown))

    async def heard(self, query: str, count: int, *, key: str = KEY, **variables: Any) -> list[dict[str, Any]]:
        """The first messages of a subscription."""
        messages: list[dict[str, Any]] = []
        async with asyncio.timeout(20), self.client(key) as session:
            async for message in session.subscribe(GraphQLRequest(query, variable_values=variables)):
                messages += message.values()
                if len(messages) == count:
                    break
        return messages

    @asynccontextmanager
    async def connected(self, *, init: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[ClientConnection]:
        """A bare connection; where `init` is given, connection_init was said with it, and answered."""
        options = {"subprotocols": [PROTOCOL]} | options
        async with connect(self.socket, **options) as socket:
            if init is not None:
                await socket.send(json.dumps({"type": "connection_init", "payload": init}))
                assert (await answered(socket))["type"] == "connection_ack"
            yield socket


async def answered(socket: ClientConnection) -> dict[str, Any]:
    """The next message."""
    async with asyncio.timeout(20):
        return json.loads(await socket.recv())


@asynccontextmanager
async def served(store: Store, *, limits: dict[str, Any] | None = None, **streams: Any) -> AsyncIterator[Served]:
    """The API over a store, for a block; it looks at worlds often."""
    bounds = Limits(streams=StreamLimits(**{"look": 0.01} | streams), **(limits or {}))
    with closing(listener_at("127.0.0.1", 0)) as listener:
        server = make_server(make_application(store, key=KEY, limits=bounds), bounds)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await serving
