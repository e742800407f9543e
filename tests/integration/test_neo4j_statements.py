"""Every Cypher file says what it does, plans on a real server, and the hot ones never scan, sort or buffer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from contracts.neo4j_opened import opened
from neo4j import AsyncDriver

from graphtwin.errors import IntegrityError
from graphtwin.store.neo4j.cypher_files import parse_statement, statements
from graphtwin.store.server import ServerAddress

HOT = (
    "audit/records_of_kinds", "entity/create_entities", "entity/draw_edges", "entity/ids", "entity/read_extras", "fact/create_facts",
    "fact/create_planned_facts", "fact/keys_changed", "fact/keys_of_names", "fact/keys_of_records", "fact/known_facts",
    "fact/links_into", "fact/merge_keys", "fact/merge_links", "fact/planned_facts", "fact/seek_below", "fact/seek_between",
    "fact/seek_samples", "fact/seek_tops", "fact/seek_winners", "fact/seek_winners_without",
    "identity/members", "identity/members_ever", "identity/save_records", "identity/siblings", "run/known_events", "run/runs_named",
    "world/commits_named", "world/create_commit", "world/lock_world",
)  # fmt: skip
"""Statements that a commit or a read by entity runs."""

WORLDLESS = (
    "audit/worlds_of_key",
    "fact/keys_page",
    "fact/seek_below",
    "fact/seek_between",
    "fact/seek_samples",
    "fact/seek_tops",
    "fact/seek_winners",
    "fact/seek_winners_without",
    "identity/ever_given",
    "identity/first_given",
    "run/save_runs",
    "world/heads",
    "world/undescribed",
)
"""Their keys begin with the world id, or they are about all worlds."""

SLOW = ("AllNodesScan", "NodeByLabelScan", "NodeIndexScan", "Eager", "Sort", "PartialSort", "Top", "PartialTop")


@pytest.fixture
async def plans(neo4j_server: ServerAddress, neo4j_driver: AsyncDriver) -> dict[str, tuple[str, list[str]]]:
    """(query type, operators) of every statement that isn't schema."""
    async with opened(neo4j_server):
        pass
    found = {}
    for name, statement in statements().items():
        if statement.mode != "schema":
            params = {param: [] if param == "rows" else None for param in statement.params}
            _, summary, _ = await neo4j_driver.execute_query("EXPLAIN " + statement.text, params)
            found[name] = (summary.query_type, list(operators(summary.plan)))
    return found


def operators(plan: Mapping[str, Any] | None) -> Iterator[str]:
    if plan:
        yield plan["operatorType"].partition("@")[0]
        for child in plan.get("children", ()):
            yield from operators(child)


@pytest.mark.neo4j
async def test_every_statement_plans_and_does_what_its_mode_says(plans: dict[str, tuple[str, list[str]]]):
    reads = {name for name, (kind, _) in plans.items() if kind in ("r", "s")}

    declared = {name for name, statement in statements().items() if statement.mode == "read"}

    assert reads == declared


@pytest.mark.neo4j
@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_seeks_and_never_scans_sorts_or_buffers(
    plans: dict[str, tuple[str, list[str]]], name: str
):
    _, found = plans[name]

    assert [operator for operator in found if operator in SLOW] == []


def test_every_statement_names_its_world():
    without = {
        name
        for name, statement in statements().items()
        if statement.mode != "schema" and "world" not in statement.params
    }

    assert without == {*WORLDLESS, "schema/names"}


def test_no_statement_formats_a_label_or_a_type():
    texts = {name: statement.text for name, statement in statements().items()}

    assert [name for name, text in texts.items() if "`" in text] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("// purpose: x\n// mode: read\n// params: a\n// returns: -\nRETURN $b", "declares"),
        ("// purpose: x\n// mode: read\n// params: a, b\n// returns: -\nRETURN $b", "declares"),
        ("// purpose: x\n// mode: read\n// returns: -\nRETURN 1", "lacks params"),
        ("// purpose: x\n// mode: guess\n// params: -\n// returns: -\nRETURN 1", "mode"),
        ("// purpose: x\n// mode: read\n// params: -\n// returns: -\nRETURN 1;\nRETURN 2", "more than one"),
        ("// purpose: x\n// mode: read\n// params: -\n// returns: -\n", "lacks its statement"),
    ],
)
def test_a_header_that_lies_is_refused_when_it_is_loaded(text: str, says: str):
    with pytest.raises(IntegrityError, match=says):
        parse_statement("room/name", text)
