"""What changes between a decision and its act: nothing acts on what doesn't stand any more, and nothing untrue is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import details, memory
from fakes.building_actuator import BuildingActuator, building

from graphtwin.app.approving import approve, freeze, reject
from graphtwin.app.carrying_out import take_back
from graphtwin.app.configure import apply_in
from graphtwin.app.people import revoke_user
from graphtwin.app.sync import SyncOutcome
from graphtwin.errors import ConfigurationError, Conflict, RollbackFailed
from graphtwin.model.acting import Freeze, PlanRecord
from graphtwin.model.durations import SECOND
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.observing import criterion_text


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


@pytest.fixture
def floor(tmp_path: Path, bms: BuildingActuator) -> ActingWorld:
    return ActingWorld(tmp_path / "floor", memory(), bms)


def stand(bms: BuildingActuator, **changes: dict[str, Any]) -> None:
    """The devices as they are otherwise than at first."""
    devices = {name: {**values, **changes.get(name, {})} for name, values in DEVICES.items()}
    (bms.folder / "devices.json").write_text(json.dumps(devices), "utf-8")


async def approved(floor: ActingWorld) -> PlanRecord:
    """The plan that was approved, and not carried out yet."""
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id, statuses=("waiting",))
    return (await approve(floor.store, floor.id, record.id, named="ann")).record


async def decided_just_before(floor: ActingWorld, decide: Callable[[], Awaitable[Any]]) -> SyncOutcome:
    """A sync in which a person decides something while it waits to write the intent of its first act."""
    store, acquire = floor.store, floor.store.acquire
    due = False

    async def wait_for_a_person(world: str, holder: str, *, ttl: int) -> Any:
        nonlocal due
        if due:
            due = False
            await decide()
        return await acquire(world, holder, ttl=ttl)

    def hear(step: str, phase: str) -> None:
        nonlocal due
        due = due or (step, phase) == ("intend", "start")

    store.acquire = wait_for_a_person  # type: ignore[method-assign]
    return await floor.sync(on_step=hear)


async def test_a_plan_that_is_rejected_before_its_first_act_does_not_act(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    record = await approved(floor)

    async def say_no() -> None:
        await reject(floor.store, floor.id, record.id, reason="people on the roof", named="ann")

    outcome = await decided_just_before(floor, say_no)

    assert bms.arrivals() == []
    assert "is rejected since" in details(outcome)["not_acted_because"]
    assert (await floor.store.plan(floor.id, record.id)).status == "rejected"


async def test_a_plan_whose_approver_is_revoked_before_its_first_act_does_not_act(
    floor: ActingWorld, bms: BuildingActuator
):
    floor.config["constraints"]["pre_approved"] = []
    await approved(floor)
    await floor.person("root", "admin")

    async def let_go() -> None:
        await revoke_user(floor.store, floor.id, "ann", by="root")

    outcome = await decided_just_before(floor, let_go)

    assert bms.arrivals() == []
    assert "isn't a principal of the world any more" in details(outcome)["not_acted_because"]


async def test_what_a_person_decides_while_a_plan_is_kept_anew_stays(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    await floor.person()
    (record,) = await floor.store.plans(floor.id)
    floor.config["constraints"]["rate_limits"] = [{"max": 0, "per": "1h"}]  # what would make it refused
    await apply_in(floor.store, floor.twin, dry_run=False)
    store, asked = floor.store, floor.store.freeze
    assert isinstance(store, MemoryStore)

    async def freeze(world: str) -> Any:
        store.freeze = asked  # type: ignore[method-assign]
        await reject(store, floor.id, record.id, reason="never", named="ann")
        return await asked(world)

    store.freeze = freeze  # type: ignore[method-assign]
    await floor.sync()

    assert (await floor.store.plan(floor.id, record.id)).status == "rejected"
    assert bms.arrivals() == []


async def test_a_plan_on_its_way_stays_so_when_another_sync_would_make_it_too(
    floor: ActingWorld, bms: BuildingActuator
):
    bms.behave("ignore", "apply")
    others: list[asyncio.Task[SyncOutcome]] = []

    def hear(step: str, phase: str) -> None:
        if (step, phase) == ("look", "start") and not others:
            others.append(asyncio.create_task(floor.sync()))

    outcome = await floor.sync(on_step=hear)
    other = await others[0]

    assert outcome.report.status == "rolled_back", details(outcome)["stopped"]
    assert "is being carried out already" in details(other)["not_acted_because"]
    assert any("is on its way" in one for one in other.report.assumptions)
    assert not any("is on its way" in one for one in outcome.report.assumptions)
    assert {one.status for one in await floor.store.plans(floor.id)} <= {"rolled_back", "waiting"}
    assert [one.body["setpoint"] for one in bms.arrivals()] == [22.0, 25.0]


async def test_a_freeze_stops_a_plan_between_two_acts(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    stand(bms, zb={"setpoint": 25.0})
    record = await approved(floor)
    frozen: list[asyncio.Task[Freeze]] = []

    def hear(step: str, phase: str) -> None:
        if (step, phase) == ("conclude", "start") and not frozen:
            frozen.append(asyncio.create_task(freeze(floor.store, floor.id, reason="smoke", named="ann")))

    outcome = await floor.sync(on_step=hear)
    await frozen[0]

    first, back = bms.arrivals()
    assert len(record.plan.acts) == 2
    assert first.path == back.path, "the other act never went out, and what was done is taken back"
    assert outcome.report.status == "rolled_back"
    assert "ann froze the world: smoke" in outcome.full.model_dump_json()


async def test_a_plan_of_which_no_finding_is_left_does_not_wait_any_more(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["pre_approved"] = []
    await floor.sync()
    stand(bms, za={"setpoint": 22.0})

    await floor.sync()

    assert [one.status for one in await floor.store.plans(floor.id)] == ["stale"]


async def test_a_query_is_no_proof_while_its_source_is_silent(tmp_path: Path, bms: BuildingActuator):
    query = "MATCH (z:Zone {world: $world}) RETURN z.id AS subject"
    store = memory({criterion_text(query).id: lambda _state, _now: [{"subject": "zone:local/za"}]})
    floor = ActingWorld(tmp_path / "floor", store, bms)
    floor.config["actions"][0]["criteria"] = [{"cypher": query, "within": "1s"}]
    floor.read_by_program()

    def fall_silent(step: str, phase: str) -> None:
        if (step, phase) == ("conclude", "end"):
            floor.write("read.py", "")

    outcome = await floor.sync(on_step=fall_silent)

    assert outcome.report.verification.result == "FAIL", details(outcome)
    assert outcome.report.status == "rolled_back"


async def test_an_approval_binds_also_where_the_plan_would_need_none_by_now(floor: ActingWorld, bms: BuildingActuator):
    floor.config["constraints"]["require_approval_above_risk"] = 0.19
    record = await approved(floor)
    stand(bms, za={"setpoint": 24.0})

    outcome = await floor.sync()

    assert details(outcome)["policy"]["needs_approval"] is False, "the risk is less than it was"
    assert bms.arrivals() == [], "what it would overwrite isn't what was approved"
    assert (await floor.store.plan(floor.id, record.id)).status == "stale"


async def test_what_an_actuator_that_is_gone_did_is_left_to_a_person_in_plain_words(
    floor: ActingWorld, bms: BuildingActuator
):
    await floor.sync()
    await floor.person()
    floor.config["actions"] = []
    floor.config["actuators"] = {}
    floor.config["constraints"] |= {"allowed_actions": [], "pre_approved": []}
    await apply_in(floor.store, floor.twin, dry_run=False)

    with pytest.raises(RollbackFailed, match="The actuator bms isn't declared any more"):
        await take_back(floor.store, floor.id, None, reason="", named="ann", twin=floor.twin)

    assert await floor.store.freeze(floor.id)
    assert [one.body for one in bms.arrivals()] == [{"setpoint": 22.0}]


async def test_what_cannot_be_taken_back_is_said_before_anything_is_tried(floor: ActingWorld):
    floor.config["actions"][0] |= {"reversible": "irreversible"}
    await approved(floor)
    await floor.sync()

    with pytest.raises(Conflict, match="has no way back"):
        await take_back(floor.store, floor.id, None, reason="", named="ann", twin=floor.twin)

    assert await floor.store.freeze(floor.id) is None
    assert [one.status for one in await floor.store.plans(floor.id)] == ["executed"]


async def test_a_newly_wanted_value_is_worth_more_than_what_a_plan_wanted_and_plans_go_back_in_their_order(
    floor: ActingWorld, bms: BuildingActuator
):
    await floor.sync()
    (first,) = await floor.store.plans(floor.id)
    floor.config["entities"][0]["desired"]["setpoint"] = 20.0
    await apply_in(floor.store, floor.twin, dry_run=False)
    await floor.person()

    outcome = await floor.sync()
    with pytest.raises(Conflict, match="after plan"):
        await take_back(floor.store, floor.id, first.id, reason="", named="ann", twin=floor.twin)
    await take_back(floor.store, floor.id, None, reason="", named="ann", twin=floor.twin)
    await take_back(floor.store, floor.id, None, reason="", named="ann", twin=floor.twin)

    assert outcome.report.status == "action_taken"
    assert [one.body["setpoint"] for one in bms.arrivals()] == [22.0, 20.0, 22.0, 25.0]
    zone = await floor.entity("za", "zone")
    assert zone
    assert zone.desired["setpoint"].value == 20.0


async def test_a_wish_that_twin_yaml_takes_back_is_not_kept_up_by_a_plan(floor: ActingWorld):
    await floor.sync()
    floor.config["entities"][0]["desired"] = {}

    await apply_in(floor.store, floor.twin, dry_run=False)

    zone = await floor.entity("za", "zone")
    assert zone
    assert zone.desired == {}


async def test_no_two_actions_of_a_plan_set_the_same_variable(floor: ActingWorld, bms: BuildingActuator):
    stand(bms, za={"fan": 10})
    floor.config["types"]["zone"]["variables"]["fan"] = {"unit": "%", "span": 100}
    floor.config["entities"][0]["desired"]["fan"] = 50
    cool = {
        **floor.config["actions"][0], "id": "cool", "when": ["drift:zone.fan"], "effects": {"setpoint": 20},
        "criteria": ["entity.setpoint == 20.0"],
    }  # fmt: skip
    floor.config["actions"].append(cool)
    floor.config["constraints"] |= {"allowed_actions": ["reset", "cool"], "pre_approved": ["reset", "cool"]}

    outcome = await floor.sync()

    assert outcome.report.status == "action_taken", details(outcome)
    assert len(bms.arrivals()) == 1


@pytest.mark.parametrize("effect", ["=duration('1h')", "=timestamp('2026-01-01T00:00:00Z')", "=b'ab'"])
async def test_an_effect_of_a_kind_that_no_variable_has_is_passed_over(
    floor: ActingWorld, bms: BuildingActuator, effect: str
):
    floor.config["actions"][0]["effects"]["setpoint"] = effect

    outcome = await floor.sync()

    assert outcome.report.status == "drift_detected"
    assert bms.arrivals() == []


@pytest.mark.parametrize(("said", "wanted"), [({"status": "cooling"}, "cooling"), ({}, "active")])
async def test_a_criterion_may_ask_for_the_status(
    floor: ActingWorld, bms: BuildingActuator, said: dict[str, Any], wanted: str
):
    stand(bms, za=said)
    floor.config["actions"][0]["requires"] = [f"entity.status == '{wanted}'"]
    floor.config["actions"][0]["criteria"] = [{"expect": f"entity.status == '{wanted}'", "within": "1s"}]

    outcome = await floor.sync()

    assert outcome.report.status == "action_taken", details(outcome)["unmet"]


async def test_an_act_that_would_not_end_in_time_is_not_begun(
    floor: ActingWorld, bms: BuildingActuator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("graphtwin.workflows.journal.ACTING_FOR", 2 * SECOND)  # as long as one act may take
    stand(bms, zb={"setpoint": 25.0})

    outcome = await floor.sync()

    first, back = bms.arrivals()
    assert first.path == back.path
    assert outcome.report.status == "rolled_back"
    assert "the time for acting is over" in outcome.full.model_dump_json().lower()


async def test_a_plan_that_is_left_on_its_way_names_the_command_that_brings_it_to_its_end(floor: ActingWorld):
    changed: list[asyncio.Task[Any]] = []

    def hear(step: str, phase: str) -> None:
        if (step, phase) == ("conclude", "end") and not changed:
            floor.config["world"]["title"] = "Another"
            changed.append(asyncio.create_task(apply_in(floor.store, floor.twin, dry_run=False)))

    outcome = await floor.sync(on_step=hear)
    await changed[0]

    assert outcome.report.status == "failed"
    assert outcome.report.rollback.command == f"graphtwin run resume {floor.id} {outcome.run_id}"


@pytest.mark.parametrize("strategy", ["escalate_to_human", "merge_with_uncertainty"])
async def test_an_act_that_a_second_source_denies_is_not_verified(floor: ActingWorld, strategy: str):
    floor.config["sources"]["log"] = {"type": "file", "path": "log.jsonl", "trust": "primary_api"}
    floor.config["entities"][0]["aliases"].append("log:za")
    floor.config["types"]["zone"]["variables"]["setpoint"] |= {"strategy": strategy}

    def say_25() -> None:
        now = datetime.now(UTC).isoformat()
        floor.say({"id": "za", "type": "zone", "setpoint": 25.0, "ts": now}, to="log.jsonl")

    def deny(step: str, phase: str) -> None:
        if (step, phase) == ("conclude", "end"):
            say_25()

    say_25()

    outcome = await floor.sync(on_step=deny)

    assert outcome.report.verification.result == "FAIL", details(outcome)
    assert outcome.report.status == "rolled_back"


async def test_a_request_speaks_the_unit_of_the_other_side_there_and_back(floor: ActingWorld, bms: BuildingActuator):
    floor.config["actions"][0]["request"]["body"] = {"setpoint_f": "{setpoint:degF}", "note": "to {setpoint:[degF]} F"}
    bms.behave("ignore", "apply")

    outcome = await floor.sync()

    sent = [one.body for one in bms.arrivals()]
    assert sent == [{"setpoint_f": 71.6, "note": "to 71.6 F"}, {"setpoint_f": 77.0, "note": "to 77.0 F"}]
    assert outcome.report.status == "rolled_back"


async def test_a_unit_that_a_value_cannot_be_sent_in_is_refused_before_anything_is_read(floor: ActingWorld):
    floor.config["actions"][0]["request"]["body"] = {"setpoint": "{setpoint:kPa}"}

    with pytest.raises(ConfigurationError, match="declared in Cel"):
        await floor.sync()
    with pytest.raises(ConfigurationError, match="'kPa'"):
        await apply_in(floor.store, floor.twin, dry_run=True)
