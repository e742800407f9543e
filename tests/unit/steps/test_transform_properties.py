"""transform: what holds for any messages in any order."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.methods.reading.strict_json import Unreadable, parse_json
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import ROSTER
from graphtwin.ports import Message, Reading
from graphtwin.steps.transform import transform

NOON = 1_769_860_800_000_000
CONFIG = TwinConfig.model_validate(
    {
        "world": {"id": "w"},
        "sources": {
            "plain": {"type": "file", "path": "a.jsonl", "roster": True},
            "mapped": {
                "type": "file",
                "path": "b.jsonl",
                "mapping": [
                    {"type": "=type", "id": "id", "variables": {"n": "n", "m": {"path": "m", "confidence": "c"}}},
                    {"type": "plain", "when": "more", "each": "more", "relations": {"feeds": "parent.id"}},
                ],
            },
        },
        "types": {"plain": {"variables": {"n": {}, "flag": {"datatype": "boolean"}}}},
        "relations": {"feeds": {}},
    }
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "a", "b", "plain", "@x"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=2)
TIMES = st.sampled_from(["2026-01-31T11:00:00Z", "2026-01-31T11:00:01Z", "2026-02-28T00:00:00Z", "soon", 7, None])
PAYLOADS = st.dictionaries(
    st.sampled_from(["id", "type", "n", "m", "c", "flag", "feeds", "more", "label", "aliases", "status", "@type"]),
    VALUES,
    max_size=6,
)
MESSAGES = st.lists(st.tuples(PAYLOADS, TIMES), max_size=8)


def message(payload, at, n):
    body = payload if at is None else {**payload, "ts": at}
    return Message(json.dumps(body).encode(), body, f"x:{n}", f"g0@{n}", n)


def told(source, messages, chance=None):
    if chance is not None:
        messages = [*messages, *chance.sample(messages, len(messages) // 3)]
        chance.shuffle(messages)
    return Reading(source, answered=True, read_at=NOON, messages=tuple(messages), complete=True, cursor={"reading": 1})


def content(out):
    return (
        {repr(fact) for fact in out.facts},
        {(event.id, event.timestamp, event.anchor) for event in out.events},
        {(one.id, one.reason) for one in out.quarantined},
        out.newest_event,
        out.suspicious_ids,
    )


@settings(max_examples=80, deadline=None)
@given(MESSAGES, st.sampled_from(["plain", "mapped"]), st.randoms(use_true_random=False))
def test_any_order_and_any_message_twice_give_the_same(payloads, source, chance):
    messages = [message(payload, at, n) for n, (payload, at) in enumerate(payloads)]

    straight = transform([told(source, messages)], CONFIG, run="r", now=NOON)
    shuffled = transform([told(source, list(messages), chance)], CONFIG, run="r", now=NOON)

    assert content(straight) == content(shuffled)


@settings(max_examples=80, deadline=None)
@given(MESSAGES, st.sampled_from(["plain", "mapped"]))
def test_every_message_ends_as_an_event_or_in_quarantine_and_facts_can_be_stored(payloads, source):
    messages = [message(payload, at, n) for n, (payload, at) in enumerate(payloads)]

    out = transform([told(source, messages)], CONFIG, run="r", now=NOON)

    taken = [event for event in out.events if event.event_type != "roster"]
    assert len(taken) + len(out.quarantined) + out.duplicates == len(messages)
    assert len({fact.id for fact in out.facts}) == len(out.facts)
    assert {fact.event for fact in out.facts} <= {event.id for event in out.events}
    assert {event.id for event in out.events} == {item.event for item in out.evidence}
    for fact in out.facts:
        json.dumps([fact.value, fact.confidence], allow_nan=False)
        assert 0 <= fact.prio < 2**60
        assert fact.name == ROSTER or not fact.name.startswith("@") or fact.name == "@type"
        assert 0 <= fact.confidence <= 1


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_are_refused_or_read_and_never_raise(raw):
    try:
        payload = parse_json(raw)
    except Unreadable:
        return
    messages = (Message(raw, payload, "x:1", "g0@0"),)

    for source in ("plain", "mapped"):
        out = transform([Reading(source, answered=True, read_at=NOON, messages=messages)], CONFIG, run="r", now=NOON)

        assert len(out.events) + len(out.quarantined) == 1


@pytest.mark.parametrize("seed", range(3))
def test_redelivery_by_a_later_run_gives_the_same_ids(seed):
    chance = random.Random(seed)
    messages = [message({"id": chance.choice("abc"), "n": n}, None, n) for n in range(30)]

    first = transform([told("plain", messages)], CONFIG, run="r1", now=NOON)
    later = transform([told("plain", messages, chance)], CONFIG, run="r2", now=NOON + 10**9)

    told_first, told_later = (
        {event.id for event in out.events if event.event_type != "roster"} for out in (first, later)
    )
    assert told_first == told_later
    assert {fact.id for fact in first.facts if fact.name != ROSTER} <= {fact.id for fact in later.facts}
