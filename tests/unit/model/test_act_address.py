"""An act goes below its endpoint, or nowhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtwin.model.act_address import Unsendable, act_endpoint, http_address, mqtt_topic

SITE = act_endpoint("http", "http://bms.example:8080/api/v1")
BROKER = act_endpoint("mqtt", "mqtt://broker.example/floor%203/set")
LEADING_ELSEWHERE = [
    "../admin", "/..", "zones/../../admin", "zones/%2e%2e/admin", "zones/.%2E/x", "zones/%252e%252e/x", "..%2fadmin",
    "zones\\..\\..\\admin", "zones/%5c..%5cadmin", "./x", "//other.example/x", "zones//x", "zones/z1#fragment",
    "zones/\r\nHost: other", "zones/%0d%0aHost:other", "zones/%00", "zones/%ff", "zones/\ud800",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("", "http://bms.example:8080/api/v1"),
        ("zones/z1", "http://bms.example:8080/api/v1/zones/z1"),
        ("/zones/z1/", "http://bms.example:8080/api/v1/zones/z1/"),
        ("zones/AHU%2F3A", "http://bms.example:8080/api/v1/zones/AHU%2F3A"),
        ("zones/Süd 3", "http://bms.example:8080/api/v1/zones/S%C3%BCd%203"),
        ("zones/100%", "http://bms.example:8080/api/v1/zones/100%25"),
        ("zones/z1?confirm=yes&by=a/b", "http://bms.example:8080/api/v1/zones/z1?confirm=yes&by=a/b"),
        ("@other.example/x", "http://bms.example:8080/api/v1/@other.example/x"),
        (":9/x", "http://bms.example:8080/api/v1/:9/x"),
        ("http://other.example", None),
    ],
)
def test_the_path_is_put_behind_the_endpoint(path: str, address: str | None):
    if address is None:
        with pytest.raises(Unsendable):
            http_address(SITE, path)
        return

    assert http_address(SITE, path) == address


def test_an_endpoint_without_a_path_is_the_whole_site():
    site = act_endpoint("http", "https://bms.example")

    assert http_address(site, "x") == "https://bms.example/x"
    assert http_address(site, "@other.example/x") == "https://bms.example/@other.example/x"
    assert http_address(site, "") == "https://bms.example"


@pytest.mark.parametrize("path", LEADING_ELSEWHERE)
def test_what_would_lead_elsewhere_is_refused(path: str):
    with pytest.raises(Unsendable):
        http_address(SITE, path)
    with pytest.raises(Unsendable):
        mqtt_topic(BROKER, path)


@given(st.text(st.sampled_from("ab./\\%2e5cf@:?#\n ü"), max_size=20) | st.text(max_size=20))
@example("a/..;/b")
def test_whatever_is_accepted_stays_below_the_endpoint(path: str):
    try:
        address = http_address(SITE, path)
    except Unsendable:
        return

    split = urlsplit(address)
    assert address.isascii()
    assert (split.scheme, split.netloc) == ("http", "bms.example:8080")
    assert split.path == "/api/v1" or split.path.startswith("/api/v1/")
    assert not {".", ".."} & set(unquote(unquote(split.path)).replace("\\", "/").split("/"))


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ("", "floor 3/set"),
        ("zones/z1", "floor 3/set/zones/z1"),
        ("/AHU%203A", "floor 3/set/AHU 3A"),
        ("zones/Süd", "floor 3/set/zones/Süd"),
    ],
)
def test_a_topic_is_the_decoded_path_below_the_endpoints(path: str, topic: str):
    assert mqtt_topic(BROKER, path) == topic


@pytest.mark.parametrize("path", ["+", "zones/#", "zones/+/set", "a%2Fb", "a%23", "a%2B", "a%00", "a//b"])
def test_no_topic_has_wildcards_holes_or_unseen_signs(path: str):
    with pytest.raises(Unsendable):
        mqtt_topic(BROKER, path)


def test_a_broker_needs_a_topic_that_is_its_users_to_publish_on():
    bare = act_endpoint("mqtt", "mqtt://broker.example")

    assert mqtt_topic(bare, "a/b") == "a/b"
    for path in ("", "/", "$SYS/x", "%24share/g/x", "x" * 70_000):
        with pytest.raises(Unsendable):
            mqtt_topic(bare, path)


@pytest.mark.parametrize(
    "endpoint",
    [
        "bms.example", "ftp://bms.example", "http://", "http://u@bms.example", "http://u:s3cret@bms.example", "http://u:s3cret@", "http://bms:0",
        "http://bms:99999", "http://bms.example/?a=b", "http://bms.example/#", "http://bms.example/\n", "http://[::1",
    ],
)  # fmt: skip
def test_an_endpoint_that_cannot_be_used_is_told(endpoint: str):
    with pytest.raises(Unsendable) as told:
        act_endpoint("http", endpoint)

    assert "s3cret" not in str(told.value)
