"""The example's building and its twin, over real MQTT and HTTP in a real Neo4j: one thing from three sources, every fault
found by name, remedies that work and one that doesn't.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from docs.tour import ROOT
from e2e.real_world import real_store
from e2e.small_world import details

from graphtwin.app.approving import approve
from graphtwin.app.carrying_out import act
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.people import add_user
from graphtwin.app.sync import sync_in
from graphtwin.model.state import EntityState
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]

EXAMPLE = ROOT / "examples" / "building-floor-3"


def scenario_module() -> Any:
    spec = importlib.util.spec_from_file_location("building_scenario_e2e", EXAMPLE / "scenario.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Twin:
    """A world of its own over a building that stands still; it is synced as a user would."""

    def __init__(self, scenario: Any, store: Neo4jStore, name: str) -> None:
        self.scenario, self.store, self.world = scenario, store, name
        self.building = scenario.building
        self.outcome: SyncOutcome | None = None

    async def sync(self) -> SyncOutcome:
        self.outcome = await sync_in(self.store, self.scenario.twin)
        return self.outcome

    async def after(self, how_long: str) -> set[tuple[str, str]]:
        """Let time pass, look: (finding, local id) of everything that is wrong."""
        self.building.advance(how_long)
        found = details(await self.sync())["findings"]
        return {(one["name"], one["entity"].rpartition("/")[2]) for one in found}

    async def entity(self, kind: str, local: str) -> EntityState:
        found = await self.store.entity(self.world, f"{kind}:building/{local}")
        assert found
        return found[0]

    async def carry_out(self, action: str) -> SyncOutcome:
        """Approve the plan that waits with this action, and act while the building's time passes."""
        (record,) = [
            one
            for one in await self.store.plans(self.world, statuses=("waiting",))
            if [step.action for step in one.plan.acts] == [action]
        ]
        await approve(self.store, self.world, record.id, named="ann", risk_ceiling=1.0)
        self.building.resume()
        try:
            acted = await act(self.store, self.world, record.id, twin=None)
        finally:
            self.building.pause()
        assert acted.outcome
        return acted.outcome


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Any]:
    with scenario_module().Scenario() as played:
        played.prepare(tmp_path / "floor", world=f"floor-{tmp_path.name[-12:].strip('_-')}")
        played.start(paused=True)
        yield played


@pytest_asyncio.fixture(loop_scope="session")
async def twin(scenario: Any, store: Neo4jStore) -> Twin:
    """Calm: the broker keeps messages for the world, and every sensor has spoken."""
    world = next(line for line in scenario.twin.read_text().splitlines() if line.startswith("  id: ")).split()[1]
    one = Twin(scenario, store, world)
    await one.sync()
    await add_user(store, world, "ann", role="approver", public_key=None, by=None)
    assert await one.after("6m") == set()
    return one


async def test_three_sources_that_name_things_differently_make_one_twin(twin: Twin) -> None:
    sensor = await twin.entity("temperature_sensor", "sensor-temp-301")
    unit = await twin.entity("hvac_controller", "hvac-unit-3a")
    zone = await twin.entity("zone", "zone-3a")
    state = await twin.store.state(twin.world)

    assert {"sensors:temp-301", "roster:ZN3A-T1", "inventory:TS-00301"} <= set(sensor.records)
    assert {"status:AHU-3A", "roster:AHU-3A", "inventory:HV-00301"} <= set(unit.records)
    assert {"roster:ZN3A", "inventory:3.01"} <= set(zone.records)
    assert sensor.reported["serial"].value == "E8-44-0301"
    assert (unit.reported["setpoint"].value, unit.desired["setpoint"].value, unit.status) == (22.0, 22.0, "cooling")
    assert zone.reported["temperature"].value == pytest.approx(
        twin.building.truth()["zones"]["zone-3a"]["air"], abs=0.3
    )
    assert len(state.entities) == 37
    assert await twin.store.quarantined(twin.world) == ()
    assert twin.outcome
    assert twin.outcome.report.confidence == 1
    assert (await twin.store.verify(twin.world)).problems == ()


async def test_every_fault_is_found_by_its_name_where_it_is(twin: Twin) -> None:
    building = twin.building
    building.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3d", value=25, hand=True)
    building.inject(id="away", kind="moved_device", sensor="sensor-temp-304", zone="zone-3f")
    building.inject(id="stuck", kind="stuck_valve", unit="hvac-unit-3a", position=0)
    building.inject(id="drift", kind="drifting_sensor", sensor="sensor-temp-306", per_hour=12)

    at_once = await twin.after("4m")
    later = await twin.after("4m") | await twin.after("10m") | await twin.after("10m")
    building.inject(id="mute", kind="silent_gateway", how="lost")
    silent = await twin.after("2m")

    assert {
        ("drift:hvac_controller.setpoint", "hvac-unit-3d"),
        ("drift:hvac_controller.control", "hvac-unit-3d"),
        ("missing:located_in", "sensor-temp-304"),
    } <= at_once
    assert {
        ("stuck_valve", "hvac-unit-3a"),
        ("too_warm", "hvac-unit-3a"),
        ("sensors_disagree", "sensor-temp-306"),
    } <= later
    assert not any(name in ("stuck_valve", "too_warm") and where != "hvac-unit-3a" for name, where in at_once | later)
    assert {("silence:sensors", "sensor-temp-301"), ("silence:sensors", "sensor-co2-306")} <= silent


async def test_a_valve_that_only_sticks_is_freed_released_and_its_zone_is_well_again(twin: Twin) -> None:
    building = twin.building
    building.inject(id="stuck", kind="stuck_valve", unit="hvac-unit-3a", position=0, frees_when_forced=True)
    await twin.after("4m")
    found = await twin.after("4m")

    freed = await twin.carry_out("override_valve")
    held = await twin.after("16m")
    released = await twin.carry_out("release_valve")
    well = await twin.after("10m")

    assert ("stuck_valve", "hvac-unit-3a") in found
    assert (freed.report.status.value, freed.report.verification.result.value) == ("action_taken", "PASS")
    assert ("held_open", "hvac-unit-3a") in held
    assert (released.report.status.value, released.report.verification.result.value) == ("action_taken", "PASS")
    assert ("held_open", "hvac-unit-3a") not in well
    assert building.unit("AHU-3A")["cooling_valve"]["hand"] is None
    assert list(building.effects().values()) == [1, 1]


async def test_a_valve_that_never_moves_is_given_back_when_driving_it_did_not_help(twin: Twin) -> None:
    twin.building.inject(id="stuck", kind="stuck_valve", unit="hvac-unit-3a", position=0)
    await twin.after("4m")
    await twin.after("4m")

    tried = await twin.carry_out("override_valve")

    assert (tried.report.status.value, tried.report.verification.result.value) == ("rolled_back", "FAIL")
    assert [entry["value"] for entry in twin.building.journal()] == [100.0, None]
    assert twin.building.unit("AHU-3A")["cooling_valve"]["hand"] is None


async def test_a_command_whose_answer_is_lost_is_verified_and_never_sent_again(twin: Twin) -> None:
    twin.building.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3b", value=26)
    twin.building.inject(id="cut", kind="refuses_commands", how="drops")
    await twin.after("4m")

    done = await twin.carry_out("reset_setpoint")

    assert (done.report.status.value, done.report.verification.result.value) == ("action_taken", "PASS")
    assert [entry["outcome"] for entry in twin.building.journal()] == ["applied"]
    assert twin.building.unit("AHU-3B")["setpoint"] == 22


async def test_a_building_that_lies_is_found_out(twin: Twin) -> None:
    twin.building.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3b", value=26)
    twin.building.inject(id="lies", kind="refuses_commands", how="ignores")
    await twin.after("4m")

    done = await twin.carry_out("reset_setpoint")

    assert done.report.verification.result.value == "FAIL"
    assert done.report.status.value == "rolled_back"
    assert twin.building.effects() == {}


async def test_a_gateway_that_hangs_is_restarted_over_mqtt_once(twin: Twin) -> None:
    twin.building.inject(id="mute", kind="silent_gateway", how="hung")
    silent = await twin.after("20m")

    restarted = await twin.carry_out("restart_gateway")
    heard = await twin.after("4m")

    assert ("silence:sensors", "sensor-temp-301") in silent
    assert (restarted.report.status.value, restarted.report.verification.result.value) == ("action_taken", "PASS")
    assert not any(name == "silence:sensors" for name, _ in heard)
    assert list(twin.building.effects().values()) == [1]
