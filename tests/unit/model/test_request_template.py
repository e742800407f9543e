"""Requests with placeholders."""

from __future__ import annotations

import pytest

from graphtwin.model.request_template import filled, placeholders, value_and_unit

TEMPLATE = {"point": "{record:bms}", "value": "{setpoint}", "note": "set {local_id} to {setpoint}", "list": ["{id}", 3]}


def test_every_placeholder_is_found_at_any_depth():
    assert placeholders(TEMPLATE) == {"record:bms", "setpoint", "local_id", "id"}


def test_a_text_that_is_one_placeholder_alone_becomes_the_value_itself():
    values = {"record:bms": "AHU-3A", "setpoint": 21.5, "local_id": "ahu", "id": "hvac:local/ahu"}

    assert filled(TEMPLATE, values) == {
        "point": "AHU-3A", "value": 21.5, "note": "set ahu to 21.5", "list": ["hvac:local/ahu", 3],
    }  # fmt: skip


def test_an_act_is_never_sent_with_a_hole_in_it():
    with pytest.raises(KeyError):
        filled("{setpoint}", {})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("setpoint", ("setpoint", "")),
        ("setpoint:[degF]", ("setpoint", "[degF]")),
        ("flow:m3/h", ("flow", "m3/h")),
        ("effect:setpoint", ("effect:setpoint", "")),
        ("effect:setpoint:%", ("effect:setpoint", "%")),
        ("record:bms", ("record:bms", "")),
    ],
)
def test_a_placeholder_may_name_the_unit_that_it_wants(name: str, meant: tuple[str, str]):
    assert placeholders(f"set {{{name}}}") == {name}
    assert value_and_unit(name) == meant
