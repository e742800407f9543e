"""Starts and ends the building for demonstrations and tests: its broker and its simulator, each in a process of its own.

    with Scenario() as scenario:
        twin = scenario.prepare(folder)       # twin.yaml and all it names, with ports that are free now
        scenario.start()              # returns when the building answers and its gateway is heard
        scenario.building.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3a", value=26)

Everything that was started is ended again, also after an exception, or when this program is killed.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

HERE: Final = Path(__file__).resolve().parent
WORLD: Final = "building-floor-3"
HTTP_PORT: Final = 18080
MQTT_PORT: Final = 18831
"""The ports that twin.yaml and requirement.yaml name."""
SPEED: Final = 30.0
"""As fast as a sync can still look on: what it takes seconds to do takes minutes there."""
PATIENCE: Final = 30.0
"""Seconds to wait for a program to be ready, or to end."""

_GLANCE: Final = 0.05
_COPIED: Final = ("README.md", "inventory.csv", "rules", "twin.yaml")
_REQUIREMENT: Final = HERE.parent / "requirement.yaml"


class ScenarioError(RuntimeError):
    """A program didn't come up; says which, and where its output lies."""


@dataclass(slots=True)
class Scenario:
    """Prepare, start, clean up, in this order; also a context manager that cleans up at its end. `building` is the
    client of `building_client.py`.
    """

    folder: Path = field(default_factory=Path)
    twin: Path = field(default_factory=Path)
    http_port: int = HTTP_PORT
    mqtt_port: int = MQTT_PORT
    building: Any = None
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()

    def prepare(
        self, folder: Path | str, *, world: str = WORLD, http_port: int | None = None, mqtt_port: int | None = None
    ) -> Path:
        """Write the example into `folder`, for the ports that are named or, where none is, are free now. Answers with
        the path of its twin.yaml; requirement.yaml lies beside it.
        """
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self.http_port = http_port or free_port()
        self.mqtt_port = mqtt_port or free_port()
        for name in _COPIED:
            _copy(HERE / name, self.folder / name)
        self.twin = self.folder / "twin.yaml"
        text = self._placed(self.twin.read_text("utf-8"))
        self.twin.write_text(text.replace(f"  id: {WORLD}\n", f"  id: {world}\n", 1), "utf-8")
        asked = self._placed(_REQUIREMENT.read_text("utf-8"))
        (self.folder / "requirement.yaml").write_text(asked.replace(f'"{WORLD}-twin"', f'"{world}-twin"', 1), "utf-8")
        return self.twin

    @property
    def url(self) -> str:
        """Where the management and the clock are."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def mqtt(self) -> str:
        """Where the broker is."""
        return f"mqtt://127.0.0.1:{self.mqtt_port}"

    def start(
        self, *, seed: int = 7, speed: float = SPEED, begins: str = "", faults: Path | None = None, paused: bool = False
    ) -> None:
        """Start broker and simulator; returns when both work."""
        atexit.register(self.cleanup)
        self.start_broker()
        words = ["--seed", str(seed), "--speed", str(speed), "--port", str(self.http_port), "--mqtt", self.mqtt]
        words += ["--no-broker", *(["--start", begins] if begins else []), *(["--paused"] if paused else [])]
        words += ["--scenario", str(faults)] if faults else []
        process = self._run("simulator.py", words)
        self.building = _client_module().BuildingClient(self.url)
        try:
            self.building.wait_ready(PATIENCE, running=lambda: process.poll() is None)
        except RuntimeError as error:
            raise ScenarioError(f"{error}; see {self._log('simulator.py')}") from error

    def start_broker(self) -> None:
        """Start the broker, also again after `kill_broker`; what it kept is gone then."""
        process = self._run("broker.py", ["--port", str(self.mqtt_port)])
        deadline = time.monotonic() + PATIENCE
        while not listens(self.mqtt_port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ScenarioError(f"the broker doesn't listen on {self.mqtt_port}; see {self._log('broker.py')}")
            time.sleep(_GLANCE)

    def kill_broker(self) -> None:
        """Like a crash: kill -9."""
        process = self._processes.pop("broker.py")
        process.kill()
        process.wait(PATIENCE)

    def cleanup(self) -> None:
        """End every program that was started, by its pid. Safe to call at any time and again."""
        atexit.unregister(self.cleanup)
        for name in reversed(list(self._processes)):
            _end(self._processes.pop(name))

    def _run(self, program: str, words: list[str]) -> subprocess.Popen[bytes]:
        self._log(program).parent.mkdir(parents=True, exist_ok=True)
        with self._log(program).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(HERE / program), *words, "--parent", str(os.getpid())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=HERE,
            )  # fmt: skip
        self._processes[program] = process
        return process

    def _log(self, program: str) -> Path:
        return self.folder / "logs" / f"{Path(program).stem}.log"

    def _placed(self, text: str) -> str:
        """With these ports instead of the published ones."""
        text = text.replace(f"127.0.0.1:{MQTT_PORT}", f"127.0.0.1:{self.mqtt_port}")
        return text.replace(f"127.0.0.1:{HTTP_PORT}", f"127.0.0.1:{self.http_port}")


def free_port() -> int:
    """A port of the loopback interface that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Something takes connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _client_module() -> Any:
    """building_client.py, wherever this file was loaded from."""
    name = "graphtwin_building_client"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / "building_client.py")
        if spec is None or spec.loader is None:
            raise ScenarioError(f"{HERE / 'building_client.py'} isn't there")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def _copy(source: Path, target: Path) -> None:
    if source == target:
        return
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, kill what doesn't, and collect it."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)


def main() -> None:
    """Play it by hand: a building on the ports that twin.yaml names, until Enter or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write the example")
    parser.add_argument("--speed", type=float, default=SPEED)
    options = parser.parse_args()
    with Scenario() as scenario:
        twin = scenario.prepare(options.folder, http_port=HTTP_PORT, mqtt_port=MQTT_PORT)
        scenario.start(speed=options.speed)
        print(f"The building runs at {scenario.url}. In another terminal: graphtwin sync {shlex.quote(str(twin))}")
        input("Enter: somebody sets AHU-3A to 26 °C by hand. ")
        scenario.building.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3a", value=26)
        input("Enter: end everything. ")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        main()
