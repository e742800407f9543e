"""A server as a source, through whole syncs: each poll a reading, pages a roster, the short input accepted as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from brokers import Mosquitto, needs_mosquitto, publisher, running
from e2e.small_world import SmallWorld, details, memory
from fakes.http_site import Answer, HttpSite, http_site

from graphtwin.app.inspection import test_source as try_source
from graphtwin.app.sync import sync_in

TS = "2026-01-01T00:01:00Z"


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with http_site() as site:
        yield site


@pytest.fixture
def floor(plant: SmallWorld, site: HttpSite) -> SmallWorld:
    """The small world with a building management beside its files."""
    site.says["/hvac/status"] = Answer([])
    plant.config["sources"]["bms"] = {"type": "api", "endpoint": f"{site.url}/hvac/status", "trust": "primary_api"}
    return plant


def sensor(local: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"id": local, "type": "sensor", "reading": value, **more}


async def test_an_unstamped_value_that_goes_there_and_back_is_three_events(floor: SmallWorld, site: HttpSite):
    await floor.sync()
    for value in (1, 2, 1):
        site.says["/hvac/status"] = Answer([sensor("t7", value)])
        await floor.sync()

    history = await floor.store.history(floor.id, "sensor:local/t7", "reading")

    assert [fact.value for fact in history] == [1, 2, 1]
    assert len({fact.event for fact in history}) == 3
    assert await floor.value("t7") == 1


async def test_a_stamped_answer_that_comes_again_counts_once(floor: SmallWorld, site: HttpSite):
    site.says["/hvac/status"] = Answer([sensor("t7", 1, ts=TS)])
    for _ in range(3):
        await floor.sync()

    assert len(await floor.store.history(floor.id, "sensor:local/t7", "reading")) == 1


async def test_nothing_new_is_an_answer_that_costs_no_confidence(floor: SmallWorld, site: HttpSite):
    def page(asked: Any) -> Answer:
        known = asked.headers.get("if-none-match") == "v1"
        return Answer(status=304) if known else Answer([sensor("t7", 1)], headers={"ETag": "v1"})

    site.says["/hvac/status"] = page
    await floor.sync()
    before = await floor.head()

    outcome = await floor.sync()

    told = details(outcome)["sources"]["bms"]
    assert (told["answered"], told["messages"]) == (True, 0)
    assert outcome.report.confidence == 1
    assert (await floor.head()).seq == before.seq


async def test_pages_make_a_roster_and_what_it_no_longer_names_retires(floor: SmallWorld, site: HttpSite):
    things = [sensor(f"n{n}", n, ts=TS) for n in range(5)]

    def page(asked: Any) -> Answer:
        number = int(asked.query.get("page", "1"))
        more = {"Link": f'</hvac/status?page={number + 1}>; rel="next"'} if number * 2 < len(things) else {}
        return Answer(things[number * 2 - 2 : number * 2], headers={"ETag": "v1", **more})

    site.says["/hvac/status"] = page
    floor.config["sources"]["bms"]["roster"] = True
    await floor.sync()
    del things[4]
    await floor.sync()
    stale = await floor.entity("n4")

    await floor.sync()

    assert stale
    assert stale.lifecycle == "stale"
    assert await floor.entity("n4") is None
    assert await floor.entity("n3") is not None


async def test_a_roster_whose_last_page_fails_retires_nothing(floor: SmallWorld, site: HttpSite):
    site.says["/hvac/status"] = Answer([sensor("n1", 1, ts=TS)], headers={"Link": '</more>; rel="next"'})
    site.says["/more"] = Answer([sensor("n2", 2, ts=TS)])
    floor.config["sources"]["bms"]["roster"] = True
    await floor.sync()
    site.says["/more"] = Answer(status=500)

    for _ in range(3):
        outcome = await floor.sync()

    assert {one.lifecycle for one in (await floor.state()).entities.values()} == {"active"}
    assert "HTTP 500" in details(outcome)["sources"]["bms"]["problem"]


async def test_a_table_over_http_is_read_as_it_is_declared(floor: SmallWorld, site: HttpSite):
    table = b"id,type,reading,serial\nt7,sensor,21.5,007\n"
    site.says["/hvac/status"] = Answer(table, headers={"Content-Type": "text/csv"})

    await floor.sync()

    assert (await floor.value("t7"), await floor.value("t7", "serial")) == (21.5, "007")


@pytest.mark.parametrize(
    ("answer", "says"),
    [(Answer(status=503), "HTTP 503"), (Answer(b"x" * 5000), "max_output"), (Answer(status=302, headers={"Location": "//e.example/"}), "leads to"),
     (Answer(b"[", declared=50, hurry=False), "0.5 s")],
    ids=["broken", "too large", "elsewhere", "slow"],
)  # fmt: skip
async def test_a_server_that_does_not_answer_costs_no_other_source_its_sync(
    floor: SmallWorld, site: HttpSite, answer: Answer, says: str
):
    floor.config["sources"]["bms"] |= {"max_output": 4000, "timeout": "500ms"}
    await floor.sync()
    site.says["/hvac/status"] = answer
    floor.say(sensor("t1", 25, ts=TS))

    outcome = await floor.sync()

    told = details(outcome)["sources"]["bms"]
    assert await floor.value("t1") == 25
    assert says in told["problem"]
    assert not told["answered"]
    assert 0 < outcome.report.confidence < 1


async def test_an_answer_that_can_not_be_taken_is_set_aside_with_its_reading(floor: SmallWorld, site: HttpSite):
    await floor.sync()
    site.says["/hvac/status"] = Answer([sensor("t7", "warm"), sensor("t8", 5)])

    await floor.sync()

    [waiting] = await floor.quarantined()
    assert waiting.place.startswith("bms#")
    assert "warm" in waiting.reason
    assert await floor.value("t8") == 5


async def test_a_token_comes_from_the_environment_and_is_never_shown(
    floor: SmallWorld, site: HttpSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    secret, key = "t0p-s3cret", "k3y-in-query"

    def page(asked: Any) -> Answer:
        known = asked.headers.get("authorization") == f"Bearer {secret}" and asked.query.get("key") == key
        return Answer([sensor("t7", 1)]) if known else Answer(status=401)

    site.says["/hvac/status"] = page
    floor.config["sources"]["bms"] |= {"token": "${BMS_TOKEN}", "endpoint": f"{site.url}/hvac/status?key=${{BMS_KEY}}"}
    monkeypatch.setenv("BMS_TOKEN", secret)
    monkeypatch.setenv("BMS_KEY", key)
    good = await floor.sync()
    monkeypatch.setenv("BMS_TOKEN", "wrong")
    bad = await floor.sync()

    everything = json.dumps(details(good)) + json.dumps(details(bad)) + caplog.text + good.report_path.read_text()
    everything += bad.report_path.read_text() + json.dumps(await floor.store.cursors(floor.id))  # type: ignore[arg-type]
    everything += json.dumps((await floor.store.configuration(floor.id)).normalised())
    assert await floor.value("t7") == 1
    assert "HTTP 401" in details(bad)["sources"]["bms"]["problem"]
    assert secret not in everything
    assert key not in everything


async def test_looking_at_a_server_changes_nothing(floor: SmallWorld, site: HttpSite):
    site.says["/hvac/status"] = Answer([sensor("t7", 1)])

    [looked] = await try_source(floor.twin, "bms")

    assert looked.reading.answered
    assert len(looked.transformed.facts) == 2
    assert await floor.store.worlds() == ()


async def test_the_requirements_short_input_is_read_as_it_is_written(tmp_path: Path, site: HttpSite):
    needs_mosquitto()
    site.says["/hvac/status"] = Answer({"id": "hvac-unit-3a", "type": "hvac_controller", "temperature": 23.5})
    twin = tmp_path / "requirement.yaml"
    with running(Mosquitto(tmp_path / "broker")) as broker, publisher(broker) as device:
        twin.write_text(f"""
sources:
  - type: mqtt
    endpoint: "{broker.url}/floor-3"
  - type: api
    endpoint: "{site.url}/hvac/status"
world_id: "building-floor-3-twin"
constraints:
  max_drift_threshold: 0.15
  require_approval_above_risk: 0.7
sync_mode: incremental
types:
  hvac_controller: {{variables: {{temperature: {{unit: Cel}}}}}}
  temperature_sensor: {{variables: {{reading: {{unit: Cel}}}}}}
""")
        device.say("floor-3/sensor-temp-301/reading", 24.1, retain=True)

        outcome = await sync_in(memory(), twin)

    state = json.loads(outcome.report.model_dump_json())["twin_snapshot"]["state"]
    assert {entity["id"].rsplit("/", 1)[-1] for entity in state["entities"]} == {"hvac-unit-3a", "sensor-temp-301"}
    assert {one["answered"] for one in details(outcome)["sources"].values()} == {True}
