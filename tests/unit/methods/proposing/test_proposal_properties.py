"""Whatever a source says at first: the proposed twin.yaml loads, and its own sample is read by it."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.methods.proposing.first_words import by_topic, proposed

HEADERS = st.one_of(
    st.sampled_from(
        ["id", "ID", "name", "type", "kind", "ts", "time", "date", "temp_c", "power [kW]", "humidity %", "Status", "status", "state",
         "unit", "value", "metric", "serial", "room_id", "parent", "feeds", "world", "extra", "labels", "aliases", "reading_at",
         "setpoint_desired", "flow_expected", "key", "parent", "count", "total", "Größe", "温度", "a.b", "a b", "GtX", "entity",
         "x_unit", "device", "created_at", "1st", "_", "temperature (°C)", "type_id", "mqtt", "seq"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10).map(str.strip).filter(bool),
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "1", "2", "21.5", "1,234.5", "1.234,5", "12,5", "n/a", "-", "NaN", "21.5 °C", "45%", "70 °F", "yes", "no", "true",
         "2026-01-01T00:00:00Z", "2026-01-02", "2027-05-01", "1767225600", "12:30", "007", "pump-1", "pump-2", "tank-1", "AHU-3A", "a", "b",
         "a'b", 'say "x"', "x\\", "on", "off", "1e400", "99999999999999999999", "kW", "°C", "ppm", " padded ", "\u202e", "é", "e\u0301"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(-5, 5).map(str),
)  # fmt: skip
TABLES = st.lists(HEADERS, min_size=1, max_size=6, unique=True).flatmap(
    lambda headers: st.lists(st.fixed_dictionaries(dict.fromkeys(headers, CELLS)), min_size=1, max_size=8)
)
SCALARS = st.one_of(
    CELLS, st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)
OBJECTS = st.dictionaries(
    HEADERS, st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(HEADERS, inner, max_size=3)), max_leaves=6),
    max_size=6,
)  # fmt: skip
LEVELS = st.sampled_from(
    ["pump-1", "pump-2", "tank-1", "temp-301", "info", "state", "temperature", "a", "'", "floor 3"]
)
TOPICS = st.lists(LEVELS, min_size=1, max_size=4).map("/".join)


def is_nothing_lost(found: Any) -> None:
    """What was refused was refused for what a person must mend: an id, a time, a contradiction."""
    reasons = [one.reason for one in found.out.quarantined]
    allowed = (
        "the id",
        "says both",
        "is both",
        "begins or ends",
        "ahead of",
        "the timestamp",
        "names no instant",
        "can't be kept",
    )
    assert [one for one in reasons if not any(word in one for word in allowed)] == []


@settings(max_examples=100)
@given(TABLES)
def test_a_table_is_read_by_what_is_proposed_for_it(rows: list[dict[str, str]]):
    is_nothing_lost(proposed(things=rows))


@settings(max_examples=80)
@given(st.lists(OBJECTS, min_size=1, max_size=6))
@example([{"type": None, "id": {"id": ""}}, {"0": {"id": 0}}])  # the second alone shows that members are things
def test_objects_are_read_by_what_is_proposed_for_them(payloads: list[dict[str, Any]]):
    is_nothing_lost(proposed(things=payloads))


@settings(max_examples=40)
@given(st.lists(st.tuples(TOPICS, st.one_of(SCALARS, OBJECTS)), min_size=1, max_size=8))
def test_topics_are_read_by_what_is_proposed_for_them(said: list[tuple[str, Any]]):
    is_nothing_lost(proposed(bus=[by_topic(topic, payload) for topic, payload in said]))


@settings(max_examples=40)
@given(TABLES, st.lists(OBJECTS, min_size=1, max_size=4))
def test_two_sources_are_read_beside_each_other(rows: list[dict[str, str]], payloads: list[dict[str, Any]]):
    is_nothing_lost(proposed(things=rows, others=payloads))
