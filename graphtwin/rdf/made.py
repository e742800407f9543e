"""Texts that stand in many lines, each made once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


class Made(dict[K, str]):
    """`made[key]` is what `make(key)` answered the first time. `most` bounds how many are kept: enough for neighbours to
    share, where a whole world has too many.
    """

    def __init__(self, make: Callable[[K], str], *, most: int = 0) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> str:
        if self._most and len(self) >= self._most:
            self.clear()
        text = self[key] = self._make(key)
        return text
