"""The HTTP application: /graphql, and for whoever watches over the server /healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from graphtwin.api.deciding.chain import Chain
from graphtwin.api.doors.graphql_endpoint import GraphqlEndpoint
from graphtwin.api.doors.socket_endpoint import SocketEndpoint
from graphtwin.api.doors.socket_session import Services
from graphtwin.api.limits import Limits
from graphtwin.api.metrics import CONTENT_TYPE, Metrics
from graphtwin.api.schema import make_schema
from graphtwin.api.streams.world_readers import WorldReaders
from graphtwin.errors import GraphtwinError
from graphtwin.ports import Store

_READY_S: Final = 5.0
"""A database that doesn't answer for so long isn't ready."""

Endpoint = Callable[[Request], Awaitable[Response]]


def make_application(store: Store, *, key: str, limits: Limits) -> Starlette:
    """The application over an open store."""
    metrics, schema = Metrics(), make_schema(limits)
    chain = Chain(store, metrics)
    graphql = GraphqlEndpoint(store, schema, limits, key, metrics, chain)
    readers = WorldReaders(store, limits.streams)
    sockets = SocketEndpoint(Services(store, schema, limits, key, metrics, chain, readers))

    async def healthz(_: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(_: Request) -> Response:
        reasons = await _not_ready(store)
        return _json({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def told(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    application = Starlette(
        routes=[
            Route("/graphql", _counted("/graphql", graphql, metrics), methods=["POST"]),
            WebSocketRoute("/graphql", sockets.take),
            Route("/healthz", _counted("/healthz", healthz, metrics)),
            Route("/readyz", _counted("/readyz", readyz, metrics)),
            Route("/metrics", told),
        ]
    )
    application.state.chain = chain
    return application


async def _not_ready(store: Store) -> list[str]:
    """Why the server can't answer now; empty when it can."""
    try:
        async with asyncio.timeout(_READY_S):
            await store.worlds()
    except TimeoutError:
        return [f"The database didn't answer within {_READY_S:g} s."]
    except GraphtwinError as error:
        return [error.message]
    return []


def _counted(path: str, endpoint: Endpoint, metrics: Metrics) -> Endpoint:
    async def count(request: Request) -> Response:
        response = await endpoint(request)
        metrics.requests.labels(path, str(response.status_code)).inc()
        return response

    return count


def _json(told: dict[str, object], status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, media_type="application/json")
