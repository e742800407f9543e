"""transform: messages to events and facts, and what can't be taken set aside."""

import hashlib
import json

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, ROSTER, TYPE
from graphtwin.ports import Malformed, Message, Reading
from graphtwin.steps.transform import UNSTAMPED_CONFIDENCE, transform

NOON = 1_769_860_800_000_000
SECOND = 1_000_000
HOUR = 3600 * SECOND
PUMP = {
    "type": "pump",
    "label": "label",
    "variables": {"flow": {"path": "flow", "unit": "=unit"}, "on": "on", "count": "count", "note": "note"},
    "relations": {"feeds": "feeds", "located_in": "room"},
}
TYPES = {
    "asset_like": {"variables": {"note": {"datatype": "string"}}},
    "pump": {
        "is_a": "asset_like",
        "variables": {
            "flow": {"unit": "L/s"},
            "on": {"datatype": "boolean"},
            "count": {"datatype": "integer"},
        },
    },
    "s": {"variables": {"n": {"datatype": "integer"}}},
}


def twin(mapping=PUMP, world=(), constraints=None, **source):
    path = source.pop("path", "s.jsonl")
    return TwinConfig.model_validate(
        {
            "world": {"id": "w", **dict(world)},
            "sources": {
                "s": {"type": "file", "path": path, "mapping": mapping or (), **source},
                "other": {"type": "command", "command": ["true"]},
            },
            "types": TYPES,
            "relations": {"feeds": {"attributes": {"share": {}}}, "located_in": {"functional": True}},
            "constraints": constraints,
        }
    )


def message(payload, n=0, position=None):
    raw = json.dumps(payload).encode()
    return Message(raw, payload, f"s.jsonl:{n + 1}", f"g0@{n}", position)


def reading(*payloads, **fields):
    messages = tuple(message(payload, n) for n, payload in enumerate(payloads))
    return Reading("s", **{"answered": True, "read_at": NOON, "messages": messages, **fields})


def run(*readings, config=None, now=NOON):
    return transform(readings, config or twin(), run="r1", now=now)


def stated(**fields):
    return {"ts": "2026-01-31T11:59:00Z", "id": "p1", **fields}


def facts(out):
    return {(fact.record, fact.name, fact.object): fact for fact in out.facts}


def test_a_message_becomes_an_event_with_its_facts_and_its_raw_bytes():
    out = run(reading(stated(flow=2, unit="L/s", on=True, label="Pump 1", feeds=["p2", "other:p3"], room="r1")))

    found = facts(out)
    assert found["s:p1", TYPE, ""].value == "pump"
    assert found["s:p1", TYPE, ""].valid_from == BEGIN
    assert found["s:p1", "flow", ""].value == 2.0
    assert found["s:p1", "flow", ""].unit == "L/s"
    assert found["s:p1", "flow", ""].valid_from == NOON - 60 * SECOND
    assert found["s:p1", "labels", ""].value == ["Pump 1"]
    assert found["s:p1", "feeds", "s:p2"].value is True
    assert found["s:p1", "feeds", "other:p3"].value is True
    assert found["s:p1", "located_in", ""].value == "s:r1"
    assert {fact.kind for fact in out.facts} == {"observation"}
    assert {fact.confidence for fact in out.facts} == {1.0}
    [event], [evidence] = out.events, out.evidence
    assert {fact.event for fact in out.facts} == {event.id} == {evidence.event}
    assert event.anchor == evidence.anchor == "file:s.jsonl:1"
    assert event.canonical["entities"][0]["variables"] == {"flow": 2.0, "on": True}
    assert json.loads(evidence.raw)["flow"] == 2


def test_a_known_unit_is_converted_to_the_declared_one():
    out = run(reading(stated(flow=120, unit="L/min")))

    flow = facts(out)["s:p1", "flow", ""]
    assert (flow.value, flow.unit) == (2.0, "L/s")


REFUSED = {
    "a wrong type": (stated(flow="fast"), "flow: a string (fast) where number is declared"),
    "an inherited wrong type": (stated(note=5), "note: a number (5) where string is declared"),
    "a number that isn't finite": (stated(flow=float("nan")), "flow: nan is not a finite number"),
    "a fraction for an integer": (stated(count=1.5), "count: 1.5 is not a whole number"),
    "an unknown unit": (stated(flow=1, unit="cfm"), "flow: the unit 'cfm' can't be read as 'L/s'"),
    "no id": ({"ts": "2026-01-31T11:59:00Z", "flow": 1}, "the id is missing"),
    "an id that hides a character": (stated() | {"id": "p\u200b1"}, "U+200B"),
    "a relation to nothing that can be named": (stated(feeds=[{"x": 1}]), "feeds: the id is a object"),
    "two objects of a functional relation": (stated(room=["a", "b"]), "located_in names 2 objects"),
    "a timestamp that names no instant": (stated() | {"ts": "soon"}, "'soon' names no instant"),
    "a time ahead of the clock": (stated() | {"ts": "2026-01-31T12:00:31Z"}, "ahead of 2026-01-31T12:00:30Z"),
    "the year 9999": (stated() | {"ts": "9999-01-01T00:00:00Z"}, "1900 to 2100"),
    "a small number where the time usually stands": ({"time": 12, "id": "p1"}, "too small for a time of today"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_only_the_message_is_refused(name):
    payload, reason = REFUSED[name]

    out = run(reading(payload, stated(flow=1)))

    [refused] = out.quarantined
    assert reason in refused.reason
    assert refused.hint
    assert refused.place == "s.jsonl:1"
    assert refused.sha256 == hashlib.sha256(refused.raw).hexdigest()
    assert (refused.at, refused.run) == (NOON, "r1")
    assert [event.record for event in out.events] == ["s:p1"]
    assert out.quarantined_share == 0.5


def test_nothing_of_a_refused_message_is_taken():
    out = run(reading(stated(on=True, count=1.5)))

    assert out.facts == out.events == out.evidence == ()


def test_an_oversized_message_is_refused_with_its_size_and_hash():
    out = run(reading(stated(note="x" * 6000)), config=twin(max_payload=5000))

    [refused] = out.quarantined
    assert "max_payload" in refused.reason
    assert refused.size > 6000
    assert len(refused.raw) == 4096


def test_malformed_messages_are_set_aside_with_the_others():
    bad = Malformed(b"{", 1, hashlib.sha256(b"{").hexdigest(), "s.jsonl:9", "not JSON", "write JSON")

    out = run(reading(stated(), malformed=(bad,)))

    assert [refused.place for refused in out.quarantined] == ["s.jsonl:9"]
    assert (out.messages, out.refused) == ({"s": 2}, {"s": 1})


def test_a_type_that_is_not_declared_is_refused_and_named():
    out = run(reading(stated(kind="pimp")), config=twin({"type": "=kind"}))

    assert "'pimp' is not declared" in out.quarantined[0].reason


def test_a_mapping_that_can_not_be_used_stops_everything():
    with pytest.raises(ConfigurationError, match=r"sources\.s\.mapping\[0\]\.id"):
        run(reading(stated()), config=twin({"type": "pump", "id": "["}))


def test_a_message_without_a_time_is_believed_less_and_dated_when_it_was_received():
    out = run(reading({"id": "p1", "flow": 1}))

    flow = facts(out)["s:p1", "flow", ""]
    assert (flow.valid_from, flow.confidence) == (NOON, UNSTAMPED_CONFIDENCE)
    assert out.events[0].canonical["uncertainty"]["type"] == "epistemic"
    assert out.unstamped == {"s": 1}
    assert out.newest_event is None


def test_the_receive_time_never_enters_an_event_id():
    stamped, unstamped = stated(flow=1), {"id": "p1", "flow": 1}

    early = run(reading(stamped, unstamped))
    late = run(reading(stamped, unstamped, read_at=NOON + HOUR), now=NOON + HOUR)

    assert [event.id for event in early.events] == [event.id for event in late.events]
    assert [fact.id for fact in early.facts] == [fact.id for fact in late.facts]


def test_equal_messages_without_a_time_are_told_apart_by_their_place():
    out = run(reading({"id": "p1", "flow": 1}, {"id": "p1", "flow": 2}, {"id": "p1", "flow": 1}))

    assert len({event.id for event in out.events}) == 3


def test_a_message_that_comes_twice_counts_once():
    out = run(reading(stated(flow=1), stated(flow=1)))

    assert len(out.events) == 1
    assert out.duplicates == 1


def test_the_position_of_the_source_ranks_its_claims():
    config = twin(position="seq")

    out = run(reading(stated(flow=1, seq=7), stated(flow=2, seq="8"), stated(flow=3, seq=-1)), config=config)

    assert sorted(fact.prio for fact in out.facts if fact.name == "flow") == [7, 8]
    assert "the position is -1" in out.quarantined[0].reason


@pytest.mark.parametrize("seq", [True, 1.5, float("inf"), float("nan"), "x", "9" * 5000, 2**60, [1]])
def test_a_position_that_does_not_count_is_refused(seq):
    out = run(reading(stated(seq=seq)), config=twin(position="seq"))

    assert "the position is" in out.quarantined[0].reason


def test_only_a_source_of_plans_may_date_ahead():
    ahead = stated(flow=1) | {"ts": "2026-02-28T12:00:00Z"}

    planned, refused = run(reading(ahead), config=twin(plans=True, layer="desired")), run(reading(ahead))

    assert facts(planned)["s:p1", "flow", ""].layer == "desired"
    assert facts(planned)["s:p1", "flow", ""].kind == "constraint"
    assert planned.newest_event is None
    assert len(refused.quarantined) == 1


def test_a_mapping_may_say_since_when_it_is_so():
    config = twin({**PUMP, "valid_from": "since"})
    since, ahead = stated(flow=1, since="2020-01-01T00:00:00Z"), stated(flow=1, since="2027-01-01T00:00:00Z")

    out = run(reading(since, ahead), config=config)

    flow = facts(out)["s:p1", "flow", ""]
    assert flow.valid_from == 1_577_836_800 * SECOND
    assert flow.observed_at == NOON - 60 * SECOND
    assert "ahead of" in out.quarantined[0].reason


def test_the_skew_is_that_of_the_constraints():
    ahead = stated(flow=1) | {"ts": "2026-01-31T12:04:00Z"}

    assert run(reading(ahead), config=twin(constraints={"max_future_skew": "5m"})).quarantined == ()


def test_in_a_world_that_lives_by_its_events_a_wide_gap_is_refused():
    hours = [stated(n=n) | {"ts": f"2010-01-01T{n:02}:00:00Z"} for n in (3, 0, 2)]
    config = twin(world={"clock": "events", "max_event_gap": "2h"})

    out = run(reading(*hours, stated() | {"ts": "2010-01-01T05:00:01Z"}), config=config, now=0)

    assert len(out.events) == 3
    assert "more than PT2H after the newest event" in out.quarantined[0].reason
    assert out.newest_event == 1_262_314_800 * SECOND


def test_in_such_a_world_the_gap_is_counted_from_what_is_known_and_the_wall_clock_is_nothing():
    config = twin(world={"clock": "events", "max_event_gap": "2h"})
    known = 1_262_304_000 * SECOND  # 2010-01-01

    out = run(
        reading(stated() | {"ts": "2010-01-01T01:00:00Z"}, {"id": "p2"}, stated() | {"ts": "2010-01-02T01:00:00Z"}),
        config=config, now=known,
    )  # fmt: skip

    assert sorted(event.timestamp for event in out.events) == [known + HOUR, known + HOUR]
    assert len(out.quarantined) == 1


def test_values_of_a_relation_stand_on_its_edge():
    mapping = {**PUMP, "variables": {"feeds.share": "shares"}}

    out = run(reading(stated(feeds=["p2", "p3"], shares=[0.25, 0.75])), config=twin(mapping))

    found = facts(out)
    assert found["s:p1", "feeds.share", "s:p2"].value == 0.25
    assert found["s:p1", "feeds.share", "s:p3"].value == 0.75


def test_an_object_may_be_a_record_of_another_source_or_of_the_model():
    out = run(reading(stated(feeds=["other:p3", "model:asset:local/p4", "elsewhere:p5"])))

    objects = sorted(fact.object for fact in out.facts if fact.name == "feeds")
    assert objects == ["model:asset:local/p4", "other:p3", "s:elsewhere:p5"]


def test_names_that_graphtwin_uses_itself_can_not_be_claimed():
    payload = {
        "id": "x",
        "@entity": "model:y",
        "@type": "pump",
        "world": "w2",
        "x_at": 1,
        "status": 200,
        "aliases": "y",
    }

    out = run(reading(payload), config=twin(None))

    found = {name: fact.value for (_, name, _), fact in facts(out).items()}
    assert found == {
        TYPE: "s", "extra.@entity": "model:y", "extra.@type": "pump", "world": "w2", "x_at": 1, "status": "200",
        "aliases": ["y"],
    }  # fmt: skip


def test_lookalike_ids_are_kept_and_listed():
    out = run(reading(stated() | {"id": "p\u0430yment"}, stated() | {"id": "payment"}))

    assert out.suspicious_ids == ("s:p\u0430yment",)
    assert len(out.events) == 2


def test_confidence_of_a_value_lowers_that_of_its_event():
    mapping = {**PUMP, "variables": {"flow": {"path": "flow", "confidence": "sure"}}}

    out = run(reading({"id": "p1", "flow": 1, "sure": 0.5}, {"id": "p2", "flow": 1, "sure": 2}), config=twin(mapping))

    assert facts(out)["s:p1", "flow", ""].confidence == pytest.approx(0.5 * UNSTAMPED_CONFIDENCE)
    assert "not between 0 and 1" in out.quarantined[0].reason


def test_one_record_with_two_types_is_ambiguous_and_refused():
    out = run(reading(stated()), config=twin(({"type": "pump"}, {"type": "s"})))

    assert "both 'pump' and 's'" in out.quarantined[0].reason


def test_a_message_that_no_mapping_applies_to_is_kept_as_unclassified():
    out = run(reading(stated()), config=twin({"type": "pump", "when": "nothing"}))

    assert out.facts == out.quarantined == ()
    assert out.events[0].event_type == "unclassified"
    assert out.unmapped == 1


def test_cells_of_a_table_are_read_as_declared():
    config = twin(None, path="s.csv")
    cells = {"id": "a", "n": "7", "code": "007", "none": "", "ok": "true"}
    row = Message(b"a,7,007,,true", cells, "s.csv:2", "g0@9", table=True)
    bad = Message(b"b,x,,,", {"id": "b", "n": "x"}, "s.csv:3", "g0@22", table=True)

    out = run(Reading("s", answered=True, read_at=NOON, messages=(row, bad)), config=config)

    found = {name: fact.value for (_, name, _), fact in facts(out).items()}
    assert found == {TYPE: "s", "n": 7, "code": "007", "ok": True}
    assert out.quarantined[0].reason == "n: a string (x) where integer is declared"


def test_equal_messages_by_two_topics_are_two_events_and_by_one_topic_one():
    payload = {"id": "a", "n": 1, "ts": "2026-01-31T12:00:00Z"}
    by = [Message(b"same", payload, f"{topic}#1.{n}", f"r1.{n}", n, topic) for n, topic in enumerate(["x", "y", "x"])]

    out = run(Reading("s", answered=True, read_at=NOON, messages=tuple(by)), config=twin(None))

    assert len(out.events) == 2
    assert out.duplicates == 1
    assert [event.canonical["channel"] for event in out.events] == ["x", "y"]


def test_what_a_source_says_about_itself_is_an_event_with_evidence_that_claims_nothing():
    will = Message(b"offline", {"value": "offline"}, "floor/status#1.0", "r1.0", 0, "floor/status", status=True)

    out = run(Reading("s", answered=True, read_at=NOON, messages=(will,), gone=True))

    [event], [evidence] = out.events, out.evidence
    assert (event.event_type, event.record, event.timestamp) == ("source_status", "", NOON)
    assert evidence.raw == b"offline"
    assert (out.facts, out.quarantined, out.unmapped) == ((), (), 0)


def test_a_complete_reading_of_a_roster_source_claims_which_records_there_are():
    config = twin(roster=True)

    out = run(reading({"id": "b"}, {"id": "a"}, complete=True, cursor={"reading": 4}), config=config)

    [roster] = [fact for fact in out.facts if fact.name == ROSTER]
    assert (roster.record, roster.value, roster.valid_from, roster.prio) == ("s:@roster", ["a", "b"], NOON, 4)
    assert roster.event in {event.id for event in out.events}
    assert roster.event in {item.event for item in out.evidence}
    assert out.rosters == ("s",)


def test_in_a_world_that_lives_by_its_events_a_roster_is_dated_by_them():
    config = twin(roster=True, world={"clock": "events"})
    newest = 1_262_307_600 * SECOND

    out = run(reading(stated() | {"ts": "2010-01-01T01:00:00Z"}, complete=True), config=config, now=newest - HOUR)

    assert [fact.valid_from for fact in out.facts if fact.name == ROSTER] == [newest]


def test_an_empty_complete_reading_is_an_empty_roster():
    out = run(reading(complete=True), config=twin(roster=True))

    assert [fact.value for fact in out.facts] == [[]]


@pytest.mark.parametrize(
    ("fields", "payload", "why"),
    [
        ({"complete": False}, {"id": "a"}, "doesn't cover everything"),
        ({"complete": False, "problem": "more than fits"}, {"id": "a"}, "more than fits"),
        ({"complete": True}, {"no": "id"}, "1 of its messages was refused"),
    ],
)
def test_a_partial_reading_makes_no_roster_and_says_why(fields, payload, why):
    out = run(reading({"id": "b"}, payload, **fields), config=twin(roster=True))

    assert [fact for fact in out.facts if fact.name == ROSTER] == []
    assert why in out.partial_rosters["s"]


def test_a_source_that_did_not_answer_has_no_roster_at_all():
    out = run(Reading("s", answered=False, read_at=NOON, problem="gone"), config=twin(roster=True))

    assert out.facts == ()
    assert out.partial_rosters == {}


@pytest.mark.parametrize(("said", "value"), [("1.5 L/s", 1.5), ("90 L/min", 1.5), ("1.5L/s", 1.5)])
def test_a_text_with_a_known_unit_is_the_number_that_is_declared(said, value):
    out = run(reading(stated(flow=said)))

    assert [(fact.value, fact.unit) for fact in out.facts if fact.name == "flow"] == [(value, "L/s")]


@pytest.mark.parametrize("said", ["1.5 kW", "1.5 rooms", "fast", "1,5 L/s"])
def test_any_other_text_is_refused_where_a_number_is_declared(said):
    out = run(reading(stated(flow=said)))

    assert "a string" in out.quarantined[0].reason


def test_a_table_that_writes_numbers_in_its_own_style_says_so():
    row = {"id": "p1", "flow": "1.234,5", "count": "1.000"}
    mapping = {"type": "pump", "variables": {"flow": {"path": "flow", "unit": "L/s"}, "count": "count"}}
    table = Reading("s", answered=True, read_at=NOON, messages=(Message(b"1", row, "s.csv:2", "g0@0", table=True),))

    plain = run(table, config=twin(mapping, path="s.csv"))
    told = run(table, config=twin(mapping, path="s.csv", numbers="1.234,5"))

    assert "1.234,5" in plain.quarantined[0].reason
    assert {fact.name: fact.value for fact in told.facts if fact.name != TYPE} == {"flow": 1234.5, "count": 1000}
