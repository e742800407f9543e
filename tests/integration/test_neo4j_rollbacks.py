"""In Neo4j: what a rollback promises (S31) holds in generated histories, and as in memory."""

from __future__ import annotations

import pytest
from contracts.neo4j_opened import opened
from contracts.rollbacks import acted, rolled_back
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphtwin.store.server import ServerAddress

FEW = settings(max_examples=4, suppress_health_check=list(HealthCheck))
FIFTY = settings(max_examples=50, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32)
BETWEEN = st.sampled_from((0, 0, 1, 3))


@pytest.mark.neo4j
@pytest.mark.timeout(600)
@given(seed=SEEDS, length=st.integers(3, 12), back=st.integers(1, 12))
@FEW
async def test_the_state_after_a_rollback_to_a_version_is_that_read_as_known_then_s31(
    neo4j_server: ServerAddress, seed: int, length: int, back: int
):
    async with opened(neo4j_server) as store:
        await rolled_back(seed, length, back, store)


@pytest.mark.neo4j
@pytest.mark.timeout(600)
@given(seed=SEEDS, length=st.integers(3, 12), between=BETWEEN)
@FEW
async def test_the_state_after_a_runs_rollback_is_that_without_what_it_decided_s31(
    neo4j_server: ServerAddress, seed: int, length: int, between: int
):
    async with opened(neo4j_server) as store:
        await acted(seed, length, between, store)


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(seed=SEEDS, length=st.integers(10, 40), back=st.integers(1, 40))
@FIFTY
async def test_rollback_to_in_50_generated_histories_keeps_what_s31_promises(
    neo4j_server: ServerAddress, seed: int, length: int, back: int
):
    async with opened(neo4j_server) as store:
        await rolled_back(seed, length, back, store)


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(seed=SEEDS, length=st.integers(10, 40), between=BETWEEN)
@FIFTY
async def test_rollback_of_a_run_in_50_generated_histories_keeps_what_s31_promises(
    neo4j_server: ServerAddress, seed: int, length: int, between: int
):
    async with opened(neo4j_server) as store:
        await acted(seed, length, between, store)
