"""What is listened to: each message once, in order, from just after a cursor; read once for all who listen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e.acting_world import DEVICES, ActingWorld
from e2e.small_world import SmallWorld, memory, reading
from fakes.building_actuator import BuildingActuator, building
from gql import GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from unit.api.documents import document, streams
from unit.api.served import Served, served

from graphtwin.api.limits import Limits
from graphtwin.api.schema import make_schema
from graphtwin.api.streams.followed_runs import Followed, write_followed
from graphtwin.app.adapters import SystemClock
from graphtwin.app.api_keys import give_key
from graphtwin.app.approving import reject
from graphtwin.app.people import add_user
from graphtwin.model.commit import Changes, RunRecord
from graphtwin.model.pulse import Pulse
from graphtwin.store.memory import MemoryStore

CHANGES = """subscription ($after: String) { changes(world: "plant", after: $after) {
  cursor version { version asOf committedAt hash } entities difference { before values { name after { value } } } } }"""
RUNS = """subscription ($after: String) { runProgress(world: "plant", after: $after) {
  cursor run { id status step } steps { step outcome milliseconds startedAt } } }"""
DRIFT = """subscription ($after: String) { driftChanges(world: "plant", after: $after) {
  cursor run version { version } standing appeared { id entity } changed { id } ended { id } } }"""
PLANS = """subscription ($after: String) { planEvents(world: "floor", after: $after) {
  cursor what plan act principal reason record { n kind } } }"""
MINUTE = 60_000_000
BEFORE_ALL = write_followed(Followed())
FIRST = {"changes": "v0", "runProgress": BEFORE_ALL, "driftChanges": "a0", "planEvents": "a0"}
"""Where each stream begins."""
SCHEMA = make_schema(Limits())._schema


class CountedStore(MemoryStore):
    """Counts how often it is looked at, and what is compared; `looked` is set at each look."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.counts: Counter[str] = Counter()
        self.looked = asyncio.Event()

    async def pulse(self, world: str, *, runs: int) -> Pulse:
        self.counts["pulse"] += 1
        self.looked.set()
        return await super().pulse(world, runs=runs)

    async def diff(self, world: str, before: int, after: int) -> Changes:
        self.counts[f"diff v{after}"] += 1
        return await super().diff(world, before, after)


@pytest_asyncio.fixture
async def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """A world of one sensor at its second version."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    plant = SmallWorld(tmp_path / "plant", CountedStore())
    await plant.sync()
    await say_and_sync(plant, 1)
    return plant


@pytest_asyncio.fixture
async def api(plant: SmallWorld) -> AsyncIterator[Served]:
    async with served(plant.store) as api:
        yield api


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


async def say_and_sync(plant: SmallWorld, hour: int, value: float | None = None, **more: Any) -> None:
    plant.say(reading("t1", value or hour, f"2026-01-01T{hour:02}:00:00Z", **more))
    await plant.sync()


def counted(plant: SmallWorld) -> CountedStore:
    assert isinstance(plant.store, CountedStore)
    return plant.store


async def looks(plant: SmallWorld, more: int) -> None:
    """Until the world was looked at so many times more."""
    store = counted(plant)
    wanted = store.counts["pulse"] + more
    async with asyncio.timeout(20):
        while store.counts["pulse"] < wanted:
            store.looked.clear()
            await store.looked.wait()


async def looked_at(plant: SmallWorld) -> bool:
    """Whether somebody looks at the world."""
    try:
        await asyncio.wait_for(looks(plant, 1), 0.3)
    except TimeoutError:
        return False
    return True


@asynccontextmanager
async def listening(api: Served, query: str, plant: SmallWorld, **variables: Any) -> AsyncIterator[asyncio.Queue[Any]]:
    """What is told from the beginning of the block on."""
    told: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        async with api.client() as session:
            async for message in session.subscribe(GraphQLRequest(query, variable_values=variables)):
                [one] = message.values()
                told.put_nowait(one)

    task = asyncio.ensure_future(listen())
    await looks(plant, 3)
    try:
        async with asyncio.timeout(20):
            yield told
    finally:
        task.cancel()


async def test_changes_go_on_just_after_a_version_each_once_with_both_times(plant: SmallWorld, api: Served):
    await say_and_sync(plant, 2)
    commits = await plant.store.commits("plant")

    told = await api.heard(CHANGES, 3, after="v0")

    assert [one["cursor"] for one in told] == ["v1", "v2", "v3"]
    assert [one["version"]["hash"] for one in told] == [one.hash for one in commits]
    assert all(one["version"]["asOf"] and one["version"]["committedAt"] for one in told)
    assert told[2]["entities"] == ["sensor:local/t1"]
    assert told[2]["difference"] == {"before": "v2", "values": [{"name": "reading", "after": {"value": 2.0}}]}


@pytest.mark.parametrize(("query", "beginning"), [(CHANGES, "v0"), (RUNS, BEFORE_ALL), (DRIFT, "a0")])
async def test_after_each_message_exactly_the_rest_is_told(plant: SmallWorld, api: Served, query: str, beginning: str):
    for hour in range(2, 5):
        await say_and_sync(plant, hour, feeds=[f"nothing-{hour}"])
    count = {CHANGES: 5, RUNS: 5, DRIFT: 3}[query]

    told = await api.heard(query, count, after=beginning)

    assert len({one["cursor"] for one in told}) == count
    for place in range(count - 1):
        rest = told[place + 1 :]
        assert await api.heard(query, len(rest), after=told[place]["cursor"]) == rest


async def test_without_a_cursor_only_what_comes_from_now_on_is_told(plant: SmallWorld, api: Served):
    async with listening(api, CHANGES, plant) as told:
        await say_and_sync(plant, 2)

        assert (await told.get())["cursor"] == "v3"


@pytest.mark.parametrize(
    ("query", "cursor", "code"),
    [
        (CHANGES, "v3", "NOT_FOUND"),
        (CHANGES, "a1", "USAGE_ERROR"),
        (CHANGES, "", "USAGE_ERROR"),
        (CHANGES, "v" + "9" * 30, "USAGE_ERROR"),
        (CHANGES, "v٣", "USAGE_ERROR"),
        (DRIFT, "a999", "NOT_FOUND"),
        (DRIFT, "a1", "USAGE_ERROR"),
        (DRIFT, BEFORE_ALL, "USAGE_ERROR"),
        (RUNS, "v1", "USAGE_ERROR"),
        (RUNS, "", "USAGE_ERROR"),
        (RUNS, "eJyLVjDUAQACuAD8", "USAGE_ERROR"),
    ],
)
async def test_what_isn_t_a_cursor_of_a_subscription_is_told_so(api: Served, query: str, cursor: str, code: str):
    with pytest.raises(TransportQueryError) as raised:
        await api.heard(query, 1, after=cursor)

    assert raised.value.errors is not None
    assert raised.value.errors[0]["extensions"]["code"] == code


async def test_a_run_is_told_step_by_step_and_once_whoever_comes_again(plant: SmallWorld, api: Served):
    steps = [
        {"step": f"s{n}", "outcome": "done", "started_at": "2026-01-01T00:00:00Z", "milliseconds": 1.5, "attempts": 1}
        | {"reason": ""}
        for n in range(4)
    ]
    start = SystemClock().now() + MINUTE
    run = RunRecord("by-hand", "plant", "digital-twin-sync-loop", start, None, "running", "", None, {})
    went = [
        run,
        replace(run, step="s1", details={"steps": steps[:1]}),
        replace(run, step="s3", details={"steps": steps[:3]}),
        replace(run, step="summarize", ended_at=start + 9, status="synced", details={"report": {"steps": steps}}),
    ]
    told: list[dict[str, Any]] = []

    for record in went:
        await plant.store.save_run(record)
        told += await api.heard(RUNS, 1, after=told[-1]["cursor"] if told else write_followed(Followed(start)))

    assert [[step["step"] for step in one["steps"]] for one in told] == [[], ["s0"], ["s1", "s2"], ["s3"]]
    assert [one["run"]["status"] for one in told] == ["running", "running", "running", "synced"]


async def test_a_run_that_shows_later_than_it_began_is_told_all_the_same(plant: SmallWorld, api: Served):
    start = SystemClock().now() + MINUTE
    early, late = (
        RunRecord(name, "plant", "w", start + at, start + at + 1, "synced", "", None, {})
        for name, at in (("early", 0), ("late", 5_000_000))
    )
    await plant.store.save_run(late)
    [first] = await api.heard(RUNS, 1, after=write_followed(Followed(start)))

    await plant.store.save_run(early)

    assert first["run"]["id"] == "late"
    assert [one["run"]["id"] for one in await api.heard(RUNS, 1, after=first["cursor"])] == ["early"]


async def test_drift_tells_what_appeared_and_what_ended(plant: SmallWorld, api: Served):
    async with listening(api, DRIFT, plant) as told:
        await say_and_sync(plant, 2, feeds=["ghost"])
        appeared = await told.get()
        plant.say(reading("ghost", 1, "2026-01-01T03:00:00Z"))
        await plant.sync()
        ended = await told.get()

    assert [one["entity"] for one in appeared["appeared"]] == ["sensor:local/t1"]
    assert (appeared["standing"], appeared["version"], appeared["ended"]) == (1, {"version": "v3"}, [])
    assert (ended["standing"], ended["appeared"]) == (0, [])
    assert ended["ended"] == [{"id": appeared["appeared"][0]["id"]}]


async def test_what_becomes_of_plans_is_told_as_the_chain_has_it(tmp_path: Path, bms: BuildingActuator, monkeypatch):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms, pre_approved=[])
    await floor.sync()
    await add_user(floor.store, "floor", "ann", role="admin", public_key=None, by=None)
    [plan] = await floor.store.plans("floor")
    await reject(floor.store, "floor", plan.id, reason="not today", named="ann")

    async with served(floor.store) as api:
        told = await api.heard(PLANS, 2, after="a0")

    assert [(one["what"], one["plan"]) for one in told] == [("waiting", plan.id), ("rejected", plan.id)]
    assert (told[1]["principal"], told[1]["reason"], told[1]["record"]["kind"]) == ("ann", "not today", "rejection")


async def test_an_act_is_told_from_its_intent_to_its_verification(tmp_path: Path, bms: BuildingActuator, monkeypatch):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms)
    await floor.sync()

    async with served(floor.store) as api:
        told = await api.heard(PLANS, 4, after="a0")

    assert [one["what"] for one in told] == ["proposed", "acting", "act_done", "verified"]
    assert told[1]["act"] == told[2]["act"]


async def test_a_world_is_looked_at_and_a_version_compared_once_for_all_who_listen(plant: SmallWorld):
    async with served(plant.store, look=0.1) as api:
        many = [asyncio.ensure_future(api.heard(CHANGES, 3, after="v0")) for _ in range(12)]
        await looks(plant, 12 + 2)
        await say_and_sync(plant, 2)
        told = await asyncio.gather(*many)

    compared = {name: count for name, count in counted(plant).counts.items() if name.startswith("diff")}
    assert all(one == told[0] for one in told)
    assert compared == {"diff v1": 1, "diff v2": 1, "diff v3": 1}


async def test_nobody_looks_at_a_world_that_nobody_listens_to(plant: SmallWorld, api: Served):
    await api.heard(CHANGES, 1, after="v0")
    still = [await looked_at(plant) for _ in range(3)]  # that the client has left is heard a moment later

    assert not still[-1]
    assert await api.heard(CHANGES, 1, after="v1")


async def test_a_version_that_one_message_doesn_t_hold_is_told_without_its_difference(plant: SmallWorld):
    for whole, held in ((1, True), (0, False)):
        async with served(plant.store, limits={"whole": whole}) as api:
            [told] = await api.heard(CHANGES, 1, after="v1")

        assert (told["difference"] is not None, told["entities"] != []) == (held, held)


@pytest.mark.parametrize("role", ["viewer", "operator", "approver", "admin"])
async def test_every_role_hears_all_of_every_stream_of_its_world_and_of_no_other(
    tmp_path: Path, bms: BuildingActuator, monkeypatch: pytest.MonkeyPatch, role: str
):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    floor = ActingWorld(tmp_path / "floor", memory(), bms, pre_approved=[])
    await floor.sync()
    await add_user(floor.store, "floor", "mia", role=role, public_key=None, by=None)
    mia = (await give_key(floor.store, "floor", "mia", by="mia")).secret
    other = SmallWorld(tmp_path / "other", floor.store)
    other.config["world"]["id"] = "other"
    await other.sync()
    refused = []

    async with served(floor.store) as api:
        for name, field in streams(SCHEMA):
            query, variables = document("Subscription", name, field, {"world": "floor", "after": FIRST[name]})
            assert await api.heard(query, 1, key=mia, **variables)
            with pytest.raises(TransportQueryError) as raised:
                await api.heard(query, 1, key=mia, **variables | {"world": "other"})
            refused += [error["extensions"]["code"] for error in raised.value.errors or ()]

    assert refused == ["FORBIDDEN"] * len(FIRST)
