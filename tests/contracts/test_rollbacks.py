"""In memory: S31's promises hold in generated histories, whatever was said, decided, merged, planned or derived."""

from __future__ import annotations

import pytest
from contracts.rollbacks import acted, rolled_back
from hypothesis import given, settings
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32)
LENGTHS = st.integers(1, 30)
BETWEEN = st.sampled_from((0, 0, 1, 3))
"""Commits of others while a run acts."""


@given(SEEDS, LENGTHS, LENGTHS)
@settings(max_examples=15)
async def test_the_state_after_a_rollback_to_a_version_is_that_read_as_known_then_s31(
    seed: int, length: int, back: int
):
    await rolled_back(seed, length, back)


@given(SEEDS, LENGTHS, BETWEEN)
@settings(max_examples=15)
async def test_the_state_after_a_runs_rollback_is_that_without_what_it_decided_s31(
    seed: int, length: int, between: int
):
    await acted(seed, length, between)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(SEEDS, LENGTHS, LENGTHS)
@settings(max_examples=300)
async def test_rollbacks_to_versions_of_300_histories_keep_what_s31_promises(seed: int, length: int, back: int):
    await rolled_back(seed, length, back)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(SEEDS, LENGTHS, BETWEEN)
@settings(max_examples=300)
async def test_rollbacks_of_runs_in_300_histories_keep_what_s31_promises(seed: int, length: int, between: int):
    await acted(seed, length, between)
