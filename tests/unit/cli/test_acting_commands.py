"""`graphtwin plan`, `act`, `freeze`, `run`: as a person types them, on a world that pushes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import memory
from fakes.building_actuator import BuildingActuator, building
from unit.cli.small_world import Answer, MemoryDoors

from graphtwin.cli import run


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


@pytest.fixture
def floor(tmp_path: Path, bms: BuildingActuator, monkeypatch: pytest.MonkeyPatch) -> ActingWorld:
    """Its first plan waits for somebody; ann may approve."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    world = ActingWorld(tmp_path / "floor", memory(), bms, pre_approved=[])

    async def begin() -> None:
        await world.sync()
        await world.person()

    asyncio.run(begin())
    return world


@pytest.fixture
def graphtwin(floor: ActingWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    doors = MemoryDoors(floor.store, tmp_path / "home")  # type: ignore[arg-type]

    def typed(*words: str) -> Answer:
        code = run(words, doors)
        return Answer(code, *capsys.readouterr())

    return typed


@pytest.fixture
def plan(floor: ActingWorld) -> str:
    (record,) = asyncio.run(floor.store.plans(floor.id))
    return record.id


def test_a_plan_is_listed_shown_approved_and_carried_out(
    graphtwin: Callable[..., Any], plan: str, bms: BuildingActuator
):
    listed, shown = graphtwin("plan", "list", "floor"), graphtwin("plan", "show", "floor", plan)
    approved = graphtwin("plan", "approve", "floor", plan, "--as", "ann")
    before = list(bms.arrivals())
    acted = graphtwin("act", "floor", plan)
    after = graphtwin("plan", "show", plan)

    assert [one.code for one in (listed, shown, approved, acted, after)] == [0] * 5, acted.err + approved.err
    assert "waiting" in listed.out
    assert "setpoint: 25 → 22" in shown.out
    assert f"graphtwin plan approve floor {plan}" in shown.out
    assert "is approved by ann" in approved.out
    assert before == []
    assert "action taken" in acted.out
    assert "PASS" in acted.out
    assert "executed" in after.out
    assert "Approved   by ann" in after.out


def test_a_plan_that_nobody_approved_is_refused_with_the_command_to_type(graphtwin: Callable[..., Any], plan: str):
    refused = graphtwin("act", "floor", plan)

    assert refused.code == 5
    assert f"graphtwin plan approve floor {plan}" in refused.err


def test_who_watches_is_told_which_plan_waits(graphtwin: Callable[..., Any], floor: ActingWorld, plan: str):
    watched = graphtwin("watch", str(floor.twin), "--count", "1", "--every", "1s")

    assert watched.code == 0, watched.err
    assert f"{plan} waits for approval" in watched.out


def test_a_rejected_plan_is_over(graphtwin: Callable[..., Any], plan: str):
    rejected = graphtwin("plan", "reject", "floor", plan, "--as", "ann", "--reason", "it is summer")

    assert rejected.code == 0, rejected.err
    assert "it is summer" in rejected.out
    assert graphtwin("act", "floor", plan).code == 4
    assert "Nothing waits" in graphtwin("plan", "list", "floor").out
    assert "rejected" in graphtwin("plan", "list", "floor", "--all").out


def test_a_freeze_keeps_what_was_approved_from_acting(graphtwin: Callable[..., Any], plan: str, bms: BuildingActuator):
    graphtwin("plan", "approve", "floor", plan, "--as", "ann")
    frozen = graphtwin("freeze", "floor", "--as", "ann", "--reason", "people on the roof")
    refused = graphtwin("act", "floor", plan)
    lifted = graphtwin("unfreeze", "floor", "--as", "ann")
    acted = graphtwin("act", "floor", plan)

    assert (frozen.code, refused.code, lifted.code, acted.code) == (0, 5, 0, 0), acted.err
    assert "people on the roof" in refused.err
    assert len(bms.arrivals()) == 1
    assert graphtwin("unfreeze", "floor", "--as", "ann").code == 4


def test_runs_are_listed_and_shown(graphtwin: Callable[..., Any], floor: ActingWorld):
    listed = graphtwin("run", "list", "floor")
    (record,) = asyncio.run(floor.store.runs("floor"))
    shown, watched = graphtwin("run", "show", "floor", record.id), graphtwin("run", "watch", "floor", record.id)

    assert (listed.code, shown.code, watched.code) == (0, 0, 0), shown.err
    assert record.id in listed.out
    assert "detect-anomaly" in shown.out
    assert "ended as drift detected" in watched.out
    assert graphtwin("run", "show", "floor", "sync_unknown").code == 3
    assert graphtwin("run", "resume", "floor", record.id).code == 3


def test_programs_get_json(graphtwin: Callable[..., Any], plan: str):
    (listed,) = graphtwin("plan", "list", "floor", "-o", "json").json
    shown = graphtwin("plan", "show", "floor", plan, "-o", "json").json

    assert (listed["plan"], listed["status"], listed["needs_approval"]) == (plan, "waiting", True)
    assert shown["steps"][0]["request"]["body"] == {"setpoint": 22.0}
    assert shown["approvals"] == shown["acts"] == []


def test_what_was_done_is_shown_and_taken_back(graphtwin: Callable[..., Any], plan: str, bms: BuildingActuator):
    graphtwin("plan", "approve", "floor", plan, "--as", "ann")
    graphtwin("act", "floor", plan)

    shown = graphtwin("rollback", "floor", "--dry-run")
    asked = graphtwin("rollback", "floor", "--as", "ann")
    done = graphtwin("rollback", "floor", "--plan", plan, "--as", "ann", "--yes", "--reason", "it was too cold")
    again = graphtwin("rollback", "floor", "--plan", plan, "--as", "ann", "--yes")

    assert (shown.code, asked.code, done.code, again.code) == (0, 2, 0, 4), done.err
    assert 'PUT points/za {"setpoint": 25' in shown.out
    assert "is taken back to" in done.out
    assert bms.devices()["za"]["setpoint"] == 25.0
    assert "rolled back" in graphtwin("plan", "list", "floor", "--all").out
