"""The locked jars of the embedded server: which they are, which are missing or damaged, and fetching those.

The lock names every jar with size and SHA-256, so nothing is resolved at run time, and with all jars in the user's cache no
start needs the network. The cache is laid out like a Maven repository and shared by all homes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import httpx

from graphtwin.errors import Unavailable
from graphtwin.store.server.home import file_lock
from graphtwin.store.server.progress import Progress

PARALLEL = 8
RETRY_AFTER_S = (0.5, 1.0, 2.0)
CHUNK = 2**18
MODIFIED = 1_577_836_800  # every jar's time, so that a jar fetched again still fits the start-up cache
SPARE = 64 * 2**20  # bytes that a download leaves free


@dataclass(frozen=True, slots=True)
class Jar:
    """`path` is that inside a Maven repository, `size` is in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class JarLock:
    neo4j: str
    browser: str
    java: int
    jars: tuple[Jar, ...]

    @property
    def size(self) -> int:
        return sum(jar.size for jar in self.jars)

    @property
    def digest(self) -> str:
        """One hash for the whole set, for what is derived from it."""
        return hashlib.sha256("".join(jar.sha256 for jar in self.jars).encode()).hexdigest()


@cache
def jar_lock() -> JarLock:
    """The lock file of the package."""
    stored = json.loads(resources.files(__package__).joinpath("jars.lock.json").read_text(encoding="utf-8"))
    return JarLock(
        neo4j=stored["neo4j"],
        browser=stored["browser"],
        java=stored["java"],
        jars=tuple(Jar(**jar) for jar in stored["jars"]),
    )


def ensure_jars(lock: JarLock, cache_folder: Path, maven_url: str, progress: Progress) -> list[Path]:
    """Every locked jar's file, checked against its SHA-256; those that lack or differ are fetched first.

    Raises Unavailable when the disk has no room, the network fails or a fetched jar isn't the locked one.
    """
    folder = jar_folder(cache_folder)
    try:
        if wrong_jars(lock.jars, folder):
            with file_lock(folder.with_name("jars.lock")):  # another start of this user may have been fetching them
                _fetch_all(wrong_jars(lock.jars, folder), folder, maven_url, progress)
    except OSError as error:
        raise Unavailable(
            f"The jars can't be kept in {folder}: {error.strerror or error}.",
            hint="Give a folder with room that you may write: export GRAPHTWIN_CACHE=/a/folder",
        ) from error
    return [folder / jar.path for jar in lock.jars]


def jar_folder(cache_folder: Path) -> Path:
    return cache_folder / "jars"


def wrong_jars(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    """The jars that are missing or whose content isn't the locked one (about 0.2 s for all of them)."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        right = pool.map(lambda jar: _is_right(folder / jar.path, jar), jars)
        return [jar for jar, good in zip(jars, right, strict=True) if not good]


def _is_right(file: Path, jar: Jar) -> bool:
    try:
        if file.stat().st_size != jar.size:
            return False
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def _fetch_all(jars: Sequence[Jar], folder: Path, maven_url: str, progress: Progress) -> None:
    """In parallel; each jar is put in place whole, so what an interrupted download got is kept."""
    if not jars:
        return
    size = sum(jar.size for jar in jars)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise Unavailable(
            f"The embedded database needs {_mb(size)} in {folder}, and only {_mb(free)} are free.",
            hint="Make room, or give another folder: export GRAPHTWIN_CACHE=/a/folder",
        )
    progress.say(f"Fetching the embedded Neo4j, once: {len(jars)} jars, {_mb(size)}, from {maven_url} to {folder}")
    progress.total(size)
    with httpx.Client(timeout=30.0, follow_redirects=True) as client, ThreadPoolExecutor(PARALLEL) as pool:
        fetch = _Fetch(client, maven_url.rstrip("/"), folder, progress, threading.Event())
        largest_first = sorted(jars, key=lambda jar: -jar.size)
        waiting = [pool.submit(fetch, jar) for jar in largest_first]
        try:
            for fetched in as_completed(waiting):
                fetched.result()
        except BaseException:
            fetch.stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Fetches one jar after the other into the folder; many threads may call it until `stopped` is set."""

    client: httpx.Client
    maven_url: str
    folder: Path
    progress: Progress
    stopped: threading.Event

    def __call__(self, jar: Jar) -> None:
        url = f"{self.maven_url}/{jar.path}"
        target = self.folder / jar.path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")  # the lock on the cache makes us the only writer
        found = self._download(url, draft)
        if found != jar.sha256:
            draft.unlink()
            raise Unavailable(
                f"{url} isn't the file that graphtwin was tested with: its SHA-256 is {found}, not {jar.sha256}.",
                hint="A proxy or mirror alters downloads; use another: export GRAPHTWIN_MAVEN_URL=https://…",
            )
        os.utime(draft, (MODIFIED, MODIFIED))
        draft.replace(target)
        self.progress.advance(jar.size)

    def _download(self, url: str, draft: Path) -> str:
        """Write the body to `draft`, again after a broken connection; return its SHA-256."""
        for wait in (*RETRY_AFTER_S, None):
            try:
                return self._receive(url, draft)
            except httpx.HTTPError as error:
                if wait is None or not _may_pass(error) or self.stopped.wait(wait):
                    self.stopped.set()  # the others needn't go on
                    raise _unfetched(url, error) from error
        raise AssertionError("the last attempt either returns or raises")

    def _receive(self, url: str, draft: Path) -> str:
        digest = hashlib.sha256()
        with self.client.stream("GET", url) as answer, draft.open("wb") as out:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(CHUNK):
                if self.stopped.is_set():
                    raise httpx.RequestError("stopped, since another jar couldn't be fetched")
                digest.update(chunk)
                out.write(chunk)
        return digest.hexdigest()


def _may_pass(error: httpx.HTTPError) -> bool:
    """A broken connection, a server in trouble or too many requests: the same request may succeed a little later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error or error.response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return isinstance(error, httpx.TransportError)


def _unfetched(url: str, error: httpx.HTTPError) -> Unavailable:
    return Unavailable(
        f"A part of the embedded Neo4j can't be fetched: {url}: {error}.",
        hint=(
            "Check the network and proxy, or name a mirror of Maven Central: "
            "export GRAPHTWIN_MAVEN_URL=https://… (what has arrived is kept)"
        ),
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
