"""What a long start tells its caller while it works."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """`say` is a sentence for the user; `total` and `advance` count the bytes of one download."""

    def say(self, text: str) -> None: ...

    def total(self, size: int) -> None: ...

    def advance(self, size: int) -> None: ...


class Silent:
    """Tells nobody."""

    def say(self, text: str) -> None:
        del text

    def total(self, size: int) -> None:
        del size

    def advance(self, size: int) -> None:
        del size
