"""What the commands reach the rest of the program through, so that a test can put a store in memory behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import typer

from graphtwin.cli.later import later
from graphtwin.cli.live import live
from graphtwin.cli.server_progress import terminal_progress
from graphtwin.errors import UsageError

if TYPE_CHECKING:
    from graphtwin import app, settings
    from graphtwin.app import bench, demo, demo_machine
    from graphtwin.app.demo_story import DemoOutcome
    from graphtwin.client import remote_store, server
    from graphtwin.client.server import Server
    from graphtwin.model.configuration import load
    from graphtwin.model.state import At
    from graphtwin.ports import Store
    from graphtwin.settings import Settings
    from graphtwin.store import keys
else:
    app, bench, demo = later("graphtwin.app"), later("graphtwin.app.bench"), later("graphtwin.app.demo")
    demo_machine = later("graphtwin.app.demo_machine")
    remote_store, server = later("graphtwin.client.remote_store"), later("graphtwin.client.server")
    keys = later("graphtwin.store.keys")
    load, settings = later("graphtwin.model.configuration.load"), later("graphtwin.settings")

OnStep = Callable[[str, Any], None]
T = TypeVar("T")


class Doors(Protocol):
    """The calls of graphtwin.app, under the settings of this user."""

    @property
    def home(self) -> Path:
        """Where this user's graphtwin keeps its things."""
        ...

    def start(self, twin: Path | None = None) -> None:
        """Start the database, if it must be, with its own progress on the terminal: before another line is drawn there.
        A twin.yaml is read first, so that nothing is fetched or started for one that can't be used.
        """
        ...

    def connect(self) -> AbstractAsyncContextManager[Store]:
        """An open store; the database is started if it must be."""
        ...

    async def sync(
        self, twin: Path, *, mode: str, prior: str | None, state: str, on_step: OnStep | None
    ) -> app.SyncOutcome:
        """One sync of the world of a twin.yaml."""
        ...

    async def watch(
        self, twin: Path, *, every: int, stop: asyncio.Event, heard: Callable[[Any], None], on_step: OnStep | None
    ) -> None:
        """Sync a world again and again, until stopped."""
        ...

    async def apply(self, twin: Path, *, dry_run: bool) -> app.ApplyOutcome:
        """Take over a changed twin.yaml, or say what would change."""
        ...

    async def begin(self, world: str, places: Sequence[str], folder: Path, *, private: bool) -> app.Begun:
        """Propose a twin.yaml from what files and addresses say."""
        ...

    async def demo(
        self,
        of: str,
        *,
        folder: Path | None,
        on_step: OnStep | None,
        say: Callable[[str], None],
        serve: Callable[[DemoOutcome], Awaitable[None]] | None,
    ) -> DemoOutcome:
        """The demonstration `of` a building that pushes back, or of this machine, really disturbed."""
        ...

    async def test_source(self, twin: Path, source: str | None) -> tuple[app.SourceTest, ...]:
        """Read sources without committing."""
        ...

    async def read_at(
        self, store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None
    ) -> At:
        """The instant of both axes that the words name."""
        ...

    async def verify_audit(
        self, store: Store, world: str, *, log: Path | None, head: Path | None
    ) -> app.AuditVerification:
        """Check a world's audit log."""
        ...

    async def bench(self, name: str, *, here: bool) -> Mapping[str, Any]:
        """Measure on this machine: `here` on the database of the settings, else on one that is made for it."""
        ...


class AppDoors:
    """The real ones: graphtwin.app under the settings in force, read when they are first needed."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force. Raises ConfigurationError."""
        self._settings = self._settings or settings.load_settings()
        return self._settings

    @property
    def home(self) -> Path:
        return self.settings.home

    def start(self, twin: Path | None = None) -> None:
        if twin is not None:
            load.load_input(twin)
        with terminal_progress() as progress:
            asyncio.run(app.embedded(self.settings, progress))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Store]:
        with terminal_progress() as progress:
            await app.embedded(self.settings, progress)
        async with app.connect(self.settings) as store:
            yield store

    async def sync(
        self, twin: Path, *, mode: str, prior: str | None, state: str, on_step: OnStep | None
    ) -> app.SyncOutcome:
        return await app.sync(self.settings, twin, mode=mode, prior=prior, state=state, on_step=on_step)

    async def watch(
        self, twin: Path, *, every: int, stop: asyncio.Event, heard: Callable[[Any], None], on_step: OnStep | None
    ) -> None:
        async with app.connect(self.settings) as store:
            await app.watch(store, twin, every=every, stop=stop, heard=heard, on_step=on_step)

    async def apply(self, twin: Path, *, dry_run: bool) -> app.ApplyOutcome:
        return await app.apply(self.settings, twin, dry_run=dry_run)

    async def begin(self, world: str, places: Sequence[str], folder: Path, *, private: bool) -> app.Begun:
        return await app.begin(world, places, folder, private=private)

    async def demo(
        self,
        of: str,
        *,
        folder: Path | None,
        on_step: OnStep | None,
        say: Callable[[str], None],
        serve: Callable[[DemoOutcome], Awaitable[None]] | None,
    ) -> DemoOutcome:
        if of == "machine":
            return await demo_machine.demo_machine(self.settings, folder=folder, on_step=on_step, say=say)
        return await demo.demo(self.settings, folder=folder, on_step=on_step, say=say, serve=serve)

    async def test_source(self, twin: Path, source: str | None) -> tuple[app.SourceTest, ...]:
        return await app.test_source(twin, source)

    async def read_at(
        self, store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None
    ) -> At:
        return await app.read_at(store, world, at=at, known_at=known_at, version=version)

    async def verify_audit(
        self, store: Store, world: str, *, log: Path | None, head: Path | None
    ) -> app.AuditVerification:
        return await app.verify_audit(store, world, log=log, head=head)

    async def bench(self, name: str, *, here: bool) -> Mapping[str, Any]:
        with terminal_progress() as progress:
            measured: Mapping[str, Any] = await bench.bench(
                self.settings, name, on_own_server=not here, progress=progress
            )
        return measured


class ServerDoors:
    """A server in place of the database: what can be read of it is read, everything else refuses."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home = home
        self.server = server

    def __getattr__(self, name: str) -> Any:
        """Every other door is shut."""
        raise UsageError(
            "That can't be asked of a server.", hint="run it without --server where the database and the files are"
        )

    def start(self, twin: Path | None = None) -> None:
        """It runs already."""

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Store]:
        yield cast("Store", remote_store.RemoteStore(self.server))

    async def read_at(
        self, store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None
    ) -> At:
        return await app.read_at(store, world, at=at, known_at=known_at, version=version)


def doors_of(context: typer.Context) -> Doors:
    """The doors that the caller of the program gave, else the real ones."""
    found: Doors | None = context.find_root().obj
    return found if found is not None else AppDoors()


def server_of(context: typer.Context, *, by: str | None = None) -> Server | None:
    """The server that --server names; None where the database is meant. Raises UsageError for a name with --as: there the
    API key says who decides.
    """
    doors = context.find_root().obj
    if not isinstance(doors, ServerDoors):
        return None
    if by is not None:
        raise UsageError("With --server, the API key says who decides.", hint="leave --as out, and show your own key")
    return doors.server


def through(context: typer.Context, address: str) -> None:
    """Ask a server instead of the database from here on."""
    root = context.find_root()
    key = server.key_in_force(keys.keys_folder())
    root.obj = ServerDoors(doors_of(context).home, server.Server(address, key))


async def ask(context: typer.Context, question: Callable[[Doors, Store], Coroutine[Any, Any, T]]) -> T:
    """The answer to a question about the store, which is opened for it and closed after it."""
    doors = doors_of(context)
    async with doors.connect() as store:
        with live("Asking the database"):
            return await question(doors, store)
