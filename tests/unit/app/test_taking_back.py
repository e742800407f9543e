"""What was done is taken back also when the building leaves it open whether it did what it was told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import details, memory
from fakes.building_actuator import BuildingActuator, building

BOTH_WRONG = {name: {**values, "setpoint": 25.0} for name, values in DEVICES.items()}


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", BOTH_WRONG) as one:
        yield one


@pytest.fixture
def floor(tmp_path: Path, bms: BuildingActuator) -> ActingWorld:
    world = ActingWorld(tmp_path / "floor", memory(), bms)
    # A lease that lasts longer than anybody waits for one: who waits for their own is found out.
    world.config["actuators"]["bms"]["timeout"] = "30s"
    return world


async def test_a_compensation_whose_answer_is_lost_is_looked_at_while_the_lease_is_held(
    floor: ActingWorld, bms: BuildingActuator
):
    bms.behave("apply", "refuse", "drop_after", "refuse")

    outcome = await floor.sync()

    assert outcome.report.status == "rolled_back", details(outcome)
    assert {name: values["setpoint"] for name, values in bms.devices().items()} == {"za": 25.0, "zb": 25.0}
    acts = await floor.store.acts(floor.id)
    assert [(act.covers, act.outcome) for act in acts][:3] == [
        ("act", "done"), ("act", "refused"), ("compensation", "unknown"),
    ]  # fmt: skip
