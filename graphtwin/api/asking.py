"""What every root is asked with: the store, the limits, who asks, and heads that are read once a request (S19)."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import dataclass, field
from typing import Final

import strawberry

from graphtwin import app
from graphtwin.api.caller import Caller
from graphtwin.api.deciding.chain import Chain
from graphtwin.api.limits import Limits
from graphtwin.api.reading.scalars import Instant
from graphtwin.errors import NotFound, UsageError
from graphtwin.model.commit import Head
from graphtwin.model.instants import format_instant
from graphtwin.model.state import At
from graphtwin.ports import Store

_VERSION: Final = re.compile(r"v?(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request. Its roots run beside each other and all read the one head of a world, whoever commits meanwhile."""

    store: Store
    limits: Limits
    caller: Caller
    chain: Chain
    begun: dict[str, str] = field(default_factory=dict)
    """The run that the mutation at work began, by "run"."""
    deadline: float = math.inf
    """When the request is over, by the loop's clock."""
    heads: dict[str, asyncio.Task[Head]] = field(default_factory=dict)

    async def head(self, world: str) -> Head:
        """The head of a world as the first root of this request found it. Raises NotFound."""
        if world not in self.heads:
            self.heads[world] = asyncio.ensure_future(self.store.head(world))
        return await asyncio.shield(self.heads[world])

    def forget(self, world: str) -> None:
        """Read the head anew: this request moved it itself."""
        task = self.heads.pop(world, None)
        if task is not None:
            task.cancel()

    @property
    def patience(self) -> float:
        """How many seconds a mutation is waited for: most of what is left of the request."""
        return max(0.0, 0.8 * (self.deadline - asyncio.get_running_loop().time()))

    def close(self) -> None:
        """Let go of what is still being read."""
        for task in self.heads.values():
            task.cancel()

    async def at(self, world: str, as_of: Instant | None, known_at: Instant | None, version: str | None) -> At:
        """The instant of both axes that is named; the pinned head at its own valid time where nothing is."""
        head = await self.head(world)
        if version is None and known_at is None:
            return At(head.valid if as_of is None else as_of, head.seq)
        if version is not None:
            await self.seq(world, version)
        found = await app.read_at(self.store, world, at=_text(as_of), known_at=_text(known_at), version=version)
        if found.seq <= head.seq:
            return found
        return At(head.valid if as_of is None else as_of, head.seq)  # committed since: this request doesn't know of it

    async def seq(self, world: str, version: str) -> int:
        """The number of a version that is there by the pinned head. Raises NotFound, UsageError."""
        match = _VERSION.fullmatch(version)
        if match is None:
            raise UsageError(f"{version!r} isn't a version.", hint="versions are written like v12")
        head, seq = await self.head(world), int(match[1])
        if seq > head.seq:
            raise NotFound(f"The world {world} has no version v{seq}.", hint=f"its newest is {head.version}")
        return seq


Info = strawberry.Info[Asking, None]
"""What a root is told beside its arguments."""


def _text(micros: Instant | None) -> str | None:
    return None if micros is None else format_instant(micros)
