"""Acts over MQTT: one message at QoS 1, done when the broker acknowledged it; nothing published twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from graphtwin.actuators.endpoint import endpoint_of
from graphtwin.actuators.login import Login, log_in
from graphtwin.actuators.payload import payload
from graphtwin.actuators.telling import told
from graphtwin.actuators.trust import trust_of
from graphtwin.errors import ConfigurationError
from graphtwin.model.act_address import PORTS, Unsendable, mqtt_topic
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.ports import ActAnswer, Clock, Command

KEY_PROPERTY: Final = "idempotency-key"
"""The user property of MQTT 5 that bears the key."""

_UNSUPPORTED_VERSION: Final = 0x84
_NOBODY_LISTENS: Final = 0x10
_LOOK_S: Final = 0.2
_LONGEST_KEEPALIVE: Final = 60


class MqttActuator:
    """Topics below one prefix at one broker, which is connected to anew for each act: MQTT 5, or 3.1.1 where the broker
    speaks no other.
    """

    def __init__(
        self, name: str, config: Actuator, folder: Path, clock: Clock, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._name = name
        self._config = config
        self._folder = folder
        self._clock = clock
        self._environ = environ
        self._endpoint = endpoint_of(name, config)

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    def check(self) -> None:
        """Raises ConfigurationError when its login can't be used, such as for a variable that isn't set, or a file of `tls`."""
        log_in(self._name, self._config, self._environ)
        trust_of(self._name, self._config, self._folder)

    def shown(self, command: Command) -> str:
        """What it would do, without login: `publish TOPIC at mqtt://… {…}`. Raises Unsendable."""
        topic, content = mqtt_topic(self._endpoint, command.request.path), _content(command)
        address = f"{self._endpoint.scheme}://{self._endpoint.netloc}"
        return f"publish {topic} at {address} {content.decode()}".rstrip()

    async def send(self, command: Command) -> ActAnswer:
        """Done by the broker's acknowledgement: whether a device acted on it, only readings tell."""
        try:
            topic, content = mqtt_topic(self._endpoint, command.request.path), _content(command)
            login = log_in(self._name, self._config, self._environ)
            trust = trust_of(self._name, self._config, self._folder)
        except (Unsendable, ConfigurationError) as error:
            return ActAnswer("not_sent", told(str(error)))
        message = _Message(command, topic, content)
        answer = await asyncio.to_thread(self._send, message, login, trust)
        return replace(answer, text=told(answer.text, login.secrets))

    def _send(self, message: _Message, login: Login, trust: ssl.SSLContext) -> ActAnswer:
        deadline = time.monotonic() + self._config.timeout / SECOND
        for protocol in (mqtt.MQTTv5, mqtt.MQTTv311):
            line = _Line(protocol, message.command.key, login, trust if self._endpoint.scheme == "mqtts" else None)
            try:
                trouble = self._connect(line, deadline)
                if not trouble:
                    return self._publish(line, message, deadline)
                if not line.other_version:
                    break
            finally:
                line.close()
        return ActAnswer("not_sent", f"no connection: {trouble}")

    def _connect(self, line: _Line, deadline: float) -> str:
        """Why there is no connection; "" when there is."""
        host, port = self._endpoint.hostname or "", self._endpoint.port or PORTS[self._endpoint.scheme]
        try:
            line.open(host, port, deadline)
        except (OSError, ValueError) as error:
            return str(error) or type(error).__name__
        return line.refusal or ("" if line.welcome else line.lost or self._too_long)

    def _publish(self, line: _Line, message: _Message, deadline: float) -> ActAnswer:
        if self._clock.now() > message.command.not_after:
            return ActAnswer("not_sent", "it was too late when the connection stood")
        try:
            line.publish(message, deadline)
        except ValueError as error:  # before anything was written: paho looks at the message first
            return ActAnswer("not_sent", str(error))
        if line.receipt is None:
            return ActAnswer("unknown", f"it was published, and then: {line.lost or self._too_long}")
        if line.receipt.is_failure:
            return ActAnswer("refused", f"the broker refused it: {line.receipt}")
        if line.receipt.value == _NOBODY_LISTENS:
            return ActAnswer("unknown", f"the broker took it, but nobody has subscribed to {message.topic}")
        return ActAnswer("done", "the broker took it")

    @property
    def _too_long(self) -> str:
        return f"no acknowledgement within {compact_duration(self._config.timeout)}"


def _content(command: Command) -> bytes:
    return b"" if command.request.body is None else payload(command.request.body, command.key)


@dataclass(frozen=True, slots=True)
class _Message:
    """What is published where."""

    command: Command
    topic: str
    content: bytes


class _Line:
    """One connection to a broker, driven by hand: it never connects again by itself, which would publish again."""

    def __init__(self, protocol: MQTTProtocolVersion, key: str, login: Login, trust: ssl.SSLContext | None) -> None:
        self.welcome = False
        self.refusal = ""
        self.other_version = False
        self.receipt: ReasonCode | None = None
        self.lost = ""
        self._protocol = protocol
        name = f"gt-{hashlib.sha256(key.encode()).hexdigest()[:20]}"  # 23 signs: what every broker takes
        clean = None if protocol == mqtt.MQTTv5 else True
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, name, clean_session=clean, protocol=protocol, reconnect_on_failure=False
        )
        if login.username or login.password:
            self._client.username_pw_set(login.username, login.password)
        if trust is not None:
            self._client.tls_set_context(trust)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish

    def open(self, host: str, port: int, deadline: float) -> None:
        """Connect, and wait for the broker's word. Raises OSError or ValueError where nobody can be reached."""
        left = max(deadline - time.monotonic(), 0.01)
        self._client.connect_timeout = left
        self._client.connect(host, port, keepalive=_LONGEST_KEEPALIVE)
        self._drive(deadline, lambda: self.welcome or bool(self.refusal))
        if not self.welcome and not self.refusal and self.lost:
            self.other_version = self._protocol == mqtt.MQTTv5  # some hang up on a version that they don't know

    def publish(self, message: _Message, deadline: float) -> None:
        """Publish once, and wait for the receipt. Raises ValueError when it can't be published at all."""
        properties = None
        if self._protocol == mqtt.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.UserProperty = (KEY_PROPERTY, message.command.key)
        self._client.publish(message.topic, message.content, qos=1, properties=properties)
        self._drive(deadline, lambda: self.receipt is not None)

    def close(self) -> None:
        """Say goodbye where there is somebody to say it to."""
        self._client.disconnect()

    def _drive(self, deadline: float, done: Any) -> None:
        """Read and write until it is done, the line is lost, or time is over."""
        while not done() and (left := deadline - time.monotonic()) > 0:
            code = self._client.loop(min(left, _LOOK_S))
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self.lost = self.lost or f"the connection was lost ({mqtt.error_string(code).rstrip('.')})"
                return

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self.refusal = f"the broker says: {reason}"
            self.other_version = self._protocol == mqtt.MQTTv5 and reason.value == _UNSUPPORTED_VERSION
        elif getattr(properties, "MaximumQoS", 1) == 0:
            self.refusal = "the broker doesn't take QoS 1"
        else:
            self.welcome = True

    def _on_publish(self, _client: Any, _data: Any, _mid: int, reason: ReasonCode, _properties: Any) -> None:
        self.receipt = reason
