"""A building that takes commands over HTTP, as a process of its own that behaves as a test lets it.

What arrives is journalled on disk before anything else happens, so that the journal outlives a kill of anybody. An
idempotency key has an effect once, however often it arrives. `GET /readings` tells each device with its values, dated now.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

Behaviour = Literal[
    "apply", "slow", "refuse", "fail", "ignore", "hang", "drop_before", "drop_after", "crash_before", "crash_after"
]
"""Take it; take it and answer a second later; refuse it (409); break (500); say yes and do nothing; keep silent; hang up
before or after taking it; end as if killed, before or after.
"""
APPLYING = ("apply", "slow", "drop_after", "crash_after")
START_TIMEOUT_S = 60.0  # two busy cores


@dataclass(frozen=True)
class Arrival:
    """One command that arrived; `applied` says whether it had an effect."""

    key: str
    method: str
    path: str
    body: Any
    applied: bool
    headers: Mapping[str, str]


class BuildingActuator:
    """The building as a test sees it: `devices` are their first values by local id."""

    def __init__(self, folder: Path, devices: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        (folder / "devices.json").write_text(json.dumps(devices or {}), "utf-8")
        self.behave("apply")

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`; the port stays the same when it is started again."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """False once it was killed, or ended as if killed."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.kill()
        command = [sys.executable, str(Path(__file__)), str(self.folder), str(self.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline() or "0")
        assert self.port, "the building ended before it said its port"

    def kill(self) -> None:
        """kill -9; harmless when it doesn't run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate(timeout=START_TIMEOUT_S)
            self._process = None

    def behave(self, *how: Behaviour, taking: Any = None) -> None:
        """From now on: one behaviour for each command that arrives, the last one for all that follow. A body that equals
        `taking` is taken in any case.
        """
        plan = {"since": len(self.arrivals()), "how": how, "taking": taking}
        written = self.folder / "behaviour.json.new"
        written.write_text(json.dumps(plan), "utf-8")
        written.replace(self.folder / "behaviour.json")

    def arrivals(self) -> list[Arrival]:
        """Every command, in the order in which they came."""
        return [Arrival(**json.loads(line)) for line in _lines(self.folder / "journal.jsonl")]

    def effects(self) -> list[Arrival]:
        """Those that had one."""
        return [arrival for arrival in self.arrivals() if arrival.applied]

    def devices(self) -> dict[str, dict[str, Any]]:
        """How the devices stand now."""
        return _devices(self.folder)


@contextmanager
def building(folder: Path, devices: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[BuildingActuator]:
    """A building for a block."""
    one = BuildingActuator(folder, devices)
    one.start()
    try:
        yield one
    finally:
        one.kill()


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _devices(folder: Path) -> dict[str, dict[str, Any]]:
    """The first values, with every effect of the journal on them: the journal is all that there is to remember."""
    devices: dict[str, dict[str, Any]] = json.loads((folder / "devices.json").read_text("utf-8"))
    for line in _lines(folder / "journal.jsonl"):
        arrival = json.loads(line)
        if arrival["applied"] and isinstance(arrival["body"], dict):
            devices.setdefault(unquote(arrival["path"]).rsplit("/", 1)[-1], {}).update(arrival["body"])
    return devices


# --- the process ---------------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    folder: Path
    lock = threading.Lock()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/readings":
            return self._answer(404, {"detail": "no such page"})
        now = datetime.now(UTC).isoformat()
        return self._answer(200, [{"id": name, **values, "ts": now} for name, values in _devices(self.folder).items()])

    def _command(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.lock:
            how, applied = self._journal(json.loads(raw) if raw else None)
        if how.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if how in ("hang", "slow"):
            time.sleep(3600 if how == "hang" else 1)
        if how.startswith("drop"):
            self.close_connection = True
            self.connection.close()
            return
        status = {"refuse": 409, "fail": 500}.get(how, 200)
        self._answer(status, {"applied": applied} if status == 200 else {"detail": f"it was told to {how}"})

    do_POST = do_PUT = do_PATCH = do_DELETE = _command  # noqa: N815 - the library calls them so

    def _journal(self, body: Any) -> tuple[str, bool]:
        """Write down what arrived; answers how to behave, and whether it has an effect."""
        known = [json.loads(line) for line in _lines(self.folder / "journal.jsonl")]
        plan = json.loads((self.folder / "behaviour.json").read_text("utf-8"))
        how = plan["how"][min(len(known) - plan["since"], len(plan["how"]) - 1)]
        how = "apply" if body is not None and body == plan["taking"] else how
        key = self.headers.get("Idempotency-Key", "")
        applied = how in APPLYING and not any(one["applied"] and one["key"] == key for one in known)
        headers = {name.lower(): value for name, value in self.headers.items()}
        arrival = Arrival(key, self.command, self.path, body, applied, headers)
        with (self.folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(arrival.__dict__) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
        return how, applied

    def _answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        with suppress(ConnectionError):  # whoever asked may have been killed
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


def main(folder: Path, port: int) -> None:
    handler = type("Handler", (_Handler,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
