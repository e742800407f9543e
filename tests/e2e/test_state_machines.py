"""A controller as a state machine, through whole syncs: it steps, is contradicted, steps back, and all of it can be read (S22)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from e2e.real_world import real_store, real_world
from e2e.small_world import SmallWorld, details, memory

from graphtwin.app.sync import SyncOutcome
from graphtwin.errors import RuleRefused
from graphtwin.model.commit import RuleRow
from graphtwin.model.report import SyncStatus
from graphtwin.model.state import State
from graphtwin.store.server import ServerAddress

QUERY = """
    MATCH (unit:HvacController {{world: $world}}) WHERE unit.temperature {when}
    RETURN unit.id AS subject, [[unit.id, 'temperature']] AS premises
"""
FLOOR: dict[str, Any] = {
    "world": {"id": "floor", "clock": "events"},
    "sources": {
        "readings": {
            "type": "file",
            "path": "readings.jsonl",
            "trust": "hardware_sensor",
            "mapping": {"type": "hvac_controller", "variables": {"temperature": "temperature", "mode": "mode"}},
        },
    },
    "types": {
        "hvac_controller": {
            "variables": {
                "temperature": {"unit": "Cel", "judged": False},
                "mode": {
                    "datatype": "string",
                    "judged": False,
                    "machine": {"initial": "idle", "allowed_next_states": {"idle": ["cooling"], "cooling": ["idle"]}},
                },
            },
        }
    },
    "rules": [
        {
            "id": "start",
            "cypher": QUERY.format(when="> 24"),
            "transition": {"variable": "mode", "from": "idle", "to": "cooling", "inverse": True},
        },
        {
            "id": "stop",
            "cypher": QUERY.format(when="< 22"),
            "transition": {"variable": "mode", "from": "cooling", "to": "idle"},
        },
    ],
    "constraints": {"min_confidence": 0.3},
    "actions": [{"id": "look", "title": "Look at the sensor", "when": ["unsupported:start"]}],
}


def rows(name: str, least: float = -1e9, most: float = 1e9) -> Any:
    """What a query returns, in Python."""
    return lambda present, _now: _rows(present, name, least, most)


def _rows(present: State, name: str, least: float, most: float) -> list[RuleRow]:
    return [
        RuleRow(name, one.id, {}, (), None, ((one.id, "temperature"),))
        for one in present.entities.values()
        if "temperature" in one.reported and least < one.reported["temperature"].value < most
    ]


def said(unit: str, minute: int, temperature: float, **more: Any) -> dict[str, Any]:
    return {"id": unit, "temperature": temperature, "ts": f"2026-01-01T00:{minute:02}:00Z", **more}


async def told(floor: SmallWorld, *messages: dict[str, Any]) -> SyncOutcome:
    floor.say(*messages)
    return await floor.sync()


def begin(floor: SmallWorld) -> SmallWorld:
    """Its own readings instead of the small world's."""
    floor.write("readings.jsonl", "")
    return floor


async def mode(floor: SmallWorld) -> Any:
    entity = await floor.entity("3a", "hvac_controller")
    held = entity.reported.get("mode") if entity else None
    return held.value if held else None


def named(outcome: SyncOutcome, name: str) -> list[dict[str, Any]]:
    return [one for one in details(outcome)["findings"] if one["name"] == name]


@pytest.fixture
def floor(tmp_path: Path) -> SmallWorld:
    stand_ins = {"start": rows("start", least=24), "stop": rows("stop", most=22)}
    return begin(SmallWorld(tmp_path / "floor", memory(stand_ins), deepcopy(FLOOR)))


@pytest.fixture
async def real_floor(neo4j_server: ServerAddress, tmp_path: Path) -> AsyncIterator[SmallWorld]:
    async with real_store(neo4j_server) as store:
        floor = real_world(tmp_path / "floor", store, "floor")
        floor.config = {**deepcopy(FLOOR), "world": {"id": floor.config["world"]["id"], "clock": "events"}}
        yield begin(floor)


async def steps_and_steps_back(floor: SmallWorld) -> None:
    """Warm at minute 5, as is known at minute 8; at minute 10 it turns out that it was cool again at minute 6."""
    await told(floor, said("3a", 0, 23), said("3b", 0, 23))
    stepped = await told(floor, said("3a", 5, 25), said("3b", 8, 23))
    cooling = await mode(floor)
    calm = await told(floor, said("3b", 9, 23))
    undone = await told(floor, said("3a", 6, 23.5), said("3b", 10, 23))
    after = await told(floor, said("3b", 11, 23))

    (trouble,) = named(undone, "unsupported:start")
    actions = published(undone)["actions"]
    assert (cooling, await mode(floor)) == ("cooling", "idle")
    assert [one["intent"] for one in published(stepped)["actions"]] == ["transition start"]
    assert [(one["status"], one["intent"]) for one in actions] == [
        ("rolled_back", "transition start"),
        ("executed", "take back the transition start"),
    ]
    assert (trouble["kind"], trouble["exceeds"]) == ("structure", True)
    assert trouble["message"].endswith("temperature was 25; as is known now, it was 23.5; it was taken back to idle")
    assert "Look at the sensor" in undone.report.actions.plan_summary
    assert [one.report.status for one in (calm, undone, after)] == [
        SyncStatus.SYNCED,
        SyncStatus.DRIFT_DETECTED,
        SyncStatus.SYNCED,
    ]


def published(outcome: SyncOutcome) -> dict[str, Any]:
    """The world state in the report."""
    return json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]


async def audited(floor: SmallWorld) -> list[tuple[str, str, bool]]:
    """(from, to, whether it names what it rests on) of each step in the audit chain."""
    chain = await floor.store.audit(floor.id)
    steps = [step for record in chain if record.kind == "commit" for step in record.body.get("transitions", ())]
    return [(step["from"], step["to"], bool(step["premises"])) for step in steps]


async def test_a_machine_steps_once_and_steps_back_when_a_late_reading_contradicts(floor: SmallWorld):
    await steps_and_steps_back(floor)

    assert await audited(floor) == [("idle", "cooling", True), ("cooling", "idle", False)]


async def test_the_published_rules_name_their_next_states(floor: SmallWorld):
    outcome = await told(floor, said("3a", 0, 23))

    rules = {one["rule_id"]: one for one in published(outcome)["transition_rules"]}

    assert {name: rule["allowed_next_states"] for name, rule in rules.items()} == {
        "start": ["cooling"],
        "stop": ["idle"],
    }
    assert rules["start"]["rollback"]["strategy"] == "inverse"


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_in_a_real_database_too_and_the_proofs_of_the_store_agree(real_floor: SmallWorld):
    await steps_and_steps_back(real_floor)

    rebuilt = await real_floor.store.rebuild(real_floor.id)
    verified = await real_floor.store.verify(real_floor.id)

    assert (rebuilt.problems, verified.problems) == ((), ())
    assert await mode(real_floor) == "idle"
    assert await audited(real_floor) == [("idle", "cooling", True), ("cooling", "idle", False)]


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_a_transition_that_says_more_than_who_and_why_is_refused(real_floor: SmallWorld):
    real_floor.config["rules"][0]["cypher"] += ", {mode: 'cooling'} AS set"
    real_floor.say(said("3a", 0, 23))

    with pytest.raises(RuleRefused, match="unknown column 'set'"):
        await real_floor.sync()
