"""Commands as sources: exactly the program that twin.yaml names, its JSON lines read, with caps on time and size."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.ports import Message, Reading
from graphtwin.sources.messages import Haul, Part, json_parts, malformed, records_of, text_of, too_large
from graphtwin.sources.pulled import Pulled

READING_STEP: Final = 2**24
"""Distance between the positions of two readings: later ones win, and within one what was said later."""
INHERITED: Final = ("PATH", "LANG", "TZ")

_BLOCK: Final = 2**16
_STDERR_KEPT: Final = 4096
_STDERR_SHOWN: Final = 500
_LAST_WAIT: Final = 2.0
"""Seconds that a killed program is waited for."""


class CommandSource(Pulled):
    """One program, run without a shell, in the folder of twin.yaml, with PATH, LANG, TZ and the declared environment.

    What it prints counts only when it ends by itself, in time, with exit code 0.
    """

    def __init__(self, name: str, source: Source, folder: Path) -> None:
        self._name = name
        self._source = source
        self._folder = folder
        self._records = records_of(name, source)

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:  # noqa: ARG002 - a command always tells all it knows
        """One run of the program. Never raises: a problem is in the answer."""
        number = int((cursor or {}).get("reading", 0)) + 1
        try:
            run = await _run(self._source, self._folder)
        except OSError as error:
            problem = f"{self._source.command[0]} can't be started: {error.strerror or error}"
            return self._no_answer(problem, "correct `command` of the source, or install the program", cursor, now)
        problem, hint = _problem(run, self._source)
        if problem:
            return self._no_answer(problem, hint, cursor, now)
        haul = Haul()
        left = self._take(run.stdout, number, haul)
        return Reading(
            self._name, answered=True, read_at=now, messages=tuple(haul.messages), malformed=tuple(haul.malformed),
            cursor={"reading": number}, complete=not left, more=bool(left),
            problem=f"it said more than {self._source.max_messages} messages; {left} weren't read" if left else "",
            hint="raise max_messages of the source" if left else "",
        )  # fmt: skip

    def _take(self, output: bytes, number: int, haul: Haul) -> int:
        """Takes what was printed into the haul; answers how many messages are left over."""
        index = 0
        for line, raw in _texts(output):
            place = f"{self._name}#{number}" + (f":{line}" if line else "")
            try:
                parts = json_parts(text_of(raw), self._records)
            except Refusal as refusal:
                if len(haul) < self._source.max_messages:
                    haul.malformed.append(malformed(raw, place, refusal))
                index += 1
                continue
            for part in parts:
                if len(haul) < self._source.max_messages:
                    self._take_part(part, f"{place}[{index}]" if len(parts) > 1 else place, (number, index), haul)
                index += 1
        return index - len(haul)

    def _take_part(self, part: Part, place: str, at: tuple[int, int], haul: Haul) -> None:
        raw = part.raw.encode()
        if len(raw) > self._source.max_payload:
            haul.malformed.append(malformed(raw, place, too_large(len(raw), self._source.max_payload)))
            return
        number, index = at
        locus, position = f"r{number}.{index}", number * READING_STEP + index
        haul.messages.append(Message(raw, part.payload, place, locus, position))

    def _no_answer(self, problem: str, hint: str, cursor: Mapping[str, Any] | None, now: int) -> Reading:
        return Reading(self._name, answered=False, read_at=now, cursor=dict(cursor or {}), problem=problem, hint=hint)


@dataclass(slots=True)
class _Said:
    """What a running program has said so far, and why it was stopped."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    stopped: str = ""


class _Run(NamedTuple):
    """How a program ended: `code` is None when it was stopped, for the reason in `stopped`."""

    code: int | None
    stdout: bytes
    stderr: str
    stopped: str


def _texts(output: bytes) -> list[tuple[int, bytes]]:
    """The JSON texts that were printed with their line numbers: one a line, or the whole (0) when only that is JSON."""
    lines = [(number, raw.strip()) for number, raw in enumerate(output.split(b"\n"), start=1) if raw.strip()]
    if len(lines) > 1 and not _is_json(lines[0][1]) and _is_json(output):
        return [(0, output.strip())]
    return lines


def _is_json(raw: bytes) -> bool:
    try:
        json_parts(text_of(raw), None)
    except Refusal:
        return False
    return True


async def _run(source: Source, folder: Path) -> _Run:
    """The program's end, whatever it was. Raises OSError when it can't be started."""
    process = await asyncio.create_subprocess_exec(
        *source.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=_environment(source.env),
        start_new_session=True,
    )
    said = _Said()
    ended = False
    told = asyncio.create_task(_listen(process.stderr, said.stderr))
    try:
        async with asyncio.timeout(source.timeout / SECOND):
            await _collect(process.stdout, said.stdout, source.max_output)
            await told
            await process.wait()
            ended = True
    except TimeoutError:
        said.stopped = f"it ran longer than {compact_duration(source.timeout)}"
    except _TooMuch:
        said.stopped = f"it printed more than max_output ({source.max_output} bytes)"
    finally:
        if not ended:
            await _stop(process)
        told.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await told
    stderr = bytes(said.stderr).decode(errors="replace").strip()
    return _Run(process.returncode if ended else None, bytes(said.stdout), stderr, said.stopped)


def _environment(declared: Mapping[str, str]) -> dict[str, str]:
    """PATH, LANG and TZ with what is declared; `python` is the one that graphtwin runs on."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = str(Path(sys.executable).parent)
    folders = kept.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join([own, *(folder for folder in folders if folder != own)])
    return {**kept, **declared}


class _TooMuch(Exception):
    """The program printed more than it may."""


async def _collect(stream: asyncio.StreamReader | None, into: bytearray, most: int) -> None:
    """Everything the stream says. Raises _TooMuch."""
    while stream is not None and (block := await stream.read(_BLOCK)):
        into += block
        if len(into) > most:
            raise _TooMuch


async def _listen(stream: asyncio.StreamReader | None, into: bytearray) -> None:
    """The end of what the stream says; the rest is let go."""
    while stream is not None and (block := await stream.read(_BLOCK)):
        into += block
        del into[:-_STDERR_KEPT]


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ends the program and all that it started. Its group has its number, which can't be given anew while one lives."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):  # a child that left the group may hold the pipes open
        await asyncio.wait_for(process.wait(), _LAST_WAIT)


def _problem(run: _Run, source: Source) -> tuple[str, str]:
    """What is wrong with a run, and the next move; ("", "") when it counts."""
    program = source.command[0]
    tail = f": {run.stderr[-_STDERR_SHOWN:]}" if run.stderr else ""
    if run.stopped:
        return f"{program} was stopped: {run.stopped}{tail}", "make it quicker, or raise timeout or max_output"
    if run.code:
        how = f"ended with exit code {run.code}" if run.code > 0 else f"was ended by signal {-run.code}"
        return f"{program} {how}{tail}", "run it by hand in the folder of twin.yaml to see why"
    return "", ""
