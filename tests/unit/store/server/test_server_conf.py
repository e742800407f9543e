"""The conf: closed by default, and sized to the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.settings import Neo4jSettings
from graphtwin.store.server.conf import conf, write_conf
from graphtwin.store.server.home import ServerHome, ServerState
from graphtwin.store.server.memory import MemoryPlan, machine_memory_mb, plan_memory

STATE = ServerState(17687, 17474, "2026.09.0")


def test_every_listener_is_on_the_loopback_and_authority_is_asked_for(tmp_path: Path):
    written = conf(ServerHome(tmp_path), STATE, MemoryPlan(1024, 256), Neo4jSettings())

    listeners = {name: value for name, value in written.items() if name.endswith("listen_address")}
    assert all(value.startswith("127.0.0.1") for value in listeners.values())
    assert written["dbms.security.auth_enabled"] == "true"
    assert written["dbms.usage_report.enabled"] == "false"


def test_the_conf_is_written_for_its_owner_and_ends_with_a_line(tmp_path: Path):
    home = ServerHome.of(tmp_path)
    home.create()

    write_conf(home, STATE, MemoryPlan(1024, 256), Neo4jSettings(transaction_timeout_s=30))

    text = (home.conf / "neo4j.conf").read_text()
    assert "db.transaction.timeout=30s\n" in text
    assert (home.conf / "neo4j.conf").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("machine", "heap", "page_cache"), [(1_000, 512, 128), (8_192, 2_048, 1_024), (500_000, 8_192, 8_192)]
)
def test_memory_follows_the_machine_within_bounds(machine: int, heap: int, page_cache: int):
    assert plan_memory(Neo4jSettings(), machine) == MemoryPlan(heap, page_cache)


def test_memory_that_the_settings_name_wins():
    plan = plan_memory(Neo4jSettings(heap_mb=700, page_cache_mb=90), 100_000)

    assert plan == MemoryPlan(700, 90)
    assert plan.transaction < plan.all_transactions < plan.heap


def test_a_containers_limit_counts_when_it_is_less_than_the_machine(tmp_path: Path):
    limit = tmp_path / "memory.max"
    limit.write_text(f"{300 * 2**20}\n")

    assert machine_memory_mb(limit) == 300


@pytest.mark.parametrize("text", ["max\n", ""])
def test_a_container_without_limit_has_the_machines_memory(tmp_path: Path, text: str):
    limit = tmp_path / "memory.max"
    limit.write_text(text)

    assert machine_memory_mb(limit) == machine_memory_mb(tmp_path / "missing")
