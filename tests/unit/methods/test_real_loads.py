"""Drift and forecast on recorded loads of nine buildings: no exceptions, sane rates, a forecast worth having."""

import csv
from collections import defaultdict
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from graphtwin.methods.judging.drift import judge_variable
from graphtwin.methods.judging.forecast import forecast_violation
from graphtwin.model.configuration.twin import Variable
from graphtwin.model.state import Held
from graphtwin.ports import Sample

HOUR = 3_600_000_000
DATA = Path(__file__).parents[4] / "shared" / "data" / "signals" / "citylearn_load" / "series.csv"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"recorded loads are not at {DATA}")


@pytest.fixture(scope="module")
def loads():
    """Each building's first 3,000 hours."""
    found = defaultdict(list)
    with DATA.open() as file:
        for row in csv.DictReader(file):
            if int(row["ds"]) < 3_000:
                found[row["unique_id"]].append(float(row["y"]))
    return dict(found)


def samples(values):
    return [Sample(hour * HOUR, value) for hour, value in enumerate(values)]


def test_ordinary_loads_rarely_look_like_drift(loads):
    remarkable = judged = 0

    for values in loads.values():
        for hour in range(200, 1_000, 10):
            now = Held(values[hour], "kW.h", hour * HOUR, hour * HOUR, 1.0, "observation", "meter", "meter:b", "f")
            found = judge_variable("b", "load", Variable(), now, samples=samples(values[hour - 168 : hour])[:168])
            judged += 1
            remarkable += found.magnitude > 0.15 and not found.ordinary

    assert judged == 9 * 80
    assert 0 < remarkable / judged < 0.05


@pytest.mark.parametrize(("quantile", "at_most"), [(0.9, 0.25), (0.97, 0.25), (0.99, 0.25)])
def test_the_forecast_of_leaving_a_limit_is_better_than_not_knowing(loads, quantile, at_most):
    """Brier score over rolling origins, a day ahead; saying one half every time scores .25."""
    errors = []

    for values in loads.values():
        for origin in islice(range(700, 2_900, 180), 12):
            past, ahead = values[origin - 672 : origin], values[origin : origin + 24]
            limit = float(np.quantile(past, quantile))
            outlook = forecast_violation(
                samples(past), now=671 * HOUR, horizon=24 * HOUR, lower=None, upper=limit, seed=7
            )
            errors.append((outlook.probability - (max(ahead) > limit)) ** 2)

    assert len(errors) == 108
    assert np.mean(errors) < at_most
