"""The analyst's queries about who said, decided and did what answer as the store does, and look as reference/cypher.md shows."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from analyst_world import WORLD, Floor, floor

from graphtwin.app.query import analyst_queries
from graphtwin.methods.judging.silence import find_silence
from graphtwin.methods.state.policy import Policy
from graphtwin.model.instants import parse_instant
from graphtwin.store.server import ServerAddress

GOLDEN = Path(__file__).parents[1] / "golden" / "analyst"
REWRITE = "GRAPHTWIN_REWRITE_GOLDEN" in os.environ

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
async def told(neo4j_server: ServerAddress) -> AsyncIterator[Floor]:
    async with floor(neo4j_server) as found:
        yield found


@pytest.mark.parametrize("name", analyst_queries())
async def test_the_page_shows_what_a_query_answers(told: Floor, name: str):
    query = analyst_queries()[name]
    examples = {one.name: one.value for one in query.parameters if one.needed and one.name != "world"}

    answered = await told.answer(name, **examples)

    shown = {"columns": list(answered.columns), "rows": [list(row) for row in answered.rows]}
    file = GOLDEN / f"{name}.json"
    if REWRITE:
        file.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(file.read_text("utf-8")) == json.loads(json.dumps(shown))
    assert ", ".join(answered.columns) == query.returns


async def test_silent_sources_are_those_that_are_found_silent(told: Floor):
    rows = await told.ask("silent_sources")

    head = await told.store.head(WORLD)
    heard = await told.store.last_heard(WORLD)
    silences, _ = find_silence(await told.store.state(WORLD), heard, Policy(told.config))
    assert {r["source"] for r in rows if r["silent"]} == {one.source for one in silences}
    assert {r["source"]: parse_instant(r["last_spoke"]) for r in rows} == {one: heard[one] for one in ("bus", "bms")}
    assert head.valid == heard["bms"]


async def test_quarantine_counts_what_was_not_taken(told: Floor):
    rows = await told.ask("quarantine")

    kept = await told.store.quarantined(WORLD)
    assert {(r["source"], r["reason"]): r["messages"] for r in rows} == Counter(
        (one.source, one.reason) for one in kept
    )
    assert sum(r["bytes"] for r in rows) == sum(one.size for one in kept)
    assert rows[0]["place"] == kept[0].place


async def test_plans_are_told_with_who_approved_and_what_went_out(told: Floor):
    rows = await told.ask("plans")

    plans = await told.store.plans(WORLD)
    assert [(r["plan"], r["status"], r["risk"]) for r in rows] == [(one.id, one.status, one.risk) for one in plans]
    for row in rows:
        assert row["approved_by"] == [one.principal for one in await told.store.approvals(WORLD, row["plan"])]
        acts = await told.store.acts(WORLD, plan=row["plan"])
        assert [one.rpartition(": ")[2] for one in row["acts"]] == [act.outcome for act in acts]
    assert [r["plan"] for r in await told.ask("plans", status="executed")] == [plans[1].id]


async def test_who_decided_what_is_the_audit_chain(told: Floor):
    rows = await told.ask("who_decided")

    records = sorted(await told.store.audit(WORLD), key=lambda one: -one.n)
    assert [(r["n"], r["kind"], r["by"]) for r in rows] == [(one.n, one.kind, one.body["principal"]) for one in records]
    assert [json.loads(r["said"]) for r in rows] == [one.body for one in records]
    assert {r["about"] for r in await told.ask("who_decided", by="ann")} == {"sensor:local/t-1", "sensor:local/t-2"}
    assert [r["kind"] for r in await told.ask("who_decided", kinds=["approval"])] == ["approval"]


async def test_rollbacks_are_told_with_the_plan_that_was_taken_back(told: Floor):
    [row] = await told.ask("rollbacks")

    [record] = await told.store.audit_of(WORLD, ["rollback", "restore"])
    [plan] = await told.store.plans(WORLD, statuses=("rolled_back",))
    assert (row["n"], row["restore_point"], row["reason"]) == (record.n, plan.restore_point, record.body["reason"])
    assert (row["plan"], row["status"]) == (plan.id, "rolled_back")


async def test_runs_are_counted_by_how_they_ended(told: Floor):
    rows = await told.ask("runs_by_status")

    runs = await told.store.runs(WORLD, limit=100)
    assert {r["status"]: r["runs"] for r in rows} == Counter(run.status for run in runs)
    assert {r["newest_run"] for r in rows} <= {run.id for run in runs}
    assert [r["runs"] for r in await told.ask("runs_by_status", since="2026-03-02T09:30:00Z")] == [1]
