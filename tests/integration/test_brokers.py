"""The brokers and the site that other tests stand on do what these tests believe of them."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import httpx
import pytest
from brokers import Amqtt, Mosquitto, Publisher, held_back, needs_mosquitto, publisher, running
from certificates import make_certificates
from fakes.http_site import Answer, http_site


@pytest.fixture
def mosquitto(tmp_path: Path) -> Mosquitto:
    needs_mosquitto()
    return Mosquitto(tmp_path / "broker")


def test_mosquitto_keeps_what_nobody_acknowledged_also_when_it_is_killed(mosquitto: Mosquitto):
    with running(mosquitto):
        assert held_back(mosquitto, "reader", "floor/#") == []
        with publisher(mosquitto) as device:
            device.say("floor/t1", 21.5)
        time.sleep(1.5)  # it writes its queues to disk each second
        mosquitto.kill()
        mosquitto.start()

        assert held_back(mosquitto, "reader") == held_back(mosquitto, "reader") == [("floor/t1", b"21.5")]


def test_a_device_that_vanishes_leaves_its_last_will(mosquitto: Mosquitto):
    with running(mosquitto):
        held_back(mosquitto, "reader", "floor/#")
        device = Publisher(mosquitto, will=("floor/status", "offline"))
        device.say("floor/t1", 21.5)

        device.vanish()

        assert held_back(mosquitto, "reader") == [("floor/t1", b"21.5"), ("floor/status", b"offline")]


def test_amqtt_runs_as_a_process_of_its_own_and_can_be_killed(tmp_path: Path):
    with running(Amqtt(tmp_path / "amqtt")) as broker:
        broker.kill()
        broker.start()

        with publisher(broker) as device:
            device.say("floor/t1", {"id": "t1", "n": 1})


def test_the_site_answers_as_it_is_told_and_remembers_who_asked(tmp_path: Path):
    authority, certificate, key = make_certificates(tmp_path / "tls")
    with http_site(tls=(certificate, key)) as site:
        site.says["/status"] = lambda asked: Answer({"page": asked.query["page"]}, headers={"ETag": '"1"'})

        answer = httpx.get(f"{site.url}/status?page=2", verify=ssl.create_default_context(cafile=authority))

        assert answer.json() == {"page": "2"}
        assert answer.headers["etag"] == '"1"'
        assert httpx.get(f"{site.url}/other", verify=False).status_code == 404  # noqa: S501 - it is our own
        assert [asked.path for asked in site.asked] == ["/status", "/other"]
