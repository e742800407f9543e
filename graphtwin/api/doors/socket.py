"""One WebSocket as the protocol's handler needs it: only well-formed messages come in, and none waits without an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.http.async_base_view import AsyncWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected

TRY_LATER: Final = 1013
_REASON: Final = 123
"""Bytes that a reason may have in a frame that closes."""
_ID: Final = 128


class Socket(AsyncWebSocketAdapter):
    """Takes and gives JSON. A client that doesn't take a message within `sending` seconds is told to come again: nothing is
    kept for it meanwhile, and nothing more is read for it.
    """

    def __init__(self, websocket: WebSocket, sending: float) -> None:
        self._websocket = websocket
        self._sending = sending
        self._closing: asyncio.Task[None] | None = None

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:  # noqa: ARG002
        """Messages until either side closes. Raises for one that the protocol doesn't have."""
        while True:
            frame = await self._websocket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            if frame.get("text") is None:
                raise NonTextMessageReceived
            try:
                message = orjson.loads(frame["text"])
            except orjson.JSONDecodeError as error:
                raise NonJsonMessageReceived from error
            if not _is_well_formed(message):
                raise NonJsonMessageReceived
            yield message

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Raises WebSocketDisconnected where it can't be taken any more."""
        if self._closing is not None:
            raise WebSocketDisconnected
        text = orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS).decode()
        try:
            async with asyncio.timeout(self._sending):
                await self._websocket.send_text(text)
        except TimeoutError as error:
            if self._closing is None:
                self._closing = asyncio.ensure_future(self.close(TRY_LATER, "too slow: go on after the last cursor"))
            raise WebSocketDisconnected from error
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Harmless where it is closed already."""
        try:
            await self._websocket.close(code, reason.encode()[:_REASON].decode(errors="ignore"))
        except (WebSocketDisconnect, RuntimeError):
            return

    def let_go(self) -> None:
        """Wait no more for a client that is too slow to hear that it is."""
        if self._closing is not None:
            self._closing.cancel()


def _is_well_formed(message: Any) -> bool:
    """Whether it is an object with a type; of `subscribe` and `complete`, the id and what is asked."""
    match message:
        case {"type": "subscribe", "id": str(name), "payload": {"query": str()} as payload}:
            variables, operation = payload.get("variables"), payload.get("operationName")
            return 0 < len(name) <= _ID and isinstance(variables, dict | None) and isinstance(operation, str | None)
        case {"type": "complete", "id": str(name)}:
            return len(name) <= _ID
        case {"type": "subscribe" | "complete"}:
            return False
        case {"type": str()}:
            return True
    return False
