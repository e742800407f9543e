"""What a delivery says: JSON of any kind, statuses, and what is set aside with its topic and number."""

from __future__ import annotations

import hashlib

import pytest

from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.messages import Haul, records_of
from graphtwin.sources.mqtt_payload import heard_status, take_delivery
from graphtwin.wire.mqtt_session import Delivery

TOPIC = "floor-3/temp-301/temperature"


def delivery(payload: bytes, topic: str = TOPIC, *, sha256: str = "", size: int | None = None) -> Delivery:
    return Delivery(7, topic, payload, len(payload) if size is None else size, sha256, 1, False, False)


def taken(*deliveries: Delivery, records: str = "") -> Haul:
    haul = Haul()
    found = records_of("bus", Source(type="mqtt", endpoint="mqtt://h/f", records=records))
    for one in deliveries:
        take_delivery(one, 3, found, haul)
    return haul


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"21.5", {"value": 21.5}), (b" 21 ", {"value": 21}), (b"true", {"value": True}), (b'"on"', {"value": "on"}),
        (b'{"id": "t", "n": 1}', {"id": "t", "n": 1}), (b"null", {"value": None}),
    ],
)  # fmt: skip
def test_any_json_is_a_message_that_bears_its_topic(raw: bytes, said: dict[str, object]):
    [message] = taken(delivery(raw)).messages

    assert {name: value for name, value in message.payload.items() if name != "mqtt"} == said
    assert message.payload["mqtt"] == {
        "topic": TOPIC, "levels": ["floor-3", "temp-301", "temperature"], "retained": False
    }  # fmt: skip
    assert (message.raw, message.channel, message.place, message.locus) == (raw, TOPIC, f"{TOPIC}#3.0", "r3.0")


def test_a_list_is_several_messages_and_places_count_on():
    haul = taken(delivery(b'[{"id": 1}, 2]'), delivery(b"5", "a/b"))

    assert [message.raw for message in haul.messages] == [b'{"id": 1}', b"2", b"5"]
    assert [message.locus for message in haul.messages] == ["r3.0", "r3.1", "r3.2"]
    assert sorted({message.position for message in haul.messages}) == [message.position for message in haul.messages]


def test_records_are_taken_out_of_a_payload():
    haul = taken(delivery(b'{"things": [{"id": 1}, {"id": 2}]}'), records="things")

    assert [message.payload["id"] for message in haul.messages] == [1, 2]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"open", "not JSON"), (b"21,5", "more text follows"), (b"\xff\xfe", "UTF-8"), (b"NaN", "finite"), (b'{"a":', "JSON"),
     (b'{"a": 1, "a": 2}', "twice"), (b"  ", "JSON")],
)  # fmt: skip
def test_what_is_no_json_is_set_aside_with_its_topic_and_number(raw: bytes, reason: str):
    haul = taken(delivery(b"1"), delivery(raw))

    [bad] = haul.malformed
    assert reason in bad.reason
    assert bad.hint
    assert (bad.place, bad.raw, bad.size) == (f"{TOPIC}#3.1", raw, len(raw))


def test_an_empty_payload_says_nothing():
    haul = taken(delivery(b""))

    assert (haul.messages, haul.malformed) == ([], [])


def test_a_payload_that_was_too_large_is_set_aside_by_its_size_and_hash():
    whole = b"x" * 5000
    [bad] = taken(delivery(whole[:10], size=5000, sha256=hashlib.sha256(whole).hexdigest())).malformed

    assert (bad.size, bad.sha256, bad.raw) == (5000, hashlib.sha256(whole).hexdigest(), b"x" * 10)
    assert "max_payload" in bad.reason


def test_a_place_shows_what_is_invisible_in_a_topic():
    [message] = taken(delivery(b"1", "a\u202eb/\x07c")).messages

    assert message.place == "a\\u202eb/\\x07c#3.0"
    assert message.channel == "a\u202eb/\x07c"


@pytest.mark.parametrize(
    ("raw", "gone"),
    [(b"offline", True), (b'"offline"', True), (b'{"status": "offline", "ts": 1}', True), (b'{"state": "offline"}', True),
     (b"online", False), (b'{"status": "online"}', False), (b"", None), (b"[]", False), (b"\xff", False)],
)  # fmt: skip
def test_the_status_topic_says_whether_the_source_is_there(raw: bytes, gone: bool | None):
    haul = Haul()

    assert heard_status(delivery(raw, "floor-3/status"), 3, "offline", haul) is gone
    assert [(message.status, message.raw) for message in haul.messages] == ([(True, raw)] if raw else [])
