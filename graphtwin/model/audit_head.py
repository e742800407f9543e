"""The head of an audit chain as it stands in the log: signed, so that a rewritten or cut log is found (S35)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphtwin.model.commit import AuditVerdict


@dataclass(frozen=True, slots=True)
class LogHead:
    """The newest record of a world's chain and the version it belongs to; `at` in epoch microseconds."""

    world: str
    n: int
    hash: str
    version_id: str
    at: int
    key_id: str = ""

    def fields(self) -> dict[str, Any]:
        """The JSON object that is signed."""
        return {
            "world": self.world,
            "n": self.n,
            "hash": self.hash,
            "version_id": self.version_id,
            "at": self.at,
            "key_id": self.key_id,
        }


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What `verify_log` found. `line` (from 1) and `n` name the first place that is wrong, None where all is well.

    `records`, `last_n` and `last_hash` tell how far the log goes, `signed_n` up to which record a valid signature
    covers it, `keys` by which keys.
    """

    verdict: AuditVerdict
    problem: str = ""
    hint: str = ""
    line: int | None = None
    n: int | None = None
    records: int = 0
    heads: int = 0
    last_n: int = 0
    last_hash: str = ""
    signed_n: int = 0
    keys: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong and the next move, for people; "" where nothing is."""
        return ". ".join(part.rstrip(".") for part in (self.problem, self.hint) if part) + ("." if self.problem else "")

    @property
    def intact(self) -> bool:
        """True when every byte is as it was written and the end is signed."""
        return self.verdict == "intact"


HEAD_DOMAIN = b"graphtwin audit head v1\n"
"""Stands before the canonical JSON of a head when it is signed, so the signature serves for nothing else."""

ROTATION_KIND = "audit-key-rotated"
ROTATION_DOMAIN = b"graphtwin audit key rotation v1\n"
"""Stands before the canonical JSON of a rotation (world, from, to, public_key) when both keys sign it."""
