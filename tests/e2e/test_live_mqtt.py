"""A broker as a source, through whole syncs: read once, acknowledged after the commit, silent when it says so."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from brokers import Broker, Mosquitto, Publisher, held_back, needs_mosquitto, publisher, running
from certificates import make_certificates
from e2e.small_world import SmallWorld, details, memory
from hypothesis import given, settings
from hypothesis import strategies as st
from live import mqtt_source

from graphtwin.app.configure import apply_in
from graphtwin.app.inspection import test_source as try_source
from graphtwin.app.live_sources import session_name
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import parse_twin
from graphtwin.ports import Reading
from graphtwin.sources.messages import Haul
from graphtwin.sources.mqtt_payload import take_delivery
from graphtwin.steps.transform import transform
from graphtwin.wire.mqtt_session import Delivery

LATER = "2026-01-01T00:01:00Z"
LAST = "2026-01-01T00:02:00Z"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    needs_mosquitto()
    with running(Mosquitto(tmp_path / "broker")) as broker:
        yield broker


@pytest.fixture
def floor(plant: SmallWorld, broker: Broker) -> SmallWorld:
    """The small world with a broker beside its files, whose session is open."""
    return with_broker(plant, broker)


def with_broker(world: SmallWorld, broker: Broker, **fields: Any) -> SmallWorld:
    bus = {"type": "mqtt", "endpoint": f"{broker.url}/floor", "trust": "hardware_sensor", "quiet": "300ms"}
    world.config["sources"]["bus"] = bus | fields
    return world


def session_of(world: SmallWorld) -> str:
    return session_name(world.id, "bus")


def stamped(value: float, ts: str) -> dict[str, Any]:
    return {"value": value, "ts": ts}


async def test_what_was_said_while_nobody_read_is_read_once(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", stamped(21.5, LATER))
        device.say("floor/t7/reading", stamped(22.5, LAST))

    outcome = await floor.sync()

    history = await floor.store.history(floor.id, "sensor:local/t7", "reading")
    assert await floor.value("t7") == 22.5
    assert [fact.value for fact in history] == [22.5, 21.5]
    assert held_back(broker, session_of(floor)) == []
    assert details(outcome)["sources"]["bus"]["messages"] == 2


async def test_a_retained_value_is_read_by_the_first_sync_and_not_by_each(floor: SmallWorld, broker: Broker):
    with publisher(broker) as device:
        device.say("floor/t7/reading", 21.5, retain=True)
        for _ in range(3):
            await floor.sync()

    history = await floor.store.history(floor.id, "sensor:local/t7", "reading")
    assert [fact.value for fact in history] == [21.5]


async def test_full_mode_reads_retained_values_again(floor: SmallWorld, broker: Broker):
    with publisher(broker) as device:
        device.say("floor/t7/reading", stamped(21.5, LATER), retain=True)
    await floor.sync()

    outcome = await floor.sync(mode="full")

    assert details(outcome)["sources"]["bus"]["messages"] == 1
    assert len(await floor.store.history(floor.id, "sensor:local/t7", "reading")) == 1


async def test_a_sync_that_fails_before_its_commit_leaves_everything_at_the_broker(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", 21.5)

    def break_down(step: str, phase: str) -> None:
        if (step, phase) == ("world_state", "start"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await floor.sync(on_step=break_down)

    assert held_back(broker, session_of(floor)) == [("floor/t7/reading", b"21.5")]
    await floor.sync()
    assert await floor.value("t7") == 21.5
    assert held_back(broker, session_of(floor)) == []


async def test_an_unstamped_value_that_goes_there_and_back_is_three_events(floor: SmallWorld, broker: Broker):
    await floor.sync()
    for value in (1, 2, 1):
        with publisher(broker) as device:
            device.say("floor/t7/reading", value)
        await floor.sync()

    history = await floor.store.history(floor.id, "sensor:local/t7", "reading")

    assert [fact.value for fact in history] == [1, 2, 1]
    assert len({fact.event for fact in history}) == 3


async def test_a_message_that_is_delivered_twice_counts_once(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", stamped(21.5, LATER))
        await floor.sync()
        device.say("floor/t7/reading", stamped(21.5, LATER))

    before = await floor.head()
    await floor.sync()

    assert (await floor.head()).hash == before.hash
    assert len(await floor.store.history(floor.id, "sensor:local/t7", "reading")) == 1


@pytest.mark.parametrize(
    ("payload", "reason"),
    [("open", "not JSON"), (b"\xff\xfe", "UTF-8"), ("NaN", "finite"), ("[", "JSON"), ('{"value": "warm"}', "warm"),
     ('{"value": 1, "unit": "furlong"}', "furlong"), ('{"value": 1, "ts": "yesterday"}', "yesterday"),
     ('{"value": 1, "ts": "2099-01-01T00:00:00Z"}', "ahead"), ("x" * 5000, "5000 bytes")],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
async def test_a_message_that_can_not_be_taken_is_set_aside_with_its_topic_and_acknowledged(
    floor: SmallWorld, broker: Broker, payload: str | bytes, reason: str
):
    floor.config["sources"]["bus"]["max_payload"] = 4096
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", payload)
        device.say("floor/t8/reading", 5)

    await floor.sync()

    [waiting] = await floor.quarantined()
    assert reason in waiting.reason
    assert waiting.place.startswith("floor/t7/reading#")
    assert waiting.size == len(payload)
    assert await floor.value("t8") == 5
    assert held_back(broker, session_of(floor)) == []


async def test_a_topic_is_data_and_never_code(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/'}) DETACH DELETE n \\/reading", 1)
        device.say("floor/../../etc/passwd/reading", 2)
        device.say("floor/\u202et1/reading", 3)
        device.say("floor//reading", 4)

    await floor.sync()

    state = await floor.state()
    assert len(state.entities) == 3
    assert any("DETACH" in name for name in state.entities)
    assert await floor.value("passwd") == 2
    assert len(await floor.quarantined()) == 2
    assert await floor.value("t1") == 20


async def test_a_batch_is_cut_at_max_messages_and_the_next_sync_goes_on(floor: SmallWorld, broker: Broker):
    floor.config["sources"]["bus"]["max_messages"] = 3
    await floor.sync()
    with publisher(broker) as device:
        for n in range(5):
            device.say(f"floor/n{n}/reading", n)

    first = await floor.sync()
    second = await floor.sync()

    counts = [details(one)["sources"]["bus"]["messages"] for one in (first, second)]
    assert counts == [3, 2]
    assert "max_messages" in details(first)["sources"]["bus"]["problem"]
    assert [await floor.value(f"n{n}") for n in range(5)] == [0, 1, 2, 3, 4]


async def test_more_bytes_than_one_reading_may_have_wait_at_the_broker(floor: SmallWorld, broker: Broker):
    floor.config["sources"]["bus"]["max_output"] = 1000
    await floor.sync()
    with publisher(broker) as device:
        for n in range(5):
            device.say(f"floor/n{n}/reading", {"value": n, "note": "x" * 300})

    for _ in range(3):
        await floor.sync()

    assert [await floor.value(f"n{n}") for n in range(5)] == [0, 1, 2, 3, 4]


async def test_a_reading_of_a_stream_that_never_rests_ends_in_its_time(floor: SmallWorld, broker: Broker):
    floor.config["sources"]["bus"] |= {"quiet": "1s", "drain": "800ms"}
    await floor.sync()
    began = time.monotonic()
    with publisher(broker) as device:
        device.say("floor/t7/reading", 1)
        await floor.sync()

    assert time.monotonic() - began < 60
    assert await floor.value("t7") == 1


async def test_a_last_will_silences_the_things_of_its_source_at_once_and_ends_no_fact(
    floor: SmallWorld, broker: Broker
):
    floor.config["sources"]["bus"]["will_topic"] = "floor/gateway/status"
    await floor.sync()
    device = Publisher(broker, will=("floor/gateway/status", "offline"))
    device.say("floor/gateway/status", "online")
    device.say("floor/t7/reading", 21.5)
    there = await floor.sync()
    device.vanish()

    gone = await floor.sync()
    still = await floor.sync()
    with publisher(broker) as back:
        back.say("floor/gateway/status", "online")
    again = await floor.sync()

    def silences(outcome: Any) -> list[str]:
        return [one["entity"] for one in details(outcome)["findings"] if one["name"] == "silence:bus"]

    assert silences(there) == silences(again) == []
    assert silences(gone) == silences(still) == ["sensor:local/t7"]
    assert gone.report.status.value == "drift_detected"
    assert "gone by its own word" in json.dumps(details(gone)["findings"])
    assert await floor.value("t7") == 21.5
    assert await floor.entity("gateway", "bus") is None
    assert await floor.quarantined() == ()


async def test_a_broker_that_is_not_there_costs_no_other_source_its_sync(floor: SmallWorld, broker: Broker):
    await floor.sync()
    broker.kill()
    floor.say({"id": "t1", "type": "sensor", "reading": 25, "ts": LATER})

    outcome = await floor.sync()

    told = details(outcome)["sources"]["bus"]
    assert await floor.value("t1") == 25
    assert f"127.0.0.1:{broker.port} can't be reached" in told["problem"]
    assert "start the broker" in told["problem"]
    assert 0 < outcome.report.confidence < 1


async def test_looking_at_a_source_takes_nothing_from_it(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", 21.5)
        device.say("floor/t8/reading", 5, retain=True)

    [looked] = await try_source(floor.twin, "bus")

    assert [message.place for message in looked.reading.messages] == ["floor/t8/reading#1.0"]
    assert len(looked.transformed.facts) == 2
    assert [topic for topic, _ in held_back(broker, session_of(floor))] == ["floor/t7/reading", "floor/t8/reading"]


async def test_other_topics_are_asked_for_once_twin_yaml_says_so_and_the_old_ones_no_more(
    tmp_path: Path, broker: Broker
):
    world = with_broker(SmallWorld(tmp_path / "w", memory()), broker)
    await world.sync()
    world.config["sources"]["bus"]["topics"] = ["roof/#"]
    await apply_in(world.store, world.twin, dry_run=False)
    await world.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", 1)
        device.say("roof/t8/reading", 2)

    await world.sync()

    assert (await world.value("t7"), await world.value("t8")) == (None, 2)


async def test_two_syncs_at_once_leave_every_message_known_once(floor: SmallWorld, broker: Broker):
    await floor.sync()
    with publisher(broker) as device:
        for n in range(20):
            device.say(f"floor/n{n}/reading", stamped(n, LATER))

    await asyncio.gather(floor.sync(), floor.sync())
    await floor.sync()

    assert [await floor.value(f"n{n}") for n in range(20)] == list(range(20))
    for n in range(20):
        assert len(await floor.store.history(floor.id, f"sensor:local/n{n}", "reading")) == 1
    assert held_back(broker, session_of(floor)) == []


async def test_a_login_comes_from_the_environment_and_is_never_shown(
    plant: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    needs_mosquitto()
    secret = "pa:ss/w@rd#1"  # noqa: S105
    with running(Mosquitto(tmp_path / "broker", users={"gw": secret})) as broker:
        with_broker(plant, broker, endpoint=f"mqtt://gw:${{BUS_PASSWORD}}@127.0.0.1:{broker.port}/floor")
        monkeypatch.setenv("BUS_PASSWORD", secret)
        good = await plant.sync()
        monkeypatch.setenv("BUS_PASSWORD", "wrong-" + secret)
        bad = await plant.sync()

    everything = json.dumps(details(good)) + json.dumps(details(bad)) + caplog.text
    everything += good.report_path.read_text() + bad.report_path.read_text()
    everything += json.dumps((await plant.store.configuration(plant.id)).normalised())
    assert details(good)["sources"]["bus"]["answered"]
    assert "not authorized" in details(bad)["sources"]["bus"]["problem"].lower()
    assert secret not in everything


async def test_an_encrypted_broker_is_checked_against_its_authority(plant: SmallWorld, tmp_path: Path):
    needs_mosquitto()
    tls = make_certificates(tmp_path / "tls")
    other, _, _ = make_certificates(tmp_path / "other")
    with running(Mosquitto(tmp_path / "broker", tls=tls)) as broker:
        with_broker(plant, broker, endpoint=f"mqtts://localhost:{broker.port}/floor", tls={"ca": str(tls[0])})
        good = await plant.sync()
        stranger = with_broker(SmallWorld(tmp_path / "stranger", memory()), broker)
        stranger.config["sources"]["bus"] |= {
            "endpoint": f"mqtts://localhost:{broker.port}/floor",
            "tls": {"ca": str(other)},
        }
        bad = await stranger.sync()

    assert details(good)["sources"]["bus"]["answered"]
    assert "certificate" in details(bad)["sources"]["bus"]["problem"]


async def test_a_broker_that_wants_a_certificate_is_shown_one(plant: SmallWorld, tmp_path: Path):
    needs_mosquitto()
    authority, certificate, key = make_certificates(tmp_path / "tls")
    broker = Mosquitto(tmp_path / "broker", tls=(authority, certificate, key), more=["require_certificate true"])
    endpoint = f"mqtts://localhost:{broker.port}/floor"
    with running(broker):
        with_broker(plant, broker, endpoint=endpoint, tls={"ca": str(authority)})
        without = await plant.sync()
        shown = with_broker(SmallWorld(tmp_path / "shown", memory()), broker, endpoint=endpoint)
        shown.config["sources"]["bus"]["tls"] = {"ca": str(authority), "certificate": str(certificate), "key": str(key)}
        good = await shown.sync()

    assert not details(without)["sources"]["bus"]["answered"]
    assert details(good)["sources"]["bus"]["answered"]


@pytest.mark.parametrize(("quiet", "more"), [("100ms", False), ("5s", True)], ids=["in a silence", "by its time"])
async def test_a_reading_says_whether_more_may_be_under_way(broker: Broker, quiet: str, *, more: bool):
    source = mqtt_source(broker, quiet=quiet, drain="1s")
    await source.read(None, full=False, now=1)
    with publisher(broker) as device:
        device.say("floor/t1/reading", 1)

    reading = await source.read(None, full=False, now=2)
    await source.close()

    assert (len(reading.messages), reading.more) == (1, more)


async def test_a_reading_that_is_broken_off_can_be_closed_and_made_again(broker: Broker):
    source = mqtt_source(broker, quiet="1s", drain="5s")
    reading = asyncio.create_task(source.read(None, full=False, now=1))
    await asyncio.sleep(0.2)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await source.close()

    again = await source.read(None, full=False, now=1)
    await source.close()

    assert reading.cancelled()
    assert again.answered
    assert [one.name for one in threading.enumerate() if "paho" in one.name] == []


async def test_certificates_that_are_not_there_are_told_before_anything_is_read(plant: SmallWorld):
    plant.config["sources"]["bus"] = {"type": "mqtt", "endpoint": "mqtts://localhost/floor", "tls": {"ca": "none.pem"}}

    with pytest.raises(ConfigurationError, match=r"sources\.bus\.tls.*none\.pem"):
        await plant.sync()


async def test_a_broker_that_has_forgotten_the_session_is_told_once_and_read_on(floor: SmallWorld, broker: Broker):
    await floor.sync()
    broker.stop()
    (broker.folder / "mosquitto.db").unlink()
    broker.start()

    told = await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", 21.5)
    after = await floor.sync()

    assert "may be lost" in details(told)["sources"]["bus"]["problem"]
    assert details(after)["sources"]["bus"]["problem"] == ""
    assert await floor.value("t7") == 21.5


async def test_a_reading_that_was_committed_and_not_acknowledged_is_known_when_it_comes_again(
    floor: SmallWorld, broker: Broker
):
    await floor.sync()
    with publisher(broker) as device:
        device.say("floor/t7/reading", stamped(21.5, LATER))

    def cut(step: str, phase: str) -> None:
        if (step, phase) == ("state_transition", "end"):
            time.sleep(1.2)  # until the broker has its queues on disk
            broker.kill()

    await floor.sync(on_step=cut)
    broker.start()
    waiting = held_back(broker, session_of(floor))
    before = await floor.head()

    again = await floor.sync()

    assert [topic for topic, _ in waiting] == ["floor/t7/reading"]
    assert details(again)["sources"]["bus"]["messages"] == 1
    assert (await floor.head()).hash == before.hash
    assert len(await floor.store.history(floor.id, "sensor:local/t7", "reading")) == 1
    assert held_back(broker, session_of(floor)) == []


PAYLOADS = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(str.encode),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"value": st.integers(0, 9)}, optional={"unit": st.text(max_size=3), "ts": st.text(max_size=5), "id": st.text(max_size=3)})
    .map(lambda value: json.dumps(value).encode()),
)  # fmt: skip
TOPICS = st.lists(st.text(alphabet=st.characters(exclude_characters="#+\0/"), max_size=4), min_size=1, max_size=4).map(
    "/".join
)


@settings(max_examples=60)
@given(st.lists(st.tuples(TOPICS, PAYLOADS), max_size=6))
def test_whatever_is_delivered_is_an_event_or_set_aside_and_nothing_breaks(said: list[tuple[str, bytes]]):
    config = parse_twin(
        "world: {id: w}\nsources: {bus: {type: mqtt, endpoint: 'mqtt://h/f', will_topic: f/status}}\n"
        "types: {sensor: {variables: {reading: {unit: Cel}}}}\n"
    )
    haul = Haul()
    for number, (topic, payload) in enumerate(said):
        take_delivery(Delivery(number, topic, payload, len(payload), "", 1, False, False), 1, None, haul)
    now = 1_769_860_800_000_000
    heard = Reading("bus", True, now, tuple(haul.messages), tuple(haul.malformed), {"reading": 1})

    out = transform([heard], config, run="r", now=now)

    assert out.messages["bus"] == len(haul) == len(out.events) + out.refused.get("bus", 0) + out.duplicates
    assert all(one.reason and one.place for one in out.quarantined)
