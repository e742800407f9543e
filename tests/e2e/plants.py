"""Worlds with a broker of their own, in a time that a test lets pass: their things speak, and something is killed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brokers import Broker, Mosquitto, Publisher, running
from e2e.small_world import SmallWorld, memory
from fakes.http_site import Answer, HttpSite, http_site

from graphtwin.model.durations import SECOND
from graphtwin.model.instants import format_instant, parse_instant

NOON = parse_instant("2026-01-02T12:00:00Z")
VARIABLES = [f"t{n}" for n in range(1, 9)]
SESSION = "graphtwinreader"


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


def plant(folder: Path, stack: ExitStack, world: SmallWorld | None = None) -> Plant:
    """One that lasts as long as the stack; its world is in memory where none is given."""
    broker = stack.enter_context(running(Mosquitto(folder / "broker")))
    site = stack.enter_context(http_site())
    world = world or SmallWorld(folder / "world", memory())
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
