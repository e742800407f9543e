"""What halves the server's start: the classes of one run, kept beside the jars for all later runs of this user.

The JVM writes such an archive (class data sharing) when a server that was started with `recording` options ends by itself,
and takes no archive that doesn't fit its version, options and jars. Measured on two cores: 7 s to the first answer
without, 3.7 s with; the recording run ends some 5 s later, once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graphtwin.store.server.home import ServerHome
from graphtwin.store.server.jars import JarLock
from graphtwin.store.server.java import COMMON_OPTIONS, JAVA_TIMEOUT_S, SERVER_OPTIONS, java_environment

KEPT = 3  # sets: environments with different versions may share a cache
QUIET = ["-Xlog:cds=off", "-Xlog:aot=off"]  # an archive that doesn't fit is no news


@dataclass(frozen=True, slots=True)
class StartupCache:
    """The archives of one set of jars on one Java: the Java's own, and above it the server's."""

    folder: Path

    @classmethod
    def of(cls, cache_folder: Path, lock: JarLock, java: Path, version: str) -> StartupCache:
        made_from = [lock.digest, str(java), version, *COMMON_OPTIONS, *SERVER_OPTIONS]
        key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:16]
        return cls(cache_folder / "startup" / key)

    @property
    def archive(self) -> Path:
        return self.folder / "server.jsa"

    @property
    def java_archive(self) -> Path:
        return self.folder / "java.jsa"

    def options(self, home: ServerHome, java: Path) -> list[str]:
        """Options that use the archive, or record one; none when neither is possible."""
        draft_of(home).unlink(missing_ok=True)
        if self.archive.exists():
            return [*QUIET, f"-XX:SharedArchiveFile={self.archive}"]
        if not self.java_archive.exists() and not self._dump_java(java):
            return []
        return [*QUIET, f"-XX:SharedArchiveFile={self.java_archive}", f"-XX:ArchiveClassesAtExit={draft_of(home)}"]

    def keep(self, home: ServerHome) -> None:
        """Put the archive in place that a server of `home`, ended by itself, has left."""
        draft = draft_of(home)
        if draft.exists():
            with suppress(OSError):  # without room for it the next start is slower, nothing else
                near = self.folder / f".server.{home.run.stat().st_ino}.jsa"
                shutil.move(draft, near)
                near.replace(self.archive)
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Archives of earlier versions have some 150 MB each."""
        newest_first = sorted(self.folder.parent.iterdir(), key=lambda folder: -folder.stat().st_mtime)
        for folder in newest_first[KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _dump_java(self, java: Path) -> bool:
        """The wheel's Java comes without an archive of its own classes, and the server's can only stand on one."""
        draft = self.folder / ".java.jsa"
        options = [*COMMON_OPTIONS, *SERVER_OPTIONS, *QUIET, "-Xshare:dump", f"-XX:SharedArchiveFile={draft}"]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            environment = java_environment(os.environ)
            subprocess.run([java, *options], env=environment, capture_output=True, timeout=JAVA_TIMEOUT_S, check=True)
            draft.replace(self.java_archive)
        except (OSError, subprocess.SubprocessError):
            return False
        return True


def draft_of(home: ServerHome) -> Path:
    return home.run / "server.jsa"


def is_recording(home: ServerHome, command_line: list[str]) -> bool:
    return f"-XX:ArchiveClassesAtExit={draft_of(home)}" in command_line
