"""In memory: a hundred orders of arrival make one hash, and an undone merge leaves no trace at any instant."""

from __future__ import annotations

import pytest
from contracts.scene import SteppingClock
from contracts.shuffles import merged_and_unmerged, spoken, timeless, told

from graphtwin.store.memory import MemoryStore


async def test_100_shuffles_of_claims_with_a_tenth_twice_make_one_hash_s9():
    facts = spoken(5, 150)

    hashes = {await told(MemoryStore(SteppingClock()), facts, seed) for seed in range(100)}

    assert len(hashes) == 1


@pytest.mark.parametrize("seed", range(10))
async def test_merge_and_unmerge_are_identical_at_every_as_of_s13(seed: int):
    before, after, hashes = await merged_and_unmerged(MemoryStore(SteppingClock()), seed, 20)

    assert timeless(after) == timeless(before)
    assert hashes[0] == hashes[2] != hashes[1]
