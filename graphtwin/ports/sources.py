"""What is asked of a source of signals, and what the store keeps of what sources said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphtwin.model.commit import (
    EventRecord,
    EvidenceItem,
    Quarantined,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One raw message as a source gave it.

    `place` names it for people (`inventory.csv:12`). `locus` names it for event ids where it has no timestamp: file
    generation and offset, or reading number and place in it (S5); equal loci mean the same message. `payload` is the
    parsed JSON value (a table row is an object; what came by a topic bears it under `mqtt`). `position` is durable only
    where the source has one. `channel` is the topic, where a source has several: equal messages by two are two.
    """

    raw: bytes
    payload: Any
    place: str
    locus: str
    position: int | None = None
    channel: str = ""
    table: bool = False
    """A table's row: each cell is text and reads as its variable is declared."""
    status: bool = False
    """It is about the source itself, such as its last will, and about no thing."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that couldn't even be parsed; it goes to quarantine and nothing else is lost."""

    raw: bytes
    size: int
    sha256: str
    place: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source answered once: messages in its own order, and the cursor to store when they are committed.

    `answered` is False when the source couldn't be read (then `problem` says why and what to do); "nothing new" is an
    answer. `complete` is True when the reading names everything that the source knows (a roster may be taken, S24).
    `gone` is what the source's own status said last: True, it is gone, False, it is there, None, nothing was said.
    `more` is True when the source had, or may have had, more to say than the reading took.
    """

    source: str
    answered: bool
    read_at: int
    messages: tuple[Message, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    problem: str = ""
    hint: str = ""
    gone: bool | None = None
    more: bool = False


class SignalSource(Protocol):
    """A configured source; reading it changes nothing until its cursor is committed with what was read.

    A source may hold a connection from its first reading on. What it wasn't told to be committed before it is closed is
    brought again by the next reading, also one of another process.
    """

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        ...

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        """What is new since `cursor` (None: from the beginning); `full` reads everything. Never raises for a bad
        source: it answers with `answered=False` and the problem.
        """
        ...

    async def acknowledge(self, reading: Reading) -> None:
        """Tell upstream that the last reading is committed, so that it isn't delivered again. Never raises: what upstream
        didn't hear is delivered again, and known by its event ids.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; what wasn't acknowledged stays upstream. It may be read again after."""
        ...


class SourceReads(Protocol):
    """How far each source was read, and what came of it."""

    async def cursors(self, world: str) -> Mapping[str, Mapping[str, Any]]:
        """Each source's committed cursor."""
        ...

    async def known_events(self, world: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of the event ids that were committed before. Raises NotFound."""
        ...

    async def evidence(self, world: str, event: str) -> EvidenceItem | None:
        """The raw bytes of an event, checked against their SHA-256. Raises IntegrityError."""
        ...

    async def evidence_of(self, world: str, events: Sequence[str]) -> tuple[EvidenceItem, ...]:
        """The raw bytes of those of the events that have any, as `evidence` answers them, by event."""
        ...

    async def events(self, world: str, ids: Sequence[str]) -> tuple[EventRecord, ...]:
        """Those of the canonical events that are known, sorted by id; of a redelivered one, the first is kept."""
        ...

    async def quarantined(self, world: str, *, source: str | None = None, limit: int = 100) -> tuple[Quarantined, ...]:
        """Messages that were not taken, newest first, then by id; each id is kept once."""
        ...
