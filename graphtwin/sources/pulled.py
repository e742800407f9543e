"""What sources have in common that are read from wherever their cursor says: nobody upstream waits for a word."""

from __future__ import annotations

from graphtwin.ports import Reading


class Pulled:
    """A source whose cursor is all there is to it: its commit is the acknowledgement, and no connection stays open."""

    async def acknowledge(self, reading: Reading) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""
