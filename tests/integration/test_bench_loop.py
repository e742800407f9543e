"""The loop's benchmark measures what it names; how fast it is is nobody's business here."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.app.bench import bench
from graphtwin.app.bench_loop import measure_loop
from graphtwin.errors import UsageError
from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress

GATED = {"commit_per_raw": (0.12, 0.25, "higher"), "sync_per_commit": (4.0, 2.0, "lower")}
STEPS = {
    "receive", "search", "transform", "integrate", "identity_resolution", "world_state", "diff_world_state",
    "state_transition", "detect_anomaly", "estimate_risk", "forecast_risk", "plan", "constrain", "audit", "summarize",
    "between",
}  # fmt: skip


@pytest.mark.neo4j
async def test_the_loop_is_measured_with_floors_goals_and_the_share_of_each_step(
    neo4j_server: ServerAddress, tmp_path: Path
) -> None:
    figures = await measure_loop(neo4j_server, tmp_path, sensors=12, warm_up=1, rounds=2)

    found = {name: (figures[name].floor, figures[name].goal, figures[name].better) for name in GATED}
    assert found == GATED
    assert figures["commit_per_raw"].reference.startswith("120 claims of 60 events")
    assert "median of 2" in figures["sync_per_commit"].reference
    shares = {name.removeprefix("share_"): one.value for name, one in figures.items() if name.startswith("share_")}
    assert shares.keys() >= STEPS
    assert all(0 <= share <= 1 for share in shares.values())
    assert all(one.value > 0 for name, one in figures.items() if not name.startswith("share_"))


async def test_a_benchmark_that_there_isnt_is_refused_before_anything_starts(neo4j_settings: Settings) -> None:
    with pytest.raises(UsageError, match="no benchmark 'loops'"):
        await bench(neo4j_settings, "loops")
