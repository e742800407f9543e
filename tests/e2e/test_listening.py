"""Beside a writer in another process: who listens misses nothing and hears nothing twice, though the server dies five times; who
asks is answered from one version (S19).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from brokers import free_port
from e2e.real_world import environment, real_store, real_world
from e2e.small_world import SmallWorld
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from graphtwin.api.streams.followed_runs import Followed, write_followed
from graphtwin.model.commit import Changes, RunRecord
from graphtwin.model.state import At
from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
KEY = "k" * 43
KILLS = 5
BETWEEN = 2
"""Versions that are heard between two kills, at least."""
STREAMS = {
    "changes": "cursor version { version hash } entities",
    "runProgress": "cursor run { id status endedAt } steps { step startedAt }",
    "driftChanges": "cursor run appeared { id } ended { id }",
}
ASKERS, VERSIONS = 3, 8
FEEDER, SENSOR = "sensor:local/t0", "sensor:local/t3"
MANY_ROOTS = f"""query ($w: String!) {{
  world(id: $w) {{ version hash }}
  snapshot(world: $w) {{ at {{ version }} hash }}
  entities(world: $w, first: 50) {{ at {{ version }} edges {{ node {{ id reported {{ name value }} }} }} }}
  entity(world: $w, id: "{SENSOR}") {{ at {{ version }} entity {{ reported {{ name value }} }} }}
  neighbourhood(world: $w, entity: "{FEEDER}") {{ at {{ version }} entities {{ entity {{ relationships {{ object }} }} }} }}
  why(world: $w, entity: "{SENSOR}", variable: "reading") {{ at {{ version }} claims {{ wins fact {{ value }} }} }}
  again: snapshot(world: $w) {{ at {{ version }} hash }}
}}"""
FROM_THE_BEGINNING = {"changes": "v0", "runProgress": write_followed(Followed()), "driftChanges": "a0"}


class Program:
    """A program beside the tests, spoken to by lines."""

    def __init__(self, name: str, *arguments: str, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / name), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    async def answer(self) -> str:
        assert self.process.stdout is not None
        line = await asyncio.to_thread(self.process.stdout.readline)
        assert line, "the program ended"
        return line.strip()


@dataclass
class Stage:
    """A world that a program writes to, and a server of it that can be killed."""

    world: SmallWorld
    writer: Program
    server: Program
    port: int = field(default_factory=free_port)
    pid: int = 0

    async def serve(self) -> None:
        self.server.say(str(self.port))
        self.pid = int(await self.server.answer())

    async def kill(self) -> None:
        """Kill the server without a word, and start another one in its place."""
        os.kill(self.pid, signal.SIGKILL)
        await self.serve()

    async def write(self, versions: int) -> None:
        """Let the writer work until it has made so many versions."""
        self.writer.say(str(versions))
        for _ in range(versions):
            await self.writer.answer()

    async def ask(self, answers: list[dict[str, Any]], *, until: int) -> None:
        """Put one answer after another into a list, until a version is reached."""
        headers = {"Authorization": f"Bearer {KEY}"}
        transport = HTTPXAsyncTransport(f"http://127.0.0.1:{self.port}/graphql", headers=headers)
        async with Client(transport=transport, execute_timeout=30) as session:
            asked = GraphQLRequest(MANY_ROOTS, variable_values={"w": self.world.id})
            while not answers or version_of(answers[-1]) < until:
                answers.append(await session.execute(asked))

    async def listen(self, name: str, heard: list[dict[str, Any]], moved: asyncio.Event) -> None:
        """Put the messages of a subscription into a list, coming again after the last cursor whenever the server is gone."""
        query = f"subscription ($world: String!, $after: String) {{ {name}(world: $world, after: $after) {{ {STREAMS[name]} }} }}"
        shown = {"Authorization": f"Bearer {KEY}"}
        while True:
            after = heard[-1]["cursor"] if heard else FROM_THE_BEGINNING[name]
            asked = GraphQLRequest(query, variable_values={"world": self.world.id, "after": after})
            transport = WebsocketsTransport(url=f"ws://127.0.0.1:{self.port}/graphql", init_payload=shown)
            try:
                async with Client(transport=transport) as session:
                    async for message in session.subscribe(asked):
                        heard.append(message[name])
                        moved.set()
            except (TransportError, OSError):
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, neo4j_server: ServerAddress, neo4j_settings: Settings
) -> AsyncIterator[Stage]:
    """The world at its first version, with a server; the writer waits."""
    folder = tmp_path_factory.mktemp("listening")
    env = environment(neo4j_settings, folder / "config")
    async with real_store(neo4j_server) as store:
        world = real_world(folder / "plant", store)
        server = Program("server_in_a_child.py", KEY, env=env)
        writer = Program("writer_in_a_child.py", str(world.twin), env=env)
        try:
            stage = Stage(world, writer, server)
            await stage.write(1)
            await stage.serve()
            yield stage
        finally:
            for program in (writer, server):
                program.process.communicate(timeout=60)


async def test_listeners_miss_nothing_and_hear_nothing_twice_though_the_server_is_killed_five_times_at_load(
    stage: Stage,
):
    heard: dict[str, list[dict[str, Any]]] = {name: [] for name in STREAMS}
    store, world, moved = stage.world.store, stage.world.id, asyncio.Event()
    killed = asyncio.Event()
    listeners = [asyncio.ensure_future(stage.listen(name, told, moved)) for name, told in heard.items()]

    async def until(enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not enough():
                moved.clear()
                await moved.wait()

    async def write_on() -> None:
        while not killed.is_set():
            await stage.write(1)

    writing = asyncio.ensure_future(write_on())
    for _ in range(KILLS):
        wanted = len(heard["changes"]) + BETWEEN
        await until(lambda: len(heard["changes"]) >= wanted)  # noqa: B023 - it is waited for here
        await stage.kill()
    killed.set()
    await writing
    commits = await store.commits(world, limit=1000)
    changed = [await store.diff(world, one.seq - 1, one.seq) for one in commits]
    runs = sorted(await store.runs(world, limit=1000), key=lambda run: run.started_at)
    drifted = findings_kept(runs)
    await until(
        lambda: (
            len(heard["changes"]) >= len(commits)
            and len(ended_runs(heard["runProgress"])) >= len(runs)
            and len(heard["driftChanges"]) >= len(drifted)
        )
    )
    await stage.world.sync()  # what would come too often comes before this one
    await until(lambda: len(ended_runs(heard["runProgress"])) > len(runs))
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)

    assert len(commits) >= KILLS * BETWEEN
    assert [(one["cursor"], one["version"]["hash"]) for one in heard["changes"]][: len(commits)] == [
        (f"v{one.seq}", one.hash) for one in commits
    ]
    assert [set(one["entities"]) for one in heard["changes"]][: len(commits)] == [touched(one) for one in changed]
    assert len(heard["changes"]) <= len(commits) + 1
    assert ended_runs(heard["runProgress"])[:-1] == [run.id for run in runs]
    told = steps_told(heard["runProgress"])
    assert [told[run.id] for run in runs] == [
        [(one["step"], one["started_at"]) for one in run.details["report"]["steps"]] for run in runs
    ]
    assert findings_told(heard["driftChanges"]) == drifted


async def test_each_of_many_answers_beside_a_writer_is_from_one_version_and_says_what_that_version_was_s19(
    stage: Stage,
):
    answers: list[dict[str, Any]] = []
    store, world = stage.world.store, stage.world.id
    until = (await store.head(world)).seq + VERSIONS

    async with asyncio.timeout(60):
        await asyncio.gather(stage.write(VERSIONS), *(stage.ask(answers, until=until) for _ in range(ASKERS)))
    commits = {one.seq: one for one in await store.commits(world, limit=1000)}
    seqs = {version_of(one) for one in answers}
    states = {seq: await store.state(world, At(commits[seq].valid, seq)) for seq in seqs}

    assert len(seqs) > VERSIONS // 2
    for answer in answers:
        commit, state = commits[version_of(answer)], states[version_of(answer)]
        readings = {one.id: one.reported["reading"].value for one in state.entities.values()}
        assert {one["at"]["version"] for one in answer.values() if "at" in one} == {f"v{commit.seq}"}
        assert {answer[name]["hash"] for name in ("world", "snapshot", "again")} == {commit.hash}
        assert {one["node"]["id"]: reading_of(one["node"]) for one in answer["entities"]["edges"]} == readings
        assert reading_of(answer["entity"]["entity"]) == readings[SENSOR]
        assert [one["fact"]["value"] for one in answer["why"]["claims"] if one["wins"]] == [readings[SENSOR]]
        [centre, *_] = answer["neighbourhood"]["entities"]
        assert sorted(one["object"] for one in centre["entity"]["relationships"]) == sorted(
            key[3] for key in state.edges if key[1] == FEEDER
        )


def reading_of(entity: dict[str, Any]) -> Any:
    return next(one["value"] for one in entity["reported"] if one["name"] == "reading")


def version_of(answer: dict[str, Any]) -> int:
    return int(answer["world"]["version"].removeprefix("v"))


def touched(changes: Changes) -> set[str]:
    """The entities that a version changed."""
    ends = {end for one in changes.edges for end in (one.key[1], one.key[3])}
    return ends | {one.entity for one in (*changes.entities, *changes.values, *changes.lifecycles)}


def ended_runs(told: list[dict[str, Any]]) -> list[str]:
    return [one["run"]["id"] for one in told if one["run"]["endedAt"]]


def steps_told(told: list[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Every step that was told of each run, as often as it was."""
    steps: dict[str, list[tuple[str, str]]] = {}
    for one in told:
        steps.setdefault(one["run"]["id"], []).extend((step["step"], step["startedAt"]) for step in one["steps"])
    return steps


def findings_told(told: list[dict[str, Any]]) -> list[tuple[str, set[str], set[str]]]:
    """For each run that was told of: what appeared and what ended."""
    return [(one["run"], ids(one["appeared"]), ids(one["ended"])) for one in told]


def findings_kept(runs: Iterable[RunRecord]) -> list[tuple[str, set[str], set[str]]]:
    """The same from what the runs found, one after the other; those that found the same as before aren't told of."""
    kept, before = [], set[str]()
    for run in sorted(runs, key=lambda run: run.started_at):
        now = ids(run.details["report"]["findings"])
        if now != before:
            kept.append((run.id, now - before, before - now))
        before = now
    return kept


def ids(findings: Iterable[dict[str, Any]]) -> set[str]:
    return {one["id"] for one in findings}
