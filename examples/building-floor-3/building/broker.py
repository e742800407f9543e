"""A small MQTT 3.1.1 broker for one machine: at least once, durable sessions, retained messages, last wills.

What a subscriber hasn't acknowledged is sent again when it comes back, however long it takes. Everything is kept in
memory: after a crash the broker begins anew. Quality of service 2 is taken from publishers and given as 1.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from building.packets import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBCOMP,
    PUBLISH,
    PUBREC,
    PUBREL,
    SUBACK,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
    BadPacket,
    Cursor,
    Hello,
    Message,
    Packet,
    check_filter,
    number,
    packet,
    publish_packet,
    read_hello,
    read_packet,
    read_publish,
    topic_matches,
)

HOST: Final = "127.0.0.1"
KEPT: Final = 100_000
"""Messages that wait for a subscriber who is away; beyond them the oldest is dropped."""

_FLYING: Final = 200  # unacknowledged at once
_FIRST_WORD: Final = 10.0  # seconds for the CONNECT
_GRACE: Final = 1.5  # of the keepalive
_LAST_MID: Final = 65_535
_BUFFERED: Final = 4 << 20  # bytes for a subscriber who doesn't read, before what may be lost is lost
_BAD_PROTOCOL: Final = 1
_BAD_ID: Final = 2


@dataclass(slots=True)
class Session:
    """What a client is owed, whether it is connected or not."""

    client: str
    clean: bool
    filters: dict[str, int] = field(default_factory=dict)
    waiting: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT))
    flying: dict[int, Message] = field(default_factory=dict)
    half_taken: set[int] = field(default_factory=set)
    """Packet ids of QoS 2 that were taken and not yet released."""
    writer: asyncio.StreamWriter | None = None
    last_mid: int = 0

    def give(self, message: Message) -> None:
        """Owe it a message: at QoS 0 only while it is there and reads."""
        if message.qos:
            self.waiting.append(message)
            self.pump()
        elif self.writer and self.writer.transport.get_write_buffer_size() < _BUFFERED:
            self.writer.write(publish_packet(message, 0))

    def pump(self) -> None:
        """Send on what waits, as long as not too much is unacknowledged."""
        while self.writer and self.waiting and len(self.flying) < _FLYING:
            message = self.waiting.popleft()
            mid = self._free_mid()
            self.flying[mid] = message
            self.writer.write(publish_packet(message, mid))

    def resume(self) -> None:
        """It is back: send again what it didn't acknowledge, in order, then the rest."""
        if self.writer:
            for mid, message in self.flying.items():
                self.writer.write(publish_packet(message, mid, again=True))
        self.pump()

    def acknowledged(self, mid: int) -> None:
        """It has the message."""
        self.flying.pop(mid, None)
        self.pump()

    def _free_mid(self) -> int:
        self.last_mid = self.last_mid % _LAST_MID + 1
        while self.last_mid in self.flying:
            self.last_mid = self.last_mid % _LAST_MID + 1
        return self.last_mid


class Broker:
    """Everybody on this machine may come in; it listens on loopback only."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._retained: dict[str, Message] = {}
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self, port: int = 0) -> int:
        """Listen; the answer is the port, chosen freely for 0."""
        self._server = await asyncio.start_server(self._connected, HOST, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End all connections and listen no more."""
        if self._server:
            self._server.close()
        for writer in list(self._connections.values()):
            writer.transport.abort()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def publish(self, message: Message) -> None:
        """Give it to every subscriber, once, at the lower quality of both; keep it if it is to be kept."""
        if message.retain:
            self._keep(message)
        for session in self._sessions.values():
            granted = [qos for pattern, qos in session.filters.items() if topic_matches(pattern, message.topic)]
            if granted:
                session.give(Message(message.topic, message.payload, min(message.qos, max(granted), 1)))

    def _keep(self, message: Message) -> None:
        if message.payload:
            self._retained[message.topic] = message
        else:
            self._retained.pop(message.topic, None)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._connections[task] = writer
            task.add_done_callback(self._connections.pop)
        try:
            await self._converse(reader, writer)
        except (BadPacket, TimeoutError, OSError, asyncio.IncompleteReadError):
            pass  # the client is gone or must go; its last will was sent
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_FIRST_WORD):
            hello = read_hello(await read_packet(reader))
        refused = _BAD_PROTOCOL if hello.level is None else _BAD_ID if not hello.client and not hello.clean else 0
        if refused:
            writer.write(packet(CONNACK, bytes((0, refused))))
            await writer.drain()
            return
        session = self._open(hello, writer)
        in_peace = False
        try:
            in_peace = await self._serve(session, reader, writer, hello.keepalive * _GRACE or None)
        finally:
            self._close(session, writer, None if in_peace else hello.will)

    def _open(self, hello: Hello, writer: asyncio.StreamWriter) -> Session:
        """The client's session, new or the one it had; an older connection of the same client ends."""
        client = hello.client or f"anonymous-{secrets.token_hex(8)}"
        known = self._sessions.get(client)
        if known and known.writer:
            known.writer.close()
        resumed = known if known and not hello.clean and not known.clean else None
        session = resumed or Session(client, hello.clean)
        session.writer = writer
        self._sessions[client] = session
        writer.write(packet(CONNACK, bytes((int(resumed is not None), 0))))
        session.resume()
        return session

    def _close(self, session: Session, writer: asyncio.StreamWriter, will: Message | None) -> None:
        if session.writer is writer:
            session.writer = None
            if session.clean:
                del self._sessions[session.client]
        if will:
            self.publish(will)

    async def _serve(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float | None
    ) -> bool:
        """Until the client leaves; True where it said so."""
        while True:
            async with asyncio.timeout(patience):
                received = await read_packet(reader)
            if received.kind == DISCONNECT:
                return True
            answer = _HANDLERS.get(received.kind)
            if answer is None:
                raise BadPacket(f"a packet of kind {received.kind} comes from no client")
            answer(self, session, received, writer)
            await writer.drain()

    def published(self, session: Session, received: Packet, writer: asyncio.StreamWriter) -> None:
        """A client publishes."""
        message, mid = read_publish(received)
        if message.qos <= 1 or mid not in session.half_taken:
            self.publish(message)
        if message.qos == 1:
            writer.write(packet(PUBACK, number(mid)))
        elif message.qos:
            session.half_taken.add(mid)
            writer.write(packet(PUBREC, number(mid)))

    def released(self, session: Session, received: Packet, writer: asyncio.StreamWriter) -> None:
        """A client releases what it published at QoS 2."""
        mid = Cursor(received.body).number()
        session.half_taken.discard(mid)
        writer.write(packet(PUBCOMP, number(mid)))

    def acknowledged(self, session: Session, received: Packet, _writer: asyncio.StreamWriter) -> None:
        """A client has what was given to it."""
        session.acknowledged(Cursor(received.body).number())

    def subscribed(self, session: Session, received: Packet, writer: asyncio.StreamWriter) -> None:
        """A client wants messages: those that are kept at once."""
        cursor = Cursor(received.body)
        mid, granted = cursor.number(), []
        while cursor.more:
            pattern = cursor.text()
            check_filter(pattern)
            granted.append((pattern, min(cursor.take(1)[0] & 3, 1)))
        session.filters |= dict(granted)
        writer.write(packet(SUBACK, number(mid) + bytes(qos for _, qos in granted)))
        for message in self._retained.values():
            matching = [qos for pattern, qos in granted if topic_matches(pattern, message.topic)]
            if matching:
                session.give(Message(message.topic, message.payload, min(message.qos, max(matching)), retain=True))

    def unsubscribed(self, session: Session, received: Packet, writer: asyncio.StreamWriter) -> None:
        """A client wants some no more."""
        cursor = Cursor(received.body)
        mid = cursor.number()
        while cursor.more:
            session.filters.pop(cursor.text(), None)
        writer.write(packet(UNSUBACK, number(mid)))

    def pinged(self, _session: Session, _received: Packet, writer: asyncio.StreamWriter) -> None:
        """A client is still there."""
        writer.write(packet(PINGRESP))


_HANDLERS: Final[dict[int, Callable[[Broker, Session, Packet, asyncio.StreamWriter], None]]] = {
    PUBLISH: Broker.published,
    PUBACK: Broker.acknowledged,
    PUBREL: Broker.released,
    SUBSCRIBE: Broker.subscribed,
    UNSUBSCRIBE: Broker.unsubscribed,
    PINGREQ: Broker.pinged,
}
