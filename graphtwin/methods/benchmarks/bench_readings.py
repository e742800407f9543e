"""The load that benchmarks are run on: sensors with five variables each, read round after round; the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from graphtwin.model.durations import MINUTE, SECOND
from graphtwin.model.instants import format_instant

VARIABLES: Final = ("temperature", "humidity", "pressure", "power", "flow")
FIRST: Final = 1_767_225_600 * SECOND
"""2026-01-01: the instant of the first round; each later one comes a minute after."""

UNITS: Final = {"temperature": "Cel", "humidity": "%", "pressure": "kPa", "power": "kW", "flow": "m3/h"}
SOURCE: Final = "readings"
_VALUES: Final = 997
"""A prime, so that values of neighbours and of rounds don't fall together."""


def bench_twin(world: str) -> dict[str, Any]:
    """The twin.yaml of the load: one file of JSON lines, mapped, in the time of its events."""
    return {
        "world": {"id": world, "clock": "events"},
        "sources": {
            SOURCE: {
                "type": "file",
                "path": "readings.jsonl",
                "trust": "hardware_sensor",
                "kind": "sensor",
                "timestamp": "ts",
                "mapping": {
                    "type": "sensor",
                    "id": "sensor",
                    "variables": {name: {"path": name, "unit": unit} for name, unit in UNITS.items()},
                },
            }
        },
        "types": {
            "sensor": {
                "is_a": "sensor",
                "variables": {name: {"unit": unit, "span": 100} for name, unit in UNITS.items()},
            }
        },
        "constraints": {"min_confidence": 0.5},
    }


def one_value_lines(number: int, entities: int) -> Iterator[bytes]:
    """A round in which each variable of each sensor comes as a message of its own: 5 × `entities` lines."""
    for entity in range(entities):
        for place, name in enumerate(VARIABLES):
            yield _line(number, entity, {name: reading_of(number, entity, place)})


def whole_lines(number: int, entities: int) -> Iterator[bytes]:
    """A round in which each sensor says all its variables in one message: `entities` lines."""
    for entity in range(entities):
        yield _line(number, entity, {name: reading_of(number, entity, place) for place, name in enumerate(VARIABLES)})


def _line(number: int, entity: int, values: dict[str, float]) -> bytes:
    stamp = format_instant(FIRST + number * MINUTE)
    return orjson.dumps({"sensor": f"s{entity:05d}", "ts": stamp, **values}) + b"\n"


def reading_of(number: int, entity: int, place: int) -> float:
    """What a sensor's variable at `place` reads in a round: another value each round."""
    return (number * 7 + entity * 31 + place * 131) % _VALUES / 10
