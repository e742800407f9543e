"""A year that was really recorded, replayed in its own time: nine buildings' hourly loads, a day a sync."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e.real_world import real_store, real_world
from e2e.small_world import SmallWorld, details, memory

from graphtwin.model.instants import format_instant
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

DATA = Path(__file__).parents[3] / "shared" / "data" / "signals" / "citylearn_load" / "series.csv"
START = datetime(2017, 1, 1, tzinfo=UTC)
"""The recording counts hours; where it begins doesn't matter, only that it lies in the past."""
DAY = 24

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"recorded loads are not at {DATA}")

CAMPUS: dict[str, Any] = {
    "world": {"id": "campus", "clock": "events"},
    "sources": {
        "meters": {
            "type": "file", "path": "meters.csv", "trust": "hardware_sensor", "kind": "sensor", "timestamp": "time",
            "cadence": "1h",
            "mapping": {
                "type": "building", "id": "building",
                "variables": {"load": {"path": "to_number(load)", "unit": "kW.h"}},
            },
        },
    },
    "types": {"building": {"is_a": "asset", "variables": {"load": {"unit": "kW.h", "limit": {"max": 12}}}}},
    "constraints": {"forecast_horizon": "6h"},
}  # fmt: skip


@pytest.fixture(scope="module")
def loads() -> Mapping[int, Sequence[tuple[str, float]]]:
    """(building, load) by hour, of the first three weeks."""
    found: dict[int, list[tuple[str, float]]] = defaultdict(list)
    with DATA.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["ds"]) < 21 * DAY:
                found[int(row["ds"])].append((row["unique_id"], float(row["y"])))
    return found


def campus(folder: Path, world: SmallWorld | None = None) -> SmallWorld:
    """A world that lives at its newest event."""
    made = world or SmallWorld(folder, memory())
    identity = made.config["world"]["id"] if world else "campus"
    made.config = {**CAMPUS, "world": {**CAMPUS["world"], "id": identity}}
    made.write("meters.csv", "building,time,load\n")
    return made


def record(world: SmallWorld, loads: Mapping[int, Sequence[tuple[str, float]]], hours: range) -> str:
    """Append these hours; answers the newest time, as a report prints it."""
    for hour in hours:
        time = f"{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"
        world.say_raw("".join(f"{name},{time},{load}\n" for name, load in loads[hour]), to="meters.csv")
    return f"{START + timedelta(hours=hours[-1]):%Y-%m-%dT%H:%M:%SZ}"


async def test_a_replay_lives_in_the_recordings_own_time_and_says_so(tmp_path: Path, loads: Any):
    world = campus(tmp_path / "campus")
    newest = record(world, loads, range(DAY))
    await world.sync()
    newest = record(world, loads, range(DAY, 2 * DAY))

    outcome = await world.sync()

    assert format_instant((await world.head()).valid) == newest
    assert outcome.report.sync_timestamp.isoformat().startswith("2017-01-02T23:00")
    assert any("recorded data is replayed" in one for one in outcome.report.assumptions)


async def test_two_weeks_of_nine_buildings_give_sane_figures(tmp_path: Path, loads: Any):
    world = campus(tmp_path / "campus")
    outcomes = []
    for day in range(14):
        record(world, loads, range(day * DAY, (day + 1) * DAY))
        outcomes.append(await world.sync())

    state, last = await world.state(), details(outcomes[-1])
    newest = dict(loads[14 * DAY - 1])
    assert {one.id.rpartition("/")[2]: one.reported["load"].value for one in state.entities.values()} == newest
    assert {one.exit_code for one in outcomes} == {0}
    assert {one.report.confidence for one in outcomes} == {1}
    assert last["judged"] == len(newest) == 9
    assert all(0 <= one.report.risk_assessment.forecasted_risk <= 1 for one in outcomes)
    assert sum(one.report.drift_report.anomalies_detected for one in outcomes) < 9 * 14 / 2
    assert {one["variable"] for one in last["forecasts"]} == {"load"}
    assert await world.quarantined() == ()


async def test_day_by_day_or_all_at_once_is_one_state(tmp_path: Path, loads: Any):
    daily, at_once = campus(tmp_path / "daily"), campus(tmp_path / "at-once")
    for day in range(4):
        record(daily, loads, range(day * DAY, (day + 1) * DAY))
        await daily.sync()
    record(at_once, loads, range(4 * DAY))

    await at_once.sync()

    assert (await daily.head()).hash == (await at_once.head()).hash


async def test_a_day_that_comes_late_completes_the_past_and_leaves_the_present(tmp_path: Path, loads: Any):
    world = campus(tmp_path / "campus")
    record(world, loads, range(DAY - 2))
    await world.sync()
    record(world, loads, range(DAY, 2 * DAY))
    await world.sync()
    before = await world.head()
    record(world, loads, range(DAY - 2, DAY))

    await world.sync()

    history = await world.store.history(world.id, "building:local/Building_1", "load", limit=100)
    assert (await world.head()).hash == before.hash
    assert len(history) == 2 * DAY


async def test_what_comes_a_week_after_the_newest_event_is_set_aside(tmp_path: Path, loads: Any):
    world = campus(tmp_path / "campus")
    record(world, loads, range(DAY))
    await world.sync()
    record(world, loads, range(8 * DAY, 8 * DAY + 1))

    outcome = await world.sync()

    assert len(await world.quarantined()) == 9
    assert "after the newest event before it" in (await world.quarantined())[0].reason
    assert outcome.report.status.value == "failed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_the_same_replay_in_a_real_database_ends_with_the_same_hash(
    tmp_path: Path, loads: Any, store: Neo4jStore
):
    real = campus(tmp_path / "real", real_world(tmp_path / "real", store, "campus"))
    calm = campus(tmp_path / "calm")
    for day in range(3):
        for world in (real, calm):
            record(world, loads, range(day * DAY, (day + 1) * DAY))
            await world.sync()

    assert (await real.head()).hash == (await calm.head()).hash
    assert (await store.verify(real.id)).problems == ()
