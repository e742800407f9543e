"""Sources that speak over the network, made of twin.yaml and the environment: addresses, secrets, certificates, sessions."""

from __future__ import annotations

import hashlib
import os
import secrets
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from graphtwin.errors import ConfigurationError
from graphtwin.methods.reading.expression import compile_expression
from graphtwin.model.configuration.endpoint import Endpoint, read_endpoint
from graphtwin.model.configuration.secrets import resolve_secrets
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.durations import SECOND
from graphtwin.ports import SignalSource, WorldClock
from graphtwin.sources.http import HttpSource
from graphtwin.sources.mqtt import MqttSource
from graphtwin.sources.world_clock import HttpWorldClock
from graphtwin.wire.http_visit import HttpPlace
from graphtwin.wire.mqtt_session import MqttAddress
from graphtwin.wire.no_connection import NoConnection
from graphtwin.wire.tls import tls_context

LiveSource = Callable[[str, TwinConfig, Path], SignalSource]
"""Makes the source of that name; relative files begin in the folder."""

ID_LENGTH: Final = 22
"""Every broker takes names of sessions up to 23 letters and digits."""
_CLOCK_BYTES: Final = 2**16
_TLS: Final = ("mqtts", "https")


def durable_mqtt(name: str, config: TwinConfig, folder: Path) -> MqttSource:
    """A broker's durable session for this source of this world. Raises ConfigurationError."""
    source = config.sources[name]
    return _mqtt(name, source, folder, client_id=source.client_id or session_name(config.world.id, name), durable=True)


def passing_mqtt(name: str, config: TwinConfig, folder: Path) -> MqttSource:
    """The same broker, only listened to: a session of its own that takes nothing away. Raises ConfigurationError."""
    return _mqtt(name, config.sources[name], folder, client_id="graphtwin" + secrets.token_hex(6), durable=False)


def http_source(name: str, config: TwinConfig, folder: Path) -> HttpSource:
    """A server at an address. Raises ConfigurationError."""
    source = config.sources[name]
    endpoint = _endpoint(name, source, ("http", "https"))
    headers = {header: _filled(name, text, os.environ) for header, text in source.headers.items()}
    if source.token:
        headers["Authorization"] = f"Bearer {_filled(name, source.token, os.environ)}"
    if not all(value.isascii() for value in headers.values()):
        raise ConfigurationError(
            f"sources.{name}.headers: a header has letters that can't stand there.", hint="Use plain ASCII."
        )
    place = HttpPlace(
        endpoint=endpoint, headers=headers, login=_login(name, source, endpoint),
        tls=_tls(name, source, endpoint, folder), timeout=source.timeout / SECOND, max_bytes=source.max_output,
        private=source.private,
    )  # fmt: skip
    return HttpSource(name, source, place)


def make_world_clock(config: TwinConfig) -> WorldClock | None:
    """The clock of a world that has one by address (S2). Raises ConfigurationError."""
    clock = config.world.clock
    if isinstance(clock, str):
        return None
    try:
        endpoint = read_endpoint(clock.url, {})
    except ValueError as error:
        raise ConfigurationError(f"world.clock.url: {error}.", hint="Write it like http://host:port/path.") from None
    tls = ssl.create_default_context() if endpoint.scheme in _TLS else None
    place = HttpPlace(endpoint, {}, ("", ""), tls, clock.timeout / SECOND, _CLOCK_BYTES, clock.private)
    return HttpWorldClock(config.world.id, place, compile_expression(clock.path, "world.clock.path"))


def session_name(world: str, source: str) -> str:
    """The name of the durable session: always the same for a source of a world."""
    return ("graphtwin" + hashlib.sha256(f"{world}\x1f{source}".encode()).hexdigest())[:ID_LENGTH]


def topics_of(source: Source, endpoint: Endpoint) -> tuple[str, ...]:
    """What a source subscribes to: its own filters, or every topic under the path of its address; and its last will."""
    prefix = unquote(endpoint.path).strip("/").removesuffix("/#").removesuffix("#")
    topics = source.topics or (f"{prefix}/#" if prefix else "#",)
    will = (source.will_topic,) if source.will_topic else ()
    return tuple(dict.fromkeys((*topics, *will)))


def _mqtt(name: str, source: Source, folder: Path, *, client_id: str, durable: bool) -> MqttSource:
    endpoint = _endpoint(name, source, ("mqtt", "mqtts"))
    username, password = _login(name, source, endpoint)
    address = MqttAddress(endpoint.host, endpoint.port, username, password, _tls(name, source, endpoint, folder))
    return MqttSource(name, source, address, topics=topics_of(source, endpoint), client_id=client_id, durable=durable)


def _endpoint(name: str, source: Source, schemes: tuple[str, ...]) -> Endpoint:
    """The source's address. Raises ConfigurationError, which doesn't repeat it: it may hold secrets."""
    try:
        endpoint = read_endpoint(source.endpoint, os.environ)
    except ValueError as error:
        raise ConfigurationError(
            f"sources.{name}.endpoint: {error}.", hint=f"Write it like {schemes[0]}://host:port/path."
        ) from None
    if endpoint.scheme not in schemes:
        raise ConfigurationError(
            f"sources.{name}.endpoint: a source of type {source.type} isn't read by {endpoint.scheme}.",
            hint=f"It is read by {' or '.join(schemes)}.",
        )
    return endpoint


def _login(name: str, source: Source, endpoint: Endpoint) -> tuple[str, str]:
    """Username and password: the source's own, else those of the address."""
    if not source.username:
        return endpoint.user, endpoint.password
    return _filled(name, source.username, os.environ), _filled(name, source.password, os.environ)


def _filled(name: str, text: str, environ: Mapping[str, str]) -> str:
    filled = resolve_secrets(text, environ)
    if any(sign in filled for sign in "\r\n\0"):
        raise ConfigurationError(
            f"sources.{name}: an environment variable that it names holds a line break.", hint="Set it without one."
        )
    return filled


def _tls(name: str, source: Source, endpoint: Endpoint, folder: Path) -> ssl.SSLContext | None:
    if endpoint.scheme not in _TLS:
        return None
    try:
        return tls_context(source.tls, folder)
    except NoConnection as error:
        raise ConfigurationError(f"sources.{name}.tls: {error.problem}.", hint=f"{error.hint}.") from error
