"""Benchmarks: what graphtwin costs beside what its database can do, measured on this machine in turns."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from graphtwin.app.bench_loop import measure_loop
from graphtwin.app.bench_rdf import measure_rdf
from graphtwin.errors import UsageError
from graphtwin.methods.benchmarks.bench_figures import Figure, bench_document
from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress, ensure_running, stop
from graphtwin.store.server.progress import Progress

Measure = Callable[[ServerAddress, Path], Awaitable[Mapping[str, Figure]]]

BENCHES: Final[Mapping[str, Measure]] = {"loop": measure_loop, "rdf": measure_rdf}
"""Every benchmark by its name."""

_PACKAGES: Final = ("graphtwin", "neo4j", "neo4j-rust-ext", "numpy", "orjson", "pydantic", "pyoxigraph", "rdflib")
_HEAP_MB: Final = 2048
_PAGE_CACHE_MB: Final = 1024
_GIB: Final = 2**30


async def bench(
    settings: Settings, name: str, *, on_own_server: bool = True, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure, and answer with the bench's document. By default on a server that is made for it, in a folder that is gone
    afterwards, so that neither what the user's database holds nor its settings have a say; on the user's own the
    worlds that were made for it stay. Raises UsageError for a bench that there isn't.
    """
    if name not in BENCHES:
        raise UsageError(f"There is no benchmark {name!r}.", hint=f"use all, {', '.join(BENCHES)}")
    began_with = versions()  # what is loaded now, whatever the checkout becomes meanwhile
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="graphtwin-bench-"))
    try:
        async with _server(settings, folder, on_own_server, progress) as address:
            figures = await BENCHES[name](address, folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return bench_document(name, machine=machine(), versions=began_with, figures=figures)


@asynccontextmanager
async def _server(
    settings: Settings, folder: Path, own: bool, progress: Progress | None
) -> AsyncIterator[ServerAddress]:
    if not own:
        yield await asyncio.to_thread(ensure_running, settings, progress)
        return
    sizes = {"uri": None, "heap_mb": _HEAP_MB, "page_cache_mb": _PAGE_CACHE_MB}
    made = settings.model_copy(update={"home": folder / "home", "neo4j": settings.neo4j.model_copy(update=sizes)})
    address = await asyncio.to_thread(ensure_running, made, progress)
    try:
        yield address
    finally:
        await asyncio.to_thread(stop, made)


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    memory = psutil.virtual_memory().total / _GIB
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, load {load}"


def versions() -> dict[str, str]:
    """What took part; graphtwin with its commit where it runs from a checkout."""
    found = {package: version(package) for package in _PACKAGES}
    commit = _commit(Path(__file__).parent)
    named = {"graphtwin": f"{found['graphtwin']} ({commit})"} if commit else {}
    return {"python": platform.python_version()} | found | named


def _commit(folder: Path) -> str:
    """The short id of the commit that a folder's files are of, "+" where they differ from it; "" for no checkout."""
    try:
        head = _git(folder, "rev-parse", "--short=10", "HEAD")
        return head + ("+" if head and _git(folder, "status", "--porcelain", "--", ".", "../cypher") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], cwd=folder.parent, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
