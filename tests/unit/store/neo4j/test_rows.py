"""Facts as rows, and back."""

from __future__ import annotations

from typing import Any

import pytest

from graphtwin.errors import UsageError
from graphtwin.model.fact import BEGIN, Fact, Key, claim
from graphtwin.store.neo4j.rows import fact_of, fact_row, key_of, key_text, stored_value, top_of_row

VALUES = (
    1, -0.5, 20.0, True, False, "", "é", "\ud800", 2**63 - 1, 2**63, -(2**70), None, [], [1, None, {"a": True}],
    {"b": [2.5]},
)  # fmt: skip


def returned(fact: Fact) -> list[Any]:
    """The row as fact/seek_below returns it: without the key."""
    row = fact_row("w", fact)
    return [row[0], *row[2:]]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_fact_comes_back_as_it_went_in(value: Any):
    fact = claim(record="bus:1", name="reading", value=value, valid_from=BEGIN, event="e", source="bus", unit="Cel")

    back = fact_of(returned(fact))

    assert back == fact
    assert type(back.value) is type(fact.value)


def test_what_differs_from_its_default_is_kept():
    fact = claim(
        record="bus:1", name="depends_on", object="bus:2", value=True, valid_from=5, observed_at=3, event="e",
        source="bus", evidence="s", run="r", confidence=0.5, layer="desired",
    )  # fmt: skip

    assert fact_of(returned(fact)) == fact


def test_a_row_of_a_seek_gets_its_key_from_who_asked():
    fact = claim(record="bus:1", name="reading", value=[1], valid_from=5, event="e", source="bus")
    row = fact_row("w", fact)
    seen = [row[1], row[0], *row[6:]]

    assert top_of_row(fact.key, seen) == fact


def test_a_key_is_its_text():
    key = Key("reported", "bus:a b/c", "depends_on", "x:1")

    assert key_of(key_text("w", key)) == key


def test_only_what_a_property_holds_exactly_is_stored_as_one():
    assert stored_value(1) == (1, None)
    assert stored_value(2**63) == (None, str(2**63))
    assert stored_value([1]) == (None, "[1]")
    assert stored_value("\ud800") == (None, '"\\ud800"')


@pytest.mark.parametrize("part", ["record", "name", "object"])
def test_a_name_that_would_read_as_another_key_is_refused(part: str):
    said = {"record": "bus:1", "name": "reading", "object": ""} | {part: "x\x1fy"}
    fact = claim(value=1, valid_from=5, event="e", source="bus", **said)

    with pytest.raises(UsageError, match="U\\+001F"):
        fact_row("w", fact)
