"""A database that answers: started when it isn't running, found when it is, stopped gently, told apart from a stranger's."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from graphtwin.errors import Unavailable
from graphtwin.settings import Neo4jSettings, Settings
from graphtwin.store.server.address import ServerAddress, ServerStatus
from graphtwin.store.server.conf import write_conf
from graphtwin.store.server.home import ServerHome, ServerState, file_lock, read_state, write_state
from graphtwin.store.server.jars import ensure_jars, jar_lock
from graphtwin.store.server.java import java_path, java_version, server_command
from graphtwin.store.server.memory import machine_memory_mb, plan_memory
from graphtwin.store.server.password import ensure_password, read_password
from graphtwin.store.server.ports import free_ports
from graphtwin.store.server.probe import server_version
from graphtwin.store.server.process import end, find_process, is_alive, last_lines, spawn, started_at
from graphtwin.store.server.progress import Progress, Silent
from graphtwin.store.server.startup_cache import StartupCache, is_recording

POLL_S = 0.1
HUNG_S = 30.0  # how long a server that once answered may be silent (a long garbage collection) before it's started anew
EXTERNAL_TIMEOUT_S = 15.0
ATTEMPTS = 4  # ports may be taken between choosing and binding them
EMBEDDED_USER = "neo4j"


def ensure_running(settings: Settings, progress: Progress | None = None) -> ServerAddress:
    """The address of a database that has just answered a query: the external one of the settings, else the embedded one.

    The embedded server is started when it isn't running, restarted when it is dead; starts of one home are serialised.
    Raises Unavailable, with the reason and the next move, when there is none to be had.
    """
    if settings.neo4j.uri is not None:
        return _external(settings)
    home = ServerHome.of(settings.home)
    home.create()
    found = _answering(home, settings.neo4j)
    state = read_state(home)
    if found is not None and state is not None and state.ready:
        return found
    told = progress or Silent()
    with file_lock(
        home.root / "lock", lambda: told.say("Waiting for the database, which another graphtwin starts or stops")
    ):
        return _ready(home, settings.neo4j) or _start(home, settings, told)


def stop(settings: Settings, progress: Progress | None = None) -> bool:
    """Stop this home's server and wait for its end; False when there was none running.

    Raises Unavailable for an external database, which isn't ours to stop.
    """
    require_ours(settings, "stop")
    home = ServerHome.of(settings.home)
    if not home.root.exists():
        return False
    with file_lock(home.root / "lock"):
        state = read_state(home)
        process = find_process(home, state)
        if process is not None:
            _end(process, home, settings, progress or Silent())
        if state is not None:
            write_state(home, ServerState(state.bolt_port, state.http_port, state.version))
        return process is not None


def status(settings: Settings) -> ServerStatus:
    """How the database stands now; starts nothing and changes nothing."""
    if settings.neo4j.uri is not None:
        return _external_status(_external_address(settings))
    home = ServerHome.of(settings.home)
    state = read_state(home)
    if state is None or state.pid is None:
        return ServerStatus("stopped", detail=f"home {home.root}")
    known = ServerStatus("crashed", uri=state.bolt_uri, http_url=state.http_url, started_at=state.started_at)
    process = find_process(home, state)
    if process is None:
        return replace(known, detail=f"process {state.pid} is gone; its last words are in {home.console_log}")
    version = server_version(_address(home, state, settings.neo4j))
    if version is not None:
        return replace(known, condition="running", pid=process.pid, version=version)
    return replace(known, condition="unresponsive" if state.ready else "starting", pid=process.pid)


def connection(settings: Settings) -> ServerAddress | None:
    """The address as the settings or the state file give it, unproven; None when the embedded server was never started."""
    if settings.neo4j.uri is not None:
        return _external_address(settings)
    home = ServerHome.of(settings.home)
    state = read_state(home)
    return None if state is None or not home.password_file.exists() else _address(home, state, settings.neo4j)


def require_ours(settings: Settings, verb: str) -> None:
    """Raises Unavailable when the settings name an external database."""
    if settings.neo4j.uri is not None:
        raise Unavailable(
            f"The settings name the database {settings.neo4j.uri}; it isn't graphtwin's to {verb}.",
            hint="To use the embedded database instead: unset GRAPHTWIN_NEO4J__URI",
        )


def _answering(home: ServerHome, settings: Neo4jSettings) -> ServerAddress | None:
    """The address, when this home's server runs and answers."""
    state = read_state(home)
    if state is None or state.pid is None or find_process(home, state) is None:
        return None
    address = _address(home, state, settings)
    return address if server_version(address) is not None else None


def _ready(home: ServerHome, settings: Neo4jSettings) -> ServerAddress | None:
    """The same, and noted in the state file; only under the home's lock."""
    address, state = _answering(home, settings), read_state(home)
    if address is not None and state is not None and not state.ready:
        write_state(home, replace(state, ready=True))
    return address


def _start(home: ServerHome, settings: Settings, progress: Progress) -> ServerAddress:
    """Under the home's lock."""
    left_over = find_process(home, read_state(home))
    if left_over is not None:
        waited = _wait_for_left_over(left_over, home, settings.neo4j, progress)
        if waited is not None:
            return waited
    _require_space(home, settings.neo4j.least_free_mb)
    lock = jar_lock()
    java = java_path(lock.java)
    program = Program(java, ensure_jars(lock, settings.cache, settings.maven_url, progress), lock.neo4j)
    last = read_state(home)
    wanted = (last.bolt_port, last.http_port) if last is not None else (0, 0)
    startup = StartupCache.of(settings.cache, lock, java, java_version(java)) if settings.neo4j.fast_start else None
    for _ in range(ATTEMPTS):
        progress.say(f"Starting Neo4j {lock.neo4j} in {home.root}")
        options = startup.options(home, java) if startup is not None else []
        process = _launch(home, free_ports(wanted), settings.neo4j, program, options)
        address = _wait_until_ready(process, home, settings.neo4j, settings.neo4j.start_timeout_s)
        if address is not None:
            return address
        if is_alive(process):
            raise _too_slow(home, settings.neo4j.start_timeout_s)
        if _port_was_taken(home):
            wanted = (0, 0)
        elif startup is not None and _never_spoke(home):
            startup.discard()
            startup = None  # the archive may be damaged: once more without
        else:
            break
    raise _ended(home)


@dataclass(frozen=True, slots=True)
class Program:
    java: Path
    jars: list[Path]
    version: str


def _launch(
    home: ServerHome, ports: tuple[int, int], settings: Neo4jSettings, program: Program, options: list[str]
) -> psutil.Process:
    """Write the conf, start the process, and note it before anything else can go wrong."""
    memory = plan_memory(settings, machine_memory_mb())
    state = ServerState(*ports, program.version)
    try:
        write_conf(home, state, memory, settings)
        ensure_password(home, program.java, program.jars)
        process = spawn(server_command(home, program.java, program.jars, memory, options), home)
        created = process.create_time()
        write_state(home, replace(state, pid=process.pid, process_started=created, started_at=started_at(process)))
    except OSError as error:
        raise Unavailable(
            f"The database can't be started in {home.root}: {error.strerror or error}.",
            hint="graphtwin doctor tells what is wrong with the disk, the folder or Java",
        ) from error
    return process


def _end(process: psutil.Process, home: ServerHome, settings: Settings, progress: Progress) -> None:
    """Gently; the first server that does end so leaves the start-up cache for all later ones."""
    recording = is_recording(home, process.cmdline())
    if recording:
        progress.say("Keeping what makes later starts faster (once, some seconds)")
    if end(process, settings.neo4j.stop_timeout_s) and recording:
        lock = jar_lock()
        java = java_path(lock.java)
        StartupCache.of(settings.cache, lock, java, java_version(java)).keep(home)


def _wait_for_left_over(
    process: psutil.Process, home: ServerHome, settings: Neo4jSettings, progress: Progress
) -> ServerAddress | None:
    """A server that lives and didn't answer: one that is still starting is waited for, one that has hung is ended."""
    state = read_state(home)
    if state is not None and state.pid == process.pid:
        progress.say("Neo4j is running and hasn't answered yet; waiting for it")
        address = _wait_until_ready(process, home, settings, HUNG_S if state.ready else settings.start_timeout_s)
        if address is not None:
            return address
        if is_alive(process) and not state.ready:
            raise _too_slow(home, settings.start_timeout_s)
    progress.say(f"Neo4j (process {process.pid}) doesn't answer any more; starting it anew")
    end(process, settings.stop_timeout_s)
    return None


def _wait_until_ready(
    process: psutil.Process, home: ServerHome, settings: Neo4jSettings, timeout_s: float
) -> ServerAddress | None:
    """The address as soon as a query is answered; None when the process ends or the time is over."""
    deadline = time.monotonic() + timeout_s
    while is_alive(process) and time.monotonic() < deadline:
        address = _ready(home, settings)
        if address is not None:
            return address
        time.sleep(POLL_S)
    return None


def _address(home: ServerHome, state: ServerState, settings: Neo4jSettings) -> ServerAddress:
    return ServerAddress(
        uri=state.bolt_uri,
        user=EMBEDDED_USER,
        password=read_password(home.password_file),
        database=settings.database,
        http_url=state.http_url,
        home=home.root,
    )


def _require_space(home: ServerHome, least_mb: int) -> None:
    """A disk that fills up stops the server in the middle of a commit, so it isn't started on one that is nearly full."""
    free_mb = shutil.disk_usage(home.root).free // 2**20
    if free_mb < least_mb:
        raise Unavailable(
            f"Only {free_mb} MiB are free at {home.root}; the database needs {least_mb} MiB to start.",
            hint="Make room, or move the home: export GRAPHTWIN_HOME=/a/folder",
        )


def _port_was_taken(home: ServerHome) -> bool:
    return any("Address already in use" in line or "BindException" in line for line in _last_words(home, 200))


def _never_spoke(home: ServerHome) -> bool:
    """Whether it was Java that failed, before Neo4j said a word."""
    return not any(" INFO " in line for line in _last_words(home, 200))


def _too_slow(home: ServerHome, timeout_s: float) -> Unavailable:
    return Unavailable(
        f"Neo4j in {home.root} hasn't answered within {timeout_s:.0f} s; it goes on starting.",
        hint="Look at it with: graphtwin db logs; wait longer with GRAPHTWIN_NEO4J__START_TIMEOUT_S=600",
    )


def _ended(home: ServerHome) -> Unavailable:
    words = "\n    ".join(_last_words(home, 12)) or "(it said nothing)"
    return Unavailable(
        f"Neo4j in {home.root} ended while it was starting. Its last words:\n    {words}",
        hint="graphtwin doctor tells what is wrong; the whole log: graphtwin db logs",
    )


def _last_words(home: ServerHome, count: int) -> list[str]:
    return last_lines(home.console_log, count)


def _external(settings: Settings) -> ServerAddress:
    address = _external_address(settings)
    if server_version(address, EXTERNAL_TIMEOUT_S) is None:
        raise Unavailable(
            f"The database at {address.uri} doesn't answer.",
            hint="Check GRAPHTWIN_NEO4J__URI and that the server runs; to use the embedded one: unset GRAPHTWIN_NEO4J__URI",
        )
    return address


def _external_address(settings: Settings) -> ServerAddress:
    neo4j = settings.neo4j
    if neo4j.password is not None:
        password = neo4j.password.get_secret_value()
    elif neo4j.password_file is not None:
        password = read_password(neo4j.password_file)
    else:
        raise Unavailable(
            f"No password is set for the database {neo4j.uri}.",
            hint="Write it to a file that only you may read, then: export GRAPHTWIN_NEO4J__PASSWORD_FILE=/that/file",
        )
    return ServerAddress(uri=neo4j.uri or "", user=neo4j.user, password=password, database=neo4j.database)


def _external_status(address: ServerAddress) -> ServerStatus:
    version = server_version(address, EXTERNAL_TIMEOUT_S)
    return ServerStatus("unreachable" if version is None else "external", uri=address.uri, version=version)
