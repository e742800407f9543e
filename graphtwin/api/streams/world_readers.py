"""One reader for each world that somebody listens to: it looks whether the world has moved, and reads once for all."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from graphtwin.api.streams.stream_limits import StreamLimits
from graphtwin.errors import Unavailable
from graphtwin.model.commit import AuditRecord, Commit
from graphtwin.model.pulse import Pulse
from graphtwin.ports import Store

RUNS: Final = 50
"""Newest runs that are looked at for whether they went on."""
_KEPT: Final = 16
"""Answers that are kept for others who ask the same."""
_LOOKS: Final = 40
"""A commit shows in the world's head a moment before its index has it (S19)."""

Read = TypeVar("Read")
Numbered = TypeVar("Numbered", Commit, AuditRecord)


class WorldReaders:
    """The readers of one server. A world is looked at while somebody listens to it, and no longer."""

    def __init__(self, store: Store, limits: StreamLimits) -> None:
        self._store = store
        self._limits = limits
        self._readers: dict[str, WorldReader] = {}

    @asynccontextmanager
    async def listen(self, world: str) -> AsyncIterator[WorldReader]:
        """The reader of a world, shared with everybody else who listens to it."""
        reader = self._readers.get(world)
        if reader is None or reader.ended:
            reader = self._readers[world] = WorldReader(self._store, world, self._limits)
        reader.listeners += 1
        try:
            yield reader
        finally:
            reader.listeners -= 1
            if not reader.listeners:
                reader.close()
                if self._readers.get(world) is reader:
                    del self._readers[world]


class WorldReader:
    """Looks at one world until it is closed. What it meets, everybody who waits is told."""

    def __init__(self, store: Store, world: str, limits: StreamLimits) -> None:
        self.store = store
        self.world = world
        self.limits = limits
        self.listeners = 0
        self._pulse: Pulse | None = None
        self._moved = asyncio.Event()
        self._kept: OrderedDict[Hashable, asyncio.Future[Any]] = OrderedDict()
        self._looking = asyncio.ensure_future(self._look())
        self._looking.add_done_callback(lambda _: self._moved.set())

    @property
    def ended(self) -> bool:
        """Whether it looks no more."""
        return self._looking.done()

    def close(self) -> None:
        """Look no more, and let go of what is still being read."""
        for task in (self._looking, *self._kept.values()):
            task.cancel()

    async def now(self) -> Pulse:
        """How far the world is at this very moment. Raises NotFound."""
        return await self.store.pulse(self.world, runs=RUNS)

    async def beyond(self, seen: Pulse | None) -> Pulse:
        """How far the world is, once that isn't `seen` any more. Raises what kept it from being looked at."""
        while self._pulse is None or self._pulse == seen:
            if self._looking.done():
                self._looking.result()
            await self._moved.wait()
        return self._pulse

    async def commits(self, after: int, until: int) -> tuple[Commit, ...]:
        """The versions after one and up to another that is there, or the first part of them. Raises Unavailable."""
        last = min(until, after + self.limits.read)

        async def read() -> tuple[Commit, ...]:
            return await self.store.commits(self.world, after=after, limit=last - after)

        return await self.once(("commits", after, last), lambda: self._all(read, last - after))

    async def records(self, after: int, until: int) -> tuple[AuditRecord, ...]:
        """The audit records behind one and up to another that is there, or the first part of them. Raises Unavailable."""
        last = min(until, after + self.limits.read)

        async def read() -> tuple[AuditRecord, ...]:
            return await self.store.audit(self.world, after=after, limit=last - after)

        return await self.once(("records", after, last), lambda: self._all(read, last - after))

    async def once(self, name: Hashable, read: Callable[[], Awaitable[Read]]) -> Read:
        """What `read` answers. Whoever asks under the same name meanwhile, or soon after, gets the same answer."""
        task = self._kept.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._kept[name] = asyncio.ensure_future(read())
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        answer: Read = await asyncio.shield(task)
        return answer

    async def _look(self) -> None:
        while True:
            pulse = await self.now()
            if pulse != self._pulse:
                self._pulse, moved, self._moved = pulse, self._moved, asyncio.Event()
                moved.set()
            await asyncio.sleep(self.limits.look)

    async def _all(self, read: Callable[[], Awaitable[tuple[Numbered, ...]]], wanted: int) -> tuple[Numbered, ...]:
        """The page once its index has all of it: nobody is told of a number before they were told of those before it."""
        for _ in range(_LOOKS):
            found = await read()
            if len(found) == wanted:
                return found
            await asyncio.sleep(self.limits.look)
        raise Unavailable(
            f"What was committed to {self.world} just now can't be read yet.",
            hint="subscribe again after the last cursor",
        )
