"""/graphql over a WebSocket: subscriptions by the graphql-transport-ws protocol, within the limits, for who may listen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.websockets import WebSocket
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from graphtwin.api.doors.door import Refusal, foreign, shown_key
from graphtwin.api.doors.graphql_endpoint import problem
from graphtwin.api.doors.socket import Socket
from graphtwin.api.doors.socket_session import Connected, Doorkeeper, Services, Session

_UNACCEPTABLE: Final = 4406
_FULL: Final = Refusal(503, "Too many connections", "As many listen as may; try again later.")


@dataclass(slots=True)
class SocketEndpoint:
    """Takes connections, as many as may be."""

    services: Services
    _connected: int = 0

    async def take(self, websocket: WebSocket) -> None:
        """Serve one connection to its end. A foreign page, and one too many, don't come through the handshake."""
        full = self._connected >= self.services.limits.streams.connections
        refused = foreign(websocket.headers) or (_FULL if full else None)
        if refused is not None:
            await websocket.send_denial_response(problem(refused))
            return
        self._connected += 1
        self.services.metrics.connections.inc()
        try:
            await self._serve(websocket)
        finally:
            self._connected -= 1
            self.services.metrics.connections.dec()

    async def _serve(self, websocket: WebSocket) -> None:
        if GRAPHQL_TRANSPORT_WS_PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(_UNACCEPTABLE, "Subprotocol not acceptable")
            return
        await websocket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
        socket, connected = (
            Socket(websocket, self.services.limits.streams.sending),
            Connected(shown_key(websocket.headers)),
        )
        watching = asyncio.ensure_future(Doorkeeper(socket, self.services).watch(connected))
        try:
            await Session(socket, connected, self.services).handle()
        finally:
            watching.cancel()
            socket.let_go()
