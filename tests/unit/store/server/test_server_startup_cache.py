"""The start-up cache: kept whole, one set a Java and jars, old sets dropped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphtwin.store.server.home import ServerHome
from graphtwin.store.server.jars import jar_lock
from graphtwin.store.server.startup_cache import KEPT, StartupCache, draft_of, is_recording


@pytest.fixture
def home(tmp_path: Path) -> ServerHome:
    home = ServerHome.of(tmp_path / "home")
    home.create()
    return home


def cache(tmp_path: Path, version: str = "25") -> StartupCache:
    return StartupCache.of(tmp_path / "cache", jar_lock(), Path("/java"), version)


def test_another_java_has_another_archive(tmp_path: Path):
    assert cache(tmp_path, "25").archive != cache(tmp_path, "26").archive


def test_an_archive_that_is_there_is_used_and_nothing_recorded(tmp_path: Path, home: ServerHome):
    startup = cache(tmp_path)
    startup.folder.mkdir(parents=True)
    startup.archive.write_bytes(b"archive")

    options = startup.options(home, Path("/java"))

    assert f"-XX:SharedArchiveFile={startup.archive}" in options
    assert not is_recording(home, options)


def test_a_java_that_cant_make_its_own_archive_starts_without_any(tmp_path: Path, home: ServerHome):
    assert cache(tmp_path).options(home, tmp_path / "no-java") == []


def test_what_a_recording_left_is_kept_for_later_starts(tmp_path: Path, home: ServerHome):
    startup = cache(tmp_path)
    startup.folder.mkdir(parents=True)
    startup.java_archive.write_bytes(b"java")
    assert is_recording(home, startup.options(home, Path("/java")))
    draft_of(home).write_bytes(b"recorded")

    startup.keep(home)

    assert startup.archive.read_bytes() == b"recorded"
    assert not draft_of(home).exists()


def test_a_draft_that_a_killed_server_left_is_never_used(tmp_path: Path, home: ServerHome):
    startup = cache(tmp_path)
    startup.folder.mkdir(parents=True)
    startup.java_archive.write_bytes(b"java")
    draft_of(home).write_bytes(b"half of an arch")

    startup.options(home, Path("/java"))
    startup.keep(home)

    assert not startup.archive.exists()


def test_only_the_newest_sets_are_kept(tmp_path: Path, home: ServerHome):
    for age, name in enumerate("abcdef", start=1):
        old = tmp_path / "cache" / "startup" / name
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    startup = cache(tmp_path)
    startup.folder.mkdir()
    draft_of(home).write_bytes(b"recorded")

    startup.keep(home)

    left = {folder.name for folder in startup.folder.parent.iterdir()}
    assert left == {startup.folder.name, "a", "b"}
    assert len(left) == KEPT
