"""What the server keeps of requests in the audit chains of their worlds, and how often at most."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

from graphtwin.api.caller import Caller
from graphtwin.api.doors.rates import Rate
from graphtwin.api.metrics import Metrics
from graphtwin.app.api_audit import note_asked, note_refused
from graphtwin.errors import GraphtwinError, NotFound, TooSoon, code_of
from graphtwin.methods.audit.api_entries import Ask
from graphtwin.ports import Store

REFUSALS_PER_MINUTE: Final = 10
"""Refusals of one key in one world that get a record of their own; the next one counts those between."""
MUTATIONS_PER_MINUTE: Final = 120
"""Mutations by one key in one world."""

_log: Final = logging.getLogger("graphtwin.api")


class Chain:
    """Keeps what is asked for and what is refused, for one server. Also holds the work that outlives its request."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store, self._metrics = store, metrics
        self._refusals, self._mutations = Rate(REFUSALS_PER_MINUTE, 60), Rate(MUTATIONS_PER_MINUTE, 60)
        self._works: set[asyncio.Task[Any]] = set()
        self._keys: set[tuple[str, str]] = set()

    async def asked(self, ask: Ask) -> None:
        """Keep a mutation before it is carried out. Raises TooSoon, AuditUnwritable, and what else keeps it from that."""
        if self._mutations.take((ask.world, ask.key)) is None:
            raise TooSoon(
                f"More than {MUTATIONS_PER_MINUTE} mutations in a minute with this key.", hint="try again in a minute"
            )
        await note_asked(self._store, ask)

    async def refused(self, ask: Ask, why: GraphtwinError) -> None:
        """Keep a refusal. One that can't be kept is logged, and stays a refusal."""
        code = code_of(type(why))
        self._metrics.refusals.labels(code).inc()
        try:
            await self._store.head(ask.world)
            left_out = self._refusals.take((ask.world, ask.key))
            if left_out is not None:
                await note_refused(self._store, ask, why, code=code, left_out=left_out)
        except NotFound:
            _log.warning("refused", extra={"world": ask.world, "root": ask.root, "key": ask.key, "code": code})
        except GraphtwinError:
            _log.exception("a refusal couldn't be kept", extra={"world": ask.world, "root": ask.root, "code": code})

    @contextmanager
    def alone(self, world: str, key: str) -> Iterator[bool]:
        """True for the one who carries out what bears an idempotency key; False where it is being carried out already."""
        named = world, key
        if named in self._keys:
            yield False
            return
        self._keys.add(named)
        try:
            yield True
        finally:
            self._keys.remove(named)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin work that goes on when its request is over."""
        task = asyncio.ensure_future(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return task

    async def finish(self, seconds: float) -> None:
        """Let work end by itself; what takes longer is cut off, as by a crash."""
        if not self._works:
            return
        _, late = await asyncio.wait(self._works, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def ask_of(caller: Caller, world: str, root: str, arguments: dict[str, Any]) -> Ask:
    """What is kept of a request."""
    role = caller.role(world)
    return Ask(world, root, caller.named(world) or "", role.value if role else "", caller.key, arguments)
