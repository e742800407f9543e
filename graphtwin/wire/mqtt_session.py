"""One MQTT session: what the broker delivers, in its order, each acknowledged when the caller says so and never before."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from graphtwin.wire.no_connection import NoConnection, reason_of

AT_LEAST_ONCE: Final = 1
MOST_IN_FLIGHT: Final = 65_535
"""What a broker can at most have delivered and not acknowledged."""
KEPT_RAW: Final = 4096
"""Bytes that are kept of a payload that is too large."""

_KEEPALIVE_S: Final = 60
_PATIENCE_S: Final = 2.0
"""How long a broker may think about MQTT 5: some that don't know it say nothing at all."""
_NOBODY: Final = "graphtwin/nobody/subscribes/to/this"
_OTHER_VERSION: Final = "Unsupported protocol version"
_HINTS: Final = {
    "Not authorized": "check username and password of the source, and what the broker lets them do",
    "Bad user name or password": "check username and password of the source",
    "Client identifier not valid": "give the source a `client_id` that the broker takes",
}


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """A broker and how it is entered; `tls` None is a plain connection."""

    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def shown(self) -> str:
        """For people."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What is asked of the broker. A session that isn't `durable` begins empty and leaves nothing behind.

    `protocol` is auto, 5 or 3.1.1; `expiry` and `timeout` are seconds; at most `most` messages and `most_bytes` are
    held that aren't acknowledged, and of a payload over `max_payload` only its beginning, size and hash.
    """

    client_id: str
    durable: bool
    protocol: str
    expiry: int
    timeout: float
    most: int
    most_bytes: int
    max_payload: int


class Delivery(NamedTuple):
    """One message as the broker delivered it; `sha256` is "" unless the payload was too large to be kept whole."""

    mid: int
    topic: str
    payload: bytes
    size: int
    sha256: str
    qos: int
    retained: bool
    duplicate: bool


class MqttSession:
    """A connection to a broker, from `open` to `close`. It isn't mended: when it is `lost`, open another one."""

    def __init__(self, address: MqttAddress, terms: SessionTerms) -> None:
        self._address = address
        self._terms = terms
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[Sequence[ReasonCode]]] = {}
        self._entered: asyncio.Future[tuple[bool, ReasonCode | None]] = self._loop.create_future()
        self._client = self._made(paho.MQTTv5)
        self._held, self._bytes, self._counting = 0, 0, threading.Lock()
        self.overflowed = False
        """More came than may be held; the broker delivers it again over the next connection."""
        self.lost = ""
        """Why the connection is gone; "" while it stands."""

    async def open(self) -> bool:
        """Connect; answers whether the broker still knew the session. Raises NoConnection."""
        protocol, timeout = self._terms.protocol, self._terms.timeout
        if protocol == "auto":
            present, reason = await self._connect(paho.MQTTv5, min(timeout, _PATIENCE_S))
            if not _speaks_another(reason):
                return await self._admitted(present, reason)
            await self.close()
        version = paho.MQTTv5 if protocol == "5" else paho.MQTTv311
        return await self._admitted(*await self._connect(version, timeout))

    @property
    def protocol(self) -> str:
        """The version that is spoken: 5 or 3.1.1."""
        return "5" if self._client.protocol == paho.MQTTv5 else "3.1.1"

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for these filters, at QoS 1; retained messages of theirs are delivered now. Raises NoConnection."""
        for topic in topics:
            reasons = await self._asked(self._client.subscribe(topic, AT_LEAST_ONCE)[1])
            refused = next((reason for reason in reasons if reason.is_failure), None)
            if refused is not None:
                raise NoConnection(
                    f"{self._address.shown} refuses the topics {topic!r}: {refused.getName().lower()}",
                    "let the broker allow this user to read them, or correct the topics of the source",
                )

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Ask for these filters no more. Raises NoConnection."""
        for topic in topics:
            await self._asked(self._client.unsubscribe(topic)[1])

    async def next(self, seconds: float) -> Delivery | None:
        """The next message; None when none comes in that time, or the connection is lost."""
        if self._heard.empty():
            if self.lost:
                return None
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._heard.get(), seconds)
            return None
        return self._heard.get_nowait()

    async def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Let the broker forget these, in the order they came. Raises NoConnection where it may not have heard all of it:
        what it hasn't it delivers again.
        """
        for delivery in deliveries:
            with self._counting:
                self._held, self._bytes = self._held - 1, self._bytes - len(delivery.payload)
            if delivery.qos:
                self._client.ack(delivery.mid, delivery.qos)
        await self.settle()

    async def settle(self) -> None:
        """Ask for nothing, and wait for the answer: a broker answers in the order it is asked, so it has heard all that was
        said before. Raises NoConnection.
        """
        await self.unsubscribe([_NOBODY])

    async def close(self) -> None:
        """Say goodbye, after everything that was acknowledged; a durable session stays at the broker."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def _made(self, version: int) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, self._terms.client_id, manual_ack=True, reconnect_on_failure=False,
            protocol=MQTTProtocolVersion(version),
            clean_session=not self._terms.durable if version == paho.MQTTv311 else None,
        )  # fmt: skip
        client.connect_timeout = self._terms.timeout
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password or None)
        if self._address.tls is not None:
            client.tls_set_context(self._address.tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_answer
        client.on_unsubscribe = self._on_answer
        return client

    async def _connect(self, version: int, seconds: float) -> tuple[bool, ReasonCode | None]:
        """What the broker says: whether it knew the session, and the reason; None where it says nothing, or hangs up."""
        self._client, self._heard = self._made(version), asyncio.Queue()
        self._entered, self.lost = self._loop.create_future(), ""
        try:
            await asyncio.to_thread(
                self._client.connect, self._address.host, self._address.port, _KEEPALIVE_S, **self._entry(version)
            )
        except (OSError, ValueError) as error:
            raise NoConnection(
                f"{self._address.shown} can't be reached: {reason_of(error)}",
                "start the broker, or correct its address",
            ) from error
        self._client.loop_start()
        try:
            return await asyncio.wait_for(asyncio.shield(self._entered), seconds)
        except TimeoutError:
            return False, None

    def _entry(self, version: int) -> dict[str, Any]:
        """What MQTT 5 is told when the connection begins."""
        if version != paho.MQTTv5:
            return {}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._terms.expiry if self._terms.durable else 0
        properties.ReceiveMaximum = min(self._terms.most, MOST_IN_FLIGHT)
        return {"clean_start": not self._terms.durable, "properties": properties}

    async def _admitted(self, present: bool, reason: ReasonCode | None) -> bool:
        if reason is not None and not reason.is_failure:
            return present
        await self.close()
        if reason is None:
            raise NoConnection(
                f"{self._address.shown} doesn't speak MQTT: {self.lost or 'it said nothing'}", "is it a broker?"
            )
        name = reason.getName()
        hint = _HINTS.get(name, "look at the broker's log")
        raise NoConnection(f"{self._address.shown} refuses the connection: {name.lower()}", hint)

    async def _asked(self, mid: int | None) -> Sequence[ReasonCode]:
        """The broker's answer to a request. Raises NoConnection."""
        if mid is None or self.lost:
            raise NoConnection(
                f"{self._address.shown} was lost: {self.lost or 'not connected'}", "look at the broker's log"
            )
        answer = self._answers[mid] = self._loop.create_future()
        try:
            return await asyncio.wait_for(answer, self._terms.timeout)
        except TimeoutError as error:
            raise NoConnection(f"{self._address.shown} doesn't answer any more", "look at the broker's log") from error
        finally:
            self._answers.pop(mid, None)

    # What paho calls, in its own thread.

    def _on_connect(self, client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._tell(client, self._enter, bool(flags.session_present), reason)

    def _on_disconnect(self, client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._tell(client, self._lose, reason.getName())

    def _on_answer(self, client: Any, _data: Any, mid: int, reasons: Sequence[ReasonCode], _properties: Any) -> None:
        self._tell(client, self._answer, mid, reasons)

    def _on_message(self, client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        size = len(message.payload)
        large = size > self._terms.max_payload
        payload = bytes(message.payload[:KEPT_RAW] if large else message.payload)
        with self._counting:
            full = self._held >= self._terms.most or self._bytes + len(payload) > self._terms.most_bytes
            self.overflowed = self.overflowed or full
            if self.overflowed:
                return
            self._held, self._bytes = self._held + 1, self._bytes + len(payload)
        delivery = Delivery(
            message.mid, _topic(message), payload, size, hashlib.sha256(message.payload).hexdigest() if large else "",
            message.qos, message.retain, message.dup,
        )  # fmt: skip
        self._tell(client, self._heard.put_nowait, delivery)

    def _tell(self, client: Any, call: Any, *words: Any) -> None:
        """Hand it to the caller's loop, unless it comes from a connection that was given up; where the loop has ended
        nobody listens any more.
        """
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: call(*words) if client is self._client else None)

    # What is done with it, in the caller's loop.

    def _enter(self, present: bool, reason: ReasonCode) -> None:
        if not self._entered.done():
            self._entered.set_result((present, reason))

    def _lose(self, reason: str) -> None:
        self.lost = reason.lower()
        if not self._entered.done():
            self._entered.set_result((False, None))
        self._heard.put_nowait(None)  # wakes who waits

    def _answer(self, mid: int, reasons: Sequence[ReasonCode]) -> None:
        waiting = self._answers.get(mid)
        if waiting is not None and not waiting.done():
            waiting.set_result(reasons)


def _speaks_another(reason: ReasonCode | None) -> bool:
    """Whether a broker that was spoken to in MQTT 5 doesn't know it; some hang up instead of saying so."""
    return reason is None or reason.getName() == _OTHER_VERSION


def _topic(message: paho.MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return message._topic.decode(errors="backslashreplace")  # noqa: SLF001 - the library offers no other way to the bytes
