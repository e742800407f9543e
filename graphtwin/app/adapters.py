"""The real clock, real randomness, and the sources, the actuators and the log that twin.yaml asks for."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

import psutil

from graphtwin.actuators.dry_run import DryRunActuator
from graphtwin.actuators.gateway import OneGateway
from graphtwin.actuators.http import HttpActuator
from graphtwin.actuators.mqtt import MqttActuator
from graphtwin.app.live_sources import LiveSource, durable_mqtt, http_source, passing_mqtt
from graphtwin.methods.reading.mapping import check_sources
from graphtwin.model.configuration.secrets import resolve_secrets
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.model.instants import instant_of
from graphtwin.ports import Clock, Reading, SignalSource
from graphtwin.sources.command import CommandSource
from graphtwin.sources.file import FileSource
from graphtwin.store.audit_log import AuditLog, log_file
from graphtwin.store.keys import keys_folder, load_or_create_key
from graphtwin.workflows.run import Phase
from graphtwin.workflows.upstream import close_sources

QUIET_FOR: Final = 60 * SECOND
"""How long after its sign of life a process that is there may be busy before its run counts as dead."""

KILL_AT = "GRAPHTWIN_KILL_AT"
"""`<step>:start` or `<step>:end`, and `:2` for the second time: the process kills itself there, so that tests can prove
what a crash leaves.
"""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Epoch microseconds UTC."""
        return time.time_ns() // 1000


class RandomIds:
    """Names that begin with the time, so that they sort, and end in chance."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        """`<prefix>_<date>_<time>_<6 hex>`."""
        return f"{prefix}_{instant_of(self._clock.now()):%Y%m%d_%H%M%S}_{secrets.token_hex(3)}"


def make_audit(config: TwinConfig, folder: Path) -> AuditLog:
    """The world's audit log, under the folder of its twin.yaml, signed with the service's key."""
    path = log_file(config.audit.log_path, config.world.id, folder.resolve())
    return AuditLog(path, config.world.id, load_or_create_key(keys_folder()))


def make_sources(config: TwinConfig, folder: Path) -> tuple[SignalSource, ...]:
    """The enabled sources of a world, with their secrets filled in from the environment.

    Raises ConfigurationError for an address, a secret or a mapping that can't be used.
    """
    return _made(config, folder, durable_mqtt)


def make_listeners(config: TwinConfig, folder: Path) -> tuple[SignalSource, ...]:
    """The same, to be looked at only: reading them takes nothing from anybody. Raises ConfigurationError."""
    return _made(config, folder, passing_mqtt)


def _made(config: TwinConfig, folder: Path, mqtt: LiveSource) -> tuple[SignalSource, ...]:
    check_sources(config)
    by_type: dict[str, LiveSource] = {
        "file": _file, "command": _command, "mqtt": mqtt, "api": http_source, "http": http_source,
    }  # fmt: skip
    enabled = sorted(name for name, source in config.sources.items() if source.enabled)
    return tuple(by_type[config.sources[name].type](name, config, folder) for name in enabled)


def _file(name: str, config: TwinConfig, folder: Path) -> SignalSource:
    return FileSource(name, config.sources[name], folder)


def _command(name: str, config: TwinConfig, folder: Path) -> SignalSource:
    source = config.sources[name]
    env = {variable: resolve_secrets(text, os.environ) for variable, text in source.env.items()}
    return CommandSource(name, source.model_copy(update={"env": env}), folder)


def make_actuators(
    config: TwinConfig, folder: Path, clock: Clock, environ: Mapping[str, str] = os.environ
) -> dict[str, HttpActuator | MqttActuator | DryRunActuator]:
    """The actuators of a world by name. Their secrets are looked up in `environ` when something is sent, and by `check`.

    Raises ConfigurationError for an endpoint that can't be used.
    """
    made: dict[str, HttpActuator | MqttActuator | DryRunActuator] = {}
    for name, actuator in sorted(config.actuators.items()):
        kind = HttpActuator if actuator.type == "http" else MqttActuator
        real = kind(name, actuator, folder, clock, environ)
        made[name] = DryRunActuator(real) if actuator.dry_run else real
    return made


def make_gateway(config: TwinConfig, folder: Path, clock: Clock) -> OneGateway:
    """The one door for the acts of a world, on the machine's clock. Ask its `check` before anything is planned to be sent.

    Make one for each process and world: it remembers what it has sent.
    """
    return OneGateway(make_actuators(config, folder, clock), clock)


def process_name() -> str:
    """Names this process among all that ever were: machine, process id, when it began."""
    return f"{socket.gethostname()}/{os.getpid()}/{psutil.Process().create_time():.3f}"


def process_lives(name: str, alive_until: int, now: int) -> bool:
    """Whether the process that `process_name` named is still at it. On this machine it is looked up, and must have given a
    sign of life not too long ago: a process may live on although its run has died. Of another machine the sign of life alone
    counts, up to `alive_until` (epoch µs).
    """
    host, _, rest = name.rpartition("/")[0].rpartition("/")
    began = name.rpartition("/")[2]
    if host != socket.gethostname() or not rest.isdecimal():
        return now < alive_until
    try:
        process = psutil.Process(int(rest))
        there = f"{process.create_time():.3f}" == began and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
    return there and now < alive_until + QUIET_FOR


async def read_all(config: TwinConfig, folder: Path, now: int, only: Collection[str] | None = None) -> list[Reading]:
    """One reading of every source, or of those named, from its beginning, by name; nothing is taken from anybody."""
    sources = make_listeners(config, folder)
    try:
        wanted = [source for source in sources if only is None or source.name in only]
        return [await source.read(None, full=True, now=now) for source in wanted]
    finally:
        await close_sources(sources, config.world.id)


def boundary(listener: Callable[[str, Phase], None] | None) -> Callable[[str, Phase], None]:
    """Tells the listener of each step's start and end, and honours GRAPHTWIN_KILL_AT."""
    step_to_die, _, rest = os.environ.get(KILL_AT, "").partition(":")
    phase_to_die, _, time_to_die = rest.partition(":")
    left = int(time_to_die or 1)

    def on_step(step: str, phase: Phase) -> None:
        nonlocal left
        if listener:
            listener(step, phase)
        if (step, phase) == (step_to_die, phase_to_die):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return on_step
