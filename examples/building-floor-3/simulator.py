"""Simulates floor 3: physics, sensors over MQTT, a building management over HTTP. Ctrl-C ends it.

python simulator.py                           # a minute takes two seconds; its own broker; http://127.0.0.1:18080
python simulator.py --speed 300 --scenario scenarios/stuck_valve.yaml
python simulator.py --mqtt mqtt://127.0.0.1:1883 --no-broker
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from building.building import Building, make_building
from building.engine import Engine
from building.faults import Scenario, load_scenario
from building.floor import BuildingError, load_floor
from building.house import build
from building.http_api import BuildingApi
from building.http_server import HOST, serve
from building.instants import MINUTE, iso, read_instant
from building.mqtt_line import MqttLine
from building.physics import STEP

HERE: Final = Path(__file__).resolve().parent
START: Final = "2026-06-15T11:00:00Z"
SEED: Final = 7
SPEED: Final = 30.0
HTTP_PORT: Final = 18080
MQTT: Final = "mqtt://127.0.0.1:18831"

_TOLD_EVERY: Final = 10 * MINUTE
_PATIENCE: Final = 15.0  # seconds for the broker to be there
_GLANCE: Final = 0.2


@dataclass(slots=True)
class Simulator:
    """A building that runs: `engine` moves it, `line` is its way to the broker, `url` its management's address."""

    engine: Engine
    line: MqttLine
    server: ThreadingHTTPServer
    url: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave in peace."""
        self.server.shutdown()
        self.server.server_close()
        self.engine.stop()
        self.line.close()


def start(
    *,
    mqtt: str,
    port: int = 0,
    seed: int = SEED,
    speed: float = SPEED,
    begins: str = START,
    scenario: Path | None = None,
    token: str = "",
    paused: bool = False,
) -> Simulator:
    """Run a building in threads of this process; its gateway is connected when this returns. Raises BuildingError."""
    floor = load_floor()
    faults = load_scenario(scenario, floor) if scenario else Scenario()
    line = MqttLine(
        mqtt,
        up=lambda: engine.later(Building.greet),
        command=lambda payload: engine.later(lambda building: building.take(payload)),
    )
    building = make_building(build(floor, seed=seed, start=_instant(begins)), line, scenario=faults)
    engine = Engine(building, speed=speed, wall=time.time)
    if paused:
        engine.pause()
    server = serve(BuildingApi(engine, delivered=line.flush, token=token), port)
    line.connect()
    if not line.wait_up(_PATIENCE):
        line.close()
        server.server_close()
        raise BuildingError(f"no broker answers at {mqtt}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="http", daemon=True).start()
    engine.start()
    return Simulator(engine, line, server, f"http://{HOST}:{server.server_address[1]}")


@contextlib.contextmanager
def own_broker(address: str) -> Iterator[None]:
    """The example's own broker at an address of this machine, in a process of its own. Raises BuildingError."""
    port = urlsplit(address).port or 0
    words = [sys.executable, str(HERE / "broker.py"), "--port", str(port), "--parent", str(os.getpid())]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        if not process.stdout or not process.stdout.readline():
            raise BuildingError(f"the broker can't listen on port {port}; end what does, or choose another with --mqtt")
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def main(words: Sequence[str] | None = None) -> int:
    """Run until ended; 2 for what can't be."""
    options = _parse(words)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    try:
        with own_broker(options.mqtt) if options.broker else contextlib.nullcontext(), _started(options) as simulator:
            _watch(simulator, options, ended)
    except (BuildingError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print("Ended.")
    return 0


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED, help="chance; the same seed, the same floor (%(default)s)")
    parser.add_argument("--speed", type=float, default=SPEED, help="seconds that pass in one (%(default)g)")
    parser.add_argument("--start", default=START, help="when it is there at the beginning (%(default)s)")
    parser.add_argument("--paused", action="store_true", help="time stands still until somebody sets the clock")
    parser.add_argument(
        "--port", type=int, default=HTTP_PORT, help="of the management; 0 takes a free one (%(default)s)"
    )
    parser.add_argument("--mqtt", default=MQTT, help="the broker's address (%(default)s)")
    parser.add_argument("--no-broker", dest="broker", action="store_false", help="one runs there already")
    parser.add_argument("--scenario", type=Path, help="a file of faults")
    parser.add_argument("--token-env", default="", help="name of the variable that holds the management's token")
    parser.add_argument("--quiet", action="store_true", help="say nothing while it runs")
    parser.add_argument("--parent", type=int, default=0, help="end when this is no longer the parent; 0: never")
    return parser.parse_args(words)


def _started(options: argparse.Namespace) -> Simulator:
    return start(
        mqtt=options.mqtt,
        port=options.port,
        seed=options.seed,
        speed=options.speed,
        paused=options.paused,
        begins=options.start,
        scenario=options.scenario,
        token=os.environ.get(options.token_env, ""),
    )


def _watch(simulator: Simulator, options: argparse.Namespace, ended: threading.Event) -> None:
    """Say where it is, what happens, and how it goes, until it is to end."""
    passing = (
        "Time stands still; POST /clock lets it pass." if options.paused else f"Time passes {options.speed:g} times."
    )
    print(f"Management: {simulator.url}   Sensors: {options.mqtt}/floor-3   {passing}   Ctrl-C ends it.", flush=True)
    with simulator.engine.building() as building:
        if not options.quiet:
            building.heard.append(lambda told: print(f"{iso(building.now)}  {told}", flush=True))
        told = building.now
    while not ended.wait(_GLANCE) and options.parent in (0, os.getppid()):
        with simulator.engine.building() as building:
            if not options.quiet and building.now - told >= _TOLD_EVERY:
                told = building.now - building.now % _TOLD_EVERY
                print(_line(building), flush=True)


def _line(building: Building) -> str:
    house = building.house
    zones = "  ".join(f"{name.removeprefix('zone-')} {state.air:.1f}" for name, state in house.zones.items())
    return f"{iso(house.now)}  outside {house.weather.outside(house.now):.1f}  {zones}  {house.power / 1000:.1f} kW"


def _instant(text: str) -> int:
    try:
        begin = read_instant(text)
    except ValueError as error:
        raise BuildingError(f"{text!r} isn't an instant; write it like {START}") from error
    if begin > time.time():
        raise BuildingError(f"{text} is after this machine's own now; begin in the past")
    return begin - begin % STEP


if __name__ == "__main__":
    sys.exit(main())
