"""The line between an MQTT client and its broker, cut or held as a test lets it, and a device that acts on what it hears."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
from brokers import LOOPBACK, Broker, free_port
from paho.mqtt.enums import CallbackAPIVersion

CONNECT, PUBLISH, PUBACK = 1, 3, 4
PATIENCE_S = 60.0  # two busy cores


class MqttLine:
    """Forwards what clients and broker say. When a client publishes: `apply` forwards it, `hang` loses it, `drop_before`
    hangs up instead, `drop_after` hangs up when the broker has acknowledged it; `absent` takes no connection.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.port = free_port()
        self.how = "apply"
        self.published = 0
        self.versions: list[int] = []
        self._listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"mqtt://{LOOPBACK}:{self.port}"

    def open(self) -> None:
        self._listener = socket.create_server((LOOPBACK, self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def behave(self, how: str) -> None:
        self.how = how
        if how == "absent":
            self.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((LOOPBACK, self.broker.port))
                for pump in (self._outwards, self._inwards):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _outwards(self, client: socket.socket, server: socket.socket) -> None:
        for kind, packet in _packets(client):
            if kind == CONNECT:
                self.versions.append(packet[packet.index(b"MQTT") + 4])
            if kind == PUBLISH:
                self.published += 1
                if self.how == "hang":
                    continue
                if self.how == "drop_before":
                    break
            server.sendall(packet)
        _hang_up(client, server)

    def _inwards(self, client: socket.socket, server: socket.socket) -> None:
        for kind, packet in _packets(server):
            if kind == PUBACK and self.how == "drop_after":
                break
            client.sendall(packet)
        _hang_up(client, server)


@contextmanager
def mqtt_line(broker: Broker) -> Iterator[MqttLine]:
    """A line to a broker for a block."""
    line = MqttLine(broker)
    line.open()
    try:
        yield line
    finally:
        line.close()


class Device:
    """Acts on what is published below its prefix, once for each key: `heard` has (key, topic, payload)."""

    def __init__(self, broker: Broker, prefix: str, *, user: tuple[str, str] | None = None) -> None:
        self.heard: list[tuple[str, str, Any]] = []
        self._prefix = prefix
        self._there = threading.Event()
        self._marks: set[str] = set()
        self._marked = threading.Condition()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        if user:
            self._client.username_pw_set(*user)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._there.set()
        self._client.connect(LOOPBACK, broker.port)
        self._client.loop_start()
        self._client.subscribe([(f"{prefix}/#", 1), ("mark", 1)])
        assert self._there.wait(PATIENCE_S)

    def all_heard(self) -> list[tuple[str, str, Any]]:
        """What it has heard, once everything that the broker had took its way."""
        mark = uuid4().hex
        self._client.publish("mark", mark, qos=1)
        with self._marked:
            assert self._marked.wait_for(lambda: mark in self._marks, PATIENCE_S)
        return list(self.heard)

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == "mark":
            with self._marked:
                self._marks.add(message.payload.decode())
                self._marked.notify_all()
            return
        properties = dict(getattr(message.properties, "UserProperty", []))
        body = json.loads(message.payload) if message.payload else None
        key = properties.get("idempotency-key") or (body.get("idempotency_key") if isinstance(body, dict) else "") or ""
        self.heard.append((key, message.topic.removeprefix(f"{self._prefix}/"), body))


def _packets(sock: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each packet, until the line is cut."""
    with suppress(OSError, EOFError):
        while True:
            head = _exactly(sock, 1)
            length, shift = 0, 0
            while True:
                more = _exactly(sock, 1)
                head += more
                length |= (more[0] & 0x7F) << shift
                shift += 7
                if more[0] < 0x80:
                    break
            yield head[0] >> 4, head + _exactly(sock, length)


def _exactly(sock: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        block = sock.recv(count - len(read))
        if not block:
            raise EOFError
        read += block
    return read


def _hang_up(*socks: socket.socket) -> None:
    for sock in socks:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
