"""The packets of MQTT 3.1.1 as a broker reads and writes them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

CONNECT: Final = 1
CONNACK: Final = 2
PUBLISH: Final = 3
PUBACK: Final = 4
PUBREC: Final = 5
PUBREL: Final = 6
PUBCOMP: Final = 7
SUBSCRIBE: Final = 8
SUBACK: Final = 9
UNSUBSCRIBE: Final = 10
UNSUBACK: Final = 11
PINGREQ: Final = 12
PINGRESP: Final = 13
DISCONNECT: Final = 14

LARGEST: Final = 1 << 20
"""Bytes of a packet; a larger one ends the connection."""

_MORE: Final = 0x80
_LENGTH_BYTES: Final = 4
_LEVELS: Final = {b"MQTT": 4, b"MQIsdp": 3}
_TWICE_AT_MOST: Final = 2


class BadPacket(ValueError):
    """What a client sent isn't MQTT 3.1.1; the connection ends."""


@dataclass(frozen=True, slots=True)
class Packet:
    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is published; `retain` as it is sent to a subscriber: true only for what was kept from before."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Hello:
    """A CONNECT; `level` is None for a protocol that isn't spoken here."""

    client: str
    level: int | None
    clean: bool
    keepalive: int
    will: Message | None
    username: str | None
    password: bytes | None


class Cursor:
    """Reads the fields of a body one after the other. Raises BadPacket where it ends too soon."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def more(self) -> bool:
        """Something is left."""
        return self._at < len(self._body)

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if self._at + count > len(self._body):
            raise BadPacket("the packet ends too soon")
        self._at += count
        return self._body[self._at - count : self._at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._body) - self._at)

    def number(self) -> int:
        """Two bytes."""
        return int.from_bytes(self.take(2))

    def data(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.number())

    def text(self) -> str:
        """The same as text."""
        try:
            found = self.data().decode()
        except UnicodeDecodeError as error:
            raise BadPacket("a text isn't UTF-8") from error
        if "\0" in found:
            raise BadPacket("a text holds a zero")
        return found


async def read_packet(reader: asyncio.StreamReader) -> Packet:
    """The next packet. Raises BadPacket, and IncompleteReadError where the connection ends."""
    first = (await reader.readexactly(1))[0]
    length = 0
    for place in range(_LENGTH_BYTES):
        byte = (await reader.readexactly(1))[0]
        length += (byte & ~_MORE) << (7 * place)
        if not byte & _MORE:
            break
    else:
        raise BadPacket("the length has more than four bytes")
    if length > LARGEST:
        raise BadPacket(f"a packet of {length} bytes is too large")
    return Packet(first >> 4, first & 0x0F, await reader.readexactly(length))


def packet(kind: int, body: bytes = b"", flags: int = 0) -> bytes:
    """The packet as bytes."""
    length = bytearray()
    left = len(body)
    while True:
        left, byte = left >> 7, left & ~_MORE & 0xFF
        length.append(byte | (_MORE if left else 0))
        if not left:
            return bytes((kind << 4 | flags,)) + bytes(length) + body


def number(value: int) -> bytes:
    """Two bytes."""
    return value.to_bytes(2)


def publish_packet(message: Message, mid: int, *, again: bool = False) -> bytes:
    """A PUBLISH to a subscriber; `again` marks one that was sent before."""
    topic = message.topic.encode()
    body = number(len(topic)) + topic + (number(mid) if message.qos else b"") + message.payload
    return packet(PUBLISH, body, (8 if again else 0) | message.qos << 1 | int(message.retain))


def read_publish(received: Packet) -> tuple[Message, int]:
    """The message and its packet id (0 for QoS 0); `retain` says that it shall be kept. Raises BadPacket."""
    cursor = Cursor(received.body)
    qos = received.flags >> 1 & 3
    topic = cursor.text()
    if qos > _TWICE_AT_MOST or not topic or "+" in topic or "#" in topic:
        raise BadPacket("a message has an impossible topic or quality of service")
    mid = cursor.number() if qos else 0
    return Message(topic, cursor.rest(), qos, bool(received.flags & 1)), mid


def read_hello(received: Packet) -> Hello:
    """The CONNECT that every connection begins with. Raises BadPacket."""
    if received.kind != CONNECT:
        raise BadPacket("the first packet isn't CONNECT")
    cursor = Cursor(received.body)
    protocol, level, flags, keepalive = cursor.data(), cursor.take(1)[0], cursor.take(1)[0], cursor.number()
    known = level if _LEVELS.get(protocol) == level else None
    if known is None:
        return Hello("", None, True, keepalive, None, None, None)
    client = cursor.text()
    will = None
    if flags & 0x04:
        topic, payload = cursor.text(), cursor.data()
        will = Message(topic, payload, flags >> 3 & 3, bool(flags & 0x20))
    username = cursor.text() if flags & 0x80 else None
    password = cursor.data() if flags & 0x40 else None
    return Hello(client, known, bool(flags & 0x02), keepalive, will, username, password)


def topic_matches(pattern: str, topic: str) -> bool:
    """A subscription's filter takes a topic: `+` is one level, `#` at the end is all that follow."""
    if topic.startswith("$") and pattern[:1] in ("+", "#"):
        return False
    wanted, given = pattern.split("/"), topic.split("/")
    for place, part in enumerate(wanted):
        if part == "#":
            return True
        if place >= len(given) or part not in ("+", given[place]):
            return False
    return len(wanted) == len(given)


def check_filter(pattern: str) -> None:
    """Raises BadPacket for a filter that can't be."""
    parts = pattern.split("/")
    wild = [part for part in parts if ("#" in part or "+" in part) and part not in ("#", "+")]
    if not pattern or wild or "#" in parts[:-1]:
        raise BadPacket(f"{pattern!r} isn't a topic filter")
