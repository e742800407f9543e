"""The load of the benchmarks is what it says it is."""

from __future__ import annotations

import json

from graphtwin.methods.benchmarks.bench_readings import VARIABLES, bench_twin, one_value_lines, whole_lines
from graphtwin.model.configuration.twin import TwinConfig


def test_the_same_round_is_the_same_bytes_and_another_one_is_none_of_them() -> None:
    first, again, second = list(one_value_lines(1, 40)), list(one_value_lines(1, 40)), list(one_value_lines(2, 40))

    assert first == again
    assert not set(first) & set(second)


def test_each_variable_of_each_sensor_comes_once_a_round() -> None:
    alone, together = (
        [json.loads(one) for one in one_value_lines(3, 40)],
        [json.loads(one) for one in whole_lines(3, 40)],
    )

    said = [(one["sensor"], name, value) for one in alone for name, value in one.items() if name in VARIABLES]
    assert len(alone) == len(set(said)) == 40 * len(VARIABLES)
    assert len(together) == 40
    assert said == [(one["sensor"], name, one[name]) for one in together for name in VARIABLES]


def test_every_value_differs_from_the_round_before() -> None:
    before, after = [json.loads(one) for one in whole_lines(7, 300)], [json.loads(one) for one in whole_lines(8, 300)]

    assert all(one[name] != other[name] for one, other in zip(before, after, strict=True) for name in VARIABLES)


def test_its_twin_is_a_configuration() -> None:
    config = TwinConfig.model_validate(bench_twin("bench"))

    assert set(config.types["sensor"].variables) == set(VARIABLES)
    assert config.world.clock == "events"
