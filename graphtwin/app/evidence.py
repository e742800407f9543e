"""What a person rests a decision on: a file, whose bytes are kept, or an address, which is only named (S33)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from graphtwin.errors import NotFound, UsageError
from graphtwin.model.commit import EvidenceItem

LARGEST: Final = 256 * 2**10
"""Bytes of a file that is kept, as of any payload."""

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


@dataclass(frozen=True, slots=True)
class Ground:
    """What was given as evidence: `ref` is an anchor for people, `raw` the bytes of a file, None of an address."""

    ref: str
    raw: bytes | None

    def said(self) -> dict[str, Any]:
        """What is signed of it: the bytes by their SHA-256."""
        if self.raw is None:
            return {"ref": self.ref}
        return {"ref": self.ref, "sha256": hashlib.sha256(self.raw).hexdigest(), "bytes": len(self.raw)}

    def item(self, event: str, source: str, at: int) -> tuple[EvidenceItem, ...]:
        """The bytes as they are kept with the decision's event."""
        return () if self.raw is None else (EvidenceItem(event, self.raw, source, self.ref, at),)


def is_address(text: str) -> bool:
    """Whether evidence is only named; else it is a file of this machine."""
    return _ADDRESS.fullmatch(text) is not None


def read_ground(text: str) -> Ground:
    """Read what `--evidence` names. Raises NotFound, UsageError for a file that can't be kept and an address that holds a
    password.
    """
    if is_address(text):
        parts = urlsplit(text)
        if parts.username or parts.password:
            raise UsageError(
                "The address given as evidence holds a name or password.", hint="leave it out: what is recorded stays"
            )
        return Ground(text, None)
    path = Path(text).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(
            f"There is no file {text} to keep as evidence.", hint="give a file, or the address of a page"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{text} can't be read: {error.strerror or error}.", hint="give a file, or the address of a page"
        ) from error
    if not raw or len(raw) > LARGEST:
        what = "is empty" if not raw else f"is larger than the {LARGEST // 1024} KiB that are kept"
        raise UsageError(f"{text} {what}.", hint="give the part that matters, or the address where all of it is")
    return Ground(f"file:{text}", raw)
