"""extended: what an inspected world learns later, once a person applies it; and what is told until then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from unit.methods.proposing.first_words import NOW, by_topic

from graphtwin.methods.proposing.completed import NOTHING, completed, retold
from graphtwin.methods.proposing.extended import extended
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.sampling import samples_of
from graphtwin.methods.proposing.undeclared import undeclared
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports import Message, Reading
from graphtwin.steps.transform import transform

WRITTEN = TwinConfig.model_validate(
    {
        "world": {"id": "w"},
        "sources": {
            "bus": {"type": "mqtt", "endpoint": "mqtt://127.0.0.1/floor-3"},
            "status": {"type": "file", "path": "status.json"},
        },
    }
)
TEMPERATURE = by_topic("floor-3/temp-301/temperature", {"value": 24.1, "unit": "°C"})
CO2 = by_topic("floor-3/co2-301/co2", {"value": 600.5, "unit": "ppm"})
UNIT = {"id": "unit-1", "temperature": 20.5}


def readings(*, bus: Sequence[Any] = (), status: Sequence[Any] = ()) -> list[Reading]:
    return [
        Reading(
            name, answered=True, read_at=NOW, complete=True,
            messages=tuple(Message(json.dumps(one).encode(), one, f"{name}:{n}", f"{name}:{n}", n) for n, one in enumerate(said)),
        )
        for name, said in (("bus", bus), ("status", status))
    ]  # fmt: skip


def inspected(**said: Sequence[Any]) -> TwinConfig:
    return completed(WRITTEN, propose(samples_of(readings(**said), WRITTEN), now=NOW))


def later(held: TwinConfig, **said: Sequence[Any]) -> TwinConfig:
    return extended(held, inspected(**said), readings(**said))


def test_a_topic_of_a_new_kind_is_added_though_the_old_ones_are_silent():
    held = inspected(bus=[TEMPERATURE], status=[UNIT])

    grown = later(held, bus=[CO2], status=[UNIT])

    out = transform(readings(bus=[TEMPERATURE, CO2], status=[UNIT]), grown, run="r", now=NOW)
    assert set(grown.types) == {"temp", "co2", "unit"}
    assert grown.sources["bus"].mapping[: len(held.sources["bus"].mapping)] == held.sources["bus"].mapping
    assert {fact.record: fact.value for fact in out.facts if fact.name in ("co2", "temperature")} == {
        "bus:temp-301": 24.1, "bus:co2-301": 600.5, "status:unit-1": 20.5,
    }  # fmt: skip
    assert out.quarantined == ()


def test_a_new_measure_of_a_known_kind_is_added():
    held = inspected(bus=[TEMPERATURE])

    grown = later(held, bus=[TEMPERATURE, by_topic("floor-3/temp-301/battery", 88.5)])

    assert set(grown.types["temp"].variables) == {"temperature", "battery"}


def test_a_new_field_is_added_under_a_free_name():
    held = inspected(status=[UNIT])

    grown = later(held, status=[{**UNIT, "fan_pct": 40.5}])

    assert grown.types["unit"].variables["fan_pct"].unit == "%"
    assert grown.sources["status"].mapping[0].variables["fan_pct"].path == "fan_pct"


def test_what_is_read_already_is_never_read_by_another_mapping_too():
    held = inspected(status=[UNIT])

    grown = later(held, status=[{"id": "unit-1", "type": "fan", "temperature": 20.5}, {"id": "unit-2", "type": "fan"}])

    out = transform(readings(status=[{"id": "unit-1", "type": "fan", "temperature": 20.5}]), grown, run="r", now=NOW)
    assert grown.sources["status"].mapping[0].type == "unit"
    assert {fact.value for fact in out.facts if fact.name == "@type"} == {"unit"}
    assert out.quarantined == ()


def test_nothing_new_changes_nothing():
    held = inspected(bus=[TEMPERATURE], status=[UNIT])

    assert later(held, bus=[TEMPERATURE], status=[UNIT]) == held
    assert later(held) == held


def test_a_source_that_said_nothing_is_read_by_nothing_until_it_is_applied():
    held = inspected(status=[UNIT])

    grown = later(held, bus=[TEMPERATURE], status=[UNIT])

    assert [mapping.when for mapping in held.sources["bus"].mapping] == [NOTHING]
    assert grown.sources["bus"].mapping[0].type == "temp"


def test_what_is_not_read_is_told_once():
    held = inspected(bus=[TEMPERATURE], status=[UNIT])

    told = undeclared(readings(bus=[TEMPERATURE, CO2, CO2], status=[{**UNIT, "fan_pct": 40}]), held)

    assert told.told == ("bus: messages like floor-3/co2-301/co2", "status: the field fan_pct")


def test_a_type_that_a_field_names_anew_is_told():
    points = [{"id": f"p{n}", "kind": kind} for n, kind in enumerate(("pump", "pump", "tank", "tank"))]
    held = inspected(status=points)

    told = undeclared(readings(status=[*points, {"id": "p9", "kind": "chiller"}]), held)

    assert told.told == ("status: the type chiller",)


def test_a_field_that_numbers_messages_is_left_out_for_good():
    held = inspected(bus=[by_topic("floor-3/temp-301/temperature", {"value": 24.1, "seq": 1})])

    assert (
        undeclared(readings(bus=[by_topic("floor-3/temp-301/temperature", {"value": 25.1, "seq": 2})]), held).told == ()
    )


def test_nothing_is_told_of_a_world_whose_types_people_declared():
    assert undeclared(readings(status=[UNIT]), WRITTEN).told == ()


def test_a_file_as_it_was_is_the_held_configuration_itself():
    held = inspected(status=[UNIT])

    assert retold(WRITTEN, held) is held
    assert retold(held.model_copy(update={"inspected": None}), held).inspected is None


def test_a_changed_file_keeps_what_was_proposed_for_its_sources():
    held = inspected(status=[UNIT])
    changed = WRITTEN.model_copy(update={"assumptions": ("All clocks agree",)})

    known = retold(changed, held)

    assert (known.types, known.sources) == (held.types, held.sources)
    assert known.assumptions == ("All clocks agree",)
    assert known.inspected
    assert known.inspected.written == changed.hash()
