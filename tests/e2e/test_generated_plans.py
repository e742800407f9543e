"""Whatever goes wrong at whichever act: outside is as before, and the hash is the checkpoint's (S31)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.generated_plans import generated, play
from e2e.real_world import real_store
from e2e.small_world import memory
from fakes.building_actuator import BuildingActuator, building

from graphtwin.store.server import ServerAddress


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms") as one:
        yield one


async def test_50_generated_plans_are_taken_back_whole_wherever_they_fail_s31(tmp_path: Path, bms: BuildingActuator):
    for one in generated(45, seed=31):
        await play(one, tmp_path, memory(), bms)


@pytest.mark.neo4j
async def test_5_of_them_are_taken_back_in_the_real_database_s31(
    tmp_path: Path, bms: BuildingActuator, neo4j_server: ServerAddress
):
    async with real_store(neo4j_server) as store:
        for one in generated(5, seed=32):
            await play(one, tmp_path, store, bms)


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_500_generated_plans_are_taken_back_in_the_real_database_s31(
    tmp_path: Path, bms: BuildingActuator, neo4j_server: ServerAddress
):
    async with real_store(neo4j_server) as store:
        for one in generated(500, seed=500):
            await play(one, tmp_path, store, bms)
