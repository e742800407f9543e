"""Live sources of a test, made without a twin.yaml."""

from __future__ import annotations

import ssl

from brokers import Broker
from fakes.http_site import HttpSite

from graphtwin.model.configuration.endpoint import read_endpoint
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.durations import SECOND
from graphtwin.sources.http import HttpSource
from graphtwin.sources.mqtt import MqttSource
from graphtwin.wire.http_visit import HttpPlace
from graphtwin.wire.mqtt_session import MqttAddress


def http_source(
    site: HttpSite, path: str = "/things", *, host: str = "", tls: ssl.SSLContext | None = None, **fields: object
) -> HttpSource:
    """A source of one address of a site, called by another `host` where one is given."""
    address = f"{site.scheme}://{host}:{site.port}" if host else site.url
    source = Source(**({"type": "http", "endpoint": address + path} | fields))
    place = HttpPlace(
        endpoint=read_endpoint(source.endpoint, {}),
        headers={**source.headers, **({"Authorization": f"Bearer {source.token}"} if source.token else {})},
        login=(source.username, source.password), tls=tls, timeout=source.timeout / SECOND,
        max_bytes=source.max_output, private=source.private,
    )  # fmt: skip
    return HttpSource("s", source, place)


def mqtt_source(broker: Broker, *, client_id: str = "contract", durable: bool = True, **fields: object) -> MqttSource:
    """A source of all topics under floor."""
    source = Source(**({"type": "mqtt", "endpoint": f"{broker.url}/floor", "quiet": "300ms"} | fields))
    address = MqttAddress("127.0.0.1", broker.port)
    return MqttSource("s", source, address, topics=("floor/#",), client_id=client_id, durable=durable)
