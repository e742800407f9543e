"""Nobody listens without a key, from a foreign page, or beyond the limits; who is too slow is told to come again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from e2e.small_world import SmallWorld, memory
from unit.api.conftest import KEY
from unit.api.served import PROTOCOL, Served, answered, served
from unit.api.test_callers import key_of
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.api.streams.stream_limits import StreamLimits
from graphtwin.app.api_keys import end_keys
from graphtwin.errors import Unavailable

CHANGES = 'subscription { changes(world: "plant", after: "v0") { cursor } }'
GOOD = {"Authorization": f"Bearer {KEY}"}


@pytest_asyncio.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SmallWorld]:
    """A world at its first version, which is only read."""
    with pytest.MonkeyPatch.context() as environment:
        folder = tmp_path_factory.mktemp("sockets")
        environment.setenv("GRAPHTWIN_CONFIG", str(folder / "config"))
        plant = SmallWorld(folder / "plant", memory())
        await plant.sync()
        yield plant


@pytest_asyncio.fixture(scope="module")
async def api(plant: SmallWorld) -> AsyncIterator[Served]:
    async with served(plant.store) as api:
        yield api


@pytest_asyncio.fixture
async def fragile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """A world of its own."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    plant = SmallWorld(tmp_path / "plant", memory())
    await plant.sync()
    return plant


async def say(socket: ClientConnection, kind: str, **more: Any) -> None:
    await socket.send(json.dumps({"type": kind} | more))


async def subscribe(socket: ClientConnection, query: str = CHANGES, name: str = "1") -> dict[str, Any]:
    """The first answer to a subscription."""
    await say(socket, "subscribe", id=name, payload={"query": query})
    return await answered(socket)


async def closed_with(socket: ClientConnection) -> int:
    """The code that the server closes with; what it said before is passed over."""
    async with asyncio.timeout(20):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0


@pytest.mark.parametrize(
    ("header", "said", "let_in"),
    [
        ({}, {"Authorization": f"Bearer {KEY}"}, True),
        ({}, {"authorization": f"bearer {KEY}"}, True),
        (GOOD, {}, True),
        (GOOD, None, True),
        ({}, {}, False),
        ({}, None, False),
        ({}, {"Authorization": KEY}, False),
        ({}, {"Authorization": ["Bearer", KEY]}, False),
        ({}, {"Authorization": "Bearer wrong"}, False),
        (GOOD, {"Authorization": "Bearer wrong"}, False),
        ({"Authorization": "Bearer wrong"}, {}, False),
    ],
)
async def test_a_key_is_shown_in_the_handshake_or_with_connection_init(
    api: Served, header: dict[str, str], said: dict[str, Any] | None, let_in: bool
):
    async with api.connected(additional_headers=header) as socket:
        await say(socket, "connection_init", **({} if said is None else {"payload": said}))

        if let_in:
            assert (await answered(socket))["type"] == "connection_ack"
        else:
            assert await closed_with(socket) == 4403


async def test_nothing_is_asked_before_the_key_was_shown(api: Served):
    async with api.connected(additional_headers=GOOD) as socket:
        await say(socket, "subscribe", id="1", payload={"query": CHANGES})

        assert await closed_with(socket) == 4401


@pytest.mark.parametrize("origin", ["http://elsewhere", "null", "http://localhost"])
async def test_a_page_of_another_origin_isn_t_let_in(api: Served, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        async with api.connected(additional_headers=GOOD | {"Origin": origin}):
            pass

    assert refused.value.response.status_code == 403


async def test_a_page_of_the_same_origin_is_let_in(api: Served):
    async with api.connected(additional_headers={"Origin": api.address}, init=GOOD) as socket:
        assert (await subscribe(socket))["payload"] == {"data": {"changes": {"cursor": "v1"}}}


@pytest.mark.parametrize("protocols", [None, ["graphql-ws"]])
async def test_another_protocol_isn_t_spoken(api: Served, protocols: list[str] | None):
    async with api.connected(subprotocols=protocols) as socket:
        assert await closed_with(socket) == 4406


async def test_who_says_nothing_isn_t_waited_for(plant: SmallWorld):
    async with served(plant.store, greeting=0.05) as api, api.connected() as socket:
        assert await closed_with(socket) == 4408


async def test_a_ping_is_answered(api: Served):
    async with api.connected(init=GOOD) as socket:
        await say(socket, "ping")

        assert (await answered(socket))["type"] == "pong"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400),
        ("[]", 4400),
        ("null", 4400),
        ('{"type": 1}', 4400),
        ('{"type": "connection_init", "payload": 1}', 4400),
        ('{"type": "subscribe", "id": "1"}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 1}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}', 4400),
        ('{"type": "complete", "id": {}}', 4400),
        ('{"type": "' + "x" * 500 + '"}', 4400),
        ('{"type": "connection_init"}', 4429),
        (b"{}", 4400),
    ],
)
async def test_what_the_protocol_doesn_t_have_ends_the_connection(api: Served, text: str | bytes, code: int):
    async with api.connected(init=GOOD) as socket:
        await socket.send(text)

        assert await closed_with(socket) == code


async def test_a_message_may_be_as_long_as_the_limit(plant: SmallWorld):
    ping = json.dumps({"type": "ping", "payload": {"text": "x" * 100}})
    async with served(plant.store, limits={"body": len(ping)}) as api, api.connected(init=GOOD) as socket:
        await socket.send(ping)
        within = await answered(socket)
        await socket.send(ping + " ")

        assert within["type"] == "pong"
        assert await closed_with(socket) == 1009


async def test_one_subscription_past_the_limit_is_refused_and_the_others_go_on(plant: SmallWorld):
    async with served(plant.store, subscriptions=2) as api, api.connected(init=GOOD) as socket:
        within = [await subscribe(socket, name=name) for name in ("1", "2")]
        beyond = await subscribe(socket, name="3")
        await say(socket, "complete", id="1")
        again = await subscribe(socket, name="4")

    assert [one["type"] for one in (*within, again)] == ["next"] * 3
    assert (beyond["type"], beyond["id"]) == ("error", "3")
    assert beyond["payload"][0]["extensions"]["code"] == "USAGE_ERROR"


async def test_one_connection_past_the_limit_is_refused_until_another_ends(plant: SmallWorld):
    async with served(plant.store, connections=1) as api:
        async with api.connected(init=GOOD):
            with pytest.raises(InvalidStatus) as refused:
                async with api.connected():
                    pass
        async with asyncio.timeout(20):
            while True:
                try:
                    async with api.connected(init=GOOD) as socket:
                        assert (await subscribe(socket))["type"] == "next"
                        break
                except InvalidStatus:
                    await asyncio.sleep(0.01)

    assert refused.value.response.status_code == 503


@pytest.mark.parametrize(
    ("query", "limits"),
    [
        (CHANGES, {"depth": 0}),
        ('subscription { a: changes(world: "plant") { b: cursor c: cursor } }', {"aliases": 2}),
        (CHANGES, {"tokens": 14}),
    ],
)
async def test_depth_aliases_and_tokens_are_limited_as_in_requests(
    plant: SmallWorld, query: str, limits: dict[str, int]
):
    [(name, most)] = limits.items()
    query = query.replace('"plant")', '"plant", after: "v0")')
    answers = []
    for more in (0, 1):
        async with served(plant.store, limits={name: most + more}) as api, api.connected(init=GOOD) as socket:
            answers.append(await subscribe(socket, query))

    assert [one["type"] for one in answers] == ["error", "next"]
    assert answers[0]["payload"][0]["extensions"]["code"] == "BAD_QUERY"


@pytest.mark.parametrize(
    "query",
    ['{ world(id: "plant") { id } }', "mutation { nothing }", "subscription { nothing }", "{", "subscription {"],
)
async def test_only_subscriptions_come_this_way_and_a_bad_document_ends_no_other(api: Served, query: str):
    async with api.connected(init=GOOD) as socket:
        refused = await subscribe(socket, query)
        after = await subscribe(socket, name="2")

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "BAD_QUERY"
    assert after["type"] == "next"


async def test_a_database_that_is_lost_ends_the_subscription_with_its_code(fragile: SmallWorld):
    async def lost(*_: object, **__: object) -> None:
        raise Unavailable("The database can't be reached")

    async with served(fragile.store) as api, api.connected(init=GOOD) as socket:
        await subscribe(socket)
        fragile.store.pulse = lost
        told = await answered(socket)
        completed = await answered(socket)

    assert told["payload"]["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert told["payload"]["errors"][0]["extensions"]["retryable"]
    assert completed["type"] == "complete"


async def test_a_defect_is_masked(fragile: SmallWorld):
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    fragile.store.diff = broken
    async with served(fragile.store) as api, api.connected(init=GOOD) as socket:
        told = await subscribe(socket)

    assert told["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in json.dumps(told)


async def test_a_key_that_was_ended_hears_no_more(fragile: SmallWorld):
    vera = await key_of(fragile)
    said = {"Authorization": f"Bearer {vera}"}
    async with served(fragile.store, again=0.05) as api, api.connected(init=said) as socket:
        await subscribe(socket)
        await end_keys(fragile.store, fragile.id, "vera", by="vera")

        assert await closed_with(socket) == 4403


async def test_who_takes_nothing_is_told_to_come_again_and_nothing_is_read_for_them_meanwhile(fragile: SmallWorld):
    limits = Limits(streams=StreamLimits(look=0.01, sending=0.1))
    application = make_application(fragile.store, key=KEY, limits=limits)
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    taken, closing, drained = asyncio.Event(), asyncio.Event(), asyncio.Event()
    sent: list[dict[str, Any]] = []
    said = [
        {"type": "connection_init", "payload": GOOD},
        {"type": "subscribe", "id": "1", "payload": {"query": CHANGES}},
    ]
    for message in (
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "text": json.dumps(o)} for o in said),
    ):
        incoming.put_nowait(message)

    async def send(message: dict[str, Any]) -> None:
        if '"next"' in message.get("text", ""):
            taken.set()
            await drained.wait()
        if message["type"] == "websocket.close":
            closing.set()
            await drained.wait()
            incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
        sent.append(message)

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"here")], "subprotocols": [PROTOCOL]}
    serving = asyncio.ensure_future(application({"extensions": {}, "query_string": b""} | scope, incoming.get, send))
    async with asyncio.timeout(20):
        await taken.wait()
        await fragile.sync()
        fragile.store.diff = None  # nobody compares for who doesn't take
        await closing.wait()
        drained.set()
        await serving

    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[-1]["code"] == 1013


async def test_a_server_that_stops_tells_its_listeners_to_come_again(plant: SmallWorld):
    api = served(plant.store)
    async with (await api.__aenter__()).connected(init=GOOD) as socket:
        await subscribe(socket)
        stopping = asyncio.ensure_future(api.__aexit__(None, None, None))

        assert await closed_with(socket) == 1012
        await stopping


async def test_connections_and_messages_are_counted(plant: SmallWorld):
    async with served(plant.store) as api, api.connected(init=GOOD) as socket:
        await subscribe(socket)
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"{api.address}/metrics")).text

    assert "graphtwin_connections 1.0" in text
    assert "graphtwin_stream_messages_total 1.0" in text
    assert 'graphtwin_http_requests_total{path="/graphql"' not in text
