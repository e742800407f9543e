"""Commits that are cut off: the old version or the new one, never between; and nobody is told what isn't known."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from contracts.neo4j_opened import opened
from contracts.scene import MINUTE, NOON, Scene, SteppingClock, born, depends, say
from neo4j import AsyncDriver

from graphtwin.errors import CommitUnknown, Conflict, GraphtwinError, LeaseLost, Unavailable, UsageError
from graphtwin.model.commit import AuditEntry, Draft, RunRecord
from graphtwin.ports import Store
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

pytestmark = pytest.mark.neo4j

S = "bus:s1"
COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""The Bolt message."""


@pytest.fixture
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Store]:
    async with opened(neo4j_server) as store:
        yield store


@pytest.fixture
async def scene(store: Store) -> Scene:
    scene = await Scene.make(store, f"cut-{uuid4().hex[:12]}")
    await scene.write(born(S), born("bus:s2"), say(S, "reading", 1), depends(S, "bus:s2"))
    return scene


async def everything(driver: AsyncDriver, world: str) -> list[str]:
    """Every node of a world with its labels and properties, except the lock; and how many relationships it has."""
    nodes, _, _ = await driver.execute_query(
        "MATCH (one) WHERE one.world = $world OR (one:GtWorld AND one.id = $world) "
        "RETURN labels(one) AS labels, properties(one) AS held",
        world=world,
    )
    edges, _, _ = await driver.execute_query("MATCH ({world: $world})-[edge]->() RETURN count(edge) AS n", world=world)
    held = [(sorted(one["labels"]), sorted((one["held"] | {"lock": 0}).items())) for one in nodes]
    return [*sorted(map(repr, held)), repr(edges[0]["n"])]


class Plug:
    """Stands between a store and its server, and can cut the wire: at once, or when a COMMIT passes.

    `at_commit`: "question" loses the COMMIT, "answer" lets the server commit and loses what it says; `last` takes no
    connection after that.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.at_commit = ""
        self.last = False
        self._refuse = False
        self._mute = False
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return f"bolt://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuse:
            writer.close()
            return
        there, back = await asyncio.open_connection(self.host, self.port)
        self._writers += [writer, back]
        await asyncio.gather(self._up(reader, back), self._down(there, writer), return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.at_commit and COMMIT in data:
                if self.at_commit == "answer":
                    self._mute = True
                    writer.write(data)
                    await writer.drain()
                    await asyncio.sleep(1)
                self._refuse, self._mute, self.at_commit = self.last, False, ""
                self.cut()
                return
            writer.write(data)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self._mute:
                writer.write(data)
                await writer.drain()


@contextlib.asynccontextmanager
async def plugged(server: ServerAddress) -> AsyncIterator[tuple[Neo4jStore, Plug]]:
    host, port = server.uri.rpartition("/")[2].split(":")
    plug = Plug(host, int(port))
    async with plug as uri:
        store = Neo4jStore(uri, auth=server.auth, clock=SteppingClock(NOON + MINUTE))
        yield store, plug
        with contextlib.suppress(GraphtwinError, OSError):
            await store.close()


async def test_leaving_the_block_leaves_no_trace_whatever_was_written(scene: Scene, neo4j_driver: AsyncDriver):
    before = await everything(neo4j_driver, scene.world)
    assert scene.lease is not None

    async with scene.store.begin(scene.lease) as transaction:
        await transaction.write(
            Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE), born("bus:s3")), cursors={"bus": {}})
        )
        run = RunRecord("r-left", scene.world, "w", 1, None, "running", "", None, {})
        await transaction.record([AuditEntry("sync", 1, "r-left", {})], run)

    assert await everything(neo4j_driver, scene.world) == before


async def test_a_cut_wire_in_the_middle_of_a_commit_leaves_the_old_version(
    scene: Scene, neo4j_server: ServerAddress, neo4j_driver: AsyncDriver
):
    before = await everything(neo4j_driver, scene.world)
    assert scene.lease is not None

    async with plugged(neo4j_server) as (store, plug):

        async def write() -> None:
            assert scene.lease is not None
            async with store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE),)))
                plug.cut()
                await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "mode", "x", NOON + MINUTE),)))

        with pytest.raises(Unavailable):
            await write()

    assert await everything(neo4j_driver, scene.world) == before
    await scene.write(say(S, "reading", 3, NOON + MINUTE), now=NOON + MINUTE)
    assert await scene.value(S, "reading") == 3


async def test_a_lost_answer_to_a_commit_is_looked_up_and_found(scene: Scene, neo4j_server: ServerAddress):
    assert scene.lease is not None

    async with plugged(neo4j_server) as (store, plug), store.begin(scene.lease) as transaction:
        await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE),)))
        plug.at_commit = "answer"
        made = await transaction.commit("lost-answer", "run")

    assert made is not None
    assert made == await scene.store.commit_of(scene.world, "lost-answer")
    assert await scene.value(S, "reading") == 9


async def test_a_commit_that_never_arrived_is_said_to_be_unknown_and_was_not_made(
    scene: Scene, neo4j_server: ServerAddress
):
    before = await scene.store.head(scene.world)

    async with plugged(neo4j_server) as (store, plug):

        async def commit() -> None:
            assert scene.lease is not None
            async with store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE),)))
                plug.at_commit = "question"
                await transaction.commit("lost-question", "run")

        with pytest.raises(CommitUnknown, match="lost-question"):
            await commit()

    assert await scene.store.head(scene.world) == before
    assert await scene.store.commit_of(scene.world, "lost-question") is None


async def test_a_commit_whose_database_vanished_is_said_to_be_unknown(scene: Scene, neo4j_server: ServerAddress):
    async with plugged(neo4j_server) as (store, plug):

        async def commit() -> None:
            assert scene.lease is not None
            async with store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE),)))
                plug.at_commit, plug.last = "answer", True
                await transaction.commit("vanished", "run")

        with pytest.raises(CommitUnknown, match="doesn't answer"):
            await commit()


async def test_a_holder_whose_world_was_taken_while_it_waited_writes_nothing(scene: Scene):
    older = scene.lease
    assert older is not None
    scene.lease = await scene.store.acquire(scene.world, "writer", ttl=60 * MINUTE)
    entered = asyncio.Event()

    async def hold() -> None:
        assert scene.lease is not None
        async with scene.store.begin(scene.lease) as transaction:
            entered.set()
            await asyncio.sleep(0.3)
            await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 2, NOON + MINUTE),)))
            await transaction.commit("holder", "run")

    async def late() -> None:
        await entered.wait()
        async with scene.store.begin(older):
            pytest.fail("a lease that was taken over still writes")

    holding = asyncio.create_task(hold())
    with pytest.raises(LeaseLost):
        await late()
    await holding

    assert await scene.value(S, "reading") == 2


async def test_a_transaction_beyond_its_time_is_stopped_and_writes_nothing(scene: Scene, neo4j_server: ServerAddress):
    store = Neo4jStore(neo4j_server.uri, auth=neo4j_server.auth, clock=SteppingClock(), transaction_timeout_s=1)

    async def dawdle() -> None:
        assert scene.lease is not None
        async with store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON + MINUTE, facts=(say(S, "reading", 9, NOON + MINUTE),)))
            await asyncio.sleep(5)
            await transaction.commit("too-late", "run")

    with pytest.raises((Unavailable, Conflict)):
        await dawdle()

    assert await scene.value(S, "reading") == 1
    await store.close()


async def test_an_unreachable_database_is_named_with_the_next_move():
    store = Neo4jStore("bolt://127.0.0.1:1", auth=("neo4j", "x"), clock=SteppingClock())

    with pytest.raises(Unavailable, match="can't be reached") as refused:
        await store.open()

    assert "graphtwin db start" in refused.value.hint
    await store.close()


async def test_a_wrong_password_is_named(neo4j_server: ServerAddress):
    store = Neo4jStore(neo4j_server.uri, auth=("neo4j", "certainly wrong"), clock=SteppingClock())

    with pytest.raises(Unavailable, match="refused the user or the password"):
        await store.open()

    await store.close()


@pytest.mark.parametrize("entity", ["\ud800", "bus:s1\x1f@type", "", "'; MATCH (n) DETACH DELETE n //", "$world"])
async def test_a_strange_id_is_not_found_or_refused_and_harms_nothing(scene: Scene, entity: str):
    before = await scene.state()

    with contextlib.suppress(UsageError):
        assert await scene.store.entity(scene.world, entity) is None

    assert await scene.state() == before
