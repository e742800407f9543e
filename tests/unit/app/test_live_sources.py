"""Live sources as twin.yaml and the environment make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtwin.app.adapters import make_listeners, make_sources
from graphtwin.app.live_sources import session_name, topics_of
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.endpoint import read_endpoint
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source


def config(**source: Any) -> TwinConfig:
    return TwinConfig.model_validate({"world": {"id": "floor"}, "sources": {"live": source}})


def subscribed(endpoint: str, **fields: Any) -> tuple[str, ...]:
    return topics_of(Source(type="mqtt", endpoint=endpoint, **fields), read_endpoint(endpoint, {}))


@pytest.mark.parametrize(
    ("endpoint", "topics"),
    [
        ("mqtt://h/floor-3", ("floor-3/#",)),
        ("mqtt://h/floor-3/", ("floor-3/#",)),
        ("mqtt://h/floor-3/#", ("floor-3/#",)),
        ("mqtt://h/a/b%20c", ("a/b c/#",)),
        ("mqtt://h", ("#",)),
        ("mqtt://h/", ("#",)),
    ],
)
def test_the_path_of_an_address_is_a_prefix_of_topics(endpoint: str, topics: tuple[str, ...]):
    assert subscribed(endpoint) == topics


def test_declared_topics_and_the_last_will_are_asked_for_each_once():
    topics = subscribed("mqtt://h/x", topics=("a/#", "b/status"), will_topic="b/status")

    assert topics == ("a/#", "b/status")
    assert subscribed("mqtt://h/x", will_topic="gw/status") == ("x/#", "gw/status")


def test_a_session_is_named_after_world_and_source_so_that_every_broker_takes_it():
    names = {session_name(world, source) for world in ("floor", "roof", "a/b") for source in ("bus", "b")}

    assert len(names) == 6
    assert session_name("floor", "bus") == session_name("floor", "bus")
    assert all(len(name) == 22 and name.isascii() and name.isalnum() for name in names)


def test_who_only_looks_never_takes_the_name_of_the_durable_session():
    twin = config(type="mqtt", endpoint="mqtt://h/x", client_id="mine")

    [durable], [looking] = make_sources(twin, Path()), make_listeners(twin, Path())

    assert durable._client_id == "mine"
    assert looking._client_id != "mine"
    assert (durable._durable, looking._durable) == (True, False)


@pytest.mark.parametrize("kind", ["mqtt", "api"])
def test_a_login_is_that_of_the_source_or_of_its_address(monkeypatch: pytest.MonkeyPatch, kind: str):
    monkeypatch.setenv("PASS", "p:a@s/s")
    scheme = "mqtt" if kind == "mqtt" else "http"

    [by_address] = make_sources(config(type=kind, endpoint=f"{scheme}://gw:${{PASS}}@127.0.0.1/x"), Path())
    named = {"username": "me", "password": "${PASS}"}
    [own] = make_sources(config(type=kind, endpoint=f"{scheme}://127.0.0.1/x", **named), Path())

    def login(source: Any) -> tuple[str, str]:
        return (source._address.username, source._address.password) if kind == "mqtt" else source._place.login

    assert login(by_address) == ("gw", "p:a@s/s")
    assert login(own) == ("me", "p:a@s/s")
    assert "p:a@s/s" not in repr(by_address._address if kind == "mqtt" else by_address._place)


@pytest.mark.parametrize(
    ("fields", "value", "says"),
    [
        ({"headers": {"X-Key": "${S}"}}, "a\r\nHost: evil", "line break"),
        ({"headers": {"X-Key": "${S}"}}, "schlüssel", "plain ASCII"),
        ({"token": "${S}"}, "a\nb", "line break"),
        ({"username": "me", "password": "${S}"}, "a\rb", "line break"),
        ({"endpoint": "http://${S}/x"}, "a b c", None),
        ({"endpoint": "${S}"}, "no address s3cret", "isn't an address"),
        ({"endpoint": "${S}"}, "ftp://h/s3cret", "isn't read by ftp"),
    ],
)
def test_what_the_environment_holds_is_looked_at_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], value: str, says: str | None
):
    monkeypatch.setenv("S", value)
    twin = config(**{"type": "http", "endpoint": "http://127.0.0.1/x", **fields})
    if says is None:
        make_sources(twin, Path())
        return

    with pytest.raises(ConfigurationError) as told:
        make_sources(twin, Path())

    assert says.lower() in str(told.value).lower()
    assert "sources.live" in str(told.value)
    assert "s3cret" not in str(told.value)


async def test_a_host_that_can_not_be_one_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("S", "a b^")
    [source] = make_sources(config(type="http", endpoint="http://${S}/x"), Path())

    reading = await source.read(None, full=False, now=1)

    assert not reading.answered
    assert reading.hint
