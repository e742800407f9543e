"""Lines of a file, one after the other, with the offset of each; a line that is too long costs no memory."""

from __future__ import annotations

import hashlib
from typing import BinaryIO, Final, NamedTuple

_BLOCK: Final = 2**18
_KEPT: Final = 4096


class Line(NamedTuple):
    """One line with its end-of-line bytes. `ended` is False for the last line of a file that doesn't end in one.

    `size` counts its end too. Of a line over the limit `raw` has the first bytes only, and `sha256` is that of the
    whole without its end; it is "" for the others.
    """

    offset: int
    raw: bytes
    size: int
    sha256: str
    ended: bool


class LineFeed:
    """Reads lines from where the file stands; what was taken is hashed."""

    def __init__(self, file: BinaryIO, digest: hashlib._Hash, offset: int, longest: int) -> None:
        self._file = file
        self._digest = digest
        self._longest = longest
        self.offset = offset
        file.seek(offset)

    @property
    def prefix(self) -> str:
        """SHA-256 of everything that was taken."""
        return self._digest.hexdigest()

    def peek(self) -> Line | None:
        """The line at `offset`, not taken yet; None at the end of the file."""
        self._file.seek(self.offset)
        return self._line(self.offset)

    def following(self, line: Line) -> Line | None:
        """The line behind a peeked one, not taken either."""
        after = line.offset + line.size
        self._file.seek(after)
        return self._line(after)

    def take(self, line: Line) -> None:
        """Move on behind the line at `offset`, and hash it."""
        if line.sha256:
            self._hash_again(line.size)
        else:
            self._digest.update(line.raw)
        self.offset += line.size

    def _hash_again(self, length: int) -> None:
        self._file.seek(self.offset)
        while length:
            block = self._file.read(min(_BLOCK, length))
            if not block:  # the file was cut while it was read: the next reading finds another life of it
                return
            self._digest.update(block)
            length -= len(block)

    def _line(self, offset: int) -> Line | None:
        raw = self._file.readline(self._longest + 2)
        if not raw:
            return None
        if raw.endswith(b"\n") or len(raw) <= self._longest:
            return Line(offset, raw, len(raw), "", raw.endswith(b"\n"))
        return self._too_long(offset, raw)

    def _too_long(self, offset: int, first: bytes) -> Line:
        digest, size, block = hashlib.sha256(), 0, first
        while block:
            size += len(block)
            digest.update(block.removesuffix(b"\n"))
            if block.endswith(b"\n"):
                return Line(offset, first[:_KEPT], size, digest.hexdigest(), ended=True)
            block = self._file.readline(_BLOCK)
        return Line(offset, first[:_KEPT], size, digest.hexdigest(), ended=False)
