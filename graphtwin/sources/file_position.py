"""Where a file source stands: which life of the file, how far it was read, and the hash of what was read (S5)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NamedTuple

GENERATION_STEP: Final = 2**33
"""Distance between the positions of two lives of a file: later lives win, and within one what stands further down."""

_BLOCK: Final = 2**20


class Mark(NamedTuple):
    """How far the present life of a file was read: `generation` counts its lives, `prefix` hashes what was read of it.

    `header` and `delimiter` belong to tables. `more` is True when a cap stopped the reading; `tail` is the hash of an
    unfinished last line that was left for the next reading; `item` counts the messages taken of a document.
    """

    generation: int = 0
    device: int = 0
    inode: int = 0
    offset: int = 0
    prefix: str = hashlib.sha256().hexdigest()
    line: int = 0
    header: tuple[str, ...] = ()
    delimiter: str = ","
    more: bool = False
    tail: str = ""
    item: int = 0
    reading: int = 0

    def position(self, offset: int) -> int:
        """A number that grows with every message of the file, in every life of it."""
        return self.generation * GENERATION_STEP + offset

    def locus(self, offset: int) -> str:
        """The place that stands for a message's time where it has none."""
        return f"g{self.generation}@{offset}"

    def next_life(self) -> Mark:
        """The beginning of a file that isn't what was read before."""
        return Mark(generation=self.generation + 1, reading=self.reading)

    def beginning(self) -> Mark:
        """The beginning of the same life."""
        return Mark(generation=self.generation, reading=self.reading, tail=self.tail)


def mark_of(cursor: Mapping[str, Any] | None) -> Mark | None:
    """The mark in a committed cursor; None where there is none."""
    if not cursor:
        return None
    return Mark(
        generation=int(cursor["generation"]),
        device=int(cursor["device"]),
        inode=int(cursor["inode"]),
        offset=int(cursor["offset"]),
        prefix=str(cursor["prefix_sha256"]),
        line=int(cursor.get("line", 0)),
        header=tuple(cursor.get("header", ())),
        delimiter=str(cursor.get("delimiter", ",")),
        more=bool(cursor.get("more", False)),
        tail=str(cursor.get("tail", "")),
        item=int(cursor.get("item", 0)),
        reading=int(cursor.get("reading", 0)),
    )


def cursor_of(mark: Mark) -> dict[str, Any]:
    """The mark as JSON, for the store."""
    fields = mark._asdict()
    fields["prefix_sha256"] = fields.pop("prefix")
    fields["header"] = list(mark.header)
    return fields


def hash_prefix(file: BinaryIO, length: int) -> hashlib._Hash | None:
    """SHA-256 of the first bytes of a file, still open for more; None where it is shorter. The file stands behind them."""
    file.seek(0)
    digest = hashlib.sha256()
    while length:
        block = file.read(min(_BLOCK, length))
        if not block:
            return None
        digest.update(block)
        length -= len(block)
    return digest
