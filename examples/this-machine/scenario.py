"""Plays the demonstration: three real services on this machine, and what can really happen to them.

Nothing is simulated: the services are programs that listen and depend on each other, one is killed, one is started on
a wrong port, and the processor is kept busy. Everything that was started is ended again, also after an exception.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import json
import os
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import psutil

HERE: Final = Path(__file__).resolve().parent
UPSTREAM: Final[Mapping[str, str]] = MappingProxyType({"ledger": "", "orders": "ledger", "storefront": "orders"})
"""The services in the order they start, with the one that each depends on."""
KILLED: Final = "ledger"
MOVED: Final = "orders"

PATIENCE: Final = 20.0
"""Seconds to wait for a service to listen, or for a program to end."""
SILENT_AFTER: Final = 10.0
"""Seconds without a heartbeat after which a service counts as silent, as twin.yaml says."""
LOAD_SECONDS: Final = 45.0
BUSY_PER_CORE: Final = 8
MOST_BUSY: Final = 96

_GLANCE: Final = 0.02  # seconds between two looks at something that is waited for
_PORTS: Final = range(20_000, 29_000)  # below those that systems give to outgoing connections
_COPIED: Final = ("README.md", "collectors", "inventory.csv", "rules", "services")
_EXPECTED: Final = (
    ("structure", "missing:runs_at", KILLED),
    ("rule", "service_without_process", KILLED),
    ("value", "drift:service.health", KILLED),
    ("silence", "silence:heartbeats", KILLED),
    ("rule", "wrong_port", MOVED),
    ("value", "drift:service.port", MOVED),
    ("value", "drift:service.health", MOVED),
    ("value", "drift:service.upstream", "orders"),
    ("value", "drift:service.upstream", "storefront"),
)
_LIKELY: Final = (("value", "drift:host.load_per_core", "localhost"),)


class ScenarioError(RuntimeError):
    """A service didn't come up, or a program didn't end; says which, and where its output lies."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What was done to the machine. `expected` are the findings that must follow: (kind, name, entity). `likely` ones
    follow too where the machine wasn't busy before and has few processors: its load is averaged over a minute.
    """

    killed: str
    killed_pid: int
    moved: str
    moved_pid: int
    declared_port: int
    wrong_port: int
    busy_programs: int
    busy_seconds: float
    expected: tuple[tuple[str, str, str], ...] = _EXPECTED
    likely: tuple[tuple[str, str, str], ...] = _LIKELY


@dataclass(slots=True)
class Scenario:
    """Prepare, start, disturb, clean up, in this order; also a context manager that cleans up at its end."""

    folder: Path = field(default_factory=Path)
    twin: Path = field(default_factory=Path)
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()

    def prepare(self, folder: Path | str) -> Path:
        """Write the example into `folder` with ports that are free now; answers with the path of its twin.yaml."""
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _COPIED:
            _copy(HERE / name, self.folder / name)
        (self.folder / "signals").mkdir(exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self._heartbeats.write_bytes(b"")
        self.ports = dict(zip(UPSTREAM, free_ports(len(UPSTREAM)), strict=True))
        services = placed_services((HERE / "services.yaml").read_text(encoding="utf-8"), self.folder, self.ports)
        (self.folder / "services.yaml").write_text(services, encoding="utf-8")
        self.twin = self.folder / "twin.yaml"
        self.twin.write_text(placed_twin((HERE / "twin.yaml").read_text(encoding="utf-8"), self.folder))
        return self.twin

    def start(self) -> None:
        """Start the services, upstream first; returns when each listens and has written a heartbeat."""
        if not self.ports:
            raise ScenarioError("nothing is prepared; call prepare(folder) first")
        atexit.register(self.cleanup)
        for unit in UPSTREAM:
            self._start_service(unit, self.ports[unit])

    def disturb(self, *, load_seconds: float = LOAD_SECONDS) -> Disturbance:
        """Kill one service, restart another on a wrong port, load the processor; returns when all three are so."""
        if not self.running.keys() >= {KILLED, MOVED}:
            raise ScenarioError("the services don't run; call start() first, and disturb() once")
        victim = self.running.pop(KILLED)
        victim.kill()
        victim.wait(PATIENCE)
        _end([self.running.pop(MOVED)])
        wrong_port = free_ports(1, besides=self.ports.values())[0]
        moved = self._start_service(MOVED, wrong_port)
        count = min(BUSY_PER_CORE * (os.cpu_count() or 1), MOST_BUSY)
        self._load(count, load_seconds)
        return Disturbance(
            KILLED, victim.pid, MOVED, moved.pid, self.ports[MOVED], wrong_port, count, load_seconds
        )  # fmt: skip

    def cleanup(self) -> None:
        """End every program that was started, by its pid, and those that services/restart.py started in the folder.
        Safe to call at any time and again.
        """
        atexit.unregister(self.cleanup)
        ended, self._started = self._started, []
        self.running.clear()
        children = [child for process in ended for child in _children(process)]
        _end(ended)
        _end_others([*children, *self._restarted()])

    @property
    def _heartbeats(self) -> Path:
        return self.folder / "signals" / "heartbeats.jsonl"

    def _start_service(self, unit: str, port: int) -> subprocess.Popen[bytes]:
        upstream = self.ports.get(UPSTREAM[unit], 0)
        said = self._heartbeats.stat().st_size
        words = [
            str(self.folder / "services" / "service.py"), "--unit", unit, "--port", str(port),
            "--upstream", str(upstream), "--heartbeats", str(self._heartbeats), "--parent", str(os.getpid()),
        ]  # fmt: skip
        process = self._run(words, unit)
        self.running[unit] = process
        self._wait(process, unit, f"listen on port {port}", lambda: listens(port))
        self._wait(process, unit, "write a heartbeat", lambda: self._has_beaten(unit, said))
        return process

    def _has_beaten(self, unit: str, since: int) -> bool:
        """The service wrote a whole line after the first `since` bytes of the file."""
        with self._heartbeats.open("rb") as lines:
            lines.seek(since)
            return any(json.loads(line)["id"] == unit for line in lines if line.endswith(b"\n"))

    def _load(self, count: int, seconds: float) -> None:
        words = [
            str(self.folder / "services" / "busy.py"), "--count", str(count), "--seconds", str(seconds),
            "--parent", str(os.getpid()),
        ]  # fmt: skip
        process = self._run(words, "busy")
        self._wait(
            process, "busy", "start its programs", lambda: len(_children(process)) == count or process.poll() == 0
        )  # fmt: skip

    def _run(self, words: Sequence[str], name: str) -> subprocess.Popen[bytes]:
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        self._started.append(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes], name: str, what: str, happened: Callable[[], bool]) -> None:
        """Until it has happened; raises ScenarioError when the program ends before, or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                why = "it ended" if ended else f"not within {PATIENCE:.0f} seconds"
                raise ScenarioError(f"{name} did not {what}: {why}; see {self.folder / 'logs' / f'{name}.log'}")
            time.sleep(_GLANCE)

    def _restarted(self) -> list[psutil.Process]:
        """What services/restart.py started in the folder and still runs; pid and start must both agree."""
        remembered = self.folder / "signals" / "restarted.txt"
        found = []
        for line in remembered.read_text().splitlines() if remembered.is_file() else ():
            pid, _, created = line.partition(" ")
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(int(pid))
                if abs(process.create_time() - float(created)) < 1:
                    found.append(process)
        return found


def placed_services(text: str, folder: Path, ports: Mapping[str, int]) -> str:
    """services.yaml with these ports, and with processes told by their path in this folder."""
    for unit, port in ports.items():
        text = re.sub(rf"(unit: {unit}\n +port: )\d+", rf"\g<1>{port}", text)
        marker = json.dumps(f"{folder}/services/service.py --unit {unit} --port")
        text = text.replace(f"process: services/service.py --unit {unit} --port", f"process: {marker}")
    return text.replace("data_dir: /\n", f"data_dir: {json.dumps(str(folder))}\n")


def placed_twin(text: str, folder: Path) -> str:
    """twin.yaml with this Python and with the programs' full paths, so that it can be used from anywhere."""
    for collector in sorted((HERE / "collectors").glob("*.py")):
        words = json.dumps([sys.executable, str(folder / "collectors" / collector.name)])
        text = text.replace(f"command: [python, collectors/{collector.name}]", f"command: {words}")
    restart = shlex.join([sys.executable, str(folder / "services" / "restart.py")])
    return text.replace("command: python services/restart.py {id}", f"command: {json.dumps(restart + ' {id}')}")


def free_ports(count: int, *, besides: Iterable[int] = ()) -> tuple[int, ...]:
    """Ports of the loopback interface that nothing uses now, all different."""
    taken = set(besides)
    found: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in taken and _is_free(port):
            found.append(port)
        if len(found) == count:
            return tuple(found)
    raise ScenarioError(f"no {count} free ports from {_PORTS.start} to {_PORTS.stop - 1}; end what listens there")


def listens(port: int) -> bool:
    """Something takes connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _copy(source: Path, target: Path) -> None:
    if source == target:
        return
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask each to end, kill what doesn't, and collect them, so that no zombie stays in the process list."""
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    for process in alive:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)


def _end_others(processes: Sequence[psutil.Process]) -> None:
    """The same for programs that aren't our own children."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=PATIENCE)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=PATIENCE)


def main() -> None:
    """Play it by hand: start the services in a folder, disturb them on request, end them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write the example")
    with Scenario() as scenario:
        twin = scenario.prepare(parser.parse_args().folder)
        scenario.start()
        print(f"Three services run. In another terminal: graphtwin sync {shlex.quote(str(twin))}")
        input("Enter: kill one, move another to a wrong port and load the processor. ")
        done = scenario.disturb()
        print(f"{done.killed} was killed; {done.moved} listens on {done.wrong_port}, not on {done.declared_port}.")
        input("Enter: end everything. ")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        main()
