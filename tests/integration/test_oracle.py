"""The store in Neo4j under random operations, against the store in memory."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from contracts.neo4j_opened import opened
from contracts.oracle import Findings, Oracle
from contracts.scene import SteppingClock

from graphtwin.store.memory import MemoryStore
from graphtwin.store.server import ServerAddress


async def compare(server: ServerAddress, *, seed: int, operations: int, probe_every: int) -> Findings:
    async with opened(server) as tested:
        world = f"oracle-{seed}-{uuid4().hex[:8]}"
        oracle = Oracle(MemoryStore(SteppingClock()), tested, world, seed, probe_every)
        findings = await oracle.run(operations)
    print(json.dumps({"seed": seed, "operations": findings.operations, "compared": findings.compared}))  # noqa: T201 - the figures of a proof
    return findings


@pytest.mark.neo4j
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "operations"), [(11, 150), (12, 150)])
async def test_300_random_operations_leave_both_stores_equal_at_every_instant(
    neo4j_server: ServerAddress, seed: int, operations: int
):
    findings = await compare(neo4j_server, seed=seed, operations=operations, probe_every=4)

    assert findings.mismatches == []
    assert sum(findings.operations.values()) == operations
    assert findings.compared["neighbourhood"] > operations / 8


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [101, 102, 103, 104, 105])
async def test_1000_random_operations_leave_both_stores_equal_at_every_instant(neo4j_server: ServerAddress, seed: int):
    findings = await compare(neo4j_server, seed=seed, operations=200, probe_every=2)

    assert findings.mismatches == []
    assert sum(findings.operations.values()) == 200
