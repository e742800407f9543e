"""The example of this machine: its configuration holds, its collectors read what is real, its scenario cleans up."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from graphtwin.methods.rules.strata import stratify
from graphtwin.model.configuration.load import load_twin

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "this-machine"
COLLECTORS = ("host", "filesystems", "interfaces", "processes", "sockets")


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"this_machine_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def scenario_module() -> Any:
    return load(EXAMPLE / "scenario.py")


@pytest.fixture
def scenario(scenario_module: Any, tmp_path: Path) -> Iterator[Any]:
    with scenario_module.Scenario() as played:
        played.prepare(tmp_path / "a folder")
        yield played


def lines_of(collector: str, folder: Path = EXAMPLE) -> list[dict[str, Any]]:
    """What a collector prints, run as a command source runs it: with hardly any environment."""
    run = subprocess.run(
        [sys.executable, str(folder / "collectors" / f"{collector}.py")],
        env={"PATH": os.environ["PATH"]}, cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in run.stdout.splitlines()]


def process_ids() -> dict[int, str]:
    return {line["pid"]: line["id"] for line in lines_of("processes") if line["kind"] == "process"}


def programs_in(folder: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(process.info["cmdline"] or []) and process.pid != os.getpid()
    ]


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.02)


def status_of(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


# --- the configuration ---------------------------------------------------------------------------------------------


def test_the_configuration_as_published_is_valid() -> None:
    config = load_twin(EXAMPLE / "twin.yaml")

    order = [rule.id for rule in stratify(config.rules)]

    assert config.world.id == "this-machine"
    assert order.index("service_process") < order.index("service_endpoint") < order.index("wrong_port")


def test_every_program_that_the_configuration_names_exists() -> None:
    config = load_twin(EXAMPLE / "twin.yaml")

    programs = [source.command[1] for source in config.sources.values() if source.type == "command"]

    assert len(programs) == len(COLLECTORS)
    assert all((EXAMPLE / program).is_file() for program in programs)


def test_every_action_answers_a_finding_that_can_occur() -> None:
    config = load_twin(EXAMPLE / "twin.yaml")
    judged = {f"drift:{kind}.{name}" for kind, declared in config.types.items() for name in declared.variables}
    possible = {rule.id for rule in config.rules} | judged | {f"silence:{name}" for name in config.sources}
    possible |= {f"missing:{relation}" for declared in config.entities for relation in declared.relations}

    answered = {name for action in config.actions for name in action.when}

    assert answered <= possible


def test_a_prepared_folder_has_a_configuration_of_its_own_that_is_valid(scenario: Any) -> None:
    config = load_twin(scenario.twin)
    services = yaml.safe_load((scenario.folder / "services.yaml").read_text())["services"]

    assert config.sources["host"].command == (sys.executable, str(scenario.folder / "collectors" / "host.py"))
    assert {one["id"]: one["port"] for one in services} == scenario.ports
    assert all(str(scenario.folder) in one["process"] for one in services)
    assert len(set(scenario.ports.values())) == 3


# --- the collectors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collector", COLLECTORS)
def test_a_collector_prints_json_lines_with_kind_id_and_time(collector: str) -> None:
    before = datetime.now(UTC)

    lines = lines_of(collector)

    assert lines or collector == "sockets"
    assert len({line["id"] for line in lines}) == len(lines)
    assert {line["kind"] for line in lines} <= {collector.removesuffix("s"), "process", "endpoint", "host"}
    assert all(before <= datetime.fromisoformat(line["time"]) <= datetime.now(UTC) for line in lines)


def test_the_host_collector_reads_this_host() -> None:
    (host,) = lines_of("host")

    assert host["cores"] == psutil.cpu_count()
    assert host["memory_total"] == psutil.virtual_memory().total
    assert 0 <= host["cpu_percent"] <= 100


def test_the_filesystem_collector_tells_each_device_once() -> None:
    lines = lines_of("filesystems")

    assert len({line["device"] for line in lines}) == len(lines)
    assert all(0 <= line["used_percent"] <= 100 and line["total_bytes"] > 0 for line in lines)


def test_a_process_has_the_same_id_in_two_readings() -> None:
    first = process_ids()

    second = process_ids()

    assert first[os.getpid()] == second[os.getpid()]


def test_the_process_list_ends_with_how_many_there_were() -> None:
    *processes, host = lines_of("processes")

    assert (host["kind"], host["processes"]) == ("host", len(processes))


def test_a_listening_socket_names_the_process_as_the_process_list_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        endpoints = {line["port"]: line for line in lines_of("sockets")}

    processes = process_ids()
    assert endpoints[port]["process"] == processes[os.getpid()]
    assert endpoints[port]["id"] == f"{port}@127.0.0.1"


def test_a_process_that_ends_while_it_is_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE / "collectors"))
    collector = load(EXAMPLE / "collectors" / "processes.py")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    seen = next(one for one in psutil.process_iter(collector.FIELDS, ad_value=None) if one.pid == child.pid)

    child.kill()
    child.communicate()

    assert not collector.print_process(seen, "")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["app", "--password", "hunter2", "--port", "80"], "app --password *** --port 80"),
        (["app", "--api-key=abc", "run"], "app --api-key=*** run"),
        (["env", "DB_TOKEN=abc", "app"], "env DB_TOKEN=*** app"),
        (["curl", "https://me:hunter2@example.org/x"], "curl https://me:***@example.org/x"),
        (["curl", "-H", "Authorization: Bearer abc.def"], "curl -H Authorization: Bearer ***"),
        (["app", '{"secret": "abc", "port": 80}'], 'app {"secret": ***, "port": 80}'),
        (["app", "https://example.org/?token=abc&x=1"], "app https://example.org/?token=***&x=1"),
        (["app", "--password-file", "--verbose"], "app --password-file --verbose"),
        (["tokens.py", "--port", "80"], "tokens.py --port 80"),
    ],
)
def test_secrets_in_command_lines_are_masked(words: list[str], shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE / "collectors"))
    masking = load(EXAMPLE / "collectors" / "masking.py")

    assert masking.masked(words) == shown


# --- the scenario --------------------------------------------------------------------------------------------------


def test_started_services_listen_reach_each_other_and_write_heartbeats(scenario: Any) -> None:
    scenario.start()

    beats = [json.loads(line) for line in (scenario.folder / "signals" / "heartbeats.jsonl").read_text().splitlines()]

    assert {status_of(port) for port in scenario.ports.values()} == {200}
    assert {beat["id"] for beat in beats} == {"storefront", "orders", "ledger"}
    assert {beat["upstream"] for beat in beats} == {"ok"}


def test_a_disturbance_really_kills_moves_and_loads(scenario: Any) -> None:
    scenario.start()

    done = scenario.disturb(load_seconds=20)

    assert not psutil.pid_exists(done.killed_pid)
    assert status_of(done.wrong_port) == 503
    assert status_of(scenario.ports["storefront"]) == 503
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", done.declared_port))
    busy = [psutil.Process(pid) for pid in programs_in(scenario.folder / "services" / "busy.py")]
    assert len(busy) == done.busy_programs + 1
    assert {process.nice() for process in busy} == {19}


def test_cleanup_leaves_no_process_and_no_socket_and_may_be_called_again(scenario: Any) -> None:
    scenario.start()
    done = scenario.disturb(load_seconds=20)

    scenario.cleanup()
    scenario.cleanup()

    assert programs_in(scenario.folder) == []
    for port in (*scenario.ports.values(), done.wrong_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_an_exception_ends_the_services_too(scenario_module: Any, tmp_path: Path) -> None:
    def fail() -> None:
        with scenario_module.Scenario() as played:
            played.prepare(tmp_path)
            played.start()
            raise KeyError("anything")

    with pytest.raises(KeyError):
        fail()

    assert programs_in(tmp_path) == []


def test_services_end_by_themselves_when_the_program_that_started_them_is_killed(tmp_path: Path) -> None:
    player = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "scenario.py"), str(tmp_path / "played")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    folder = tmp_path / "played" / "services"
    until(lambda: len(programs_in(folder)) == 3)

    player.send_signal(signal.SIGKILL)
    player.communicate()

    until(lambda: not programs_in(folder))


def test_the_remedy_brings_a_killed_service_back_and_cleanup_ends_it_as_well(scenario: Any) -> None:
    scenario.start()
    scenario.disturb(load_seconds=0)
    remedy = next(one for one in load_twin(scenario.twin).actions if one.id == "restart_service")

    for entity in ("service:local/ledger", "service:local/orders"):
        subprocess.run(shlex.split(remedy.command.replace("{id}", entity)), check=True)

    assert {status_of(port) for port in scenario.ports.values()} == {200}
    scenario.cleanup()
    assert programs_in(scenario.folder) == []


def test_a_service_that_cannot_have_its_port_is_an_error_that_names_the_log(
    scenario_module: Any, scenario: Any
) -> None:
    with (
        socket.create_server(("127.0.0.1", scenario.ports["ledger"])),
        pytest.raises(scenario_module.ScenarioError, match=r"ledger\.log"),
    ):
        scenario.start()
