"""Generated plans that fail at a generated act, in a generated way: what S31 promises of each is looked at afterwards."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from e2e.acting_world import ActingWorld
from e2e.small_world import details
from fakes.building_actuator import Behaviour, BuildingActuator

from graphtwin.app.sync import SyncOutcome
from graphtwin.ports import Store

WITHOUT_EFFECT: tuple[Behaviour, ...] = ("refuse", "fail", "ignore", "drop_before")
WITH_EFFECT: tuple[Behaviour, ...] = ("drop_after",)


@dataclass(frozen=True)
class Generated:
    """A plan of so many acts; the act at `fails_at` goes wrong as `how` says, and the building takes all others."""

    number: int
    acts: int
    fails_at: int
    how: Behaviour

    @property
    def passes(self) -> bool:
        """Only an act that was done, and was the last, may do without an answer."""
        return self.how in WITH_EFFECT and self.fails_at == self.acts - 1

    @property
    def zones(self) -> list[str]:
        return [f"z{self.number}-{place}" for place in range(self.acts)]


def generated(count: int, seed: int) -> list[Generated]:
    """Plans of 1 to 4 acts; each act of each length fails in each way before chance has its say."""
    whole = [
        (acts, place, how) for acts in range(1, 5) for place in range(acts) for how in (*WITHOUT_EFFECT, *WITH_EFFECT)
    ]
    chance = random.Random(seed)
    chance.shuffle(whole)
    chosen = [whole[n] if n < len(whole) else chance.choice(whole) for n in range(count)]
    return [Generated(number, *one) for number, one in enumerate(chosen)]


async def play(one: Generated, folder: Path, store: Store, bms: BuildingActuator) -> None:
    """One plan in a world of its own; raises AssertionError where a promise doesn't hold."""
    devices = {
        zone: {"type": "zone", "setpoint": 25.0 + place / 4, "mode": "auto"} for place, zone in enumerate(one.zones)
    }
    (bms.folder / "journal.jsonl").unlink(missing_ok=True)
    (bms.folder / "devices.json").write_text(json.dumps(devices), "utf-8")
    bms.behave(*["apply"] * one.fails_at, one.how, "apply")
    floor = ActingWorld(folder / f"floor-{one.number}", store, bms)
    floor.config["world"]["id"] = f"{folder.name}-{one.number}"
    floor.config["entities"] = [
        {"id": zone, "type": "zone", "aliases": [f"bms:{zone}"], "desired": {"setpoint": 22.0}} for zone in one.zones
    ]
    floor.config["actions"][0]["criteria"][0]["within"] = "400ms"

    outcome = await floor.sync()

    commands = bms.arrivals()
    assert len({(command.key, command.path) for command in commands if command.applied}) == sum(
        command.applied for command in commands
    ), f"{one}: an act had an effect twice"
    assert (await store.verify(floor.id)).passed, one
    if one.passes:
        assert outcome.report.status == "action_taken", (
            one,
            details(outcome)["not_acted_because"],
            details(outcome)["stopped"],
        )
        return
    await _taken_back(one, floor, outcome, bms, devices)


async def _taken_back(
    one: Generated,
    floor: ActingWorld,
    outcome: SyncOutcome,
    bms: BuildingActuator,
    devices: dict[str, dict[str, object]],
) -> None:
    assert (outcome.report.status, outcome.exit_code) == ("rolled_back", 6), (
        one,
        details(outcome)["not_acted_because"],
        details(outcome)["stopped"],
    )
    commits = {f"v{commit.seq}": commit for commit in await floor.store.commits(floor.id, limit=1000)}
    point = commits[str(outcome.report.rollback.restore_point)]
    assert outcome.report.twin_snapshot.hash == point.hash, f"{one}: the hash isn't the checkpoint's (S31)"
    stands = {zone: bms.devices()[zone]["setpoint"] for zone in one.zones}
    assert stands == {zone: values["setpoint"] for zone, values in devices.items()}, (
        f"{one}: the building isn't as before"
    )
    assert [record.status for record in await floor.store.plans(floor.id)] == ["rolled_back"], one
