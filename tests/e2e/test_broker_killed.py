"""kill -9 of the broker: nothing that was acknowledged is lost, the gap is heard as silence, and it heals."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from brokers import Broker, Mosquitto, Publisher, needs_mosquitto, running
from e2e.small_world import SmallWorld, details, memory
from fakes.http_site import Answer, HttpSite, http_site

from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.durations import MINUTE, SECOND
from graphtwin.model.instants import format_instant, parse_instant

NOON = parse_instant("2026-01-02T12:00:00Z")
VARIABLES = [f"t{n}" for n in range(1, 9)]
SESSION = "graphtwinreader"
KILLS = 100


@dataclass
class Plant:
    """A world with a broker of its own, in a time that a test lets pass; it remembers what its device could say."""

    world: SmallWorld
    broker: Broker
    site: HttpSite
    now: int = NOON
    said: dict[str, list[float]] = field(default_factory=dict)

    def pass_time(self, micros: int) -> None:
        self.now += micros
        self.site.says["/clock"] = Answer({"now": format_instant(self.now)})

    def publish(self, device: Publisher, name: str, value: float) -> None:
        """One reading, dated by the world's clock; it is remembered once the broker has taken it."""
        self.pass_time(SECOND)
        device.say(f"floor/{name}/reading", {"value": value, "ts": format_instant(self.now)})
        self.said.setdefault(name, []).append(value)

    async def sync(self, **options: Any) -> Any:
        self.pass_time(SECOND)
        return await self.world.sync(**options)

    async def kept(self) -> dict[str, list[float]]:
        """What history holds of each variable, oldest first."""
        found = {}
        for name in VARIABLES:
            facts = await self.world.store.history(self.world.id, f"sensor:local/{name}", "reading", limit=1000)
            found[name] = [fact.value for fact in facts][::-1]
        return found


@pytest.fixture
def plants(tmp_path: Path) -> Iterator[tuple[Plant, Plant]]:
    """One whose broker will be killed, and one that is left in peace."""
    needs_mosquitto()
    with ExitStack() as stack:
        yield plant(tmp_path / "disturbed", stack), plant(tmp_path / "calm", stack)


def plant(folder: Path, stack: ExitStack) -> Plant:
    broker = stack.enter_context(running(Mosquitto(folder / "broker")))
    site = stack.enter_context(http_site())
    world = SmallWorld(folder / "world", memory())
    world.config["world"]["clock"] = {"url": f"{site.url}/clock"}
    world.config["sources"]["bus"] = {
        "type": "mqtt", "endpoint": f"{broker.url}/floor", "client_id": SESSION, "quiet": "250ms", "cadence": "1m",
        "timeout": "2s",
    }  # fmt: skip
    (world.folder / "readings.jsonl").write_text("")
    made = Plant(world, broker, site)
    made.pass_time(0)
    return made


def publish_all(plants: tuple[Plant, ...], base: float) -> None:
    """Every variable once, to each of the brokers."""
    for one in plants:
        device = Publisher(one.broker)
        for number, name in enumerate(VARIABLES):
            one.publish(device, name, base + number)
        device.leave()


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
