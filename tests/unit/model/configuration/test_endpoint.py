"""Addresses: parts from the environment are taken as they are, and nothing that may be secret is shown."""

from __future__ import annotations

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.endpoint import read_endpoint

SECRETS = {"PASS": "p:a/s@s#w%41", "NAME": "gw", "HOST": "broker.local", "URL": "mqtts://me:p%40ss@Broker:8884/a%20b"}


def test_parts_from_the_environment_may_have_any_signs():
    endpoint = read_endpoint("mqtt://${NAME}:${PASS}@${HOST}/floor-3", SECRETS)

    assert (endpoint.user, endpoint.password) == ("gw", "p:a/s@s#w%41")
    assert (endpoint.host, endpoint.port, endpoint.path) == ("broker.local", 1883, "/floor-3")


def test_a_whole_address_may_come_from_the_environment():
    endpoint = read_endpoint("${URL}", SECRETS)

    assert (endpoint.scheme, endpoint.host, endpoint.port) == ("mqtts", "broker", 8884)
    assert (endpoint.user, endpoint.password) == ("me", "p@ss")


def test_what_is_shown_has_no_user_and_no_query():
    endpoint = read_endpoint("https://${NAME}:${PASS}@[::1]:8443/list?key=1", SECRETS)

    assert endpoint.shown == "https://[::1]:8443/list"
    assert "gw" not in repr(endpoint)
    assert SECRETS["PASS"] not in repr(endpoint)


@pytest.mark.parametrize(
    "text", ["", "broker", "mqtt://", "mqtt:///topic", "mqtt://a b/", "mqtt://h:0/", "mqtt://h:x/"]
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str):
    with pytest.raises(ValueError) as caught:
        read_endpoint(text, {})

    assert len(text) < 2 or text not in str(caught.value)


def test_a_name_that_is_not_set_is_told():
    with pytest.raises(ConfigurationError, match="PASS"):
        read_endpoint("mqtt://gw:${PASS}@broker", {})
