"""A person's own query keeps its time also while it is planned, and what could keep the database from planning isn't sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphtwin.errors import Refused
from graphtwin.store.neo4j import query
from graphtwin.store.neo4j.query import run_query


class Planning:
    """A database that plans for ever, and counts what it is to plan."""

    def __init__(self) -> None:
        self.asked = 0

    async def explain(self, _: str, __: object) -> None:
        self.asked += 1
        await asyncio.Event().wait()


async def run(database: Any, text: str) -> None:
    await run_query(database, text, {}, rows=1, seconds=0.01, admitted=set())


async def test_planning_that_takes_too_long_is_stopped_and_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(query, "_GRACE_S", 0.0)

    async with asyncio.timeout(20):
        with pytest.raises(Refused, match=r"longer than 0\.01 s"):
            await run(Planning(), "RETURN 1 AS x")


@pytest.mark.parametrize(
    "text",
    ["RETURN " + "(" * 51 + "1" + ")" * 51, "RETURN " + "[{a: " * 26 + "1" + "}]" * 26, "RETURN 1 AS x" + " " * 30_000],
)
async def test_a_text_that_no_person_writes_is_refused_before_it_is_planned(text: str):
    database = Planning()

    with pytest.raises(Refused, match="30,000 characters, or its brackets stand deeper than 50"):
        await run(database, text)

    assert database.asked == 0


async def test_brackets_in_texts_and_comments_stand_in_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(query, "_GRACE_S", 0.0)
    database, deep = Planning(), "(" * 1_000

    with pytest.raises(Refused, match="longer than"):
        await run(database, f"RETURN '{deep}' AS x, " + "(" * 50 + "1" + ")" * 50 + f" AS y // {deep}")

    assert database.asked == 1
