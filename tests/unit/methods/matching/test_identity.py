"""Which records are one thing: ids, declarations and attributes join them, hard constraints keep them apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.matching.clusters import RecordView
from graphtwin.methods.matching.identity import resolve, why_two
from graphtwin.methods.matching.judgements import Judgements
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig


def policy(**changes: Any) -> Policy:
    """Two believed sources and one that isn't; sensors with a serial number that tells them apart."""
    declared: dict[str, Any] = {
        "world": {"id": "plant"},
        "sources": {
            "bus": {"type": "file", "path": "bus", "trust": "hardware_sensor"},
            "book": {"type": "file", "path": "book", "trust": "system_of_record"},
            "notes": {"type": "file", "path": "notes", "trust": "human_note"},
        },
        "types": {
            "sensor": {
                "variables": {"serial": {"datatype": "string", "high_signal": True}, "tag": {"datatype": "string"}}
            },
            "probe": {"variables": {}},
            "pump": {"variables": {}},
        },
        "identity": {"key_attributes": ["tag"]},
    }
    return Policy(TwinConfig.model_validate(declared | changes))


def view(record: str, kind: str = "sensor", entity: str = "", **attributes: Any) -> RecordView:
    return RecordView(record, kind, entity, attributes)


def resolved(views: Iterable[RecordView], policy: Policy, *same_id: tuple[str, str]) -> Any:
    return resolve({one.id: one for one in views}, same_id, policy)


def test_a_record_alone_founds_its_entity():
    answer = resolved([view("bus:t1")], policy())

    assert answer.entity_of == {"bus:t1": "sensor:local/t1"}


def test_one_id_in_two_sources_is_one_thing():
    answer = resolved([view("bus:t1"), view("book:t1")], policy(), ("bus:t1", "book:t1"))

    assert set(answer.entity_of.values()) == {"sensor:local/t1"}
    assert answer.evidence["bus:t1"] == "the same id"


def test_equal_identifying_attributes_are_one_thing_named_by_the_more_trusted_source():
    answer = resolved([view("notes:a", tag="T"), view("bus:b", tag="T")], policy())

    assert set(answer.entity_of.values()) == {"sensor:local/b"}


def test_an_empty_attribute_identifies_nothing():
    answer = resolved([view("notes:a", tag=""), view("bus:b", tag="")], policy())

    assert len(set(answer.entity_of.values())) == 2


def test_a_declared_alias_is_the_declared_thing():
    said = policy(entities=[{"id": "boiler-room", "type": "sensor", "aliases": ["bus:t1", "book:7"]}])

    answer = resolved([view("bus:t1"), view("book:7")], said)

    assert set(answer.entity_of.values()) == {"sensor:local/boiler-room"}


def test_an_alias_of_another_type_is_not_the_declared_thing_and_is_told():
    said = policy(entities=[{"id": "boiler-room", "type": "sensor", "aliases": ["bus:p1"]}])

    answer = resolved([view("bus:p1", "pump")], said)

    assert answer.entity_of == {"bus:p1": "pump:local/p1"}
    assert "their types differ" in answer.unresolved[0].reason


def test_a_record_whose_own_id_is_declared_is_the_declared_thing():
    said = policy(entities=[{"id": "t1", "type": "sensor"}])

    answer = resolved([view("bus:t1"), view("model:sensor:local/t1", entity="sensor:local/t1")], said)

    assert set(answer.entity_of.values()) == {"sensor:local/t1"}


def test_things_of_different_types_are_never_one():
    answer = resolved([view("bus:t1"), view("book:t1", "pump")], policy(), ("bus:t1", "book:t1"))

    assert answer.entity_of == {"bus:t1": "sensor:local/t1", "book:t1": "pump:local/t1"}
    assert "their types differ" in answer.unresolved[0].reason


def test_types_that_are_declared_subtypes_may_be_one():
    said = policy(identity={"subtypes": {"sensor": ["probe"]}})

    answer = resolved([view("bus:t1"), view("book:t1", "probe")], said, ("bus:t1", "book:t1"))

    assert len(set(answer.entity_of.values())) == 1


def test_a_conflict_of_serial_numbers_forbids_a_merge_and_is_listed():
    answer = resolved([view("bus:t1", serial="S1"), view("book:t1", serial="S2")], policy(), ("bus:t1", "book:t1"))

    assert len(set(answer.entity_of.values())) == 2
    assert "serial differ" in answer.unresolved[0].reason


def test_what_twin_yaml_calls_distinct_stays_apart():
    said = policy(identity={"distinct": [["bus:t1", "book:t1"]]})

    answer = resolved([view("bus:t1"), view("book:t1")], said, ("bus:t1", "book:t1"))

    assert len(set(answer.entity_of.values())) == 2


def test_a_newcomer_that_must_stay_apart_never_takes_the_id_of_the_thing_that_is_there():
    there = view("bus:t1", entity="sensor:local/t1", serial="S1")

    answer = resolved([view("book:t1", serial="S2"), there], policy(), ("book:t1", "bus:t1"))

    assert answer.entity_of == {"bus:t1": "sensor:local/t1", "book:t1": "sensor:local/book/t1"}


def test_a_thing_that_changes_its_serial_number_stays_one_thing():
    records = [view("bus:t1", entity="e", serial="NEW"), view("book:t1", entity="e", serial="OLD")]

    answer = resolved(records, policy())

    assert set(answer.entity_of.values()) == {"e"}
    assert answer.unresolved == ()


@pytest.mark.parametrize(
    ("founded", "stays"),
    [({"x": 7, "y": 3}, "y"), ({"x": 3, "y": 7}, "x"), ({"x": 3, "y": 3}, "x"), ({"y": 9}, "y"), ({}, "x")],
)
def test_of_two_existing_things_that_trust_does_not_tell_apart_the_earlier_gives_its_id_s14(
    founded: dict[str, int], stays: str
):
    views = [view("bus:a", entity="x", tag="T"), view("bus:b", entity="y", tag="T")]

    answer = resolve({one.id: one for one in views}, (), policy(), founded)

    assert set(answer.entity_of.values()) == {stays}


def test_trust_goes_before_age_s14():
    views = [view("notes:a", entity="x", tag="T"), view("bus:b", entity="y", tag="T")]

    answer = resolve({one.id: one for one in views}, (), policy(), {"x": 1, "y": 9})

    assert set(answer.entity_of.values()) == {"y"}


def test_two_existing_things_that_prove_to_be_one_take_the_id_of_the_more_trusted_source():
    records = [
        view("notes:a", entity="sensor:local/a", tag="T"), view("notes:a2", entity="sensor:local/a"),
        view("bus:b", entity="sensor:local/b", tag="T"),
    ]  # fmt: skip

    answer = resolved(records, policy())

    assert set(answer.entity_of.values()) == {"sensor:local/b"}


def test_a_declared_id_outlives_every_other_in_a_merge():
    said = policy(entities=[{"id": "main", "type": "sensor", "aliases": ["notes:a"]}])
    records = [view("notes:a", entity="sensor:local/main", tag="T"), view("bus:b", entity="sensor:local/b", tag="T")]

    answer = resolved(records, said)

    assert set(answer.entity_of.values()) == {"sensor:local/main"}


def test_two_declared_things_are_never_merged():
    said = policy(entities=[
        {"id": "one", "type": "sensor", "aliases": ["bus:a"]}, {"id": "two", "type": "sensor", "aliases": ["book:b"]},
    ])  # fmt: skip

    answer = resolved([view("bus:a", tag="T"), view("book:b", tag="T")], said)

    assert answer.entity_of == {"bus:a": "sensor:local/one", "book:b": "sensor:local/two"}
    assert "two things" in answer.unresolved[0].reason


def test_one_that_may_not_be_there_does_not_part_the_others():
    records = [view("book:a", tag="T"), view("bus:b", "pump", tag="T"), view("notes:c", tag="T")]

    answer = resolved(records, policy())

    assert answer.entity_of["book:a"] == answer.entity_of["notes:c"] != answer.entity_of["bus:b"]


def test_a_source_with_an_id_space_of_its_own_names_other_things():
    said = policy()
    sources = {**said.config.model_dump()["sources"], "mine": {"type": "file", "path": "x", "id_space": "mine"}}

    answer = resolved([view("bus:t1"), view("mine:t1")], policy(sources=sources))

    assert answer.entity_of == {"bus:t1": "sensor:local/t1", "mine:t1": "sensor:local/mine/t1"}


SOURCES = ("bus", "book", "notes")
VIEWS = st.lists(
    st.builds(
        lambda source, local, kind, entity, tag, serial: RecordView(
            f"{source}:{local}", kind, entity, {k: v for k, v in (("tag", tag), ("serial", serial)) if v}
        ),
        st.sampled_from(SOURCES), st.sampled_from("abc"), st.sampled_from(["sensor", "sensor", "pump"]),
        st.sampled_from(["", "", "sensor:local/x", "sensor:local/y"]), st.sampled_from(["", "T1", "T2"]),
        st.sampled_from(["", "S1", "S2"]),
    ),
    unique_by=lambda one: one.id,
    max_size=9,
)  # fmt: skip


@given(VIEWS, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_the_records(views: list[RecordView], random: Any):
    pairs = [(one.id, other.id) for one in views for other in views if one.id < other.id and one.id[-1] == other.id[-1]]
    shuffled, turned = list(views), [pair[::-1] for pair in pairs]
    random.shuffle(shuffled)
    random.shuffle(turned)

    assert resolved(views, policy(), *pairs) == resolved(shuffled, policy(), *turned)


@given(VIEWS)
def test_no_answer_breaks_a_hard_constraint_that_was_not_broken_before(views: list[RecordView]):
    pairs = [(one.id, other.id) for one in views for other in views if one.id < other.id and one.id[-1] == other.id[-1]]
    said = policy(identity={"key_attributes": ["tag"], "distinct": [["bus:a", "book:a"]]})

    answer = resolved(views, said, *pairs)

    for one in views:
        for other in views:
            together = answer.entity_of[one.id] == answer.entity_of[other.id]
            if together and {one.id, other.id} == {"bus:a", "book:a"}:
                pytest.fail("two distinct records became one")
            if together and not one.entity and not other.entity:
                serials = {view.attributes.get("serial") for view in (one, other)} - {None}
                assert one.type == other.type
                assert len(serials) < 2 or one.type == "pump"  # only a sensor is told by its serial number


def judged(*, one: tuple[str, ...] = (), two: tuple[str, ...] = (), forced: bool = False) -> Judgements:
    """What a person said: that records are one thing, that they are two."""
    together = {frozenset(one): forced} if one else {}
    return Judgements(together, frozenset([frozenset(two)]) if two else frozenset())


def resolved_with(judgements: Judgements, policy: Policy, *views: RecordView, same_id: Any = ()) -> Any:
    return resolve({one.id: one for one in views}, same_id, policy, judged=judgements)


def test_a_person_s_word_goes_before_the_same_id_and_leaves_nothing_open():
    said = judged(two=("bus:t1", "book:t1"))
    views = (view("bus:t1", tag="T"), view("book:t1", tag="T"))

    answer = resolved_with(said, policy(), *views, same_id=[("book:t1", "bus:t1")])

    assert len(set(answer.entity_of.values())) == 2
    assert answer.unresolved == ()


def test_a_person_s_word_makes_one_what_nothing_else_does():
    answer = resolved_with(judged(one=("bus:a", "book:b")), policy(), view("bus:a"), view("book:b"))

    assert set(answer.entity_of.values()) == {"sensor:local/a"}
    assert answer.evidence["book:b"] == "a person said so"


def test_only_an_insisting_person_goes_over_what_twin_yaml_says_is_distinct():
    distinct = policy(identity={"distinct": [["bus:a", "book:b"]]})
    views = (view("bus:a"), view("book:b"))

    meek = resolved_with(judged(one=("bus:a", "book:b")), distinct, *views)
    bold = resolved_with(judged(one=("bus:a", "book:b"), forced=True), distinct, *views)

    assert [len(set(answer.entity_of.values())) for answer in (meek, bold)] == [2, 1]
    assert "distinct" in meek.unresolved[0].reason


def test_nobody_makes_one_of_things_of_different_types():
    views = (view("bus:a"), view("book:b", "pump"))

    answer = resolved_with(judged(one=("bus:a", "book:b"), forced=True), policy(), *views)

    assert len(set(answer.entity_of.values())) == 2


def test_what_was_parted_from_a_declared_thing_is_no_longer_it_although_its_id_says_so():
    declared = policy(entities=[{"id": "t1", "type": "sensor"}])
    views = (view("model:sensor:local/t1", entity="sensor:local/t1"), view("bus:t1", entity="sensor:local/bus/t1"))

    answer = resolved_with(judged(two=("model:sensor:local/t1", "bus:t1")), declared, *views)

    assert answer.entity_of == {"model:sensor:local/t1": "sensor:local/t1", "bus:t1": "sensor:local/bus/t1"}
    assert answer.unresolved == ()


def test_why_two_entities_are_two_tells_what_a_person_may_go_over_from_what_not():
    serial = why_two({"bus:a": view("bus:a", serial="1")}, {"book:b": view("book:b", serial="2")}, policy())
    types = why_two({"bus:a": view("bus:a")}, {"book:b": view("book:b", "pump")}, policy())

    assert serial == ("", "their serial differ ('1', '2')")
    assert types[0] == "their types differ (sensor, pump)"
