"""The folder of one embedded server: where its files lie, who may change it now, and where it was last seen running."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from graphtwin.errors import Unavailable


@dataclass(frozen=True, slots=True)
class ServerHome:
    """The layout under `<home>/neo4j`. One server at most runs in it."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> ServerHome:
        return cls(home.expanduser().absolute() / "neo4j")

    @property
    def conf(self) -> Path:
        return self.root / "conf"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def imports(self) -> Path:
        """An empty folder, the only one that LOAD CSV could ever see."""
        return self.root / "import"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def scratch(self) -> Path:
        """What a running server unpacks; a killed one leaves it behind."""
        return self.run / "scratch"

    @property
    def password_file(self) -> Path:
        return self.root / "password"

    @property
    def state_file(self) -> Path:
        return self.root / "state.json"

    @property
    def console_log(self) -> Path:
        """What the server prints; the details are in `debug_log`."""
        return self.root / "logs" / "console.log"

    @property
    def debug_log(self) -> Path:
        return self.root / "logs" / "debug.log"

    @property
    def has_store(self) -> bool:
        return (self.data / "databases").exists()

    def create(self) -> None:
        """Make the folders, for this user only; raises Unavailable when the place can't be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.root.chmod(0o700)
            for name in ("conf", "data", "import", "logs", "plugins", "run"):
                (self.root / name).mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unavailable(
                f"The database's home {self.root} can't be made: {error.strerror}.",
                hint="Give a folder that you may write: export GRAPHTWIN_HOME=/a/folder",
            ) from error


@dataclass(frozen=True, slots=True)
class ServerState:
    """The state file: ports stay the same between runs, `pid` is None after a stop, `ready` once a query was answered."""

    bolt_port: int
    http_port: int
    version: str
    pid: int | None = None
    process_started: float | None = None
    started_at: str | None = None
    ready: bool = False

    @property
    def bolt_uri(self) -> str:
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"


def read_state(home: ServerHome) -> ServerState | None:
    """The last state written, or None when there is none or it can't be read (then the server is looked for anew)."""
    try:
        stored = json.loads(home.state_file.read_text(encoding="utf-8"))
        return ServerState(**{name: stored[name] for name in ServerState.__slots__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(home: ServerHome, state: ServerState) -> None:
    content = {**asdict(state), "bolt_uri": state.bolt_uri, "http_url": state.http_url}
    write_private(home.state_file, json.dumps(content, indent=1) + "\n")


def write_private(file: Path, text: str) -> None:
    """Put `text` in place whole or not at all, readable by this user only."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def file_lock(file: Path, waits: Callable[[], None] | None = None) -> Iterator[None]:
    """One holder a file on this machine; the others wait, and `waits` is called first. A holder that dies lets go by itself."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waits is not None:
                waits()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
