"""Real MQTT brokers as processes of their own, on free loopback ports: Mosquitto where the system has it, and amqtt.

`running(Mosquitto(folder))` starts one for a block. Each can be killed with -9 and started again on the same port and
folder. Nothing that already runs is ever used or ended.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 60.0  # two busy cores
PROGRAM = Path(__file__).with_name("amqtt_in_a_child.py")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Broker:
    """A broker in its own process; what it keeps lies in `folder` and survives a kill where the kind can."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """`mqtt://127.0.0.1:<port>`."""
        return f"mqtt://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the broker ended: {(self.folder / 'broker.log').read_text()}"
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"the broker doesn't listen: {(self.folder / 'broker.log').read_text()}")

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an administrator would; harmless when it doesn't run."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=START_TIMEOUT_S)
            self._process = None

    def _command(self) -> Sequence[str]:
        raise NotImplementedError


class Mosquitto(Broker):
    """Mosquitto with persistence: what it has acknowledged to a publisher is on disk within a second.

    `users` (name to password) turns anonymous access off; `tls` (ca, certificate, key) turns TLS on; `more` are lines
    of its configuration.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        tls: tuple[Path, Path, Path] | None = None,
        more: Sequence[str] = (),
    ) -> None:
        super().__init__(folder)
        lines = [
            f"listener {self.port} {LOOPBACK}", "persistence true", f"persistence_location {folder}/",
            "autosave_interval 1", "autosave_on_changes true", "set_tcp_nodelay true", "log_dest stderr", *more,
        ]  # fmt: skip
        if os.geteuid() == 0:
            lines.append("user root")
        lines.append(f"allow_anonymous {'false' if users else 'true'}")
        if users:
            lines.append(f"password_file {self._passwords(users)}")
        if tls:
            lines += [f"{name} {path}" for name, path in zip(("cafile", "certfile", "keyfile"), tls, strict=True)]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    @property
    def program(self) -> str:
        """Where the system has it; Debian keeps it out of the PATH of users."""
        found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
        assert found, "mosquitto isn't installed"
        return found

    def _passwords(self, users: Mapping[str, str]) -> Path:
        path = self.folder / "passwords"
        path.touch(mode=0o600)
        for name, password in users.items():
            subprocess.run(["mosquitto_passwd", "-b", str(path), name, password], check=True, capture_output=True)
        return path

    def _command(self) -> Sequence[str]:
        return [self.program, "-c", str(self.folder / "mosquitto.conf")]


class Amqtt(Broker):
    """amqtt: pure Python, MQTT 3.1.1. It forgets what nobody acknowledged within five seconds, and all when it ends."""

    def stop(self) -> None:
        """It has nothing to put away, and would wait for acknowledgements."""
        self._end(signal.SIGKILL)

    def _command(self) -> Sequence[str]:
        return [sys.executable, str(PROGRAM), str(self.port)]


@contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    """The broker, started; it is ended with the block."""
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def needs_mosquitto() -> None:
    """Skip the test where the system has no Mosquitto; in CI that is a failure."""
    if shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"):
        return
    if os.environ.get("CI"):
        pytest.fail("mosquitto is missing; .ci/run installs it as root")
    pytest.skip("mosquitto isn't installed")


class Publisher:
    """A device that publishes at QoS 1 and waits until the broker has taken it."""

    def __init__(
        self,
        broker: Broker,
        *,
        will: tuple[str, str] | None = None,
        user: tuple[str, str] | None = None,
        ca: Path | None = None,
    ) -> None:
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        if will:
            self._client.will_set(*will, qos=1)
        if user:
            self._client.username_pw_set(*user)
        if ca:
            self._client.tls_set(ca_certs=str(ca))
        self._client.connect(LOOPBACK, broker.port)
        self._client.loop_start()

    def say(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        """Publish text and bytes as they are, anything else as JSON."""
        raw = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        self._client.publish(topic, raw, qos=1, retain=retain).wait_for_publish(START_TIMEOUT_S)

    def vanish(self) -> None:
        """Lose the connection without a goodbye, so that the broker speaks the last will."""
        sock = self._client.socket()
        self._client._reconnect_on_failure = False
        if sock:
            sock.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def leave(self) -> None:
        """Say goodbye."""
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def publisher(broker: Broker, **options: Any) -> Iterator[Publisher]:
    """A device for a block."""
    device = Publisher(broker, **options)
    try:
        yield device
    finally:
        device.leave()


def held_back(broker: Broker, client_id: str, topics: str = "") -> list[tuple[str, bytes]]:
    """What the broker would deliver to a durable session, (topic, payload): looked at without acknowledging any of it.

    The session is opened where it isn't there yet, and subscribed to `topics` where they are given.
    """
    seen: list[tuple[str, bytes]] = []
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5, manual_ack=True, reconnect_on_failure=False
    )
    client.on_message = lambda _client, _data, message: seen.append((message.topic, message.payload))
    client.connect(LOOPBACK, broker.port, clean_start=False, properties=properties)
    client.loop_start()
    if topics:
        client.subscribe(topics, qos=1)
    time.sleep(0.6)
    client.disconnect()
    client.loop_stop()
    return seen
