"""The clock of a world by its address, such as a simulator's: asked each time, never guessed (S2)."""

from __future__ import annotations

from datetime import UTC

from graphtwin.errors import Unavailable
from graphtwin.methods.reading.event_time import read_time
from graphtwin.methods.reading.expression import Expression
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.strict_json import parse_json
from graphtwin.wire.http_visit import HttpPlace, visit
from graphtwin.wire.no_connection import NoConnection


class HttpWorldClock:
    """Reads the instant that `path` yields in the JSON of a page."""

    def __init__(self, world: str, place: HttpPlace, path: Expression) -> None:
        self._world = world
        self._place = place
        self._path = path

    async def now(self) -> int:
        """The world's instant, epoch µs. Raises Unavailable."""
        try:
            async with visit(self._place) as there:
                page = await there.get(there.start)
            return read_time(self._path(parse_json(page.body)), UTC)
        except NoConnection as error:
            problem, hint = error.problem, "start what the world's clock belongs to, or correct `world.clock`"
        except Refusal as refusal:
            problem = f"{self._place.endpoint.shown}: {refusal.reason}"
            hint = 'it should answer like {"now": "2026-01-31T12:00:00Z"}; `world.clock.path` says where the instant stands'
        raise Unavailable(f"The clock of {self._world} can't be read: {problem}", hint=hint)
