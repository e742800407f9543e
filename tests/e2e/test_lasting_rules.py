"""The requirement's own example, whole: 1.5 °C above setpoint for more than 10 minutes, told, judged and answered (S23)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from e2e.real_world import real_store, real_world
from e2e.small_world import SmallWorld, details, memory

from graphtwin.app.sync import SyncOutcome
from graphtwin.errors import RuleRefused
from graphtwin.model.report import SyncStatus
from graphtwin.model.state import State
from graphtwin.store.server import ServerAddress

CYPHER = """
    MATCH (unit:HvacController {world: $world})
    WHERE unit.temperature >= unit.setpoint + 1.5
    RETURN unit.id AS subject, 'temperature' AS variable, '>=' AS op, [unit.id, 'setpoint'] AS reference, 1.5 AS margin
"""
FLOOR: dict[str, Any] = {
    "world": {"id": "floor", "clock": "events"},
    "sources": {
        "readings": {
            "type": "file",
            "path": "readings.jsonl",
            "trust": "hardware_sensor",
            "kind": "sensor",
            "cadence": "2m",
            "mapping": {
                "type": "hvac_controller",
                "variables": {"temperature": "temperature", "setpoint": "setpoint"},
            },
        },
    },
    "types": {
        "hvac_controller": {
            "is_a": "asset",
            "variables": {
                "temperature": {"unit": "Cel", "judged": False},
                "setpoint": {"unit": "Cel", "judged": False, "valid_for": "1d"},
            },
        }
    },
    "rules": [{"id": "too_warm", "cypher": CYPHER, "for": "10m", "severity": "medium"}],
    "constraints": {"min_confidence": 0.3},
    "actions": [{"id": "cool", "title": "Cool harder", "when": ["too_warm"], "effects": {"setpoint": 21}}],
}
SENTENCE = "temperature is 23.6 Cel, at least 1.5 Cel above its setpoint of 22 Cel, for more than 10 minutes"


def too_warm(present: State, _now: int) -> Sequence[Mapping[str, Any]]:
    """What the query returns, in Python."""
    return [
        {"subject": one.id, "variable": "temperature", "op": ">=", "reference": [one.id, "setpoint"], "margin": 1.5}
        for one in present.entities.values()
        if "temperature" in one.reported and one.reported["temperature"].value >= one.reported["setpoint"].value + 1.5
    ]


def said(minute: int, temperature: float, **more: Any) -> dict[str, Any]:
    return {"id": "unit-3a", "temperature": temperature, "ts": f"2026-01-01T00:{minute:02}:00Z", **more}


async def told(floor: SmallWorld, *messages: dict[str, Any]) -> SyncOutcome:
    floor.say(*messages)
    return await floor.sync()


def begin(floor: SmallWorld) -> SmallWorld:
    """Its own readings instead of the small world's."""
    floor.write("readings.jsonl", "")
    return floor


@pytest.fixture
def floor(tmp_path: Path) -> SmallWorld:
    return begin(SmallWorld(tmp_path / "floor", memory({"too_warm": too_warm}), deepcopy(FLOOR)))


@pytest.fixture
async def real_floor(neo4j_server: ServerAddress, tmp_path: Path) -> AsyncIterator[SmallWorld]:
    async with real_store(neo4j_server) as store:
        floor = real_world(tmp_path / "floor", store, "floor")
        floor.config = {**deepcopy(FLOOR), "world": {"id": floor.config["world"]["id"], "clock": "events"}}
        yield begin(floor)


async def ten_minutes(floor: SmallWorld) -> tuple[SyncOutcome, SyncOutcome]:
    """A unit that is warm from minute 2 on, as two syncs see it: at minute 11, and at minute 12."""
    warm = [said(minute, 23.6) for minute in range(2, 12, 3)]
    early = await told(floor, said(0, 22.1, setpoint=22.0), *warm)
    late = await told(floor, said(12, 23.6))
    return early, late


def findings(outcome: SyncOutcome) -> list[dict[str, Any]]:
    return [one for one in details(outcome)["findings"] if one["name"] == "too_warm"]


def is_the_requirements_example(early: SyncOutcome, late: SyncOutcome) -> None:
    (finding,) = findings(late)
    assert findings(early) == []
    assert late.report.status is SyncStatus.DRIFT_DETECTED
    assert [trigger for trigger in late.report.drift_report.triggers if trigger.endswith(SENTENCE)]
    assert (finding["kind"], finding["severity"], finding["reported"], finding["reference"]) == (
        "rule",
        "medium",
        23.6,
        22.0,
    )
    assert finding["since"] == "2026-01-01T00:12:00Z"
    assert len(finding["evidence"]) == 2
    assert "Cool harder" in late.report.actions.plan_summary


async def test_the_requirements_example_is_found_after_ten_minutes_and_answered_by_an_action(floor: SmallWorld):
    is_the_requirements_example(*await ten_minutes(floor))


async def test_a_gateway_that_was_silent_for_longer_than_three_readings_proves_nothing(floor: SmallWorld):
    await told(floor, said(0, 24, setpoint=22.0), said(2, 24))

    outcome = await told(floor, said(12, 24))

    assert findings(outcome) == []


async def test_a_late_reading_takes_the_finding_back(floor: SmallWorld):
    _, before = await ten_minutes(floor)

    after = await told(floor, said(7, 22.5))

    assert (len(findings(before)), findings(after)) == (1, [])


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_the_requirements_example_in_a_real_database_survives_rebuild(real_floor: SmallWorld):
    is_the_requirements_example(*await ten_minutes(real_floor))

    rebuilt = await real_floor.store.rebuild(real_floor.id)

    assert rebuilt.problems == ()
    assert (await real_floor.store.verify(real_floor.id)).problems == ()


@pytest.mark.neo4j
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("returns", "says"),
    [
        ("unit.id AS subject, {message: 'warm'} AS finding", "unknown column 'finding'"),
        ("unit.id AS subject, 'temperature' AS variable, '>' AS op, 1 AS reference", "doesn't return 'margin'"),
    ],
)
async def test_a_lasting_rule_with_other_columns_is_refused_before_anything_is_written(
    real_floor: SmallWorld, returns: str, says: str
):
    real_floor.say(said(0, 22))
    real_floor.config["rules"][0]["cypher"] = f"MATCH (unit:HvacController {{world: $world}}) RETURN {returns}"

    with pytest.raises(RuleRefused, match=says):
        await real_floor.sync()

    assert real_floor.id not in {head.world for head in await real_floor.store.worlds()}
