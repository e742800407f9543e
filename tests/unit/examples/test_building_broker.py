"""The small broker of the example: what it promises to publishers and subscribers, with a real client on the other side."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from building.broker import Broker
from building.packets import BadPacket, Cursor, check_filter, packet, read_hello, read_packet, topic_matches
from hypothesis import given, settings
from hypothesis import strategies as st


class Running:
    """A broker in a loop and a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._broker = Broker()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._do(self._broker.start())

    def stop(self) -> None:
        self._do(self._broker.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Someone:
    """A client that keeps what it gets, and acknowledges it at once or when told."""

    def __init__(self, broker: Running, name: str, *, clean: bool = True, manual: bool = False, **will: Any) -> None:
        self.got: list[mqtt.MQTTMessage] = []
        self.resumed: bool | None = None
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=clean, manual_ack=manual
        )
        if will:
            self._client.will_set(**will)
        self._client.on_message = lambda _client, _data, message: self.got.append(message)
        self._client.on_connect = self._connected
        self._client.connect("127.0.0.1", broker.port, keepalive=30)
        self._client.loop_start()
        until(lambda: self.resumed is not None)

    def subscribe(self, *filters: str, qos: int = 1) -> None:
        done = threading.Event()
        self._client.on_subscribe = lambda *_: done.set()
        self._client.subscribe([(one, qos) for one in filters])
        assert done.wait(10)

    def publish(self, topic: str, *payloads: str, qos: int = 1, retain: bool = False) -> None:
        for payload in payloads:
            self._client.publish(topic, payload, qos, retain).wait_for_publish(10)

    def acknowledge(self, count: int) -> None:
        for message in self.got[:count]:
            self._client.ack(message.mid, message.qos)

    def texts(self) -> list[str]:
        return [message.payload.decode() for message in self.got]

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def vanish(self) -> None:
        self._client.loop_stop()
        broken = self._client.socket()
        assert broken
        broken.close()

    def _connected(self, _client: Any, _data: Any, flags: Any, *_: Any) -> None:
        self.resumed = flags.session_present


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.005)


@pytest.fixture
def broker() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


@pytest.fixture
def speaker(broker: Running) -> Iterator[Someone]:
    someone = Someone(broker, "speaker")
    yield someone
    someone.leave()


# --- delivery ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_messages_come_in_order_to_who_asked_for_them(broker: Running, speaker: Someone, qos: int) -> None:
    listener, other = Someone(broker, "listener"), Someone(broker, "other")
    listener.subscribe("floor-3/#")
    other.subscribe("floor-4/#")

    speaker.publish("floor-3/temp-301/temperature", *map(str, range(200)), qos=qos)
    until(lambda: len(listener.got) >= 200)

    assert listener.texts() == list(map(str, range(200)))
    assert {message.qos for message in listener.got} == {min(qos, 1)}
    assert other.got == []
    listener.leave()
    other.leave()


def test_overlapping_subscriptions_get_a_message_once(broker: Running, speaker: Someone) -> None:
    listener = Someone(broker, "listener")
    listener.subscribe("floor-3/#", "floor-3/+/temperature")

    speaker.publish("floor-3/temp-301/temperature", "21")
    speaker.publish("floor-3/end", "end")
    until(lambda: "end" in listener.texts())

    assert listener.texts() == ["21", "end"]
    listener.leave()


def test_what_came_while_a_durable_subscriber_was_away_waits_for_it(broker: Running, speaker: Someone) -> None:
    first = Someone(broker, "durable", clean=False)
    first.subscribe("floor-3/#")
    first.leave()

    speaker.publish("floor-3/x", *map(str, range(500)))
    second = Someone(broker, "durable", clean=False)
    until(lambda: len(second.got) >= 500)

    assert (first.resumed, second.resumed) == (False, True)
    assert second.texts() == list(map(str, range(500)))
    second.leave()


@pytest.mark.parametrize("how", ["leave", "vanish"])
def test_what_was_not_acknowledged_comes_again_and_what_was_does_not(
    broker: Running, speaker: Someone, how: str
) -> None:
    first = Someone(broker, "durable", clean=False, manual=True)
    first.subscribe("floor-3/#")
    speaker.publish("floor-3/x", "a", "b", "c")
    until(lambda: len(first.got) == 3)

    first.acknowledge(1)
    time.sleep(0.1)
    getattr(first, how)()
    speaker.publish("floor-3/x", "d")
    second = Someone(broker, "durable", clean=False)
    until(lambda: len(second.got) >= 3)

    assert second.texts() == ["b", "c", "d"]
    assert [message.dup for message in second.got] == [True, True, False]
    second.leave()


def test_a_clean_subscriber_is_forgotten_when_it_leaves(broker: Running, speaker: Someone) -> None:
    first = Someone(broker, "fleeting")
    first.subscribe("floor-3/#")
    first.leave()
    speaker.publish("floor-3/x", "a")

    second = Someone(broker, "fleeting", clean=False)
    time.sleep(0.1)

    assert (second.resumed, second.got) == (False, [])
    second.leave()


def test_many_unacknowledged_messages_hold_the_rest_back_but_lose_none(broker: Running, speaker: Someone) -> None:
    slow = Someone(broker, "slow", clean=False, manual=True)
    slow.subscribe("floor-3/#")

    speaker.publish("floor-3/x", *map(str, range(450)))
    until(lambda: len(slow.got) == 200)
    time.sleep(0.1)
    held = len(slow.got)
    slow.acknowledge(200)
    until(lambda: len(slow.got) == 400)

    assert held == 200
    assert slow.texts() == list(map(str, range(400)))
    slow.leave()


# --- what is kept, and last wills ----------------------------------------------------------------------------------


def test_a_kept_message_is_there_for_who_comes_later_until_it_is_taken_back(broker: Running, speaker: Someone) -> None:
    speaker.publish("floor-3/gateway/status", "old", "online", retain=True)
    later = Someone(broker, "later")
    later.subscribe("floor-3/#")
    until(lambda: later.got)
    speaker.publish("floor-3/gateway/status", "", retain=True)

    latest = Someone(broker, "latest")
    latest.subscribe("floor-3/#")
    time.sleep(0.1)

    assert [(message.payload, message.retain) for message in later.got[:1]] == [(b"online", True)]
    assert latest.got == []
    later.leave()
    latest.leave()


def test_who_vanishes_leaves_a_last_will_and_who_leaves_does_not(broker: Running) -> None:
    witness = Someone(broker, "witness")
    witness.subscribe("#")
    will = {"topic": "floor-3/gateway/status", "payload": "offline", "qos": 1, "retain": True}

    Someone(broker, "polite", **will).leave()
    Someone(broker, "gateway", **will).vanish()
    until(lambda: witness.got)
    late = Someone(broker, "late")
    late.subscribe("floor-3/#")
    until(lambda: late.got)

    assert witness.texts() == ["offline"]
    assert late.texts() == ["offline"]
    witness.leave()
    late.leave()


def test_who_comes_twice_takes_the_place_of_the_first(broker: Running, speaker: Someone) -> None:
    first = Someone(broker, "twin", clean=False)
    first.subscribe("floor-3/#")
    first._client.on_disconnect = lambda client, *_: client.disconnect()

    second = Someone(broker, "twin", clean=False)
    speaker.publish("floor-3/x", "a")
    until(lambda: second.got)

    assert (second.resumed, second.texts()) == (True, ["a"])
    first._client.loop_stop()
    second.leave()


# --- what isn't MQTT -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: somebody who took the wrong door, politely\r\n\r\n",
        b"\xff\xff\xff\xff\xff",
        packet(3, b"\0\1x"),
        packet(1, b"\0\4MQTT\4"),
        packet(1, b"\0\4MQTT\4\2\0\0\0\1a") + packet(8, b"\0\1\0\2a#\1"),
        packet(1, b"\0\4MQTT\4\2\0\0\0\1a") + packet(15),
        b"\x10\xff\xff\xff\x7f",
    ],
)
def test_who_does_not_speak_mqtt_is_put_through_the_door(broker: Running, speaker: Someone, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", broker.port), timeout=10) as stranger:
        stranger.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            while stranger.recv(1000):
                pass

    speaker.publish("floor-3/x", "still here")


def test_a_client_of_another_version_is_told_that_it_is_not_spoken(broker: Running) -> None:
    newer = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="newer", protocol=mqtt.MQTTv5)
    told: list[Any] = []
    newer.on_connect = lambda _client, _data, _flags, reason, _properties: told.append(reason)

    newer.connect("127.0.0.1", broker.port)
    newer.loop_start()
    until(lambda: told)
    newer.loop_stop()

    assert told[0].is_failure
    assert "protocol version" in str(told[0])


@pytest.mark.parametrize(
    ("pattern", "topic", "matches"),
    [
        ("floor-3/#", "floor-3", True),
        ("floor-3/#", "floor-3/a/b", True),
        ("floor-3/+/temperature", "floor-3/temp-301/temperature", True),
        ("floor-3/+", "floor-3/a/b", False),
        ("+", "/a", False),
        ("/+", "/a", True),
        ("#", "$SYS/uptime", False),
        ("floor-3", "floor-33", False),
    ],
)
def test_filters_take_topics_as_the_standard_says(pattern: str, topic: str, matches: bool) -> None:
    assert topic_matches(pattern, topic) is matches


@pytest.mark.parametrize("pattern", ["", "a#", "a/#/b", "a+", "a/b+/c"])
def test_impossible_filters_are_refused(pattern: str) -> None:
    with pytest.raises(BadPacket):
        check_filter(pattern)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
async def test_no_bytes_make_it_stumble(sent: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(sent)
    reader.feed_eof()

    with contextlib.suppress(BadPacket, asyncio.IncompleteReadError):
        read_hello(await read_packet(reader))


@given(st.binary(max_size=300), st.integers(0, 15), st.integers(1, 14))
async def test_a_packet_is_read_as_it_was_written(body: bytes, flags: int, kind: int) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(packet(kind, body, flags))

    read = await read_packet(reader)

    assert (read.kind, read.flags, read.body) == (kind, flags, body)
    assert Cursor(body).rest() == body
