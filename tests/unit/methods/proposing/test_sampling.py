"""What a source is called, and which of its messages are looked at."""

from __future__ import annotations

import pytest

from graphtwin.methods.proposing.sampling import MOST_FIELDS, called, samples_of
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Message, Reading


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"type": "file", "path": "pumps.csv"}, "pumps"),
        ({"type": "file", "path": "/data/restaurants/records.csv"}, "restaurants"),
        ({"type": "file", "path": "data.csv"}, "data"),
        ({"type": "http", "endpoint": "https://building.example/api/v1/hvac/status"}, "hvac"),
        ({"type": "http", "endpoint": "https://building.example/units.json?all=1"}, "units"),
        ({"type": "http", "endpoint": "https://building.example"}, "s"),
        ({"type": "mqtt", "endpoint": "mqtt://sensors.example.com/floor-3/#"}, "floor-3"),
        ({"type": "command", "command": ["python", "collect.py"]}, "s"),
    ],
)
def test_a_source_is_called_after_what_names_its_things(source: dict[str, object], name: str):
    assert called("s", Source.model_validate(source)) == name


def test_of_wide_messages_fewer_are_looked_at():
    config = TwinConfig.model_validate({"world": {"id": "w"}, "sources": {"s": {"type": "file", "path": "s.jsonl"}}})
    wide = {f"f{number}": 1 for number in range(1000)}
    messages = tuple(Message(b"", wide, f"s:{number}", f"{number}") for number in range(400))

    [sample] = samples_of([Reading("s", answered=True, read_at=0, messages=messages)], config)

    assert len(sample.payloads) == MOST_FIELDS // 1000


def test_what_a_source_says_about_itself_is_about_no_thing():
    config = TwinConfig.model_validate({"world": {"id": "w"}, "sources": {"s": {"type": "file", "path": "s.jsonl"}}})
    messages = (Message(b"", {"id": "a"}, "s:1", "1"), Message(b"", {"status": "offline"}, "s:2", "2", status=True))

    [sample] = samples_of([Reading("s", answered=True, read_at=0, messages=messages)], config)

    assert sample.payloads == ({"id": "a"},)
