"""One connection's talk by the protocol: who listens, and each subscription within its limits, with masked errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from graphql import GraphQLError
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage
from strawberry.types.graphql import OperationType

from graphtwin.api.caller import Caller, caller_of
from graphtwin.api.deciding.chain import Chain
from graphtwin.api.doors.door import key_of
from graphtwin.api.doors.socket import TRY_LATER, Socket
from graphtwin.api.limits import Limits
from graphtwin.api.masking import masked
from graphtwin.api.metrics import Metrics
from graphtwin.api.schema import Schema
from graphtwin.api.streams.listening import Listening
from graphtwin.api.streams.world_readers import WorldReaders
from graphtwin.errors import GraphtwinError, UsageError
from graphtwin.ports import Store

FORBIDDEN: Final = 4403
_COME_AGAIN: Final = 1012

_log: Final = logging.getLogger("graphtwin.api")


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection is served with; `key` is that of this machine."""

    store: Store
    schema: Schema
    limits: Limits
    key: str
    metrics: Metrics
    chain: Chain
    readers: WorldReaders


@dataclass(slots=True)
class Connected:
    """What a client has shown: a key in a header of the handshake, or with connection_init, which counts before it."""

    header: str
    connection_params: dict[str, Any] = field(default_factory=dict)
    caller: Caller | None = None

    @property
    def key(self) -> str:
        """The key; "" where none was shown."""
        said = {name.lower(): value for name, value in self.connection_params.items()}.get("authorization")
        return key_of(said) if isinstance(said, str) else self.header


class Session(BaseGraphQLTransportWSHandler[Connected, None]):
    """The protocol as strawberry has it, with the limit of subscriptions in our words."""

    def __init__(self, socket: Socket, connected: Connected, services: Services) -> None:
        super().__init__(
            view=Doorkeeper(socket, services),  # type: ignore[arg-type] # nothing else is asked of a view
            websocket=socket,
            context=connected,
            root_value=None,
            schema=Masked(services),  # type: ignore[arg-type] # nothing else is asked of a schema
            connection_init_wait_timeout=timedelta(seconds=services.limits.streams.greeting),
        )
        self._most = services.limits.streams.subscriptions

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """One past the limit is refused, and the others go on."""
        name = message["id"]
        if self.connection_acknowledged and name not in self.operations and len(self.operations) >= self._most:
            refused = UsageError(
                f"One connection has at most {self._most} subscriptions.", hint="end one, or open another connection"
            )
            told = masked(GraphQLError(refused.message, original_error=refused))
            await self.send_message({"id": name, "type": "error", "payload": [told.formatted]})
            return
        await super().handle_subscribe(message)

    async def handle_task_exception(self, error: Exception) -> None:
        """A client that went away is no error."""
        if not isinstance(error, WebSocketDisconnected):
            _log.error("internal error", exc_info=error)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets in who shows a key, as long as it lets in."""

    socket: Socket
    services: Services

    async def on_ws_connect(self, connected: Connected) -> dict[str, object]:
        """What the acknowledgement says: nothing. Raises ConnectionRejectionError, which the handler answers with 4403."""
        services = self.services
        try:
            async with asyncio.timeout(services.limits.seconds):
                connected.caller = await caller_of(services.store, connected.key, services.key)
        except (GraphtwinError, TimeoutError):
            _log.exception("whose key it is can't be looked up")
            await self.socket.close(TRY_LATER, "whose key it is can't be looked up now")
        if connected.caller is None:
            services.metrics.unknown_keys.inc()
            raise ConnectionRejectionError
        return {}

    async def watch(self, connected: Connected) -> None:
        """Close the connection once its key lets in no more, or otherwise."""
        while True:
            await asyncio.sleep(self.services.limits.streams.again)
            before = connected.caller
            if before is None or before.local:
                continue
            try:
                now = await caller_of(self.services.store, connected.key, self.services.key)
            except GraphtwinError:
                continue  # a database that doesn't answer gives nobody anything to hear, either
            if now is None:
                await self.socket.close(FORBIDDEN, "Forbidden")
            elif now != before:
                await self.socket.close(_COME_AGAIN, "your roles have changed: connect again")


@dataclass(frozen=True, slots=True)
class Masked:
    """The schema as subscriptions are asked of it; their errors are those that a client may see."""

    services: Services

    async def stream(
        self, query: str, *, context_value: Connected, variable_values: dict[str, Any] | None, operation_name: str | None,
        root_value: None,
    ) -> AsyncGenerator[Any, None]:  # fmt: skip
        """Each answer. Queries and mutations have a way of their own, by POST."""
        services, caller = self.services, context_value.caller or Caller("nobody")
        source = await services.schema.stream(
            query,
            variable_values=variable_values,
            context_value=Listening(services.store, services.limits, caller, services.chain, readers=services.readers),
            root_value=root_value,
            operation_name=operation_name,
            allowed_operation_types=(OperationType.SUBSCRIPTION,),
        )
        return self._masked(source)

    async def _masked(self, source: Any) -> AsyncGenerator[Any, None]:
        metrics = self.services.metrics
        async with aclosing(source):
            async for answer in source:
                answer.errors = [masked(error) for error in answer.errors or ()] or None
                for error in answer.errors or ():
                    metrics.errors.labels(error.extensions["code"]).inc()
                metrics.messages.inc()
                yield answer
