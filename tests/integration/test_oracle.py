"""The store in Neo4j under random operations, against the store in memory."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from contracts.neo4j_opened import opened
from contracts.oracle import Findings, Oracle
from contracts.scene import SteppingClock
from contracts.shuffles import merged_and_unmerged, spoken, timeless, told

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


@pytest.mark.neo4j
async def test_shuffles_of_claims_with_a_tenth_twice_make_one_hash_s9(neo4j_server: ServerAddress):
    facts = spoken(6, 80)

    async with opened(neo4j_server) as store:
        hashes = {await told(store, facts, seed) for seed in range(8)}

    assert hashes == {await told(MemoryStore(SteppingClock()), facts, 99)}


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_100_shuffles_of_claims_with_a_tenth_twice_make_one_hash_s9(neo4j_server: ServerAddress):
    facts = spoken(7, 400)

    async with opened(neo4j_server) as store:
        hashes = {await told(store, facts, seed) for seed in range(100)}

    assert hashes == {await told(MemoryStore(SteppingClock()), facts, 999)}


@pytest.mark.neo4j
@pytest.mark.parametrize("seed", range(3))
async def test_merge_and_unmerge_are_identical_at_every_as_of_s13(neo4j_server: ServerAddress, seed: int):
    async with opened(neo4j_server) as store:
        before, after, hashes = await merged_and_unmerged(store, seed, 10)

    assert timeless(after) == timeless(before)
    assert hashes[0] == hashes[2] != hashes[1]
