"""propose: what is made of what sources say at first, and why."""

from __future__ import annotations

import pytest
from unit.methods.proposing.first_words import by_topic, proposed, table

from graphtwin.methods.proposing.proposal import ProposedThings

PUMPS = """\
id,name,maker,temp_c,power [kW],feeds
pump-1,Feed pump,Nord,61.5,1.5,tank-1
pump-2,Back pump,Nord,58,n/a,tank-1
tank-1,Day tank,Kessel,24.0,,
"""


def things_of(found: object) -> ProposedThings:
    [source] = found.proposal.sources  # type: ignore[attr-defined]
    [things] = source.things
    return things


def test_a_table_of_things_is_read_whole():
    found = proposed(things=table(PUMPS))

    assert found.values["things:pump-1"] == {
        "@type": "thing", "labels": ["Feed pump"], "maker": "Nord", "temp_c": 61.5, "power": 1.5, "feeds": "things:tank-1",
    }  # fmt: skip
    assert found.out.quarantined == ()


def test_every_guess_has_its_reason_in_the_file():
    text = proposed(things=table(PUMPS)).text

    for line in (
        "id: id  # id differs in every row",
        "label: name  # name reads like a name for people",
        "temp_c: {unit: Cel}  # numbers throughout; the name ends in c, after temp",
        "feeds: {functional: true}  # feeds holds ids of thing",
        "roster: true  # each row tells of another thing",
    ):
        assert line in text


def test_nothing_acts_and_no_limit_is_invented():
    config = proposed(things=table(PUMPS)).config

    assert (config.constraints, config.rules, config.actions) == (None, (), ())
    for variable in config.types["thing"].variables.values():
        assert (variable.limit, variable.span, variable.nominal) == (None, None, None)


@pytest.mark.parametrize(
    ("header", "cells", "datatype", "unit"),
    [
        ("temp_c", ["21.5", "22"], "number", "Cel"),
        ("Outdoor Temp (°C)", ["21.5", "22"], "number", "Cel"),
        ("pressure_kPa", ["101.3", "99"], "number", "kPa"),
        ("humidity %", ["45", "50"], "number", "%"),
        ("humidity", ["45 %", "50 %"], "number", "%"),
        ("temperature", ["21.5 °C", "70 °F"], "number", "Cel"),
        ("flow [m³/h]", ["1.5", "2"], "number", "m3/h"),
        ("light [lx]", ["100.5", "200"], "number", ""),
        ("x_mw", ["1.5", "2"], "number", ""),
        ("temp_min", ["1.5", "2"], "number", ""),
        ("running", ["yes", "no"], "boolean", ""),
        ("built", ["2020-01-31", "2021-02-28"], "datetime", ""),
        ("number_of_people", ["1", "2"], "integer", ""),
        ("code", ["007", "008"], "string", ""),
        ("speed", ["unavailable", "12.5"], "number", ""),
        ("room", ["3A", "4B"], "string", ""),
        ("big", ["123456789012345678901", "1"], "string", ""),
    ],
)
def test_a_column_is_declared_as_its_cells_and_its_name_say(header: str, cells: list[str], datatype: str, unit: str):
    rows = [{"id": f"p-{number}", header: cell} for number, cell in enumerate(cells)]

    found = proposed(pumps=rows)

    [variable] = found.config.types["pump"].variables.values()
    assert (variable.datatype, variable.unit) == (datatype, unit)
    assert found.out.quarantined == ()


def test_numbers_in_a_style_of_their_own_are_read_where_one_of_them_can_mean_nothing_else():
    found = proposed(pumps=table("id;flow;pressure\nP-1;1.234,5;2,5\nP-2;2,25;1.000\n", ";"))

    assert found.config.sources["pumps"].numbers == "1.234,5"
    assert found.values["pumps:P-2"] == {"@type": "pump", "flow": 2.25, "pressure": 1000}


def test_a_number_that_may_be_thousands_or_decimals_stays_text_and_is_told():
    found = proposed(pumps=table('id,flow\nP-1,"1,234"\nP-2,"5,678"\n'))

    assert found.variable("pump.flow").datatype == "string"
    assert "1,234 may be thousands or decimals" in found.text


def test_a_mixture_is_kept_as_it_comes_and_not_declared():
    found = proposed(pumps=[{"id": "p-1", "value": 5}, {"id": "p-2", "value": [1]}, {"id": "p-3", "value": {"a": 1}}])

    assert "value" not in found.config.types["pump"].variables
    assert found.values["pumps:p-3"]["value"] == {"a": 1}


def test_a_column_without_a_cell_is_left_out_and_told():
    found = proposed(pumps=table("id,notes\nP-1,\nP-2,\n"))

    assert "# not read: notes (says nothing in the sample)" in found.text


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("name,serial\nFeed pump,S1\nBack pump,S2\n", "serial"),
        ("device,ts,flow\nd1,2026-01-01,1.5\nd2,2026-01-01,2.5\nd1,2026-01-02,1.5\n", "device"),
        ("point_name,flow\nP-1,1.5\nP-2,2.5\n", "point_name"),
        ("what,flow\nP-1,1.5\nP-2,2.5\n", "what"),
        ("line,place,flow\nL1,a,1.5\nL1,b,2.5\nL2,a,1.5\n", "join('/', [line, place])"),
        ("colour,shape\nred,round\nred,square\nred,round\n", "join('/', [colour, shape])"),
        ("ts,flow\n2026-01-01,1.5\n2026-01-02,2.5\n", "'readings'"),
    ],
    ids=["serial", "dated", "named", "unique", "two together", "all together", "one thing"],
)
def test_what_a_row_is_about_is_found(text: str, expression: str):
    things = things_of(proposed(readings=table(text)))

    assert things.id.value == expression


def test_an_id_that_is_a_last_resort_says_so():
    things = things_of(proposed(readings=table("colour,shape\nred,round\nred,square\nred,round\n")))

    assert things.id.sure == "unsure"
    assert "give the rows an id" in things.id.why


def test_rows_without_an_id_are_set_aside_and_counted_beforehand():
    rows = [{"id": f"p-{number}" if number else "", "flow": "1.5"} for number in range(40)]

    found = proposed(pumps=rows)

    assert "1 rows have none and will be set aside" in found.text
    assert [one.reason for one in found.out.quarantined] == ["the id is missing"]


def test_the_dates_of_readings_are_read_and_those_of_things_are_not():
    readings = proposed(readings=table("device,when,time\nd1,a,2026-01-01T00:00:00Z\nd1,b,2026-01-02T00:00:00Z\n"))
    people = proposed(people=table("id,date\np1,1975-03-31\np2,1982-07-19\n"))

    assert readings.proposal.sources[0].timestamp.value == "time"
    assert people.proposal.sources[0].timestamp.value == ""
    assert people.variable("person.date" if "person" in people.config.types else "people.date").datatype == "datetime"


def test_a_field_called_like_a_time_that_holds_none_is_kept_from_being_read_as_one():
    found = proposed(runs=table("id,time\nr1,12.5\nr2,13.5\n"))

    assert found.proposal.sources[0].timestamp.value == "''"
    assert found.values["runs:r2"]["time"] == 13.5


def test_day_and_hour_in_two_fields_are_one_time():
    found = proposed(log=table("device,date,time,flow\nd1,2026-01-01,12:30,1.5\nd1,2026-01-01,12:40,2.5\n"))

    assert found.config.sources["log"].timestamp == "join('T', [date, time])"
    assert found.out.quarantined == ()


def test_a_source_that_dates_ahead_announces_what_is_to_come():
    found = proposed(shifts=table("room,ts,people\nr1,2026-02-01,4.5\nr1,2026-02-02,5.5\n"))

    assert found.config.sources["shifts"].plans
    assert found.out.quarantined == ()


def test_types_come_from_the_field_that_names_them():
    found = proposed(points=table("id,entity_type,flow\na1,Pump,1.5\na2,Pump,1.5\na3,Tank,\na4,Tank,\n"))

    assert found.config.sources["points"].mapping[0].type == "=entity_type"
    assert set(found.config.types) == {"Pump", "Tank"}


def test_types_whose_names_twin_yaml_can_not_take_are_renamed():
    found = proposed(points=table("id,kind\na1,room temp\na2,room temp\na3,Entity\na4,Entity\n"))

    assert set(found.config.types) == {"room_temp", "the_Entity"}
    assert found.values["points:a1"]["@type"] == "room_temp"


def test_objects_are_typed_by_how_their_ids_begin_when_nothing_else_tells():
    found = proposed(
        data=[{"id": "sensor-temp-301", "x": 1.5}, {"id": "hvac-unit-3a", "x": 2.5}, {"id": "gateway", "x": 1}]
    )

    assert {record: said["@type"] for record, said in found.values.items()} == {
        "data:sensor-temp-301": "sensor_temp", "data:hvac-unit-3a": "hvac_unit", "data:gateway": "gateway",
    }  # fmt: skip


def test_identifiers_and_counters_are_not_judged():
    rows = [
        {"device": "m1", "ts": f"2026-01-01T00:{minute:02}:00Z", "energy_kwh": 100.5 + minute, "power_kw": 5 - minute % 3, "serial": "S-1"}
        for minute in range(6)
    ]  # fmt: skip

    found = proposed(meters=rows)

    assert not found.variable("meter.energy_kwh").judged
    assert not found.variable("meter.serial").judged
    assert found.variable("meter.power_kw").judged


def test_graphtwins_own_names_are_given_way():
    found = proposed(
        pumps=table(
            "id,world,extra,labels,installed_at,setpoint,setpoint_desired\np1,a,b,c,2020-01-01,1.5,2.5\np2,a,b,c,2020-01-01,1.5,3.5\n"
        )
    )

    assert set(found.config.types["pump"].variables) == {
        "world_value", "extra_value", "labels_value", "installed", "setpoint", "setpoint_2",
    }  # fmt: skip
    assert [fact.value for fact in found.out.facts if fact.layer == "desired"] == [2.5, 3.5]


def test_a_status_feeds_the_things_own():
    found = proposed(pumps=[{"id": "p1", "status": "on"}, {"id": "p2", "status": "off"}])

    assert "status" not in found.config.types["pump"].variables
    assert found.values["pumps:p1"]["status"] == "on"


def test_a_relation_leads_to_another_source():
    found = proposed(
        pumps=table("id,room_id,site_id\np1,r1,s9\np2,r2,s9\np3,,s9\n"), rooms=table("id,area\nr1,20.5\nr2,30.5\n")
    )

    assert found.values["pumps:p1"]["located_in"] == "rooms:r1"
    assert "located_in" not in found.values["pumps:p3"]
    assert found.variable("pump.site_id").attribute


def test_what_depends_is_a_dependency():
    found = proposed(services=[{"id": "shop-1", "depends_on": ["db-1", "db-2"]}, {"id": "db-1"}, {"id": "db-2"}])

    relation = found.config.relations["depends_on"]
    assert (relation.dependency, relation.functional) == (True, False)


def test_a_long_table_is_a_variable_a_measure():
    text = "device,ts,metric,value,unit\n" + "".join(
        f"d{device},2026-01-01T0{hour}:00:00Z,{metric},{value},{unit}\n"
        for device in (1, 2)
        for hour in range(3)
        for metric, value, unit in (("temperature", 20.5 + hour, "°C"), ("flow", 1.5, "L/s"))
    )

    found = proposed(readings=table(text))

    assert {name: one.unit for name, one in found.config.types["reading"].variables.items()} == {
        "flow": "L/s", "temperature": "Cel",
    }  # fmt: skip
    assert found.values["readings:d1"]["temperature"] == 22.5


def test_a_status_document_holds_things_in_lists():
    document = {
        "read_at": "2026-01-15T15:59:00Z",
        "units": [{"id": "u1", "temperature": 23.5, "valve": {"command": 40.0}, "zone": "z1"}],
        "zones": [{"id": "z1", "area_m2": 90.5}],
    }

    found = proposed(status=[document])

    assert found.values["status:u1"] == {
        "@type": "unit", "temperature": 23.5, "valve_command": 40.0, "located_in": "status:z1",
    }  # fmt: skip


def test_a_status_document_holds_things_under_their_names():
    found = proposed(status=[{"hvac-unit-3a": {"temperature": 23.5, "status": "cooling"}, "zone-3a": {"area": 9.5}}])

    assert found.values["status:hvac-unit-3a"] == {"@type": "hvac_unit", "temperature": 23.5, "status": "cooling"}
    assert found.values["status:zone-3a"]["@type"] == "zone"


def test_measurements_with_their_units_are_no_things():
    found = proposed(
        pumps=[{"id": "p1", "flow": {"value": 600, "unit": "L/min"}, "temp": {"value": 20.5, "unit": "°C"}}]
    )

    assert found.values["pumps:p1"] == {"@type": "pump", "flow": 600, "temp": 20.5}
    assert found.variable("pump.flow").unit == "L/min"


def test_topics_name_things_and_what_is_measured():
    found = proposed(
        bus=[
            by_topic(
                "floor-3/temp-301/temperature", {"value": 24.1, "unit": "°C", "ts": "2026-01-15T15:59:45Z", "seq": 7}
            ),
            by_topic(
                "floor-3/temp-302/temperature", {"value": 23.1, "unit": "°C", "ts": "2026-01-15T15:59:45Z", "seq": 9}
            ),
            by_topic("floor-3/temp-301/info", {"serial": "E8-44-0301", "model": "RT-2"}),
            by_topic("floor-3/gateway/status", {"value": "online"}),
        ]
    )

    assert found.values["bus:temp-301"] == {
        "@type": "temp", "temperature": 24.1, "serial": "E8-44-0301", "model": "RT-2",
    }  # fmt: skip
    assert found.variable("temp.temperature").unit == "Cel"
    assert found.values["bus:gateway"]["status"] == "online"


def test_topics_with_plain_values_and_objects_are_read_too():
    found = proposed(
        bus=[
            by_topic("home/kitchen/temperature", 21.5),
            by_topic("home/bath/temperature", 23),
            by_topic("home/hall/lamp/on", True),
        ]
    )

    assert set(found.values) == {"bus:kitchen", "bus:bath", "bus:lamp"}
    assert found.values["bus:bath"] == {"@type": "device", "temperature": 23}
    assert found.out.quarantined == ()


def test_things_with_the_same_telling_ids_are_one_type():
    found = proposed(
        inventory=table("id,type,room\nahu-1,hvac_unit,r1\nahu-2,hvac_unit,r2\n"),
        status=[{"id": "ahu-1", "temp": 20.5}, {"id": "ahu-2", "temp": 21.5}],
    )

    assert found.values["status:ahu-1"]["@type"] == "hvac_unit"


def test_sources_that_both_count_from_one_speak_of_different_things():
    found = proposed(pumps=table("id,flow\n1,1.5\n2,2.5\n"), rooms=table("id,area\n1,10.5\n2,20.5\n"))

    assert found.config.sources["rooms"].id_space == "rooms"
    assert "its 1 is another thing than that of pumps" in found.text


def test_two_kinds_of_one_document_that_count_from_one_are_kept_apart():
    found = proposed(status=[{"units": [{"id": 1, "zone_id": 1}], "zones": [{"id": 1, "area": 5.5}]}])

    assert set(found.values) == {"status:1", "status:zone-1"}
    assert found.values["status:1"]["located_in"] == "status:zone-1"


def test_types_that_would_become_one_label_have_one_name():
    found = proposed(
        points=table("id,type\na1,Pump\na2,Pump\na3,Fan\na4,Fan\n"), pump=table("id,flow\nx1,1.5\nx2,2.5\n")
    )

    assert set(found.config.types) == {"Pump", "Fan"}


def test_one_name_means_one_thing_in_a_type():
    found = proposed(
        pump=table("id,level\np1,1.5\np2,2.5\n"), pumps=[{"id": "p1", "level": "high"}, {"id": "p2", "level": "low"}]
    )

    assert (found.variable("pump.level").datatype, found.variable("pump.level_2").datatype) == ("number", "string")


def test_one_variable_in_two_units_is_converted():
    found = proposed(
        pump=table("id,temp\np1,20.5 °C\np2,21.5 °C\n"),
        pumps=[{"id": "p1", "temp": "68 °F"}, {"id": "p2", "temp": "69 °F"}],
    )

    assert found.values["pumps:p1"]["temp"] == 20
    assert set(found.config.types["pump"].variables) == {"temp"}


def test_lists_of_what_has_no_name_are_no_things():
    found = proposed(
        bridge=[{"title": "Calculator", "forms": [{"href": "a"}, {"href": "b"}], "timestamp": {"type": "string"}}]
    )

    assert list(found.values) == ["bridge:Calculator"]
    assert found.values["bridge:Calculator"]["forms"] == [{"href": "a"}, {"href": "b"}]
    assert found.out.quarantined == ()


def test_an_item_without_an_id_costs_the_others_nothing():
    units = [{"id": f"u{number}", "temp": 20.5} for number in range(30)]

    found = proposed(status=[{"units": [*units, {"temp": 1.5}]}])

    assert len(found.values) == 30
    assert found.out.quarantined == ()
