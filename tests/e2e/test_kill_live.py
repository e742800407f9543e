"""A kill of graphtwin while it reads a broker: what wasn't committed is delivered again, and known by its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from brokers import Broker, Mosquitto, held_back, needs_mosquitto, publisher, running
from e2e.children import KILLED, Children, children
from e2e.real_world import environment, real_store, real_world
from e2e.small_world import SmallWorld

from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(600)]

SESSION = "graphtwinreader"
BEFORE_COMMIT = [
    "receive:start",
    "receive:end",
    "transform:end",
    "identity_resolution:end",
    "world_state:end",
    "state_transition:end",
]
AFTER_COMMIT = ["detect_anomaly:start", "summarize:end"]


@pytest.fixture(scope="module")
def forked(
    neo4j_server: ServerAddress, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Children]:
    with children(environment(neo4j_settings, tmp_path_factory.mktemp("config"))) as program:
        yield program


@dataclass
class Live:
    """A world with a broker, and how many rounds it has heard."""

    world: SmallWorld
    broker: Broker
    rounds: int = 0

    def say(self) -> None:
        """A stamped reading and one without a time."""
        self.rounds += 1
        with publisher(self.broker) as device:
            stamp = f"2026-01-02T00:{self.rounds:02d}:00Z"
            device.say("floor/stamped/reading", {"value": self.rounds, "ts": stamp})
            device.say("floor/bare/reading", self.rounds)

    async def heard(self, name: str) -> list[float]:
        """All that history holds of a thing's reading, oldest first."""
        facts = await self.world.store.history(self.world.id, f"sensor:local/{name}", "reading", limit=1000)
        return [fact.value for fact in facts][::-1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    neo4j_server: ServerAddress, forked: Children, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    needs_mosquitto()
    folder = tmp_path_factory.mktemp("live")
    with running(Mosquitto(folder / "broker")) as broker:
        async with real_store(neo4j_server) as store:
            world = real_world(folder / "world", store)
            world.config["sources"]["bus"] = {
                "type": "mqtt", "endpoint": f"{broker.url}/floor", "client_id": SESSION, "quiet": "300ms",
            }  # fmt: skip
            assert forked.sync(world.twin) == 0
            yield Live(world, broker)


@pytest.mark.parametrize("boundary", [*BEFORE_COMMIT, *AFTER_COMMIT])
async def test_a_sync_killed_at_this_boundary_hears_each_message_once(boundary: str, live: Live, forked: Children):
    live.say()

    ended = forked.sync(live.world.twin, kill_at=boundary)

    waiting = held_back(live.broker, SESSION)
    assert ended == KILLED
    assert len(waiting) == (2 if boundary in BEFORE_COMMIT else 0)
    assert forked.sync(live.world.twin) == 0
    assert held_back(live.broker, SESSION) == []
    rounds = [float(number) for number in range(1, live.rounds + 1)]
    assert await live.heard("stamped") == await live.heard("bare") == rounds


async def test_after_all_these_kills_everything_verifies(live: Live):
    checked = await live.world.store.verify(live.world.id)

    assert checked.problems == ()
