"""The MQTT actuator publishes once, with its key, and says what the broker's word is worth."""

# ruff: noqa: S106 - `${NAME}` is a reference, and what stands for a secret is none

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from brokers import Amqtt, Mosquitto, needs_mosquitto, running
from certificates import make_certificates
from contracts.actuator_contract import NOW, StandingClock, a_command
from fakes.mqtt_line import Device, mqtt_line

from graphtwin.actuators.mqtt import MqttActuator
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.durations import SECOND
from graphtwin.model.plan import Request


def an_actuator(
    url: str, environ: dict[str, str] | None = None, clock: StandingClock | None = None, folder: Path = Path(), **more
):
    config = Actuator(type="mqtt", endpoint=url, **({"timeout": 20 * SECOND} | more))
    return MqttActuator("line", config, folder, clock or StandingClock(), {} if environ is None else environ)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    needs_mosquitto()
    with running(Mosquitto(tmp_path_factory.mktemp("broker"))) as one:
        yield one


@pytest.fixture
def device(broker: Mosquitto) -> Iterator[Device]:
    one = Device(broker, "floor")
    yield one
    one.leave()


async def test_the_key_travels_beside_the_body(broker: Mosquitto, device: Device):
    answer = await an_actuator(f"{broker.url}/floor").send(a_command(key="act_1"))

    assert answer.outcome == "done"
    assert device.all_heard() == [("act_1", "zones/z1", {"setpoint": 21.5})]


async def test_a_plain_value_or_nothing_can_be_sent_too(broker: Mosquitto, device: Device):
    actuator = an_actuator(f"{broker.url}/floor")

    for key, body in (("k1", 21.5), ("k2", "auto"), ("k3", None), ("k4", {"idempotency_key": None})):
        await actuator.send(a_command(key=key, request=Request("POST", "z", body)))

    assert [body for _, _, body in device.all_heard()] == [21.5, "auto", None, {"idempotency_key": "k4"}]


async def test_a_broker_of_the_older_version_is_spoken_to_in_it_and_the_key_goes_in_the_body(tmp_path: Path):
    with running(Amqtt(tmp_path)) as old, mqtt_line(old) as line:
        request = Request("POST", "zones/z1", {"setpoint": 21, "idempotency_key": ""})
        answer = await an_actuator(f"{line.url}/floor").send(a_command(key="act_1", request=request))

    assert answer.outcome == "done"
    assert line.versions == [5, 4]
    assert line.published == 1


async def test_a_message_that_nobody_has_subscribed_to_leaves_it_open(broker: Mosquitto):
    answer = await an_actuator(f"{broker.url}/empty").send(a_command())

    assert answer.outcome == "unknown"
    assert "nobody has subscribed" in answer.text


async def test_who_may_not_log_in_has_sent_nothing(tmp_path: Path):
    needs_mosquitto()
    with running(Mosquitto(tmp_path, users={"ann": "right"})) as strict:
        actuator = an_actuator(f"{strict.url}/floor", {"P": "wrong-s3cret"}, username="ann", password="${P}")

        answer = await actuator.send(a_command())

    assert answer.outcome == "not_sent"
    assert "Not authorized" in answer.text
    assert "s3cret" not in answer.text


async def test_a_certificate_is_checked_and_a_named_authority_is_trusted(tmp_path: Path):
    needs_mosquitto()
    certificates = make_certificates(tmp_path / "tls")
    with running(Mosquitto(tmp_path / "broker", tls=certificates)) as encrypted:
        url = f"mqtts://127.0.0.1:{encrypted.port}/floor"

        strange = await an_actuator(url).send(a_command())
        known = await an_actuator(url, folder=tmp_path, tls={"ca": "tls/ca.pem"}).send(a_command())

    assert strange.outcome == "not_sent"
    assert "CERTIFICATE_VERIFY_FAILED" in strange.text
    assert known.outcome == "unknown"  # nobody has subscribed; but it arrived


async def test_time_is_looked_at_again_once_the_connection_stands(broker: Mosquitto, device: Device):
    actuator = an_actuator(f"{broker.url}/floor", clock=StandingClock(NOW + 1))

    answer = await actuator.send(a_command(not_after=NOW))

    assert answer.outcome == "not_sent"
    assert device.all_heard() == []


async def test_a_broker_that_takes_the_connection_and_says_nothing_got_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mqtt://127.0.0.1:{silent.getsockname()[1]}/floor"

        answer = await an_actuator(url, timeout=SECOND).send(a_command())

    assert (answer.outcome, answer.text) == ("not_sent", "no connection: no acknowledgement within 1s")


@pytest.mark.parametrize(
    "request_of_it", [Request("POST", "zones/+"), Request("POST", "#"), Request("POST", "z", float("inf"))]
)
async def test_what_cannot_be_published_is_not_sent(broker: Mosquitto, request_of_it: Request):
    with mqtt_line(broker) as line:
        answer = await an_actuator(f"{line.url}/floor").send(a_command(request=request_of_it))

        assert answer.outcome == "not_sent"
        assert line.versions == []


async def test_a_login_that_cannot_be_used_is_told_beforehand():
    actuator = an_actuator("mqtt://127.0.0.1:1/floor", {}, username="ann", password="${GONE}")

    with pytest.raises(ConfigurationError, match="GONE"):
        actuator.check()
    answer = await actuator.send(a_command())

    assert answer.outcome == "not_sent"
    assert "GONE" in answer.text


def test_what_would_be_published_can_be_shown():
    actuator = an_actuator("mqtts://broker.example/floor")

    assert actuator.shown(a_command()) == 'publish floor/zones/z1 at mqtts://broker.example {"setpoint":21.5}'
