"""The right to commit to a world: waited for, given back, and what became of a commit that got no answer (S20)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from graphtwin.errors import Conflict, GraphtwinError, LeaseLost, Unavailable
from graphtwin.model.commit import Commit, Lease
from graphtwin.model.durations import SECOND
from graphtwin.ports import Store

LEASE_TTL: Final = 5 * SECOND
"""It has to last from taking it to the lock on the world, which fences everybody else out until the commit. A run that
died in between keeps the others waiting for no longer than this."""
LEASE_WAIT: Final = 20 * SECOND
_POLL_S: Final = 0.2
URGENT_POLL_S: Final = 0.02
"""How often somebody looks who must not come too late: a freeze goes in between two acts of a plan."""
_LOOKS: Final = 3
_LOOK_S: Final = 1.0
"""How often, and how far apart, the outcome of a commit without an answer is asked for."""


async def take_lease(
    store: Store, world: str, holder: str, *, ttl: int = LEASE_TTL, wait: int = LEASE_WAIT, poll_s: float = _POLL_S
) -> Lease:
    """The world's lease, waited for a little while another run commits. Raises Conflict."""
    attempts = max(1, round(wait / SECOND / poll_s))
    for attempt in range(attempts):
        try:
            return await store.acquire(world, holder, ttl=ttl)
        except Conflict:
            if attempt == attempts - 1:
                raise
            await asyncio.sleep(poll_s)
    raise Conflict(f"The world {world} is being written by another run", hint="try again in a moment")


async def give_back(store: Store, lease: Lease) -> None:
    """Let others write; a database that doesn't answer lets them when the lease runs out."""
    try:
        await store.release(lease)
    except Unavailable:
        # The lease runs out by itself; what matters, the commit's outcome, is known by its key.
        return


async def made_after_all(store: Store, lease: Lease, key: str) -> Commit | None:
    """The version whose commit got no answer, when it was made (S20). Whoever gets the world's lock, or learns that
    somebody else had it since, knows that the transaction has ended. None when it made nothing, or nobody answers.
    """
    for _ in range(_LOOKS):
        try:
            with suppress(LeaseLost):
                async with store.begin(lease):
                    pass
            return await store.commit_of(lease.world, key)
        except GraphtwinError:
            await asyncio.sleep(_LOOK_S)
    return None
