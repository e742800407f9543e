"""The building of the example as it is started: its own broker and simulator, each a process, over real MQTT and HTTP."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import psutil
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "building-floor-3"


def load_scenario_module() -> Any:
    spec = importlib.util.spec_from_file_location("building_scenario", EXAMPLE / "scenario.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MODULE = load_scenario_module()


GREETINGS = ("/info", "/status")


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.02)


class Listener:
    """Everything that is said below floor-3."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, dict[str, Any], bool]] = []
        self._subscriptions = 0
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="listener")
        self._client.on_message = self._note
        self._client.on_connect = lambda client, *_: client.subscribe("floor-3/#", 1)
        self._client.on_subscribe = self._subscribed
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        until(lambda: self._subscriptions)

    def on(self, topic: str) -> list[dict[str, Any]]:
        return [payload for one, payload, _ in self.heard if one == f"floor-3/{topic}"]

    def readings(self) -> list[tuple[str, dict[str, Any]]]:
        """What was said since it listens, in its order."""
        return [(topic, payload) for topic, payload, _ in self.heard if not topic.endswith(GREETINGS)]

    def greetings(self) -> dict[str, dict[str, Any]]:
        """Who is there, by topic: said at the start, and kept by the broker for whoever listens only then."""
        return {topic: payload for topic, payload, _ in self.heard if topic.endswith(GREETINGS)}

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def command(self, payload: dict[str, Any]) -> None:
        self._client.publish("floor-3/gateway/command", json.dumps(payload), 1).wait_for_publish(10)

    def _note(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, json.loads(message.payload), message.retain))

    def _subscribed(self, *_: Any) -> None:
        self._subscriptions += 1


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Any]:
    with MODULE.Scenario() as played:
        played.prepare(tmp_path / "a folder")
        played.start(paused=True)
        yield played


@pytest.fixture
def listener(scenario: Any) -> Iterator[Listener]:
    one = Listener(scenario.mqtt_port)
    yield one
    one.close()


def test_stepped_time_is_over_when_every_message_of_it_is_at_the_broker(scenario: Any, listener: Listener) -> None:
    scenario.building.advance("30m")
    until(lambda: len(listener.on("temp-301/temperature")) == 15)

    assert listener.on("temp-301/temperature")[-1]["ts"] == scenario.building.clock()["now"]
    assert len(listener.on("meter-3/power")) == 15
    assert listener.on("gateway/status")[-1]["status"] == "online"
    assert len({payload["serial"] for topic, payload, _ in listener.heard if topic.endswith("/info")}) == 23


def test_a_lost_gateway_leaves_its_last_will_and_greets_when_it_is_back(scenario: Any, listener: Listener) -> None:
    until(lambda: listener.on("gateway/status"))

    scenario.building.inject(id="g", kind="silent_gateway", how="lost")
    until(lambda: listener.on("gateway/status")[-1] == {"status": "offline"})
    scenario.building.end("g")
    until(lambda: listener.on("gateway/status")[-1]["status"] == "online")

    assert scenario.building.truth()["gateway"] == "online"


def test_a_gateway_that_hangs_is_restarted_over_mqtt_once_a_key(scenario: Any, listener: Listener) -> None:
    scenario.building.inject(id="g", kind="silent_gateway", how="hung")

    listener.command({"command": "restart", "idempotency_key": "k-1"})
    until(lambda: scenario.building.truth()["gateway"] == "restarting")
    scenario.building.advance("2m")
    until(lambda: listener.on("gateway/status")[-1]["status"] == "online")
    scenario.building.advance("2m")
    listener.command({"command": "restart", "idempotency_key": "k-1"})
    until(lambda: [one["outcome"] for one in listener.on("gateway/answer")] == ["applied", "replayed"])

    assert scenario.building.effects() == {"k-1": 1}
    assert {"status": "offline"} in listener.on("gateway/status")
    assert listener.on("temp-301/temperature")


def test_after_the_broker_was_killed_the_gateway_comes_back_and_says_everything_anew(
    scenario: Any, listener: Listener
) -> None:
    scenario.building.advance("10m")
    until(lambda: len(listener.on("temp-301/temperature")) == 5)

    scenario.kill_broker()
    scenario.start_broker()
    until(lambda: len(listener.on("temp-308/info")) >= 2)
    scenario.building.advance("10m")
    until(lambda: len(listener.on("temp-301/temperature")) >= 10)

    assert listener.on("gateway/status")[-1]["status"] == "online"


def test_time_passes_by_itself_as_fast_as_it_is_told(scenario: Any) -> None:
    before = scenario.building.now()
    scenario.building.speed(600)
    began = time.monotonic()
    until(lambda: (scenario.building.now() - before).total_seconds() > 1200)
    took = time.monotonic() - began

    assert took > 1.5


def test_a_building_that_was_started_paused_resumes_at_its_speed(scenario: Any) -> None:
    before = scenario.building.now()

    clock = scenario.building.resume()

    until(lambda: scenario.building.now() > before)
    assert (clock["speed"], clock["paused"]) == (30, False)


def test_two_buildings_of_one_seed_say_the_same(scenario: Any, listener: Listener, tmp_path: Path) -> None:
    scenario.building.advance("20m")
    with MODULE.Scenario() as other:
        other.prepare(tmp_path / "other")
        other.start(paused=True)
        second = Listener(other.mqtt_port)
        other.building.advance("20m")
        until(lambda: len(second.on("meter-3/energy")) == 10)
        second.close()
    until(lambda: len(listener.on("meter-3/energy")) == 10)

    assert listener.readings() == second.readings()
    assert listener.greetings() == second.greetings()


def test_cleanup_ends_both_programs_and_may_be_called_again(scenario: Any) -> None:
    ports = (scenario.http_port, scenario.mqtt_port)

    scenario.cleanup()
    scenario.cleanup()

    assert not any(MODULE.listens(port) for port in ports)


def test_both_programs_end_by_themselves_when_who_started_them_is_killed(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(EXAMPLE)!r}); import scenario;"
        f"one = scenario.Scenario(); one.prepare({str(tmp_path / 'played')!r}); one.start(paused=True);"
        "print(one.http_port, one.mqtt_port, flush=True); input()"
    )
    player = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert player.stdout
    ports = [int(port) for port in player.stdout.readline().split()]
    children = psutil.Process(player.pid).children()

    player.send_signal(signal.SIGKILL)
    player.communicate()

    until(lambda: not any(MODULE.listens(port) for port in ports))
    until(lambda: not any(child.is_running() for child in children))


def test_the_simulator_runs_alone_says_how_it_goes_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    http, broker = MODULE.free_port(), MODULE.free_port()
    words = [
        "--port",
        str(http),
        "--mqtt",
        f"mqtt://127.0.0.1:{broker}",
        "--speed",
        "3600",
        "--parent",
        str(os.getpid()),
    ]
    words += ["--scenario", str(EXAMPLE / "scenarios" / "stuck_valve.yaml")]
    said = tmp_path / "said.txt"
    with said.open("w") as out:
        process = subprocess.Popen([sys.executable, str(EXAMPLE / "simulator.py"), *words], stdout=out, stderr=out)
    until(lambda: said.read_text().count("outside") >= 6)

    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 0
    assert f"http://127.0.0.1:{http}" in said.read_text()
    assert "stuck: stuck_valve begins" in said.read_text()
    assert said.read_text().endswith("Ended.\n")
    assert "Traceback" not in said.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--start", "2999-01-01"], "begin in the past"),
        (["--start", "yesterday"], "isn't an instant"),
        (["--mqtt", "tcp://127.0.0.1:1"], "the broker's address is like mqtt://"),
        (["--scenario", "none.yaml"], "none.yaml can't be read"),
        (["--speed", "-1"], "the speed is a number"),
    ],
)
def test_what_the_simulator_cannot_do_it_says_in_a_line(words: list[str], told: str) -> None:
    program = [sys.executable, str(EXAMPLE / "simulator.py"), "--no-broker", "--port", "0"]

    run = subprocess.run([*program, *words], capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 2
    assert run.stderr.startswith("Error: ")
    assert told in run.stderr
    assert "Traceback" not in run.stderr
