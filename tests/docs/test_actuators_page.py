"""reference/actuators.md says what is true."""

from __future__ import annotations

import re

import pytest
from contracts.actuator_contract import StandingClock
from docs.tour import ROOT

from graphtwin.actuators.http import METHODS, _outcome_of
from graphtwin.app.adapters import make_gateway
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.twin import TwinConfig

PAGE = (ROOT / "reference" / "actuators.md").read_text("utf-8")


@pytest.fixture
def twin() -> TwinConfig:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return parse_twin(text)


def test_its_twin_can_be_used_once_its_secret_is_there(twin: TwinConfig, monkeypatch: pytest.MonkeyPatch):
    gateway = make_gateway(twin, ROOT, StandingClock())

    with pytest.raises(ConfigurationError, match="BMS_TOKEN"):
        gateway.check()
    monkeypatch.setenv("BMS_TOKEN", "abc")
    gateway.check()


def test_the_methods_are_those_of_the_page():
    assert [method for method in METHODS if f"`{method}`" not in PAGE] == []


def test_statuses_mean_what_its_table_says():
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|", PAGE, re.MULTILINE))

    assert {outcome: sorted(_statuses(text)) for outcome, text in rows.items()} == {
        "done": [200], "refused": [301, 307, 308, 400], "unknown": [408, 500], "not_sent": [],
    }  # fmt: skip
    for outcome, text in rows.items():
        assert [status for status in _statuses(text) if _outcome_of(status) != outcome] == []


def _statuses(text: str) -> set[int]:
    """The statuses that a cell names, a family by its first, without those after `but`."""
    return {int(status.replace("x", "0")) for status in re.findall(r"(?<!other )(?<!but )\b\d(?:\d\d|xx)\b", text)}
