"""Whole syncs in a real Neo4j: the same hash as in memory, and rules that may not do what they try."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e.real_world import environment, real_store, real_world
from e2e.small_world import SmallWorld, details, memory, reading

from graphtwin.errors import RuleRefused, TooSoon
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.state import At
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(600)]

LATER = "2026-01-01T00:01:00Z"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@pytest.fixture
def real(store: Neo4jStore, tmp_path: Path) -> SmallWorld:
    """A world of its own."""
    return real_world(tmp_path / "real", store)


async def in_memory(real: SmallWorld) -> str:
    """The hash that a sync of the same files in memory ends with."""
    calm = SmallWorld(real.folder.parent / "calm", memory(), real.config)
    for name in ("readings.jsonl", "book.csv"):
        calm.write(name, (real.folder / name).read_bytes())
    await calm.sync()
    return (await calm.head()).hash


async def test_a_bad_day_ends_with_the_same_state_as_in_memory(real: SmallWorld):
    await real.sync()
    real.say(reading("t1", 25, LATER), reading("t2", "warm", LATER), reading("t3", 3, LATER, feeds=["t1", "t9"]))
    real.say_raw('{"id": "t1", "reading": NaN}\n{not json}\n')
    real.say_raw(f"t3,sensor,S-3,{LATER}\nt4,sensor\n", to="book.csv")
    outcome = await real.sync()
    real.say(reading("t1", 22, "2026-01-01T00:00:30Z"), reading("t1", 25, LATER))
    await real.sync()

    checked = await real.store.verify(real.id)

    assert checked.problems == ()
    assert (await real.head()).hash == await in_memory(real)
    assert len(await real.quarantined()) == 4
    assert 0 < outcome.report.confidence < 1


async def test_the_snapshot_before_is_kept(real: SmallWorld):
    await real.sync()
    before = await real.head()
    real.say(reading("t1", 25, LATER), reading("t0", 1))
    await real.sync()

    kept = await real.store.state(real.id, At(before.valid, before.seq))

    assert state_hash(kept) == before.hash != (await real.head()).hash


async def test_two_syncs_at_once_both_end_well_and_facts_are_there_once(real: SmallWorld):
    await real.sync()
    real.say(*(reading(f"t{number}", number, LATER) for number in range(20)))

    both = await asyncio.gather(real.sync(), real.sync())

    history = await real.store.history(real.id, "sensor:local/t1", "reading")
    assert [one.exit_code for one in both] == [0, 0]
    assert [fact.value for fact in history] == [1, 20]
    assert (await real.head()).hash == await in_memory(real)


async def test_a_rule_derives_and_finds(real: SmallWorld):
    real.config["rules"] = [{
        "id": "hot", "writes": ["mode"], "severity": "high",
        "cypher": "MATCH (s:Sensor {world: $world}) WHERE s.reading > 30 RETURN s.id AS subject, {mode: 'alarm'} AS set, "
        "{message: 'too hot'} AS finding, [[s.id, 'reading']] AS premises ORDER BY subject",
    }]  # fmt: skip
    await real.sync()
    real.say(reading("t1", 40, LATER))

    outcome = await real.sync()
    alarmed = await real.value("t1", "mode")
    real.say(reading("t1", 20, "2026-01-01T00:02:00Z"))
    calm = await real.sync()

    assert alarmed == "alarm"
    assert [one["name"] for one in details(outcome)["findings"]] == ["hot"]
    assert await real.value("t1", "mode") is None
    assert details(calm)["findings"] == []


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (s:Sensor {world: $world}) SET s.reading = 0 RETURN s.id AS subject",
        "MATCH (s:Sensor {world: $world}) DETACH DELETE s RETURN 1 AS subject",
        "CREATE (s:Sensor {world: $world}) RETURN s.id AS subject",
        "MATCH (s:Sensor {world: $world}) CALL db.labels() YIELD label RETURN s.id AS subject",
        "CALL dbms.listConfig() YIELD name WITH name WHERE $world <> '' RETURN name AS subject",
        "LOAD CSV FROM 'file:///etc/passwd' AS line WITH line WHERE $world <> '' RETURN line[0] AS subject",
        "LOAD CSV FROM 'http://127.0.0.1:1/x' AS line WITH line WHERE $world <> '' RETURN line[0] AS subject",
        "MATCH (s:Sensor {world: $world}) CALL (s) { CREATE (t:Sensor) RETURN t } RETURN s.id AS subject",
        "MATCH (s:Sensor) RETURN s.id AS subject",
        "MATCH (s:Sensor {world: $world} RETURN s.id AS subject",
    ],
    ids=[
        "set",
        "delete",
        "create",
        "call",
        "call-dbms",
        "load-csv-file",
        "load-csv-http",
        "subquery",
        "no-world",
        "syntax",
    ],
)
async def test_a_rule_that_does_what_it_may_not_is_refused_before_there_is_a_world(real: SmallWorld, cypher: str):
    real.config["rules"] = [{"id": "bad", "cypher": cypher}]

    with pytest.raises(RuleRefused, match="bad") as refused:
        await real.sync()

    assert refused.value.exit_code == 2
    assert refused.value.hint
    assert real.id not in {head.world for head in await real.store.worlds()}


# --- as a user types it --------------------------------------------------------------------------------------------


@pytest.fixture
def typed(neo4j_server: ServerAddress, neo4j_settings: Settings, tmp_path: Path) -> Any:
    """Runs a command line as a program of its own."""

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "graphtwin", *words], capture_output=True, text=True, timeout=240, check=False,
            env={**environment(neo4j_settings, tmp_path / "config"), **more},
        )  # fmt: skip

    return run


async def test_a_sync_typed_prints_the_contract_and_a_stop_says_what_to_do(real: SmallWorld, typed: Any):
    first = typed("sync", str(real.twin), "-o", "json")
    real.say(*(reading(f"t{number}", "warm") for number in range(5)))

    stopped = typed("sync", str(real.twin))

    assert json.loads(first.stdout)["status"] == "synced", first.stderr
    assert stopped.returncode == 5
    assert "confidence of transform" in stopped.stdout + stopped.stderr


def test_a_database_that_is_down_is_told_at_once_with_exit_8(real: SmallWorld, typed: Any):
    down = typed("sync", str(real.twin), GRAPHTWIN_NEO4J__URI="bolt://127.0.0.1:9", GRAPHTWIN_NEO4J__PASSWORD="x")  # noqa: S106 - of nothing

    assert down.returncode == 8
    assert "127.0.0.1:9" in down.stderr
    assert "Traceback" not in down.stderr


def test_a_mistake_in_twin_yaml_is_told_with_file_line_and_hint_and_exit_2(real: SmallWorld, typed: Any):
    broken = real.write("broken.yaml", "world:\n  id: plant\nsources:\n  bus:\n    typ: file\n    path: x.jsonl\n")

    told = typed("sync", str(broken))

    assert told.returncode == 2
    assert "broken.yaml:5" in told.stderr
    assert "Traceback" not in told.stderr


def test_too_soon_is_exit_5_with_the_time_to_retry(real: SmallWorld, typed: Any):
    real.config["constraints"]["min_sync_interval"] = "1h"
    assert typed("sync", str(real.twin)).returncode == 0

    soon = typed("sync", str(real.twin))

    assert soon.returncode == TooSoon.exit_code
    assert "try again in 59m" in soon.stderr
