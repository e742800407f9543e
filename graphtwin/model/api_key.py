"""API keys of principals: who shows one asks in their name, with their role (S35)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that a principal of a world was given; the key itself is kept nowhere. Times are epoch µs."""

    world: str
    principal: str
    digest: str
    added_at: int
    ended_at: int | None = None

    @property
    def name(self) -> str:
        """What the key is called, without telling it: the first 12 digits of its digest."""
        return self.digest[:12]


def key_digest(key: str) -> str:
    """The SHA-256 of a key, as hex digits. Keys are random and long, so that nobody finds one by its digest."""
    return hashlib.sha256(key.encode()).hexdigest()
