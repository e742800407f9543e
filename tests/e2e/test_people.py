"""What persons decide, typed as a user types it, in the real database: signed, explained, undone, and verified at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e.real_world import environment, real_store, real_world
from e2e.small_world import SmallWorld, reading

from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]

LATER = "2026-01-01T00:01:00Z"
SENSOR = "sensor:local/t1"

Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@pytest.fixture
def real(store: Neo4jStore, tmp_path: Path) -> SmallWorld:
    """A world of its own, with a rule that finds what is hot."""
    world = real_world(tmp_path / "real", store)
    world.config["rules"] = [{
        "id": "hot", "writes": ["mode"], "severity": "high",
        "cypher": "MATCH (s:Sensor {world: $world}) WHERE s.reading > 30 RETURN s.id AS subject, {mode: 'alarm'} AS set, "
        "[[s.id, 'reading']] AS premises ORDER BY subject",
    }]  # fmt: skip
    return world


@pytest.fixture
def typed(neo4j_settings: Settings, tmp_path: Path) -> Typed:
    """Runs a command line as a program of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "graphtwin", *words], capture_output=True, text=True, timeout=240, check=False,
            env=environment(neo4j_settings, tmp_path / "config"), cwd=tmp_path,
        )  # fmt: skip

    return run


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_a_value_is_overridden_and_set_free_and_the_rules_follow(real: SmallWorld, typed: Typed, tmp_path: Path):
    assert typed("sync", str(real.twin)).returncode == 0
    assert typed("user", "add", real.id, "alice", "--role", "approver").returncode == 0
    calm = (await real.head()).hash
    (tmp_path / "photo.txt").write_bytes(b"\x89 41 degrees")

    decided = answer(
        typed(
            "claim", "override", real.id, "t1.reading", "41", "--evidence", "photo.txt", "--as", "alice", "-o", "json"
        )
    )
    mode, why = await real.value("t1", "mode"), answer(typed("why", real.id, "t1.reading", "-o", "json"))
    freed = answer(typed("claim", "withdraw", real.id, "t1.reading", "--as", "alice", "-o", "json"))

    (winner,) = [one for one in why["claims"] if one["wins"]]
    assert {one["name"] for one in decided["changes"] if one["what"] == "value"} == {"reading", "mode"}
    assert mode == "alarm"
    assert (winner["decision"]["principal"], winner["evidence"]["bytes"]) == ("alice", 12)
    assert freed["version"] == "v3"
    assert await real.value("t1", "mode") is None
    assert (await real.head()).hash == calm


async def test_a_correction_and_a_merge_hold_through_later_syncs_and_all_is_verified(real: SmallWorld, typed: Typed):
    real.config["constraints"]["min_confidence"] = 0.1  # two readings of one thing dispute each other
    real.say(reading("t7", 5), *(reading(f"o{number}", number) for number in range(4)))
    assert typed("sync", str(real.twin)).returncode == 0
    assert typed("user", "add", real.id, "alice", "--role", "operator").returncode == 0
    as_alice = ("--as", "alice", "-o", "json")

    answer(typed("claim", "correct", real.id, "t1.reading", "22", "--evidence", "https://desk.example/1", *as_alice))
    merged = answer(typed("identity", "merge", real.id, "t1", "t7", "--reason", "one plate", *as_alice))
    real.say(reading("t7", 6, LATER), reading("t1", 20), *(reading(f"o{number}", 1, LATER) for number in range(4)))
    assert typed("sync", str(real.twin)).returncode == 0
    together = (await real.state()).entities
    undone = answer(typed("identity", "undo", real.id, str(merged["decision"]), *as_alice))
    listed = answer(typed("identity", "list", real.id, "-o", "json"))
    state = answer(typed("snapshot", real.id, "-o", "json"))["state"]

    assert "sensor:local/t7" not in together
    assert together[SENSOR].records == ("book:t1", "readings:t1", "readings:t7")
    assert (await real.value("t1"), await real.value("t7")) == (22, 6)
    assert [one["undone_by"] for one in listed] == [undone["decision"], None]
    assert [(one["actor"], one["changes"][0].split()[0]) for one in state["actions"]] == [
        ("alice", "correct"),
        ("alice", "merge"),
        ("alice", "undo"),
    ]
    assert answer(typed("verify", real.id, "-o", "json"))["problems"] == []
    assert answer(typed("audit", "verify", real.id, "-o", "json"))["intact"]


async def test_who_may_not_is_refused_and_nothing_is_written(real: SmallWorld, typed: Typed):
    assert typed("sync", str(real.twin)).returncode == 0
    assert typed("user", "add", real.id, "ada", "--role", "admin").returncode == 0
    assert typed("user", "add", real.id, "vera", "--role", "viewer", "--as", "ada").returncode == 0
    before = await real.head()

    refusals = [
        typed("claim", "withdraw", real.id, "t1.reading", "--as", "vera"),
        typed("user", "add", real.id, "mallory", "--role", "admin", "--as", "vera"),
        typed("identity", "split", real.id, "t1", "--records", "book:t1", "--as", "nobody"),
        typed("claim", "correct", real.id, "t1.reading", "warm", "--evidence", "https://x.example/1", "--as", "ada"),
    ]

    after = await real.head()
    assert [one.returncode for one in refusals] == [5, 5, 3, 2]
    assert all("Traceback" not in one.stderr for one in refusals)
    assert (after.seq, after.audit_n) == (before.seq, before.audit_n)
