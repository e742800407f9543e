"""sync: modes, priors, forms of the state, what is written on disk, and what is refused before anything is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from e2e.small_world import SmallWorld, details, reading

from graphtwin.errors import ConfigurationDiffers, ConfigurationError, NotFound, PriorRefused, UsageError
from graphtwin.methods.views.view_hash import hash_of_snapshot

LATER = "2026-01-01T00:01:00Z"
LAST = "2026-01-01T00:02:00Z"


async def three_versions(plant: SmallWorld) -> None:
    await plant.sync()
    for value, ts in ((25, LATER), (30, LAST)):
        plant.say(reading("t1", value, ts))
        await plant.sync()


async def test_a_sync_writes_a_page_and_its_report_beside_the_twin(plant: SmallWorld):
    outcome = await plant.sync()

    page, report = outcome.report_path, outcome.report_path.with_name("report.json")
    assert page == plant.folder / "runs" / outcome.run_id / "report.html"
    assert "<html" in page.read_text("utf-8")
    assert json.loads(report.read_text("utf-8"))["workflow_id"] == outcome.run_id


async def test_the_runs_record_tells_how_it_ended(plant: SmallWorld):
    outcome = await plant.sync()

    (run,) = await plant.store.runs(plant.id)
    assert (run.id, run.status, run.workflow) == (outcome.run_id, "synced", "digital-twin-sync-loop")
    assert run.ended_at
    assert run.report
    assert "twin_snapshot" not in run.report


async def test_nothing_new_makes_a_run_and_no_version(plant: SmallWorld):
    await plant.sync()

    outcome = await plant.sync()

    assert outcome.report.twin_snapshot.version == "v1"
    assert len(await plant.store.runs(plant.id)) == 2


async def test_full_mode_reads_everything_again_and_changes_nothing(plant: SmallWorld):
    await three_versions(plant)
    before = await plant.head()

    outcome = await plant.sync(mode="full")

    assert sum(one["messages"] for one in details(outcome)["sources"].values()) == 4
    assert (await plant.head()).hash == before.hash


async def test_delta_only_prints_what_differs_beside_the_full_hash(plant: SmallWorld):
    await plant.sync()
    plant.say(reading("t2", 5, LATER))

    outcome = await plant.sync(mode="delta_only")

    state = json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]
    assert outcome.report.twin_snapshot.hash == (await plant.head()).hash
    assert "sensor:local/t2" in json.dumps(state)
    assert "sensor:local/t1" not in json.dumps(state.get("entities", state))


@pytest.mark.parametrize("name", ["v1", "1"])
async def test_a_prior_version_is_what_the_delta_is_against(plant: SmallWorld, name: str):
    await three_versions(plant)

    outcome = await plant.sync(mode="delta_only", prior=name)

    text = outcome.report.model_dump_json()
    assert '"v1"' in text
    assert "30" in text


async def test_a_prior_snapshot_is_found_by_its_hash(plant: SmallWorld):
    first = await plant.sync()
    plant.say(reading("t2", 5, LATER))
    await plant.sync()
    snapshot = plant.write("before.json", first.report.model_dump_json())

    outcome = await plant.sync(mode="delta_only", prior=str(snapshot))

    assert "sensor:local/t2" in outcome.report.model_dump_json()


async def test_a_prior_snapshot_that_was_changed_is_refused(plant: SmallWorld):
    first = await plant.sync()
    changed = first.report.model_dump_json().replace("20.0", "21.0")
    snapshot = plant.write("before.json", changed)

    with pytest.raises(PriorRefused, match="says hash"):
        await plant.sync(prior=str(snapshot))


@pytest.mark.parametrize(
    ("text", "says"),
    [("{not json", "can't be read"), ("[1]", "isn't a snapshot"), ('{"twin_snapshot": {"state": {}}}', "full state")],
)
async def test_a_prior_that_is_no_snapshot_is_refused(plant: SmallWorld, text: str, says: str):
    await plant.sync()
    snapshot = plant.write("before.json", text)

    with pytest.raises(PriorRefused, match=says):
        await plant.sync(prior=str(snapshot))


@pytest.mark.parametrize("prior", ["v9", "missing.json"])
async def test_a_prior_that_is_not_there_is_refused(plant: SmallWorld, prior: str):
    await plant.sync()

    with pytest.raises(PriorRefused):
        await plant.sync(prior=prior)


async def test_the_printed_state_hashes_to_the_printed_hash(plant: SmallWorld):
    await plant.sync()
    plant.say(reading("t2", 5, LATER, feeds=["t1"]))

    outcome = await plant.sync(state="full")

    state = json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]
    assert hash_of_snapshot(state) == outcome.report.twin_snapshot.hash


async def test_the_flat_form_reads_like_the_requirements_example(plant: SmallWorld):
    outcome = await plant.sync(state="example")

    state = json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]
    (entity,) = state["entities"]
    assert (entity["type"], entity["reading"]) == ("sensor", 20)


async def test_a_large_state_is_referred_to(plant: SmallWorld):
    plant.config["types"]["sensor"]["variables"]["reading"]["judged"] = False
    plant.say(*(reading(f"n{number}", number) for number in range(1001)))

    outcome = await plant.sync()

    state = json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]
    assert state["entities"] == 1002
    assert state["hash"] == outcome.report.twin_snapshot.hash


@pytest.mark.parametrize("options", [{"mode": "sometimes"}, {"state": "round"}])
async def test_an_unknown_mode_or_form_is_refused(plant: SmallWorld, options: dict[str, str]):
    with pytest.raises(UsageError):
        await plant.sync(**options)


async def test_a_changed_twin_yaml_is_refused_with_what_differs(plant: SmallWorld):
    await plant.sync()
    plant.config["types"]["sensor"]["variables"]["reading"]["span"] = 50

    with pytest.raises(ConfigurationDiffers, match=r"span.*100.*50") as refused:
        await plant.sync()

    assert "graphtwin apply" in refused.value.hint


async def test_a_source_whose_secret_is_not_set_is_refused_before_there_is_a_world(plant: SmallWorld):
    plant.config["sources"]["broker"] = {"type": "mqtt", "endpoint": "mqtt://gw:${NOT_SET_ANYWHERE}@localhost"}

    with pytest.raises(ConfigurationError, match="NOT_SET_ANYWHERE"):
        await plant.sync()

    assert await plant.store.worlds() == ()


async def test_a_source_that_is_switched_off_is_not_read(plant: SmallWorld):
    plant.config["sources"]["book"]["enabled"] = False

    outcome = await plant.sync()

    assert set(details(outcome)["sources"]) == {"readings"}


async def test_a_twin_yaml_that_is_not_there_is_told(plant: SmallWorld, tmp_path: Path):
    from graphtwin.app.sync import sync_in

    with pytest.raises((NotFound, ConfigurationError), match=r"nowhere\.yaml"):
        await sync_in(plant.store, tmp_path / "nowhere.yaml")


async def test_the_listener_hears_every_step_begin_and_end(plant: SmallWorld):
    await plant.sync()
    heard: list[tuple[str, str]] = []

    await plant.sync(on_step=lambda step, phase: heard.append((step, phase)))

    assert heard[-1] == ("summarize", "end")
    assert ("rollback", "skipped") in heard
    assert {step for step, phase in heard if phase == "start"} == {step for step, phase in heard if phase == "end"}


async def test_a_report_that_cannot_be_written_is_told_with_the_version_that_was_made(plant: SmallWorld):
    (plant.folder / "runs").write_text("a file in place of the folder")

    with pytest.raises(UsageError, match="ended as synced at v1, but its report can't be written"):
        await plant.sync()

    (run,) = await plant.store.runs(plant.id)
    assert (run.status, (await plant.head()).seq) == ("synced", 1)


async def test_a_prior_snapshot_stands_for_the_version_that_it_names(plant: SmallWorld, tmp_path: Path):
    first = await plant.sync(state="full")
    plant.say(reading("t1", 25, LATER))
    await plant.sync()
    kept = tmp_path / "prior.json"
    kept.write_text(first.report.model_dump_json())

    outcome = await plant.sync(mode="delta_only", prior=str(kept))

    assert outcome.report.model_dump(mode="json")["twin_snapshot"]["state"]["base"] == "v1"
