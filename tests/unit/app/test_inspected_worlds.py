"""A file that declares no types: inspect proposes them, they are kept with the configuration, and a person says what is new."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e.small_world import details, memory

from graphtwin.app.configure import apply_in
from graphtwin.app.inspection import test_source as try_source
from graphtwin.app.sync import SyncOutcome, sync_in
from graphtwin.errors import ConfigurationDiffers, ConfigurationError, GateClosed
from graphtwin.ports import Store
from graphtwin.store.memory import MemoryStore

STATUS = {
    "floor": "3",
    "read_at": "2026-01-15T16:00:00Z",
    "units": [
        {"id": "hvac-unit-3a", "temperature": 23.5, "setpoint": 22.0, "zone": "zone-3a", "status": "cooling"},
        {"id": "hvac-unit-3b", "temperature": 21.5, "setpoint": 22.0, "zone": "zone-3b", "status": "off"},
    ],
    "zones": [{"id": "zone-3a", "area_m2": 90}, {"id": "zone-3b", "area_m2": 60}],
}
READING = {"id": "sensor-temp-301", "ts": "2026-01-15T16:00:00Z", "reading": 24.1, "unit": "°C"}


class Floor:
    """The requirement's input in its short form, over files: a status document and a log of readings."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.store: Store = memory()
        self.asked: dict[str, Any] = {
            "sources": [
                {"type": "file", "endpoint": "file://status.json"},
                {"type": "file", "endpoint": "file://readings.jsonl"},
            ],
            "world_id": "building-floor-3-twin",
            "constraints": {"max_drift_threshold": 0.15, "require_approval_above_risk": 0.7},
            "sync_mode": "incremental",
        }
        self.say_status(STATUS)
        self.say(READING)

    @property
    def twin(self) -> Path:
        path = self.folder / "requirement.yaml"
        path.write_text(yaml.safe_dump(self.asked, sort_keys=False), "utf-8")
        return path

    def say_status(self, status: Any) -> None:
        (self.folder / "status.json").write_text(json.dumps(status), "utf-8")

    def say(self, *readings: Any) -> None:
        with (self.folder / "readings.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in readings)

    async def sync(self, **options: Any) -> SyncOutcome:
        return await sync_in(self.store, self.twin, **options)


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path / "floor")


async def test_a_first_sync_makes_typed_entities_of_what_the_sources_said(floor: Floor):
    outcome = await floor.sync()

    state = await floor.store.state("building-floor-3-twin")
    unit = state.entities["unit:local/hvac-unit-3a"]
    assert outcome.exit_code == 0
    assert outcome.report.confidence == 1
    assert (unit.reported["temperature"].value, unit.status) == (23.5, "cooling")
    assert state.entities["sensor_temp:local/sensor-temp-301"].reported["reading"].unit == "Cel"
    assert ("reported", unit.id, "located_in", "zone:local/zone-3a") in state.edges
    assert await floor.store.quarantined("building-floor-3-twin") == ()


async def test_what_was_proposed_is_kept_with_the_configuration_and_told_in_the_assumptions(floor: Floor):
    outcome = await floor.sync()

    held = await floor.store.configuration("building-floor-3-twin")
    head = await floor.store.head("building-floor-3-twin")
    assert set(held.types) == {"unit", "zone", "sensor_temp"}
    assert head.configuration == held.hash()
    assert held.inspected
    assert set(held.inspected.assumptions) <= set(outcome.report.assumptions)
    assert any("type unit from status.json" in one for one in outcome.report.assumptions)
    assert (await floor.store.verify("building-floor-3-twin")).problems == ()


async def test_the_audit_chain_says_what_was_proposed(floor: Floor):
    outcome = await floor.sync()

    baseline = (await floor.store.audit("building-floor-3-twin"))[0]
    assert set(baseline.body["proposed"]) <= set(outcome.report.assumptions)
    assert details(outcome)["baseline"]["proposed"] == len(baseline.body["proposed"]) > 0


async def test_sources_can_be_tried_out_before_the_first_sync(floor: Floor):
    tests = {one.source: one.transformed for one in await try_source(floor.twin, None)}

    assert {name: len(one.quarantined) for name, one in tests.items()} == {"status.json": 0, "readings.jsonl": 0}
    assert {fact.value for fact in tests["status.json"].facts if fact.name == "@type"} == {"unit", "zone"}


async def test_the_same_file_is_the_same_world_in_every_mode(floor: Floor):
    await floor.sync()
    before = await floor.store.head("building-floor-3-twin")

    outcomes = [await floor.sync(mode=mode) for mode in ("incremental", "full", "delta_only")]

    assert [one.exit_code for one in outcomes] == [0, 0, 0]
    assert (await floor.store.head("building-floor-3-twin")).seq == before.seq


async def test_nobody_said_limits_so_none_are_invented(floor: Floor):
    await floor.sync()

    held = await floor.store.configuration("building-floor-3-twin")

    for kind in held.types.values():
        for variable in kind.variables.values():
            assert (variable.limit, variable.span, variable.nominal) == (None, None, None)


async def test_a_changed_threshold_is_refused_with_nothing_but_its_difference(floor: Floor):
    await floor.sync()
    floor.asked["constraints"]["max_drift_threshold"] = 0.3

    with pytest.raises(ConfigurationDiffers) as caught:
        await floor.sync()

    assert caught.value.exit_code == 4
    assert [line.strip() for line in caught.value.message.splitlines()[1:]] == [
        "constraints.max_drift_threshold: 0.15 → 0.3"
    ]
    assert "graphtwin apply" in caught.value.hint


async def test_a_changed_threshold_that_is_applied_keeps_what_was_proposed(floor: Floor):
    await floor.sync()
    before = await floor.store.configuration("building-floor-3-twin")
    floor.asked["constraints"]["max_drift_threshold"] = 0.3

    applied = await apply_in(floor.store, floor.twin, dry_run=False)
    outcome = await floor.sync()

    held = await floor.store.configuration("building-floor-3-twin")
    assert applied.committed
    assert applied.changes == ("constraints.max_drift_threshold: 0.15 → 0.3",)
    assert (held.types, held.relations) == (before.types, before.relations)
    assert outcome.exit_code == 0


async def test_a_new_kind_is_told_and_not_added_until_a_person_applies(floor: Floor):
    await floor.sync()
    floor.say({"id": "sensor-co2-301", "ts": "2026-01-15T16:01:00Z", "reading": 640, "unit": "ppm"})

    outcome = await floor.sync()

    seen = details(outcome)["undeclared"]
    assert seen == ["readings.jsonl: messages like {id, ts, reading, unit}"]
    assert any(seen[0] in one for one in outcome.report.assumptions)
    assert len((await floor.store.state("building-floor-3-twin")).entities) == 5
    assert await floor.store.quarantined("building-floor-3-twin") == ()


async def test_a_new_kind_that_a_person_applies_is_read_from_then_on(floor: Floor):
    await floor.sync()
    floor.say({"id": "sensor-co2-301", "ts": "2026-01-15T16:01:00Z", "reading": 640, "unit": "ppm"})
    await floor.sync()

    shown = await apply_in(floor.store, floor.twin, dry_run=True)
    await apply_in(floor.store, floor.twin, dry_run=False)
    floor.say({"id": "sensor-co2-301", "ts": "2026-01-15T16:02:00Z", "reading": 650, "unit": "ppm"})
    outcome = await floor.sync()

    state = await floor.store.state("building-floor-3-twin")
    assert any("types.sensor_co2" in one for one in shown.changes)
    assert state.entities["sensor_co2:local/sensor-co2-301"].reported["reading"].value == 650
    assert details(outcome)["undeclared"] == []
    assert any("applied by a person: type sensor_co2" in one for one in outcome.report.assumptions)


async def test_a_new_field_of_a_known_kind_is_told(floor: Floor):
    await floor.sync()
    floor.say_status({**STATUS, "units": [{**STATUS["units"][0], "fan_pct": 40}]})

    outcome = await floor.sync()

    assert details(outcome)["undeclared"] == ["status.json: the field fan_pct"]


async def test_a_new_kind_in_a_document_costs_the_others_nothing(floor: Floor):
    floor.say_status(
        {"units": [{"id": "u1", "kind": "fan coil", "temperature": 20}, {"id": "u2", "kind": "vav", "flow": 2}]}
    )
    await floor.sync()
    floor.say_status({"units": [{"id": "u1", "kind": "fan coil", "temperature": 21}, {"id": "u3", "kind": "chiller"}]})

    await floor.sync()

    state = await floor.store.state("building-floor-3-twin")
    assert state.entities["fan_coil:local/u1"].reported["temperature"].value == 21
    assert await floor.store.quarantined("building-floor-3-twin") == ()


async def test_a_source_that_says_nothing_at_first_is_read_once_a_person_applies(floor: Floor):
    (floor.folder / "readings.jsonl").write_text("")
    await floor.sync()
    floor.say(READING)

    told = await floor.sync()
    await apply_in(floor.store, floor.twin, dry_run=False)
    floor.say({**READING, "ts": "2026-01-15T16:05:00Z", "reading": 25.0})
    await floor.sync()

    state = await floor.store.state("building-floor-3-twin")
    assert details(told)["undeclared"] == ["readings.jsonl: messages like {id, ts, reading, unit}"]
    assert state.entities["sensor_temp:local/sensor-temp-301"].reported["reading"].value == 25


async def test_declaring_types_in_the_file_takes_them_over_from_inspect(floor: Floor):
    await floor.sync()
    floor.asked["types"] = {"unit": {"variables": {"temperature": {"unit": "Cel"}}}}

    with pytest.raises(ConfigurationDiffers) as caught:
        await floor.sync()

    assert "types.zone: taken out" in caught.value.message
    assert "inspected" not in caught.value.message


async def test_taking_the_types_out_of_a_file_has_them_proposed_when_a_person_applies(floor: Floor):
    floor.asked["types"] = {"unit": {"variables": {"temperature": {"unit": "Cel"}}}, "zone": {}, "sensor": {}}
    floor.asked["sources"][0]["mapping"] = {
        "type": "unit",
        "each": "units",
        "variables": {"temperature": "temperature"},
    }
    floor.asked["sources"][1]["mapping"] = {"type": "sensor", "variables": {}}
    await floor.sync()
    del floor.asked["types"], floor.asked["sources"][0]["mapping"], floor.asked["sources"][1]["mapping"]

    with pytest.raises(ConfigurationDiffers):
        await floor.sync()
    await apply_in(floor.store, floor.twin, dry_run=False)
    outcome = await floor.sync(mode="full")

    held = await floor.store.configuration("building-floor-3-twin")
    assert set(held.types) == {"unit", "zone", "sensor_temp"}
    assert any("type zone from" in one for one in outcome.report.assumptions)
    assert outcome.exit_code == 0


async def test_two_that_begin_a_world_at_once_stand_on_one_proposal(floor: Floor):
    outcomes = await asyncio.gather(floor.sync(), floor.sync())

    assert [one.exit_code for one in outcomes] == [0, 0]
    assert len({one.report.twin_snapshot.hash for one in outcomes}) == 1


async def test_a_world_whose_sources_say_nothing_that_is_understood_has_no_baseline(floor: Floor):
    floor.say_status([1, 2, 3])
    (floor.folder / "readings.jsonl").write_text('"hello"\n')

    outcome = await floor.sync()

    assert outcome.report.status.value == "failed"


async def test_a_world_without_signals_is_not_begun(floor: Floor):
    (floor.folder / "readings.jsonl").unlink()
    (floor.folder / "status.json").unlink()

    with pytest.raises(GateClosed, match="no source answered"):
        await floor.sync()


async def test_what_inspect_writes_is_refused_in_a_file(floor: Floor):
    floor.asked["inspected"] = {"written": "sha256:0"}

    with pytest.raises(ConfigurationError, match="graphtwin writes this itself"):
        await floor.sync()


async def test_recorded_data_without_types_lives_at_its_newest_event(tmp_path: Path):
    folder = tmp_path / "replay"
    folder.mkdir()
    rows = "".join(f"{meter},2019-06-01T{hour:02}:00:00Z,{hour}.5\n" for hour in range(20) for meter in ("m-1", "m-2"))
    (folder / "load.csv").write_text("meter,ts,power [kW]\n" + rows)
    (folder / "twin.yaml").write_text(
        "world: {id: replay, clock: events}\nsources:\n  load: {type: file, path: load.csv}\n"
    )
    store: MemoryStore = memory()

    outcome = await sync_in(store, folder / "twin.yaml")

    state = await store.state("replay")
    assert outcome.report.sync_timestamp.isoformat().startswith("2019-06-01T19:00")
    assert {one.id: one.reported["power"].value for one in state.entities.values()} == {
        "load:local/m-1": 19.5, "load:local/m-2": 19.5,
    }  # fmt: skip
