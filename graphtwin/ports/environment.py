"""What is asked of the machine: time, ids, signatures."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """A source of time, in epoch microseconds UTC."""

    def now(self) -> int:
        """The present instant."""
        ...


class WorldClock(Protocol):
    """The clock of a world that has its own, such as a simulator's (S2)."""

    async def now(self) -> int:
        """The world's instant, epoch µs. Raises Unavailable."""
        ...


class Ids(Protocol):
    """A source of unique names; a seeded one makes a run repeatable."""

    def new(self, prefix: str) -> str:
        """A name never given before, beginning with `prefix`."""
        ...


class Signer(Protocol):
    """Signs the head of an audit chain (Ed25519)."""

    @property
    def key_id(self) -> str:
        """Names the key: the first 16 hex digits of the SHA-256 of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The detached signature of `message`."""
        ...
