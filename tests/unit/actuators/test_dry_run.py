"""A dry run shows what would be sent, and sends nothing."""

# ruff: noqa: S106 - `${NAME}` is a reference, and what stands for a secret is none

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.actuator_contract import StandingClock, a_command
from fakes.http_site import http_site

from graphtwin.actuators.dry_run import DryRunActuator
from graphtwin.actuators.http import HttpActuator
from graphtwin.actuators.mqtt import MqttActuator
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.plan import Request


async def test_nothing_leaves_the_machine_and_the_request_is_shown_without_a_secret():
    with http_site() as site:
        config = Actuator(type="http", endpoint=f"{site.url}/api", token="${GONE}", dry_run=True)
        actuator = DryRunActuator(HttpActuator("bms", config, Path(), StandingClock(), {}))

        actuator.check()
        answer = await actuator.send(a_command())

        assert actuator.name == "bms"
        assert answer.outcome == "not_sent"
        assert answer.text == f'dry run: would send PUT {site.url}/api/zones/z1 {{"setpoint":21.5}}'
        assert site.asked == []


async def test_a_message_is_shown_with_its_topic():
    config = Actuator(type="mqtt", endpoint="mqtt://broker.example/floor", dry_run=True)
    actuator = DryRunActuator(MqttActuator("line", config, Path(), StandingClock(), {}))

    answer = await actuator.send(a_command(request=Request("POST", "zones/z1", "x" * 1000)))

    assert answer.outcome == "not_sent"
    assert answer.text.startswith('dry run: would publish floor/zones/z1 at mqtt://broker.example "xxx')
    assert len(answer.text) == 500


@pytest.mark.parametrize("path", ["../admin", "zones/#"])
async def test_what_could_not_be_sent_is_told_so(path: str):
    config = Actuator(type="http", endpoint="http://bms.example", dry_run=True)
    actuator = DryRunActuator(HttpActuator("bms", config, Path(), StandingClock(), {}))

    answer = await actuator.send(a_command(request=Request("PUT", path)))

    assert answer.outcome == "not_sent"
    assert "couldn't be sent" in answer.text
