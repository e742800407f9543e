"""Worlds, versions, runs, judgements, plans, acts and the audit chain are answered as the store has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import SmallWorld, memory
from fakes.building_actuator import BuildingActuator, building
from unit.api.conftest import Client, client_of

from graphtwin.app.approving import approve
from graphtwin.app.identity import merge_entities
from graphtwin.app.people import add_user
from graphtwin.app.person import Given
from graphtwin.methods.views.plain_json import plain_json


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


async def test_worlds_and_versions_are_listed(plant: SmallWorld, client: Client):
    head = await plant.head()

    data = await client.data(
        '{ worlds { id version hash } world(id: "plant") { versionId } versions(world: "plant") { version facts } }'
    )

    assert data["worlds"] == [{"id": "plant", "version": "v2", "hash": head.hash}]
    assert data["world"] == {"versionId": head.version_id}
    assert [one["version"] for one in data["versions"]] == ["v0", "v1", "v2"]


async def test_drift_and_risk_are_those_of_the_last_sync(plant: SmallWorld, client: Client):
    [run, *_] = await plant.store.runs("plant")

    data = await client.data(
        '{ drift(world: "plant") { run driftDetected severity findings { id } notJudged { entity reason } }'
        ' risk(world: "plant") { run current forecasted entities { entity current } forecasts { probability } } }'
    )

    assert data["drift"]["run"] == data["risk"]["run"] == run.id
    assert run.report is not None
    assert len(data["drift"]["findings"]) == run.report["drift_report"]["anomalies_detected"]
    assert data["risk"]["current"] == run.report["risk_assessment"]["current_risk"]


async def test_runs_the_chain_and_what_was_set_aside_are_listed(plant: SmallWorld, client: Client):
    audit = await plant.store.audit("plant")

    data = await client.data(
        '{ runs(world: "plant", first: 1) { id status report } auditRecords(world: "plant") { n kind hash body }'
        ' quarantine(world: "plant") { source reason text } freeze(world: "plant") { by }'
        ' principals(world: "plant") { id } identityDecisions(world: "plant") { n } }'
    )

    [run] = data["runs"]
    assert await client.data('query ($r: String!) { run(world: "plant", id: $r) { id } }', r=run["id"]) == {
        "run": {"id": run["id"]}
    }
    assert [(one["n"], one["hash"]) for one in data["auditRecords"]] == [(one.n, one.hash) for one in audit]
    assert data["auditRecords"][0]["body"] == plain_json(audit[0].body)
    assert [(one["source"], one["text"].strip()) for one in data["quarantine"]] == [("readings", "{broken")]
    assert data["freeze"] is None


async def test_an_act_leads_to_plan_restore_point_run_and_audit(tmp_path: Path, bms: BuildingActuator, monkeypatch):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms)
    await floor.sync()
    client = client_of(floor.store)

    [plan] = (
        await client.data('{ plans(world: "floor", statuses: ["executed"]) { id digest steps { action effects } } }')
    )["plans"]
    acts = (await client.data('query ($p: String!) { acts(world: "floor", plan: $p) { id outcome } }', p=plan["id"]))[
        "acts"
    ]
    lineage = (
        await client.data(
            'query ($p: String!, $a: String!) { actLineage(world: "floor", plan: $p, act: $a) {'
            " act { outcome entity } plan { id evidence } approvals { principal } restorePoint { version }"
            " run { id } audit { kind run } } }",
            p=plan["id"], a=acts[0]["id"],
        )
    )["actLineage"]  # fmt: skip

    assert [step["effects"] for step in plan["steps"] if step["action"]] == [{"setpoint": 22.0}]
    assert lineage["act"]["outcome"] == "done"
    assert lineage["plan"]["id"] == plan["id"]
    assert lineage["plan"]["evidence"]
    assert lineage["restorePoint"] is not None
    assert {one["run"].partition(":")[0] for one in lineage["audit"]} == {lineage["run"]["id"]}
    assert {"plan", "act", "act_outcome", "verification"} <= {one["kind"] for one in lineage["audit"]}


async def test_what_isn_t_there_is_told_with_its_code(client: Client):
    for query in (
        '{ world(id: "no") { id } }',
        '{ plan(world: "plant", id: "no") { id } }',
        '{ drift(world: "no") { run } }',
    ):
        error = await client.error(query)
        assert error["extensions"]["code"] == "NOT_FOUND", query
        assert error["extensions"]["hint"]


async def test_people_and_decisions_come_page_by_page(plant: SmallWorld, client: Client, tmp_path: Path):
    for name in ("ann", "bob"):
        await add_user(plant.store, plant.id, name, role="operator", public_key=None, by=None)
    for other in ("t2", "t3"):
        pair = "sensor:local/t1", f"sensor:local/{other}"
        await merge_entities(plant.store, plant.id, pair, Given("ann", None, "one plate"))

    people = await paged(client, "principals", "id keyId", "keyId", 'world: "plant"')
    decisions = await paged(client, "identityDecisions", "n action", "n", 'world: "plant"')

    assert [one["id"] for one in people] == ["ann", "bob", "graphtwin"]
    assert [one["n"] for one in decisions] == sorted({one["n"] for one in decisions})
    assert [one["action"] for one in decisions] == ["merge", "merge"]


async def test_acts_and_approvals_come_page_by_page(tmp_path: Path, bms: BuildingActuator, monkeypatch):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms, pre_approved=[])
    await floor.sync()
    [plan] = await floor.store.plans("floor")
    for name in ("ann", "bob"):
        await floor.person(name)
        await approve(floor.store, "floor", plan.id, named=name)
    await floor.sync()
    of = f'world: "floor", plan: "{plan.id}"'

    approvals = await paged(client_of(floor.store), "approvals", "principal nonce", "nonce", of)
    acts = await paged(client_of(floor.store), "acts", "id outcome", "id", of)

    assert [one["principal"] for one in approvals] == ["ann", "bob"]
    assert [one["outcome"] for one in acts] == ["done"]


@pytest.mark.parametrize("root", ["principals", "identityDecisions"])
async def test_a_page_behind_nothing_is_refused(client: Client, root: str):
    after = "999" if root == "identityDecisions" else '"nobody"'

    error = await client.error(f'{{ {root}(world: "plant", after: {after}) {{ __typename }} }}')

    assert error["extensions"]["code"] == "USAGE_ERROR"


async def paged(client: Client, root: str, fields: str, key: str, of: str) -> list[dict[str, object]]:
    """All of a root, one at a time."""
    found: list[dict[str, object]] = []
    after = ""
    while page := (await client.data(f"{{ {root}({of}, first: 1{after}) {{ {fields} }} }}"))[root]:
        found += page
        last = page[-1][key]
        after = f', after: "{last}"' if isinstance(last, str) else f", after: {last}"
    return found
