"""A world whose clock is read by its address lives in that time, and stands still when it can't be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.small_world import SmallWorld, details, reading
from fakes.http_site import Answer, HttpSite, http_site

from graphtwin.app.inspection import test_source as try_source
from graphtwin.errors import ConfigurationError, Unavailable
from graphtwin.model.instants import parse_instant

NOON = "2026-01-01T12:00:00Z"
LATER = "2026-01-01T12:10:00Z"


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with http_site() as site:
        site.says["/clock"] = Answer({"now": NOON, "speed": 60})
        yield site


@pytest.fixture
def plant(plant: SmallWorld, site: HttpSite) -> SmallWorld:
    plant.config["world"]["clock"] = {"url": f"{site.url}/clock"}
    return plant


async def test_versions_are_as_of_the_worlds_own_time_and_the_report_says_so(plant: SmallWorld, site: HttpSite):
    outcome = await plant.sync()

    report = json.loads(outcome.report.model_dump_json())
    assert (await plant.head()).valid == parse_instant(NOON)
    assert report["sync_timestamp"] == NOON
    assert any(f"{site.url}/clock" in one for one in report["assumptions"])


async def test_a_message_without_a_time_is_dated_by_the_worlds_clock(plant: SmallWorld):
    plant.say(reading("t2", 5, None))

    await plant.sync()

    entity = await plant.entity("t2")
    assert entity
    assert entity.reported["reading"].valid_from == parse_instant(NOON)


async def test_what_is_dated_ahead_of_the_worlds_clock_is_set_aside_although_it_is_long_past_for_us(plant: SmallWorld):
    plant.say(reading("t1", 25, "2026-01-01T12:00:20Z"), reading("t1", 30, "2026-01-01T12:00:40Z"))

    await plant.sync()

    [waiting] = await plant.quarantined()
    assert "ahead of 2026-01-01T12:00:30Z" in waiting.reason
    assert await plant.value("t1") == 25


async def test_silence_passes_as_the_worlds_time_does(plant: SmallWorld, site: HttpSite):
    plant.config["sources"]["readings"]["cadence"] = "1m"
    plant.say(reading("t1", 25, NOON))
    heard = await plant.sync()
    site.says["/clock"] = Answer({"now": LATER})

    silent = await plant.sync()

    def names(outcome: Any) -> list[str]:
        return [one["name"] for one in details(outcome)["findings"]]

    assert "silence:readings" not in names(heard)
    assert "silence:readings" in names(silent)
    assert "for 10m" in json.dumps(details(silent)["findings"])


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        (Answer({"now": "2026-01-01T13:00:00+01:00"}), "now"),
        (Answer({"time": {"epoch": 1767268800}}), "time.epoch"),
        (Answer(b'"2026-01-01T12:00:00Z"'), "@"),
    ],
)
async def test_the_instant_stands_where_path_says(plant: SmallWorld, site: HttpSite, answer: Answer, path: str):
    site.says["/clock"] = answer
    plant.config["world"]["clock"]["path"] = path

    await plant.sync()

    assert (await plant.head()).valid == parse_instant(NOON)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(status=503), "HTTP 503"),
        (Answer(b"noon"), "not JSON"),
        (Answer({"time": NOON}), "NoneType"),
        (Answer({"now": "noon"}), "names no instant"),
        (Answer({"now": True}), "bool"),
        (Answer(b"[", declared=9, hurry=False), "0.3 s"),
    ],
    ids=["broken", "no JSON", "elsewhere", "no instant", "no time at all", "slow"],
)
async def test_a_clock_that_can_not_be_read_stops_everything_before_it_begins(
    plant: SmallWorld, site: HttpSite, answer: Answer, says: str
):
    site.says["/clock"] = answer
    plant.config["world"]["clock"]["timeout"] = "300ms"

    with pytest.raises(Unavailable, match=r"The clock of plant can't be read") as told:
        await plant.sync()

    assert says in str(told.value)
    assert told.value.exit_code == 8
    assert await plant.store.worlds() == ()


async def test_a_clock_that_stops_answering_during_a_sync_leaves_the_world_as_it_was(plant: SmallWorld, site: HttpSite):
    await plant.sync()
    before = await plant.head()
    plant.say(reading("t1", 25, NOON))

    def stop(step: str, phase: str) -> None:
        if (step, phase) == ("receive", "start"):
            site.says["/clock"] = Answer(status=500)

    outcome = await plant.sync(on_step=stop)

    assert outcome.report.status.value == "failed"
    assert "HTTP 500" in details(outcome)["stopped"]
    assert (await plant.head()).seq == before.seq
    site.says["/clock"] = Answer({"now": LATER})
    await plant.sync()
    assert await plant.value("t1") == 25


async def test_a_clock_that_goes_back_takes_no_version_back(plant: SmallWorld, site: HttpSite):
    await plant.sync()
    site.says["/clock"] = Answer({"now": "2026-01-01T11:00:00Z"})
    plant.say(reading("t2", 1, "2026-01-01T10:00:00Z"))

    await plant.sync()

    assert (await plant.head()).valid == parse_instant(NOON)


async def test_sources_are_tried_out_in_the_worlds_time(plant: SmallWorld):
    plant.say(reading("t1", 30, "2026-01-01T12:00:40Z"))

    [tried] = await try_source(plant.twin, "readings")

    assert [one.reason for one in tried.transformed.quarantined] == [
        "dated 2026-01-01T12:00:40Z, which is ahead of 2026-01-01T12:00:30Z"
    ]


@pytest.mark.parametrize(
    ("clock", "says"),
    [
        ({"url": "clock.example/now"}, "isn't an address"),
        ({"url": "ftp://clock.example/now"}, "isn't read by ftp"),
        ({"url": "http://me:${SECRET}@clock.example/now"}, "can't be used here"),
        ({"url": "http://clock.example/now", "path": "a..b"}, "isn't a JMESPath"),
    ],
)
async def test_a_clock_that_can_not_be_meant_is_told_at_its_line(plant: SmallWorld, clock: dict[str, str], says: str):
    plant.config["world"]["clock"] = clock

    with pytest.raises(ConfigurationError) as told:
        await plant.sync()

    assert says in str(told.value)
    assert "world.clock" in str(told.value)
