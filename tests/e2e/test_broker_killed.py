"""kill -9 of the broker: nothing that was acknowledged is lost, the gap is heard as silence, and it heals."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from brokers import Broker, needs_mosquitto
from e2e.plants import VARIABLES, Plant, plant, publish_all
from e2e.small_world import details

from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.durations import MINUTE

KILLS = 100


@pytest.fixture
def plants(tmp_path: Path) -> Iterator[tuple[Plant, Plant]]:
    """One whose broker will be killed, and one that is left in peace."""
    needs_mosquitto()
    with ExitStack() as stack:
        yield plant(tmp_path / "disturbed", stack), plant(tmp_path / "calm", stack)


async def test_the_gap_is_a_silence_finding_and_the_other_sources_go_on(plants: tuple[Plant, Plant]):
    disturbed, _ = plants
    publish_all((disturbed,), 20)
    await disturbed.sync()
    publish_all((disturbed,), 21)
    before = await disturbed.sync()
    disturbed.broker.kill()
    disturbed.pass_time(5 * MINUTE)

    during = await disturbed.sync()
    disturbed.broker.start()
    publish_all((disturbed,), 22)
    after = await disturbed.sync()

    def silent(outcome: Any) -> set[str]:
        return {one["entity"] for one in details(outcome)["findings"] if one["name"] == "silence:bus"}

    assert silent(before) == silent(after) == set()
    assert silent(during) == {f"sensor:local/{name}" for name in VARIABLES}
    assert not details(during)["sources"]["bus"]["answered"]
    assert details(during)["sources"]["book"]["answered"]
    assert during.report.status.value == "drift_detected"


class Killer:
    """Kills a broker when a step comes to its boundary, once."""

    def __init__(self, broker: Broker, boundary: str) -> None:
        self._broker, self._boundary, self.killed = broker, boundary, False

    def __call__(self, step: str, phase: str) -> None:
        if f"{step}:{phase}" == self._boundary and not self.killed:
            self._broker.kill()
            self.killed = True


@pytest.mark.parametrize(
    "boundary", ["receive:start", "receive:end", "world_state:start", "state_transition:end", "detect_anomaly:start"]
)
async def test_a_broker_killed_at_a_boundary_costs_nothing_that_was_acknowledged_and_the_present_heals(
    plants: tuple[Plant, Plant], boundary: str
):
    disturbed, calm = plants
    for one in plants:
        await one.sync()
    publish_all(plants, 20)
    for one in plants:
        await one.sync()
    acknowledged = await disturbed.kept()
    publish_all(plants, 30)
    killer = Killer(disturbed.broker, boundary)

    await disturbed.sync(on_step=killer)
    disturbed.broker.start()
    await disturbed.sync()
    publish_all(plants, 40)
    for one in plants:
        await one.sync()

    assert killer.killed
    await _healed(disturbed, calm, acknowledged)


async def test_a_broker_killed_while_it_delivers_costs_nothing_that_was_acknowledged(plants: tuple[Plant, Plant]):
    disturbed, calm = plants
    for one in plants:
        await one.sync()
    for round_ in range(3):
        publish_all(plants, 20 + round_ * 10)
        await calm.sync()
        timer = threading.Timer(0.05 + 0.1 * round_, disturbed.broker.kill)
        timer.start()
        await disturbed.sync()
        timer.join()
        disturbed.broker.start()
    acknowledged = await disturbed.kept()

    publish_all(plants, 90)
    for one in plants:
        await one.sync()

    await _healed(disturbed, calm, acknowledged)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_a_broker_that_is_killed_again_and_again_at_random_heals_each_time(plants: tuple[Plant, Plant]):
    disturbed, calm = plants
    chance = random.Random(7)
    for one in plants:
        await one.sync()
    for round_ in range(KILLS):
        publish_all(plants, round_)
        await asyncio.sleep(chance.uniform(0, 1.5))
        timer = threading.Timer(chance.uniform(0, 1.2), disturbed.broker.kill)
        timer.start()
        await disturbed.sync()
        timer.join()
        acknowledged = await disturbed.kept()
        disturbed.broker.start()
        publish_all(plants, round_ + 0.5)
        for one in plants:
            await one.sync()

        await _healed(disturbed, calm, acknowledged)

    messages = sum(len(values) for values in disturbed.said.values())
    print(json.dumps({"kills": KILLS, "messages": messages}))  # noqa: T201 - the figures of a proof


async def _healed(disturbed: Plant, calm: Plant, acknowledged: dict[str, list[float]]) -> None:
    """Nothing that history held before is gone, nothing is there twice, and the present is that of the calm plant."""
    kept = await disturbed.kept()
    for name, values in acknowledged.items():
        assert [value for value in kept[name] if value in values] == values
        assert len(kept[name]) == len(set(kept[name]))
        assert set(kept[name]) <= set(disturbed.said[name])
    head = await disturbed.world.head()
    assert head.hash == (await calm.world.head()).hash == state_hash(await disturbed.world.state())
    assert (await disturbed.world.store.verify(disturbed.world.id)).problems == ()
