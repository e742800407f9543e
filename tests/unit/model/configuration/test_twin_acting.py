"""What twin.yaml says about acting: what it may look like, and how its mistakes are told."""

from __future__ import annotations

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import parse_twin

GOOD = """\
world: {id: floor}
sources: {bms: {type: file, path: bms.csv}}
types:
  zone: {variables: {temperature: {unit: Cel}, setpoint: {unit: Cel}, mode: {datatype: string}}}
actuators:
  bms: {type: http, endpoint: "http://127.0.0.1:1/", token: "${BMS_TOKEN}"}
actions:
  - id: set_point
    title: Set it
    when: ["drift:zone.setpoint"]
    actuator: bms
    request: {method: PUT, path: "points/{record:bms}", body: {value: "{setpoint}"}}
    requires: ["entity.mode == 'auto'"]
    effects: {setpoint: "=entity.setpoint_desired"}
    criteria: ["entity.setpoint == entity.setpoint_desired", {expect: "entity.temperature < 24.0", within: 10m}]
    reversible: reversible
constraints:
  allowed_actions: [set_point]
  pre_approved: [set_point]
  bounds: {zone.setpoint: {min: 18, max: 26}}
  windows: [{days: [mon, tue], begins: "07:00", ends: "19:00"}]
  rate_limits: [{max: 2, per: 1h, each_entity: true}]
  interlocks: [{id: too_cold, cypher: "MATCH (z:Zone {world: $world}) RETURN z.id AS subject"}]
  conditions: ["risk < 0.9"]
"""


def test_everything_about_acting_can_be_declared():
    twin = parse_twin(GOOD)

    (action,) = twin.actions
    assert [one.expect for one in action.criteria][1] == "entity.temperature < 24.0"
    assert twin.constraints is not None
    assert twin.constraints.conditions[0].expect == "risk < 0.9"
    assert twin.actuators["bms"].token == "${BMS_TOKEN}"  # noqa: S105 - a name, not a secret


@pytest.mark.parametrize(
    ("was", "now", "path", "message"),
    [
        ("actuator: bms\n", "actuator: bns\n", "actions[0].actuator", "no actuator 'bns'"),
        ("{record:bms}", "{record:inventory}", "actions[0].request", "nothing fills in {record:inventory}"),
        ("entity.mode == 'auto'", "zone.mode == 'auto'", "actions[0].requires[0]", "reads 'zone'"),
        ("=entity.setpoint_desired", "=entity.", "actions[0].effects.setpoint", "isn't a CEL condition"),
        ("risk < 0.9", "risk <", "constraints.conditions[0]", "isn't a CEL condition"),
        ("allowed_actions: [set_point]", "allowed_actions: []", "constraints.pre_approved[0]", "not allowed"),
        ("zone.setpoint: {min", "setpoint: {min", "constraints.bounds.setpoint", "isn't a variable of a type"),
        (
            "{min: 18, max: 26}",
            "{min: 18, max: 26}, zone.setpont: {max: 26}",
            "constraints.bounds.zone.setpont",
            "bound nothing",
        ),
        (
            "effects: {setpoint:",
            "effects: {fan: 3, setpoint:",
            "actions[0].effects.fan",
            "no type has a variable 'fan'",
        ),
        ('{value: "{setpoint}"}', "{value: 22}", "actions[0].request", "doesn't send {setpoint}"),
        ("http://127.0.0.1:1/", "mqtt://127.0.0.1:1/", "actuators.bms.endpoint", "isn't an address"),
        ("http://127.0.0.1:1/", "http://me:secret@127.0.0.1/", "actuators.bms.endpoint", "would be stored"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/?key=secret", "actuators.bms.endpoint", "a query belongs to"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:x/", "actuators.bms.endpoint", "isn't an address"),
        ('type: http, endpoint: "http:', 'type: mqtt, endpoint: "mqtt:', "actuators.bms.token", "MQTT has no `token`"),
        ("points/{record:bms}", "../points/{record:bms}", "actions[0].request.path", "would leave the endpoint"),
        ("points/{record:bms}", "points//{record:bms}", "actions[0].request.path", "an empty part"),
        ("    reversible: reversible\n", "    reversible: compensable\n", "actions[0]", "needs `compensation`"),
        ('token: "${BMS_TOKEN}"', "timeout: 3m", "actuators.bms.timeout", "nobody waits longer than 2m"),
        ('"07:00"', '"7 am"', "constraints.windows[0].begins", ""),
        ("max: 2,", "max: -1,", "constraints.rate_limits[0].max", ""),
    ],
)
def test_a_mistake_about_acting_is_told_where_it_stands(was: str, now: str, path: str, message: str):
    assert GOOD.count(was) == 1

    with pytest.raises(ConfigurationError) as caught:
        parse_twin(GOOD.replace(was, now))

    problem = next(one for one in caught.value.problems if one.path == path)
    assert message in problem.message
    assert "secret" not in str(caught.value)


def test_interlocks_and_criteria_can_be_files_beside_twin_yaml(tmp_path):
    text = "MATCH (z:Zone {world: $world}) RETURN z.id AS subject"
    (tmp_path / "cold.cypher").write_text(text)
    written = GOOD.replace(f'cypher: "{text}"', "file: cold.cypher").replace(
        '{expect: "entity.temperature < 24.0", within: 10m}', "{file: cold.cypher}"
    )

    twin = parse_twin(written, folder=tmp_path)

    assert twin.constraints is not None
    assert twin.constraints.interlocks[0].cypher == twin.actions[0].criteria[1].cypher == text
