"""/graphql: one document in, one answer out, within the limits."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from strawberry.types.graphql import OperationType

from graphtwin.api.asking import Asking
from graphtwin.api.caller import Caller, caller_of
from graphtwin.api.deciding.chain import Chain
from graphtwin.api.doors.door import UNAVAILABLE, UNKNOWN_KEY, Refusal, foreign, not_json, shown_key
from graphtwin.api.limits import Limits
from graphtwin.api.masking import NOT_UNDERSTOOD, not_understood, shown, timed_out
from graphtwin.api.metrics import Metrics
from graphtwin.api.schema import Schema
from graphtwin.errors import GraphtwinError
from graphtwin.ports import Store

_log: Final = logging.getLogger("graphtwin.api")


@dataclass(frozen=True, slots=True)
class GraphqlEndpoint:
    """Answers documents over one store."""

    store: Store
    schema: Schema
    limits: Limits
    key: str
    metrics: Metrics
    chain: Chain

    async def __call__(self, request: Request) -> Response:
        """The answer to a request, or a problem (RFC 9457) where it may not ask or can't be understood."""
        caller = await self._caller(request)
        if isinstance(caller, Refusal):
            return problem(caller)
        body = await _body(request, self.limits.body)
        asked = body if isinstance(body, Refusal) else _read(body)
        if isinstance(asked, Refusal):
            return problem(asked)
        with self.metrics.seconds.time():
            answer = await self._answer(asked, caller)
        for error in answer.get("errors", ()):
            self.metrics.errors.labels(error["extensions"]["code"]).inc()
        return Response(_json(answer), media_type="application/json", headers={"Cache-Control": "no-store"})

    async def _caller(self, request: Request) -> Caller | Refusal:
        """Who asks. A foreign page learns nothing about keys."""
        stranger = foreign(request.headers)
        if stranger is not None:
            return stranger
        try:
            async with asyncio.timeout(self.limits.seconds):
                caller = await caller_of(self.store, shown_key(request.headers), self.key)
        except (GraphtwinError, TimeoutError):
            _log.exception("whose key it is can't be looked up")
            return UNAVAILABLE
        if caller is None:
            self.metrics.unknown_keys.inc()
            _log.warning("unknown key", extra={"path": request.url.path})
            return UNKNOWN_KEY
        return not_json(request.headers) or caller

    async def _answer(self, asked: Asked, caller: Caller) -> dict[str, Any]:
        deadline = asyncio.get_running_loop().time() + self.limits.seconds
        asking = Asking(self.store, self.limits, caller, self.chain, deadline=deadline)
        try:
            async with asyncio.timeout(self.limits.seconds):
                result = await self.schema.execute(
                    asked.query,
                    variable_values=asked.variables,
                    operation_name=asked.operation,
                    context_value=asking,
                    allowed_operation_types=(OperationType.QUERY, OperationType.MUTATION),
                )
        except TimeoutError:
            return {"data": None, "errors": [timed_out(self.limits.seconds)]}
        except NOT_UNDERSTOOD:
            return {"data": None, "errors": [not_understood()]}
        finally:
            asking.close()
        errors = [shown(error) for error in result.errors or ()]
        return {"data": result.data} if not errors else {"data": result.data, "errors": errors}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read."""

    query: str
    variables: dict[str, Any] | None
    operation: str | None


def problem(refused: Refusal) -> Response:
    """A refusal as RFC 9457 has it."""
    told = {"type": "about:blank", "title": refused.title, "status": refused.status, "detail": refused.detail}
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}  # noqa: PLR2004 - what HTTP calls it
    return Response(orjson.dumps(told), refused.status, headers, "application/problem+json")


async def _body(request: Request, most: int) -> bytes | Refusal:
    """The body; it is never held beyond the limit."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > most:
            return Refusal(413, "Too large", f"A request has at most {most} bytes.")
    return bytes(held)


def _read(body: bytes) -> Asked | Refusal:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return Refusal(400, "Not JSON", f"The body can't be read: {error}.")
    match document:
        case {"query": str(query)}:
            variables, operation = document.get("variables"), document.get("operationName")
        case _:
            return Refusal(400, "Not a query", 'The body is an object with "query": a GraphQL document.')
    if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        return Refusal(400, "Not a query", '"variables" is an object and "operationName" a text, where they are given.')
    return Asked(query, variables, operation)


def _json(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)
