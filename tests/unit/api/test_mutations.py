"""What is decided and done by the API is what the command line does, kept in the audit chain before it is carried out."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import SmallWorld, memory, reading
from fakes.building_actuator import BuildingActuator, building
from unit.api.conftest import Client, client_of

from graphtwin.api.deciding.chain import REFUSALS_PER_MINUTE
from graphtwin.app.api_keys import give_key
from graphtwin.app.people import add_user
from graphtwin.methods.audit.api_entries import ASKED, REFUSED
from graphtwin.methods.audit.signature import signed_message
from graphtwin.model.commit import AuditRecord
from graphtwin.model.principal import APPROVAL_DOMAIN, active_principal
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import keys_folder, load_public_keys, read_private_key
from graphtwin.store.person_keys import private_path

T1 = "sensor:local/t1"
ENDED = "status run version refusal { code message hint retryable }"
OVERRIDE = (
    'mutation ($v: String!, $g: Ground!) { override(world: "plant", entity: "sensor:local/t1", variable: "reading",'
    f" value: $v, ground: $g) {{ {ENDED} decision changes {{ values {{ entity name after {{ value }} }} }} }} }}"
)
GROUND = {"evidence": "https://desk.example/ticket/7", "reason": "the display says so"}


async def person(world: SmallWorld, name: str, role: str) -> str:
    """Somebody of a role; their API key."""
    await add_user(world.store, world.id, name, role=role, public_key=None, by=None)
    return (await give_key(world.store, world.id, name, by=None)).secret


async def kept(world: SmallWorld, *kinds: str) -> list[AuditRecord]:
    return list(await world.store.audit_of(world.id, kinds or (ASKED, REFUSED)))


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


@pytest.fixture
async def floor(tmp_path: Path, bms: BuildingActuator, monkeypatch: pytest.MonkeyPatch) -> ActingWorld:
    """A floor with a plan that waits for an approver."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms, pre_approved=[])
    await floor.sync()
    return floor


async def test_an_override_is_a_signed_version_of_its_own_and_is_read_after_its_commit(
    plant: SmallWorld, client: Client
):
    anna = client.with_key(await person(plant, "anna", "approver"))
    before = await plant.head()

    data = await anna.data(OVERRIDE, v="42", g=GROUND)

    said = data["override"]
    assert (said["status"], said["refusal"], said["version"]) == ("decided", None, f"v{before.seq + 1}")
    assert said["decision"]["principal"] == "anna"
    assert {"entity": T1, "name": "reading", "after": {"value": 42}} in said["changes"][0]["values"]
    assert await plant.value("t1") == 42
    [asked] = await kept(plant)
    assert (asked.kind, asked.body["root"], asked.body["principal"]) == (ASKED, "override", "anna")
    assert asked.body["arguments"] == {"entity": T1, "variable": "reading"}
    assert (await plant.store.verify("plant")).passed
    assert verify_log(plant.folder / "audit" / "plant.jsonl", load_public_keys(keys_folder())).intact


async def test_a_mutation_and_what_is_asked_after_it_in_one_request_see_the_new_version(
    plant: SmallWorld, client: Client
):
    await person(plant, "anna", "approver")
    anna = client.with_key((await give_key(plant.store, "plant", "anna", by="anna")).secret)
    two = OVERRIDE.replace("override(", "first: override(")[:-1] + (
        ' second: withdraw(world: "plant", entity: "sensor:local/t1", variable: "reading") { status version } }'
    )

    data = await anna.data(two, v="42", g=GROUND)

    assert (data["first"]["version"], data["second"]["version"]) == ("v3", "v4")
    assert await plant.value("t1") == 93


async def test_a_claim_is_corrected_and_withdrawn_by_an_operator(plant: SmallWorld, client: Client):
    olaf = client.with_key(await person(plant, "olaf", "operator"))
    about = f'world: "plant", entity: "{T1}", variable: "reading"'

    corrected = await olaf.data(
        f'mutation ($g: Ground!) {{ correct({about}, value: "39", ground: $g) {{ {ENDED} }} }}', g=GROUND
    )
    value = await plant.value("t1")
    withdrawn = await olaf.data(f"mutation {{ withdraw({about}) {{ {ENDED} }} }}")

    assert (corrected["correct"]["status"], value) == ("decided", 39)
    assert (withdrawn["withdraw"]["status"], await plant.value("t1")) == ("decided", 20)


async def test_a_dry_run_writes_nothing_but_that_it_was_asked_for(plant: SmallWorld, client: Client):
    anna = client.with_key(await person(plant, "anna", "approver"))

    data = await anna.data(OVERRIDE, v="42", g={**GROUND, "dryRun": True})

    assert (data["override"]["status"], data["override"]["version"]) == ("rehearsed", "v2")
    assert await plant.value("t1") == 93


@pytest.mark.parametrize(
    ("value", "ground", "code"),
    [
        ("forty", GROUND, "USAGE_ERROR"),
        ("42", {"reason": "so"}, "USAGE_ERROR"),
        ("42", {"evidence": "/etc/hostname"}, "USAGE_ERROR"),
        ("42", {"evidence": "https://u:p@desk.example/"}, "USAGE_ERROR"),
        ("42", {**GROUND, "expectedVersion": "v1"}, "HEAD_MOVED"),
        ("42", {**GROUND, "expectedVersion": "v9"}, "NOT_FOUND"),
    ],
)
async def test_what_can_t_be_is_refused_with_its_code_and_kept(
    plant: SmallWorld, client: Client, value: str, ground: dict[str, str], code: str
):
    anna = client.with_key(await person(plant, "anna", "approver"))

    said = (await anna.data(OVERRIDE, v=value, g=ground))["override"]

    assert (said["status"], said["refusal"]["code"]) == ("refused", code)
    assert said["refusal"]["hint"]
    assert [one.kind for one in await kept(plant)] == [ASKED, REFUSED]
    assert (await kept(plant, REFUSED))[0].body["code"] == code
    assert (await plant.head()).seq == 2


async def test_two_are_made_one_split_and_the_split_is_undone(plant: SmallWorld, client: Client):
    olaf = client.with_key(await person(plant, "olaf", "operator"))
    two = 'world: "plant", one: "sensor:local/t1", other: "sensor:local/t2"'

    merged = (await olaf.data(f"mutation {{ merge({two}) {{ {ENDED} decision }} }}"))["merge"]
    split = (
        await olaf.data(
            f'mutation {{ split(world: "plant", entity: "{T1}", records: ["readings:t2"]) {{ {ENDED} decision }} }}'
        )
    )["split"]
    listed = await olaf.data('{ identityDecisions(world: "plant") { n action principal undoneBy } }')
    number = str(listed["identityDecisions"][-1]["n"])
    undone = (
        await olaf.data(
            f'mutation ($n: String!) {{ undoIdentity(world: "plant", decision: $n) {{ {ENDED} }} }}', n=number
        )
    )["undoIdentity"]

    assert [one["status"] for one in (merged, split, undone)] == ["decided"] * 3, (merged, split, undone)
    assert merged["decision"]["entities"] == [T1, "sensor:local/t2"]
    assert (await plant.entity("t1")).records == ("book:t1", "readings:t1", "readings:t2")


async def test_a_sync_is_done_once_for_a_key_however_often_it_is_asked_for(plant: SmallWorld, client: Client):
    olaf = client.with_key(await person(plant, "olaf", "operator"))
    plant.say(reading("t1", 50, "2026-01-01T02:00:00Z"))
    sync = f'mutation {{ sync(world: "plant", key: "order-0001") {{ {ENDED} exitCode report }} }}'

    first, again = [(await olaf.data(sync))["sync"] for _ in range(2)]

    assert (first["run"], first["version"], first["exitCode"]) == ("order-0001", "v3", 0)
    assert {**again, "report": None} == {**first, "report": None}
    assert again["report"]["status"] == first["report"]["status"] == first["status"]
    assert await plant.value("t1") == 50
    assert len([one for one in await plant.store.runs("plant") if one.id == "order-0001"]) == 1


async def test_a_sync_that_is_asked_for_twice_at_once_is_done_once(plant: SmallWorld, client: Client):
    plant.say(reading("t1", 50, "2026-01-01T02:00:00Z"))
    sync = f'mutation {{ sync(world: "plant", key: "order-0003") {{ {ENDED} }} }}'

    told = [one["sync"] for one in await asyncio.gather(client.data(sync), client.data(sync))]

    assert sorted(one["status"] for one in told) == sorted(["running", await ended(plant, "order-0003")])
    assert (await plant.head()).seq == 3


@pytest.mark.parametrize("argument", ['key: "short"', 'key: "../../../../etc"', 'mode: "sideways"'])
async def test_a_sync_that_can_t_be_asked_for_is_refused(plant: SmallWorld, client: Client, argument: str):
    said = (await client.data(f'mutation {{ sync(world: "plant", {argument}) {{ {ENDED} }} }}'))["sync"]

    assert said["refusal"]["code"] == "USAGE_ERROR"


async def test_what_takes_longer_than_a_request_may_goes_on_under_its_run(plant: SmallWorld):
    client, begun, go = client_of(plant.store, seconds=0.5), asyncio.Event(), asyncio.Event()
    real = plant.store.cursors

    async def slowly(world: str) -> Any:
        begun.set()
        await go.wait()
        return await real(world)

    plant.store.cursors = slowly
    said = (await client.data(f'mutation {{ sync(world: "plant", key: "order-0002") {{ {ENDED} }} }}'))["sync"]
    assert begun.is_set()
    go.set()
    await client.application.state.chain.finish(30)

    assert (said["status"], said["run"]) == ("running", "order-0002")
    [run] = await plant.store.runs_named("plant", ["order-0002"])
    assert run.ended_at is not None


async def test_a_world_goes_back_to_a_version_once_the_newest_was_looked_at(plant: SmallWorld, client: Client):
    anna = client.with_key(await person(plant, "anna", "approver"))
    back = f'mutation ($seen: String) {{ rollback(world: "plant", to: "v1", expectedVersion: $seen) {{ {ENDED} cells hashAfter }} }}'

    stale = (await anna.data(back, seen="v1"))["rollback"]
    done = (await anna.data(back, seen="v2"))["rollback"]

    assert (stale["status"], stale["refusal"]["code"]) == ("refused", "HEAD_MOVED")
    assert (done["status"], done["version"], done["refusal"]) == ("restored", "v3", None)
    assert await plant.value("t1") == 20


async def test_a_plan_is_signed_by_the_client_kept_and_carried_out(floor: ActingWorld, bms: BuildingActuator):
    client = client_of(floor.store)
    ann = client.with_key(await person(floor, "ann", "approver"))
    [plan] = (await ann.data('{ plans(world: "floor") { id status digest } }'))["plans"]

    to_sign = await signable(ann, plan["id"])
    approved = await approve(ann, floor, plan["id"], to_sign)
    again = await approve(ann, floor, plan["id"], to_sign)
    acted = (
        await ann.data(
            f'mutation ($p: String!) {{ act(world: "floor", plan: $p, key: "act-00001") {{ {ENDED} plan {{ status }} }} }}',
            p=plan["id"],
        )
    )["act"]
    taken = (await ann.data(f'mutation {{ takeBack(world: "floor") {{ {ENDED} plan {{ status }} }} }}'))["takeBack"]

    assert to_sign["document"]["plan_hash"] == plan["digest"]
    assert (approved["status"], approved["refusal"]) == ("approved", None)
    assert again["approval"] == approved["approval"]
    assert len(await floor.store.approvals("floor", plan["id"])) == 1
    assert (acted["status"], acted["run"], acted["plan"]) == ("action_taken", "act-00001", {"status": "executed"})
    assert (taken["status"], taken["refusal"]) == ("rolled_back", None)
    assert [one.body for one in bms.effects()] == [{"setpoint": 22.0}, {"setpoint": 25.0}]
    assert (await floor.store.verify("floor")).passed
    assert verify_log(floor.folder / "audit" / "floor.jsonl", load_public_keys(keys_folder())).intact


@pytest.mark.parametrize(
    "change",
    [
        {"plan_hash": "sha256:" + "0" * 64},
        {"basis": "another"},
        {"configuration": "another"},
        {"policy": "another"},
        {"expires": 2**60},
        {"risk_ceiling": 0.0},
        {"risk_ceiling": None},
        {"nonce": "x"},
        {"more": 1},
    ],
)
async def test_a_signature_under_something_else_is_refused(floor: ActingWorld, change: dict[str, Any]):
    ann = client_of(floor.store).with_key(await person(floor, "ann", "approver"))
    [plan] = await floor.store.plans("floor")
    to_sign = await signable(ann, plan.id)

    said = await approve(ann, floor, plan.id, {"document": {**to_sign["document"], **change}, "message": None})

    assert said["status"] == "refused", said
    assert await floor.store.approvals("floor", plan.id) == ()


async def test_a_ceiling_beyond_all_numbers_is_refused(plant: SmallWorld, client: Client):
    anna = client.with_key(await person(plant, "anna", "approver"))
    document = f"{{risk_ceiling: {'9' * 5_000}}}"

    data = await anna.data(
        f'mutation {{ approve(world: "plant", plan: "x", document: {document}, signature: "") {{ refusal {{ code }} }} }}'
    )

    assert data["approve"]["refusal"]["code"] == "USAGE_ERROR"


async def test_nobody_approves_with_anothers_signature(floor: ActingWorld):
    ann = client_of(floor.store).with_key(await person(floor, "ann", "approver"))
    bob = ann.with_key(await person(floor, "bob", "approver"))
    [plan] = await floor.store.plans("floor")

    said = await approve(bob, floor, plan.id, await signable(ann, plan.id))

    assert (said["status"], said["refusal"]["code"]) == ("refused", "REFUSED")
    assert "signature" in said["refusal"]["message"]


async def test_a_plan_is_rejected_and_the_world_frozen_and_freed(floor: ActingWorld):
    ann = client_of(floor.store).with_key(await person(floor, "ann", "approver"))
    [plan] = await floor.store.plans("floor")

    data = await ann.data(
        'mutation ($p: String!) { reject(world: "floor", plan: $p, reason: "not now") { status plan { reason } }'
        ' freeze(world: "floor", reason: "storm") { status freeze { by reason } }'
        ' again: act(world: "floor", plan: $p) { status refusal { code } }'
        ' unfreeze(world: "floor") { status } }',
        p=plan.id,
    )

    assert data["reject"] == {"status": "rejected", "plan": {"reason": "not now"}}
    assert data["freeze"] == {"status": "frozen", "freeze": {"by": "ann", "reason": "storm"}}
    assert data["again"] == {"status": "refused", "refusal": {"code": "CONFLICT"}}
    assert data["unfreeze"] == {"status": "lifted"}
    assert await floor.store.freeze("floor") is None


async def test_the_key_of_this_machine_decides_as_whom_the_operating_system_calls_you(
    plant: SmallWorld, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("getpass.getuser", lambda: "mia")
    stranger = (await client.data(OVERRIDE, v="42", g=GROUND))["override"]

    await person(plant, "mia", "approver")
    known = (await client.data(OVERRIDE, v="42", g=GROUND))["override"]

    assert (stranger["status"], stranger["refusal"]["code"]) == ("refused", "NOT_FOUND")
    assert (known["status"], known["decision"]["principal"]) == ("decided", "mia")


async def test_who_has_no_role_for_it_is_refused_and_that_is_kept(plant: SmallWorld, client: Client):
    vera = client.with_key(await person(plant, "vera", "viewer"))

    error = await vera.error(OVERRIDE, v="42", g=GROUND)

    assert error["extensions"]["code"] == "FORBIDDEN"
    [refused] = await kept(plant)
    assert (refused.kind, refused.body["principal"], refused.body["role"]) == (REFUSED, "vera", "viewer")
    assert vera.key not in json.dumps(refused.body)
    assert await plant.value("t1") == 93


async def test_a_flood_of_refusals_is_counted_and_doesn_t_fill_the_chain(plant: SmallWorld, client: Client):
    vera = client.with_key(await person(plant, "vera", "viewer"))

    for _ in range(REFUSALS_PER_MINUTE + 5):
        await vera.error('mutation { freeze(world: "plant", reason: "' + "x" * 5_000 + '") { status } }')

    assert len(await kept(plant)) == REFUSALS_PER_MINUTE
    assert all(len(json.dumps(one.body)) < 1_000 for one in await kept(plant))
    metrics = (await client.http.get("/metrics")).text
    assert f'graphtwin_refusals_total{{code="FORBIDDEN"}} {REFUSALS_PER_MINUTE + 5}.0' in metrics


async def test_an_unknown_key_is_counted_and_never_chained(plant: SmallWorld, client: Client):
    before = await plant.store.audit("plant")

    response = await client.with_key("gtk_" + "z" * 43).post('mutation { freeze(world: "plant") { status } }')

    assert response.status_code == 401
    assert await plant.store.audit("plant") == before
    assert "graphtwin_unknown_keys_total 1.0" in (await client.http.get("/metrics")).text


async def test_nothing_is_decided_when_the_audit_log_can_t_be_written(plant: SmallWorld, client: Client):
    anna = client.with_key(await person(plant, "anna", "approver"))
    (plant.folder / "audit").rename(plant.folder / "audit-away")
    (plant.folder / "audit").write_text("in the way")

    error = await anna.error(OVERRIDE, v="42", g=GROUND)

    assert error["extensions"]["code"] == "AUDIT_UNWRITABLE"
    assert (await plant.head()).seq == 2
    assert await plant.value("t1") == 93


async def ended(world: SmallWorld, run: str) -> str:
    """How a run ended."""
    [found] = await world.store.runs_named(world.id, [run])
    assert found.ended_at is not None
    return found.status


async def signable(client: Client, plan: str) -> dict[str, Any]:
    """What is to be signed."""
    query = 'query ($p: String!) { approvalToSign(world: "floor", plan: $p) { principal document message } }'
    return (await client.data(query, p=plan))["approvalToSign"]


async def approve(client: Client, floor: ActingWorld, plan: str, to_sign: dict[str, Any]) -> dict[str, Any]:
    """Sign as ann, on her machine, and send it."""
    ann = active_principal(await floor.store.principals("floor"), "ann")
    assert ann is not None
    message = (
        base64.b64decode(to_sign["message"])
        if to_sign["message"]
        else signed_message(ann, APPROVAL_DOMAIN, to_sign["document"])
    )
    signature = base64.b64encode(read_private_key(private_path(keys_folder(), ann)).sign(message)).decode()
    query = (
        'mutation ($p: String!, $d: JSON!, $s: String!) { approve(world: "floor", plan: $p, document: $d, signature: $s)'
        f" {{ {ENDED} approval {{ nonce at principal }} }} }}"
    )
    return (await client.data(query, p=plan, d=to_sign["document"], s=signature))["approve"]
