"""HTTP and MQTT actuators, against a real building and a real broker, and the fake keep the contract of actuators."""

# ruff: noqa: ARG002, S106 - the fake is its own other side; `${NAME}` is a reference to a secret

from __future__ import annotations

from pathlib import Path

import pytest
from brokers import Mosquitto, needs_mosquitto, running
from contracts.actuator_contract import SECRET, ActuatorContract, Effect
from fakes.building_actuator import BuildingActuator, building
from fakes.fake_actuator import FakeActuator
from fakes.mqtt_line import Device, MqttLine, mqtt_line

from graphtwin.actuators.http import HttpActuator
from graphtwin.actuators.mqtt import MqttActuator
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.durations import SECOND

ENVIRON = {"CANARY": SECRET, "CANARY_TOKEN": "s3cret-token"}
TIMEOUT = 2 * SECOND


class FakeOtherSide:
    def __init__(self, fake: FakeActuator) -> None:
        self.fake = fake

    def behave(self, how):
        self.fake.behave(how)

    def arrivals(self):
        return len(self.fake.arrivals)

    def effects(self):
        return [Effect(key, one.request.path, one.request.body) for key, one in self.fake.effects.items()]


class TestFake(ActuatorContract):
    @pytest.fixture
    def other_side(self, clock):
        return FakeOtherSide(FakeActuator("a", clock))

    @pytest.fixture
    def actuator(self, other_side, clock):
        return other_side.fake


class BuildingOtherSide:
    def __init__(self, building: BuildingActuator) -> None:
        self.building = building

    def behave(self, how):
        if how == "absent":
            self.building.kill()
        else:
            self.building.behave(how)

    def arrivals(self):
        return len(self.building.arrivals())

    def effects(self):
        return [Effect(one.key, one.path.removeprefix("/api/"), one.body) for one in self.building.effects()]


class TestHttp(ActuatorContract):
    @pytest.fixture
    def other_side(self, tmp_path):
        with building(tmp_path / "building") as one:
            yield BuildingOtherSide(one)

    @pytest.fixture
    def actuator(self, other_side, clock):
        config = Actuator(
            type="http", endpoint=f"{other_side.building.url}/api", timeout=TIMEOUT, token="${CANARY_TOKEN}",
        )  # fmt: skip
        return HttpActuator("a", config, Path(), clock, ENVIRON)


class BrokerOtherSide:
    """A line to a broker that takes everything, or to one that lets nobody but the device publish."""

    def __init__(self, line: MqttLine, device: Device, strict: Mosquitto) -> None:
        self.line = line
        self.device = device
        self.strict = strict

    def behave(self, how):
        if how == "refuse":
            self.line.broker = self.strict
        self.line.behave(how)

    def arrivals(self):
        return self.line.published

    def effects(self):
        heard = {key: Effect(key, topic, body) for key, topic, body in reversed(self.device.all_heard())}
        return list(heard.values())


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory):
    needs_mosquitto()
    users = {"graphtwin": SECRET, "device": "d"}
    folder: Path = tmp_path_factory.mktemp("strict")
    (folder / "acl").write_text("user device\ntopic readwrite #\nuser graphtwin\ntopic read #\n")
    (folder / "acl").chmod(0o600)
    open_one = Mosquitto(tmp_path_factory.mktemp("open"), users=users)
    strict = Mosquitto(folder, users=users, more=[f"acl_file {folder / 'acl'}"])
    with running(open_one), running(strict):
        yield open_one, strict


class TestMqtt(ActuatorContract):
    @pytest.fixture
    def other_side(self, brokers):
        open_one, strict = brokers
        device = Device(open_one, "floor", user=("device", "d"))
        with mqtt_line(open_one) as line:
            yield BrokerOtherSide(line, device, strict)
        device.leave()

    @pytest.fixture
    def actuator(self, other_side, clock):
        config = Actuator(
            type="mqtt", endpoint=f"{other_side.line.url}/floor", timeout=TIMEOUT, username="graphtwin",
            password="${CANARY}",
        )  # fmt: skip
        return MqttActuator("a", config, Path(), clock, ENVIRON)
