"""The actuators of a twin.yaml stand behind one gateway, and their secrets are looked up when they are needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.actuators.dry_run import DryRunActuator
from graphtwin.actuators.http import HttpActuator
from graphtwin.actuators.mqtt import MqttActuator
from graphtwin.app.adapters import SystemClock, make_actuators, make_gateway
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.twin import TwinConfig

LEAST = {"world": {"id": "floor"}, "sources": {"s": {"type": "file", "path": "s.csv"}}}
TWIN = LEAST | {
    "actuators": {
        "bms": {"type": "http", "endpoint": "https://bms.example/api", "token": "${BMS_TOKEN}"},
        "line": {"type": "mqtt", "endpoint": "mqtt://broker.example/floor"},
        "trial": {"type": "http", "endpoint": "https://new.example", "token": "${NOBODY_HAS_IT}", "dry_run": True},
    },
}


def test_each_actuator_is_of_its_kind_and_bears_its_name():
    made = make_actuators(TwinConfig.model_validate(TWIN), Path(), SystemClock(), {})

    assert {name: type(one) for name, one in made.items()} == {
        "bms": HttpActuator, "line": MqttActuator, "trial": DryRunActuator,
    }  # fmt: skip
    assert all(one.name == name for name, one in made.items())


def test_a_secret_that_is_not_there_is_told_before_anything_is_planned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("BMS_TOKEN", raising=False)
    gateway = make_gateway(TwinConfig.model_validate(TWIN), Path(), SystemClock())

    with pytest.raises(ConfigurationError, match="BMS_TOKEN"):
        gateway.check()
    monkeypatch.setenv("BMS_TOKEN", "abc")
    gateway.check()


def test_an_endpoint_that_cannot_be_used_is_told_at_once():
    twin = TwinConfig.model_validate(LEAST | {"actuators": {"bms": {"type": "http", "endpoint": "bms.example"}}})

    with pytest.raises(ConfigurationError, match="bms"):
        make_gateway(twin, Path(), SystemClock())


def test_a_world_without_actuators_has_a_gateway_that_leads_nowhere():
    gateway = make_gateway(TwinConfig.model_validate(LEAST), Path(), SystemClock())

    gateway.check()
