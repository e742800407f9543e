"""Topics without a mapping: an object with an id is a thing, a bare value is a variable of the thing in its topic."""

from __future__ import annotations

from typing import Any

import pytest

from graphtwin.methods.reading.mapping import compile_mapping
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.topic_payload import with_topic
from graphtwin.model.configuration.twin import TwinConfig

TYPES = {
    "sensor": {"variables": {"temperature": {"unit": "Cel"}, "battery": {}}},
    "outdoor_sensor": {"is_a": "sensor", "variables": {"wind": {}}},
    "zone": {"variables": {"occupied": {"datatype": "boolean"}, "setpoint": {}}},
    "ahu": {"variables": {"setpoint": {}}},
}


def read(topic: str, payload: Any, **source: Any) -> Any:
    config = TwinConfig.model_validate(
        {
            "world": {"id": "w"},
            "sources": {"bus": {"type": "mqtt", "endpoint": "mqtt://h/floor-3", **source}},
            "types": TYPES,
            "relations": {"located_in": {"functional": True}},
        }
    )
    [thing] = compile_mapping("bus", config)(with_topic(payload, topic, retained=False))
    return thing


def values(thing: Any) -> dict[str, Any]:
    return {said.name: said.value for said in (*thing.variables, *thing.relations)}


def test_a_bare_value_is_the_variable_and_the_thing_that_its_topic_names():
    thing = read("floor-3/temp-301/temperature", 21.5)

    assert (thing.type, thing.id, values(thing)) == ("sensor", "temp-301", {"temperature": 21.5})


def test_an_object_with_a_value_says_its_unit_and_confidence_too():
    thing = read("floor-3/temp-301/temperature", {"value": 70, "unit": "[degF]", "confidence": 0.5, "ts": 1})

    [said] = thing.variables
    assert (said.name, said.value, said.unit, said.confidence) == ("temperature", 70, "[degF]", 0.5)


def test_an_object_with_an_id_is_that_thing_whatever_its_topic():
    thing = read("anything", {"id": "temp-9", "type": "sensor", "temperature": 20, "located_in": "z"})

    assert (thing.type, thing.id, values(thing)) == ("sensor", "temp-9", {"temperature": 20, "located_in": "z"})


def test_an_object_without_an_id_is_the_thing_of_the_last_level():
    thing = read("floor-3/temp-301", {"temperature": 20, "battery": 0.9, "ts": "2026-01-01T00:00:00Z"})

    assert (thing.type, thing.id, values(thing)) == ("sensor", "temp-301", {"temperature": 20, "battery": 0.9})


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        ("floor-3/zone/z1/setpoint", 21, "zone"),
        ("floor-3/ahu/a1/setpoint", 21, "ahu"),
        ("floor-3/a1/setpoint", 21, "bus"),
        ("floor-3/z1/occupied", True, "zone"),
        ("floor-3/t1/battery", 1, "sensor"),
        ("floor-3/t1/wind", 3, "outdoor_sensor"),
        ("floor-3/t1/unknown", 3, "bus"),
        ("floor-3/zone/z1/setpoint", {"value": 1, "type": "ahu"}, "ahu"),
        ("floor-3/zone/z1", {"setpoint": 1}, "zone"),
    ],
)
def test_the_type_is_said_or_a_level_or_the_one_that_knows_the_variable(topic: str, payload: Any, kind: str):
    assert read(topic, payload).type == kind


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("temperature", 21, "doesn't name a thing and a variable"),
        ("/temperature", 21, "doesn't name a thing and a variable"),
        ("floor-3/temp-301/", 21, "doesn't name a thing"),
        ("floor-3/", {"temperature": 1}, "doesn't name a thing"),
    ],
)
def test_a_topic_that_names_nothing_is_refused(topic: str, payload: Any, reason: str):
    with pytest.raises(Refusal, match=reason):
        read(topic, payload)


def test_a_mapping_can_use_the_topic_and_its_levels():
    mapping = {
        "type": "sensor", "when": "mqtt.levels[-1] == 'temperature'", "id": "mqtt.levels[-2]", "label": "mqtt.topic",
        "variables": {"temperature": "value"},
    }  # fmt: skip

    thing = read("floor-3/temp-301/temperature", 21.5, mapping=mapping)

    assert (thing.id, thing.label, values(thing)) == ("temp-301", "floor-3/temp-301/temperature", {"temperature": 21.5})


def test_a_payload_can_not_pretend_to_have_come_by_another_topic():
    payload = with_topic({"mqtt": {"topic": "other"}, "id": 1}, "mine", retained=True)

    assert payload["mqtt"] == {"topic": "mine", "levels": ["mine"], "retained": True}
