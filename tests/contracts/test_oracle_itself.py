"""The oracle itself: a store agrees with itself, and one that errs is found out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.oracle import Oracle
from contracts.scene import SteppingClock

from graphtwin.model.commit import Changes, Draft, Lease
from graphtwin.store.memory import MemoryStore
from graphtwin.store.memory.transaction import MemoryTransaction


class Forgetful(MemoryStore):
    """Loses every fact that comes late: the mistake of a store that keeps only what is newer than its present."""

    @asynccontextmanager
    async def begin(self, lease: Lease) -> AsyncIterator[MemoryTransaction]:
        async with super().begin(lease) as transaction:
            yield ForgetfulTransaction(transaction)  # type: ignore[misc]


class ForgetfulTransaction:
    def __init__(self, inner: MemoryTransaction) -> None:
        self._inner = inner

    async def write(self, draft: Draft) -> Changes:
        kept = tuple(fact for fact in draft.facts if not 0 < fact.valid_from < self._inner.head.valid)
        return await self._inner.write(Draft(now=draft.now, facts=kept, configuration=draft.configuration))

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


async def test_two_stores_in_memory_never_differ():
    oracle = Oracle(MemoryStore(SteppingClock()), MemoryStore(SteppingClock(5)), "twins", seed=1)

    findings = await oracle.run(120)

    assert findings.mismatches == []
    assert sum(findings.operations.values()) == 120
    assert len(findings.operations) >= 14
    assert findings.compared["state"] > 20


async def test_a_store_that_loses_late_facts_is_found_out():
    oracle = Oracle(MemoryStore(SteppingClock()), Forgetful(SteppingClock()), "twins", seed=2)

    findings = await oracle.run(120)

    assert findings.mismatches
