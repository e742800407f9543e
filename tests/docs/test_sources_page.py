"""reference/sources.md says what is true."""

import json
import re
from pathlib import Path

import pytest
import yaml

from graphtwin.methods.reading.mapping import check_sources
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports import Message, Reading
from graphtwin.steps.transform import transform

PAGE = (Path(__file__).resolve().parents[2] / "reference" / "sources.md").read_text()
NOW = 1_769_860_800_000_000


@pytest.fixture
def config():
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return TwinConfig.model_validate(yaml.safe_load(text))


def test_its_twin_can_be_used(config):
    check_sources(config)


def test_its_mapping_reads_what_it_says(config):
    payload = {
        "kind": "pump", "serial": 17, "name": "P17", "measured": "2026-01-31T12:00:00", "quality": 0.5, "room": "rooms:r1",
        "targets": ["p18", "p19"], "shares": [0.25, 0.75], "reading": {"flow": 60, "unit": "L/min", "state": "on"},
    }  # fmt: skip
    message = Message(json.dumps(payload).encode(), payload, "meters.jsonl:1", "g0@0", 0)

    out = transform([Reading("meters", answered=True, read_at=NOW, messages=(message,))], config, run="r", now=NOW)

    said = {(fact.name, fact.object): fact.value for fact in out.facts}
    assert out.quarantined == ()
    assert said == {
        ("@type", ""): "pump", ("labels", ""): ["P17"], ("flow", ""): 1.0, ("state", ""): "on",
        ("located_in", ""): "rooms:r1", ("feeds", "meters:p18"): True, ("feeds", "meters:p19"): True,
        ("feeds.share", "meters:p18"): 0.25, ("feeds.share", "meters:p19"): 0.75,
    }  # fmt: skip
    assert out.newest_event == NOW - 3_600_000_000
