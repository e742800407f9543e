"""An audit log that nothing is written to."""

from __future__ import annotations


class NoLog:
    """Always writable, and belongs to every world."""

    def check_writable(self) -> None: ...

    async def check_belongs(self, _store: object) -> None: ...

    async def export(self, _store: object) -> str:
        return ""
