"""A gateway that nothing goes through."""

from __future__ import annotations

from graphtwin.errors import GateClosed


class NoGateway:
    """Refuses everything."""

    async def send(self, _clearance: object, _act: object) -> object:
        raise GateClosed("nothing goes out here")
