"""What is wrong with a live source is told at its line, before it is read."""

from __future__ import annotations

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.source_checks import is_topic_filter

MQTT = "endpoint: 'mqtt://broker/floor-3'"


def with_source(kind: str, *fields: str) -> str:
    return f"world: {{id: floor}}\nsources:\n  live:\n    type: {kind}\n" + "".join(f"    {one}\n" for one in fields)


@pytest.mark.parametrize(
    ("kind", "fields", "path", "message"),
    [
        ("mqtt", ["endpoint: broker/floor-3"], "endpoint", "isn't an address"),
        ("mqtt", ["endpoint: 'http://broker/floor-3'"], "endpoint", "isn't read by http"),
        ("http", ["endpoint: 'ftp://site/list'"], "endpoint", "isn't read by ftp"),
        ("api", ["endpoint: 'file:///etc/passwd'"], "endpoint", "isn't an address"),
        ("http", ["endpoint: 'http://site:99999/'"], "endpoint", "port"),
        ("mqtt", ["endpoint: 'mqtt://gw:s3cret@broker/floor-3'"], "endpoint", "the password stands in the address"),
        ("mqtt", ["endpoint: 'mqtt://broker/floor-3/+/temperature'"], "endpoint", "without wildcards"),
        ("mqtt", [MQTT, "topics: ['floor-3/#/temperature']"], "topics[0]", "isn't a topic filter"),
        ("mqtt", [MQTT, "topics: ['floor-3/t+']"], "topics[0]", "isn't a topic filter"),
        ("mqtt", [MQTT, "will_topic: floor-3/+/status"], "will_topic", "isn't a topic"),
        ("mqtt", [MQTT, "username: gw", "password: s3cret"], "password", "stands in the file"),
        ("mqtt", [MQTT, "password: '${SECRET}'"], "password", "no `username`"),
        ("mqtt", [MQTT, "token: '${SECRET}'"], "token", "doesn't read `token`"),
        ("mqtt", [MQTT, "roster: true"], "", "can't be a roster"),
        ("mqtt", [MQTT, "quiet: 5"], "quiet", "has no unit"),
        ("http", ["endpoint: 'http://site/'", "topics: [a]"], "topics", "doesn't read `topics`"),
        ("http", ["endpoint: 'http://site/'", "token: s3cret"], "token", "stands in the file"),
        ("http", ["endpoint: 'http://site/'", "headers: {X-Api-Key: s3cret}"], "headers.X-Api-Key", "stands in the file"),
        ("http", ["endpoint: 'http://site/'", "headers: {'a b': c}"], "headers.a b", "can't name a header"),
        ("http", ["endpoint: 'http://site/'", "next: 'a..b'"], "next", "isn't a JMESPath"),
        ("http", ["endpoint: 'http://site/'", "username: a", "token: '${T}'"], "token", "there is a `username`"),
        ("file", ["path: a.csv", "private: true"], "private", "doesn't read `private`"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place_without_what_may_be_secret(
    kind: str, fields: list[str], path: str, message: str
):
    with pytest.raises(ConfigurationError) as caught:
        parse_twin(with_source(kind, *fields))

    [problem] = caught.value.problems
    assert problem.path == f"sources.live.{path}".rstrip(".")
    assert message in problem.message
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["mqtt://broker", "mqtts://broker:8883/a/b", "mqtt://broker/floor-3/#", "mqtt://${USER}:${PASS}@${HOST}:${PORT}/f",
     "${BROKER_URL}", "mqtt://[::1]:1884/floor-3", "MQTT://broker/x"],
)  # fmt: skip
def test_an_address_may_be_written_like_this(endpoint: str):
    config = parse_twin(with_source("mqtt", f"endpoint: '{endpoint}'", "username: gw", "password: '${SECRET}'"))

    assert config.sources["live"].endpoint == endpoint


def test_the_requirements_sources_are_accepted_as_they_are_written():
    text = """
sources:
  - type: mqtt
    endpoint: "mqtt://sensors.example.com/floor-3"
  - type: api
    endpoint: "https://building.api/hvac/status"
world_id: "building-floor-3-twin"
constraints: {max_drift_threshold: 0.15, require_approval_above_risk: 0.7}
sync_mode: incremental
"""

    sources = parse_twin(text).sources

    assert {name: (source.type, source.trust, source.kind) for name, source in sources.items()} == {
        "sensors.example.com-floor-3": ("mqtt", "hardware_sensor", "message_bus"),
        "building.api-hvac-status": ("api", "primary_api", "api"),
    }


@pytest.mark.parametrize(
    ("text", "good"),
    [("#", True), ("+", True), ("a/+/b/#", True), ("/a", True), ("a#", False), ("#/a", False), ("a/b+", False), ("", False)],
)  # fmt: skip
def test_filters_are_read_as_mqtt_has_them(text: str, *, good: bool):
    assert is_topic_filter(text) is good
