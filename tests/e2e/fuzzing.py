"""Requests to the API that nobody would write: documents made from the schema, requests beside it, and bytes."""

from __future__ import annotations

import re
from typing import Any, Final

import requests
import schemathesis
from e2e.served import KEY
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

AUTHORIZED: Final = {"Authorization": f"Bearer {KEY}"}
WORLD: Final = re.compile(r'\bworld: "(?:[^"\\]|\\.)*"|(?<=world\()id: "(?:[^"\\]|\\.)*"')
ROUTES: Final[dict[str, Any]] = {
    "openapi": "3.0.3",
    "info": {"title": "graphtwin", "version": "1"},
    "paths": {
        "/graphql": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["query"],
                                "properties": {
                                    "query": {"type": "string"},
                                    "variables": {"type": "object", "nullable": True},
                                    "operationName": {"type": "string", "nullable": True},
                                },
                            }
                        }
                    },
                },
                "responses": {"default": {"description": "an answer, or a problem"}},
            }
        },
        **{
            path: {"get": {"responses": {"200": {"description": "it is there"}}}}
            for path in ("/healthz", "/readyz", "/metrics")
        },
    },
}
"""The routes as a client may call them, for who makes up requests."""


def fuzz_documents(address: str, *, count: int) -> dict[str, int]:
    """Documents of all roots, most of them about the world that is there."""
    _name_scalars()
    schema = schemathesis.graphql.from_url(f"{address}/graphql", headers=AUTHORIZED)
    told = {"documents": 0, "answered": 0}
    session = requests.Session()

    def ask(case: schemathesis.Case) -> None:
        if len(case.body) % 4:  # the rest asks for worlds that aren't there
            case.body = WORLD.sub(lambda match: match[0].partition(":")[0] + ': "plant"', case.body)
        response = session.post(f"{address}/graphql", json={"query": case.body}, headers=AUTHORIZED, timeout=60)
        must_be_told(response, case.body)
        told["documents"] += 1
        told["answered"] += response.status_code == 200 and not response.json().get("errors")

    kinds = [schema["Query"], schema["Mutation"]]
    operations = [operation for kind in kinds for operation in kind.values()]
    for_each, rest = divmod(count, len(operations))
    for place, operation in enumerate(operations):
        play(operation.as_strategy(), ask, for_each + (place < rest), place)
    assert told["documents"] >= count
    assert told["answered"] > count // 4
    return told


def fuzz_routes(address: str, *, count: int) -> dict[str, int]:
    """Requests that keep to the routes, and such that don't."""
    schema = schemathesis.openapi.from_dict(ROUTES)
    told = {"requests": 0}
    modes = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE

    def ask(case: schemathesis.Case) -> None:
        response = case.call(base_url=address, headers=AUTHORIZED)
        assert response.status_code < 500, (case.as_curl_command(), response.text)
        told["requests"] += 1

    for place, mode in enumerate(modes):
        post = schema["/graphql"]["post"]
        play(post.as_strategy(generation_mode=mode), ask, count // 3, place)
    for path in ("/healthz", "/readyz", "/metrics"):
        play(schema[path]["get"].as_strategy(), ask, 3, 0)
    play(st.binary(max_size=200), lambda body: bytes_are_told(address, body, told), count - told["requests"], 0)
    return told


def bytes_are_told(address: str, body: bytes, told: dict[str, int]) -> None:
    """Send exactly these bytes."""
    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    assert requests.post(f"{address}/graphql", data=body, headers=headers, timeout=60).status_code == 400
    told["requests"] += 1


def must_be_told(response: Any, sent: str) -> None:
    """No 5xx, no defect, no time that ran out."""
    assert response.status_code < 500, (sent, response.text)
    if response.status_code == 200:
        codes = {error["extensions"]["code"] for error in response.json().get("errors", ())}
        assert codes.isdisjoint({"INTERNAL_ERROR", "TIMEOUT"}), (sent, response.text)


def play(strategy: Any, ask: Any, count: int, number: int) -> None:
    """Ask with so many examples, the same ones each time."""

    @seed(number)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def one(case: Any) -> None:
        ask(case)

    one()


def _name_scalars() -> None:
    nodes = schemathesis.graphql.nodes
    schemathesis.graphql.scalar("Instant", st.sampled_from(["2026-01-01T00:00:00Z", "yesterday", ""]).map(nodes.String))
    schemathesis.graphql.scalar("JSON", st.one_of(st.integers().map(nodes.Int), st.text(max_size=5).map(nodes.String)))
