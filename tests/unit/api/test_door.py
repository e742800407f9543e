"""Nobody asks without the key, from a foreign page, or in a form that a foreign page could send."""

from __future__ import annotations

import logging

import pytest
from e2e.small_world import SmallWorld
from unit.api.conftest import KEY, Client

from graphtwin.errors import Unavailable

BODY = b'{"query": "{ worlds { id } }"}'
GOOD = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (GOOD, 200),
        (GOOD | {"Origin": "http://here"}, 200),
        (GOOD | {"Content-Type": "application/json; charset=utf-8"}, 200),
        (GOOD | {"Origin": "http://elsewhere"}, 403),
        (GOOD | {"Origin": "null"}, 403),
        (GOOD | {"Origin": "http://["}, 403),
        (GOOD | {"Origin": "null", "Host": ""}, 403),
        (GOOD | {"Authorization": "Bearer wrong"}, 401),
        (GOOD | {"Authorization": KEY}, 401),
        (GOOD | {"Authorization": "Bearer "}, 401),
        ({"Content-Type": "application/json"}, 401),
        (GOOD | {"Content-Type": "text/plain"}, 415),
        (GOOD | {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Authorization": f"Bearer {KEY}"}, 415),
    ],
)
async def test_a_request_needs_the_key_json_and_no_foreign_origin(client: Client, headers: dict[str, str], status: int):
    response = await client.http.post("/graphql", content=BODY, headers=headers)

    assert response.status_code == status
    assert status == 200 or response.headers["content-type"] == "application/problem+json"
    assert KEY not in response.text


async def test_a_query_in_an_address_isn_t_answered(client: Client):
    response = await client.http.get("/graphql", params={"query": "{ worlds { id } }"}, headers=GOOD)

    assert response.status_code == 405


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"query": 1}', b'{"query": "{a}", "variables": []}', b'{"query": "\xff"}']
)
async def test_a_body_that_isn_t_a_query_is_told_so(client: Client, body: bytes):
    response = await client.http.post("/graphql", content=body, headers=GOOD)

    assert response.status_code == 400
    assert response.json()["status"] == 400


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ nonsense }", {}),
        ("{ worlds { id ", {}),
        ("{ ...nothing }", {}),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", {}),
        ("mutation { nonsense }", {}),
        ('query ($a: Instant) { snapshot(world: "plant", asOf: $a) { hash } }', {"a": "yesterday"}),
        ('query ($a: Instant) { snapshot(world: "plant", asOf: $a) { hash } }', {"a": 5}),
        ('{ snapshot(world: "plant", asOf: "2026-01-01T00:00:00") { hash } }', {}),
    ],
)
async def test_a_bad_document_or_variable_is_told_as_such(client: Client, query: str, variables: dict[str, object]):
    error = await client.error(query, **variables)

    assert error["extensions"]["code"] == "BAD_QUERY", error


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": "query a { worlds { id } }", "operationName": "b"},
        {"query": "fragment a on World { id }"},
        {"query": 'subscription { changes(world: "plant") { cursor } }'},
    ],
)
async def test_a_document_without_the_operation_is_told_so(client: Client, body: dict[str, str]):
    response = await client.http.post("/graphql", json=body, headers=GOOD)

    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (200, "BAD_QUERY")


@pytest.mark.parametrize("version", ["v9", "v999999999999999", "v" + "9" * 30, "x", "", "-1", "v٣"])
async def test_a_version_that_isn_t_there_is_told(client: Client, version: str):
    error = await client.error('query ($v: String) { snapshot(world: "plant", version: $v) { hash } }', v=version)

    assert error["extensions"]["code"] in {"NOT_FOUND", "USAGE_ERROR"}, error


@pytest.mark.parametrize(
    "cursor", ["", "x", "ééé", "bnVsbA==", "WzEsMl0=", "Wzk5OSwxLCJhIl0=", "WzEsWyJhIl0sImEiXQ==", "W1tb" * 20_000]
)
async def test_a_cursor_that_isn_t_one_is_told(client: Client, cursor: str):
    error = await client.error(
        'query ($c: String) { entities(world: "plant", after: $c) { edges { cursor } } }', c=cursor
    )

    assert error["extensions"]["code"] in {"NOT_FOUND", "USAGE_ERROR"}, error


async def test_a_defect_is_masked_and_the_log_tells_it(
    plant: SmallWorld, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async def broken() -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(logging.getLogger("graphtwin"), "propagate", True)
    plant.store.worlds = broken

    error = await client.error("{ worlds { id } }")

    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in str(error)
    assert error["extensions"]["reference"] in [record.reference for record in caplog.records]


async def test_ready_means_that_the_database_answers_else_the_reasons_are_told(plant: SmallWorld, client: Client):
    async def gone() -> None:
        raise Unavailable("The database can't be reached")

    ready = await client.http.get("/readyz")
    plant.store.worlds = gone
    unready = await client.http.get("/readyz")

    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reasons": []})
    assert (unready.status_code, unready.json()) == (
        503,
        {"ready": False, "reasons": ["The database can't be reached"]},
    )
    assert (await client.http.get("/healthz")).json() == {"status": "ok"}


async def test_what_happens_is_counted(client: Client):
    await client.data("{ worlds { id } }")
    await client.error('{ world(id: "no") { id } }')

    text = (await client.http.get("/metrics")).text

    assert 'graphtwin_http_requests_total{path="/graphql",status="200"} 2.0' in text
    assert 'graphtwin_graphql_errors_total{code="NOT_FOUND"} 1.0' in text
    assert "graphtwin_graphql_seconds_count 2.0" in text
