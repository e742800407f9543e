"""mapping: what a payload says in the words of twin.yaml."""

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.methods.reading.expression import compile_expression, is_true
from graphtwin.methods.reading.mapping import check_sources, compile_mapping
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.model.configuration.twin import TwinConfig


def twin(mapping=(), **source):
    return TwinConfig.model_validate(
        {
            "world": {"id": "w"},
            "sources": {"s": {"type": "file", "path": "s.jsonl", "mapping": mapping, **source}},
            "types": {"pump": {"variables": {"flow": {}}}, "s": {}, "valve": {}},
            "relations": {"feeds": {}, "located_in": {"functional": True}},
        }
    )


def read(payload, mapping, **source):
    return compile_mapping("s", twin(mapping, **source))(payload)


@pytest.mark.parametrize(
    "expression", ["a", "a.b", "a.b.c", "missing", "a.missing.b", "kind == 'x'", "a.b == 'x'", "items[].id", "@"]
)
@pytest.mark.parametrize("payload", [{}, {"a": {"b": "x"}, "kind": "x"}, {"a": [1]}, [1], "text", 3, None])
def test_the_fast_way_gives_the_answer_of_jmespath(expression, payload):
    import jmespath

    assert compile_expression(expression, "here")(payload) == jmespath.search(expression, payload)


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_empty_values_are_false(value):
    assert not is_true(value)


@pytest.mark.parametrize("value", [0, 0.0, True, "x", [0], {"a": None}])
def test_all_else_is_true_zero_too(value):
    assert is_true(value)


def test_only_mappings_whose_condition_holds_apply():
    mappings = [
        {"type": "pump", "when": "kind == 'p'", "event_type": "pumped"},
        {"type": "valve", "when": "kind == 'v'"},
        {"type": "valve", "id": "valve", "when": "valve"},
    ]

    things = read({"kind": "p", "id": 1, "valve": "v7"}, mappings)

    assert [(thing.type, thing.id, thing.event_type) for thing in things] == [
        ("pump", 1, "pumped"),
        ("valve", "v7", "observation"),
    ]


def test_each_item_of_a_list_is_a_thing_with_the_payload_as_parent():
    mapping = {"type": "pump", "each": "pumps", "id": "id", "relations": {"located_in": "parent.room"}}

    things = read({"room": "r1", "pumps": [{"id": "a"}, {"id": "b"}]}, mapping)

    assert [(thing.id, thing.relations[0].value) for thing in things] == [("a", "r1"), ("b", "r1")]


def test_items_that_are_no_objects_stand_under_value():
    things = read({"names": ["a", "b"]}, {"type": "pump", "each": "names", "id": "value"})

    assert [thing.id for thing in things] == ["a", "b"]


def test_type_unit_and_confidence_may_come_from_the_payload():
    mapping = {"type": "=kind", "variables": {"flow": {"path": "f", "unit": "=u", "confidence": "c"}}}

    [thing] = read({"kind": "pump", "id": "a", "f": 1, "u": "L/s", "c": 0.5}, mapping)

    assert thing.type == "pump"
    assert thing.variables[0].unit == "L/s"
    assert thing.variables[0].confidence == 0.5


def test_values_stand_in_the_layer_of_their_source_unless_they_say_otherwise():
    mapping = {"type": "pump", "variables": {"flow": "f", "speed": {"path": "s", "layer": "expected"}}}

    [thing] = read({"id": "a", "f": 1, "s": 2}, mapping, layer="desired")

    assert {said.name: said.layer for said in thing.variables} == {"flow": "desired", "speed": "expected"}


def test_a_function_that_gets_a_wrong_type_is_a_refusal_of_the_message():
    with pytest.raises(Refusal, match="abs"):
        read({"id": "a", "f": "x"}, {"type": "pump", "variables": {"flow": "abs(f)"}})


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({"type": "pump", "id": "a["}, "mapping[0].id"),
        ({"type": "pimp"}, "'pimp' is not a declared type"),
        ({"type": "pump", "relations": {"fed": "x"}}, "relations.fed"),
        ({"type": "pump", "variables": {"type": "x"}}, "variables.type"),
        ({"type": "pump", "variables": {"flow": "nonsense((("}}, "variables.flow.path"),
        ({"type": "pump", "when": "=="}, "mapping[0].when"),
    ],
)
def test_a_mapping_that_can_not_be_used_is_named_with_its_place(mapping, place):
    with pytest.raises(ConfigurationError) as error:
        compile_mapping("s", twin(mapping))

    assert place in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize("field", ["records", "timestamp", "position"])
def test_every_expression_of_a_source_can_be_checked_before_it_is_needed(field):
    with pytest.raises(ConfigurationError, match=rf"sources\.s\.{field}: 'a\[' is not JMESPath"):
        check_sources(twin(**{field: "a["}))


def test_a_zone_that_is_not_known_is_named():
    config = TwinConfig.model_validate({"world": {"id": "w", "timezone": "Mars/Base"}, "sources": {}})

    with pytest.raises(ConfigurationError, match="Mars/Base"):
        check_sources(config)


def test_without_a_mapping_a_plain_object_is_one_thing():
    payload = {
        "id": 7, "type": "pump", "label": "P7", "labels": ["P7", "main"], "ts": "2026-01-31T12:00:00Z", "flow": 1.5,
        "on": True, "at": {"x": 1}, "gone": None, "feeds": ["a", "b"], "name": "n",
    }  # fmt: skip

    [thing] = read(payload, ())

    assert (thing.type, thing.id, thing.label) == ("pump", 7, ["P7", "main"])
    assert {said.name: said.value for said in thing.variables} == {"flow": 1.5, "on": True, "at": {"x": 1}, "name": "n"}
    assert [(said.name, said.value) for said in thing.relations] == [("feeds", ["a", "b"])]


def test_without_a_type_it_is_of_the_type_that_the_source_is_named_after():
    [thing] = read({"name": "x", "y": 1}, ())

    assert (thing.type, thing.id) == ("s", "x")


@pytest.mark.parametrize("payload", [[], "text", 3, None, True])
def test_without_a_mapping_only_objects_are_taken(payload):
    with pytest.raises(Refusal, match="no object"):
        read(payload, ())


def test_things_that_stand_under_their_names_are_items_with_a_key():
    payload = {"floor": 3, "hvac-unit-3a": {"flow": 1}, "hvac-unit-3b": {"flow": 2}}

    things = read(payload, {"type": "pump", "each": "members(@)", "id": "key", "variables": {"flow": "flow"}})

    assert [(thing.id, thing.variables[0].value) for thing in things] == [("hvac-unit-3a", 1), ("hvac-unit-3b", 2)]


def test_members_of_nothing_are_none_and_members_of_a_list_are_refused():
    mapping = {"type": "pump", "each": "members(units)", "id": "key"}

    assert read({}, mapping) == []
    with pytest.raises(Refusal, match="members"):
        read({"units": [1]}, mapping)
