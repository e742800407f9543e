"""Each limit holds: what is at it is answered, what is one past it is refused before anything is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from e2e.small_world import SmallWorld
from unit.api.conftest import KEY, client_of

from graphtwin.api.limits import Limits

WORLD = '{ world(id: "plant") { id } }'


def aliases(count: int) -> str:
    return "{ " + " ".join(f'a{n}: world(id: "plant") {{ id }}' for n in range(count)) + " }"


def first(count: int) -> str:
    return f'{{ runs(world: "plant", first: {count}) {{ id }} }}'


def entity_page(count: int) -> str:
    return f'{{ entities(world: "plant", first: {count}) {{ edges {{ cursor }} }} }}'


def hops(count: int) -> str:
    return f'{{ neighbourhood(world: "plant", entity: "sensor:local/t1", hops: {count}) {{ centre }} }}'


def path_hops(count: int) -> str:
    return (
        f'{{ paths(world: "plant", source: "sensor:local/t1", target: "x", maxHops: {count}) {{ at {{ version }} }} }}'
    )


@pytest.mark.parametrize(
    ("query", "limit", "code"),
    [
        (aliases, {"aliases": 4}, "BAD_QUERY"),
        (first, {"page": 4}, "USAGE_ERROR"),
        (entity_page, {"page": 4}, "USAGE_ERROR"),
        (hops, {"hops": 4}, "USAGE_ERROR"),
        (path_hops, {"hops": 4}, "USAGE_ERROR"),
    ],
)
async def test_one_past_a_limit_is_refused(
    plant: SmallWorld, query: Callable[[int], str], limit: dict[str, int], code: str
):
    client = client_of(plant.store, **limit)

    await client.data(query(4))
    error = await client.error(query(5))

    assert error["extensions"]["code"] == code


@pytest.mark.parametrize("asked", [0, -1])
async def test_a_page_of_nothing_is_refused(plant: SmallWorld, asked: int):
    assert (await client_of(plant.store).error(first(asked)))["extensions"]["code"] == "USAGE_ERROR"


async def test_a_document_may_be_as_deep_as_the_limit(plant: SmallWorld):
    query = '{ entities(world: "plant") { edges { node { reported { value } } } } }'
    depth = 4  # fields below the root

    await client_of(plant.store, depth=depth).data(query)
    error = await client_of(plant.store, depth=depth - 1).error(query)

    assert error["extensions"]["code"] == "BAD_QUERY"
    assert "depth" in error["message"]


async def test_fragments_that_spread_each_other_cost_what_they_are_long(plant: SmallWorld):
    spreads = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(100))
    client = client_of(plant.store)

    async with asyncio.timeout(20):
        data = await client.data(f"{{ ...f0 }} {spreads} fragment f100 on Query {{ worlds {{ id }} }}")
        error = await client.error(f"{{ ...f0 }} {spreads} fragment f100 on Query {{ a: worlds {{ id }} }}")

    assert data == {"worlds": [{"id": "plant"}]}
    assert error["extensions"]["code"] == "BAD_QUERY"
    assert "aliases" in error["message"]


async def test_what_fragments_spread_counts_where_it_is_spread(plant: SmallWorld):
    deep = '{ ...page } fragment page on Query { entities(world: "plant") { edges { ...node } } }'
    node = " fragment node on EntityEdge { node { reported { value } } }"

    await client_of(plant.store, depth=4).data(deep + node)
    error = await client_of(plant.store, depth=3).error(deep + node)

    assert "depth" in error["message"]


async def test_a_document_may_have_as_many_tokens_as_the_limit(plant: SmallWorld):
    tokens = len(["{", "world", "(", "id", ":", "plant", ")", "{", "id", "}", "}"])

    await client_of(plant.store, tokens=tokens).data(WORLD)
    error = await client_of(plant.store, tokens=tokens - 1).error(WORLD)

    assert error["extensions"]["code"] == "BAD_QUERY"


async def test_one_answer_holds_as_many_entities_as_the_limit(plant: SmallWorld):
    query = '{ snapshot(world: "plant") { entityCount } }'

    assert (await client_of(plant.store, whole=3).data(query))["snapshot"]["entityCount"] == 3
    error = await client_of(plant.store, whole=2).error(query)

    assert error["extensions"]["code"] == "USAGE_ERROR"
    assert "page by page" in error["extensions"]["hint"]


async def test_a_body_may_be_as_long_as_the_limit(plant: SmallWorld):
    body = b'{"query": "{ worlds { id } }"}'
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    within = await client_of(plant.store, body=len(body)).http.post("/graphql", content=body, headers=headers)
    beyond = await client_of(plant.store, body=len(body) - 1).http.post("/graphql", content=body, headers=headers)

    assert (within.status_code, beyond.status_code) == (200, 413)


async def test_a_request_that_takes_too_long_is_ended(plant: SmallWorld):
    async def never(_: str) -> None:
        await asyncio.Event().wait()

    plant.store.head = never

    error = await client_of(plant.store, seconds=0.05).error(WORLD)

    assert error["extensions"]["code"] == "TIMEOUT"
    assert error["extensions"]["retryable"]


async def test_the_schema_is_told_unless_it_is_switched_off(plant: SmallWorld):
    query = "{ __schema { queryType { name } } }"

    told = await client_of(plant.store).data(query)
    closed = await client_of(plant.store, introspection=False).ask(query)

    assert told == {"__schema": {"queryType": {"name": "Query"}}}
    assert closed["data"] is None
    assert {error["extensions"]["code"] for error in closed["errors"]} == {"BAD_QUERY"}


async def test_without_introspection_a_mistake_suggests_no_names(plant: SmallWorld):
    query = '{ world(id: "plant") { versio } }'

    assert "version" in (await client_of(plant.store).error(query))["message"]
    assert "version" not in (await client_of(plant.store, introspection=False).error(query))["message"]


def test_the_limits_in_force_are_those_that_the_page_names():
    assert Limits() == Limits(10, 30, 2_000, 500, 5_000, 6, 262_144, 30.0, introspection=True)
