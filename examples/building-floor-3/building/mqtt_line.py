"""The gateway's line to a real broker: at least once, in order, with a last will, back again after a loss."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from paho.mqtt.client import MQTT_ERR_QUEUE_SIZE, CallbackAPIVersion, Client, MQTTMessage

from building.floor import BuildingError
from building.gateway import COMMAND, LAST_WILL, STATUS

PORT: Final = 1883
KEEPALIVE: Final = 10
"""Seconds after which a broker begins to wonder."""

_REMEMBERED: Final = 5_000  # messages while the broker is away
_GLANCE: Final = 0.005
_LATER: Final = 2  # seconds between two attempts, at most


class MqttLine:
    """`up` is called in the client's own thread whenever the line works, `command` with each command's payload."""

    def __init__(self, address: str, *, up: Callable[[], None], command: Callable[[bytes], None]) -> None:
        split = urlsplit(address)
        if split.scheme != "mqtt" or not split.hostname:
            raise BuildingError(f"the broker's address is like mqtt://127.0.0.1:{PORT}, not {address!r}")
        self._host, self._port = split.hostname, split.port or PORT
        self._login = (split.username, split.password)
        self._up, self._command = up, command
        self._client: Client | None = None
        self._handed = 0
        self._delivered = 0
        self._works = threading.Event()

    def connect(self) -> None:
        """Begin, in a thread of its own; a broker that isn't there yet is tried again and again."""
        client = Client(CallbackAPIVersion.VERSION2, client_id="gateway-3", clean_session=True)
        if self._login[0]:
            client.username_pw_set(*self._login)
        client.will_set(STATUS, LAST_WILL, qos=1, retain=True)
        client.max_queued_messages_set(_REMEMBERED)
        client.reconnect_delay_set(1, _LATER)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_publish = self._published
        self._handed = self._delivered = 0
        client.connect_async(self._host, self._port, keepalive=KEEPALIVE)
        self._client = client
        client.loop_start()

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand over; some thousands of messages follow later when the broker is away, what comes then is lost."""
        if self._client and self._client.publish(topic, payload, qos=1, retain=retain).rc != MQTT_ERR_QUEUE_SIZE:
            self._handed += 1

    def cut(self) -> None:
        """Gone without a word: the connection breaks, and the broker sends the last will."""
        client, self._client = self._client, None
        self._works.clear()
        if client is None:
            return
        client.on_disconnect = None
        client.loop_stop()
        with contextlib.suppress(OSError):
            if broken := client.socket():
                broken.close()

    def close(self) -> None:
        """Leave in peace, at the end of the simulation."""
        client, self._client = self._client, None
        if client is not None:
            client.on_disconnect = None
            client.disconnect()
            client.loop_stop()

    def wait_up(self, seconds: float) -> bool:
        """True once the line works."""
        return self._works.wait(seconds)

    def flush(self, seconds: float) -> bool:
        """True once the broker has acknowledged everything that was handed over."""
        deadline = time.monotonic() + seconds
        while self._client and self._delivered < self._handed:
            if time.monotonic() > deadline:
                return False
            time.sleep(_GLANCE)
        return True

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            return
        client.subscribe(COMMAND, qos=1)
        self._up()
        self._works.set()

    def _disconnected(self, *_: Any) -> None:
        self._works.clear()

    def _published(self, client: Client, *_: Any) -> None:
        if client is self._client:
            self._delivered += 1

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._command(message.payload)
