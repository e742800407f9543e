"""Files as sources: CSV, JSON Lines, JSON and YAML, read from where the last reading ended."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from graphtwin.methods.reading.file_format import FileFormat, file_format
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading
from graphtwin.sources.file_document import read_document
from graphtwin.sources.file_lines import MAX_READ, Limits, read_json_lines
from graphtwin.sources.file_position import Mark, cursor_of, hash_prefix, mark_of
from graphtwin.sources.file_table import read_table
from graphtwin.sources.line_feed import LineFeed
from graphtwin.sources.messages import Haul, records_of
from graphtwin.sources.pulled import Pulled

_PROBLEMS: Final = {
    FileNotFoundError: ("doesn't exist", "make the file, or correct `path` of the source"),
    PermissionError: ("may not be read", "give this user the right to read it"),
    IsADirectoryError: ("is a folder", "let `path` name one file"),
}


class FileSource(Pulled):
    """One file. What was appended is read once; a file whose beginning changed is a new life of it and read anew (S5).

    A source with `roster: true` is read whole each time. `folder` is that of twin.yaml: relative paths begin there.
    """

    def __init__(self, name: str, source: Source, folder: Path) -> None:
        self._name = name
        self._source = source
        self._path = folder / source.path
        self._shown = source.path if not Path(source.path).is_absolute() else self._path.name
        self._format: FileFormat | None = file_format(source)
        self._records = records_of(name, source)

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        """What is new in the file; `full` and rosters read all of it. Never raises: a problem is in the answer."""
        return await asyncio.to_thread(self._read, cursor, full=full, now=now)

    def _read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        try:
            with _open(self._path) as file:
                return self._read_open(file, mark_of(cursor), full=full, now=now)
        except OSError as error:
            problem, hint = _PROBLEMS.get(
                type(error), (f"can't be read: {error.strerror or error}", "look at its disk")
            )
            return self._no_answer(f"{self._shown} {problem}", hint, cursor, now)
        except Refusal as refusal:
            return self._no_answer(f"{self._shown}: {refusal.reason}", refusal.hint, cursor, now)

    def _read_open(self, file: BinaryIO, before: Mark | None, *, full: bool, now: int) -> Reading:
        source, haul = self._source, Haul()
        whole = full or source.roster or before is None
        limits = Limits(self._shown, source.max_payload, source.max_messages, self._records, source.roster, whole)
        if self._format in ("json", "yaml"):
            start, mark = self._read_document(file, before, limits, haul)
        elif self._format is None:
            raise Refusal("its ending names no format", "set `format` of the source to csv, jsonl, json or yaml")
        else:
            start, mark = self._read_lines(file, before, limits, haul)
        status = os.fstat(file.fileno())
        mark = mark._replace(device=status.st_dev, inode=status.st_ino, reading=mark.reading + 1)
        from_beginning = whole and start.offset == 0 and start.item == 0
        at_end = not mark.more and mark.offset >= status.st_size
        problem, hint = _left_over(mark, self._source)
        return Reading(
            self._name, answered=True, read_at=now, messages=tuple(haul.messages), malformed=tuple(haul.malformed),
            cursor=cursor_of(mark), complete=from_beginning and at_end,
            problem=problem, hint=hint, more=mark.more,
        )  # fmt: skip

    def _read_lines(self, file: BinaryIO, before: Mark | None, limits: Limits, haul: Haul) -> tuple[Mark, Mark]:
        """Where the reading began, and where it ended."""
        start, digest = Mark() if before is None else before, hashlib.sha256()
        if before is not None:
            read = hash_prefix(file, before.offset)
            if read is None or read.hexdigest() != before.prefix:
                start = before.next_life()
            elif limits.whole and not before.more:
                start = before.beginning()
            else:
                digest = read
        feed = LineFeed(file, digest, start.offset, limits.max_payload)
        read_format = read_table if self._format == "csv" else read_json_lines
        return start, read_format(feed, start, limits, haul)

    def _read_document(self, file: BinaryIO, before: Mark | None, limits: Limits, haul: Haul) -> tuple[Mark, Mark]:
        """Where the reading began, and where it ended; a document that was read to its end isn't read again."""
        raw = file.read(self._source.max_output + 1)
        if len(raw) > self._source.max_output:
            raise Refusal(
                f"one document of more than max_output ({self._source.max_output} bytes)",
                "write JSON Lines, which are read in parts, or raise max_output of the source",
            )
        start = Mark() if before is None else before
        if before is not None and (len(raw) != before.offset or hashlib.sha256(raw).hexdigest() != before.prefix):
            start = before.next_life()
        elif before is not None and not before.more:
            if not limits.whole:
                return before, before
            start = before.beginning()
        return start, read_document(raw, start, limits, haul, "yaml" if self._format == "yaml" else "json")

    def _no_answer(self, problem: str, hint: str, cursor: Mapping[str, Any] | None, now: int) -> Reading:
        return Reading(self._name, answered=False, read_at=now, cursor=dict(cursor or {}), problem=problem, hint=hint)


def _open(path: Path) -> BinaryIO:
    """The file, opened without waiting; raises OSError, also for what is no regular file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check_regular(os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError("it is no regular file")


def _left_over(mark: Mark, source: Source) -> tuple[str, str]:
    """What a reading that answered leaves for the next one, and what can be done about it."""
    if mark.more:
        most = f"{source.max_messages} messages, {MAX_READ // 2**20} MiB"
        return f"it holds more than one reading takes ({most}); the next goes on", "raise max_messages of the source"
    if mark.tail:
        return "its last line has no end yet and waits for the next reading", "end the file with a line break"
    return "", ""
