"""Errors as a client may see them: a code from the tree of errors with the next move; a defect only by its reference."""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from graphtwin.errors import GraphtwinError, code_of

BAD_QUERY: Final = "BAD_QUERY"
"""The document or its variables are wrong, or beyond a limit; nothing was read."""
INTERNAL: Final = "INTERNAL_ERROR"
"""A defect of graphtwin; the log has it under the reference."""
TIMEOUT: Final = "TIMEOUT"
"""It took longer than one request may."""

NOT_UNDERSTOOD: Final = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What is met in a document without the operation that is to be carried out."""

_log: Final = logging.getLogger("graphtwin.api")


def shown(error: GraphQLError) -> dict[str, Any]:
    """One error of an answer, by the GraphQL specification, with `extensions.code`."""
    cause = _cause(error)
    formatted: dict[str, Any] = {**error.formatted}
    if isinstance(cause, GraphtwinError):
        return formatted | {
            "message": cause.message,
            "extensions": {"code": code_of(type(cause)), "hint": cause.hint, "retryable": cause.retryable},
        }
    if isinstance(cause, NOT_UNDERSTOOD):
        return formatted | not_understood()
    if cause is None:
        return formatted | {"extensions": {"code": BAD_QUERY, "retryable": False}}
    reference = secrets.token_hex(4)
    _log.error("internal error", exc_info=cause, extra={"reference": reference, "path": error.path})
    return formatted | {
        "message": f"graphtwin failed; its log tells why under {reference}.",
        "extensions": {"code": INTERNAL, "retryable": False, "reference": reference},
    }


def not_understood() -> dict[str, Any]:
    """What is answered to a document without the operation that is to be carried out."""
    return {
        "message": "The document has no such operation that can be carried out here.",
        "extensions": {
            "code": BAD_QUERY,
            "hint": "name it in operationName; queries and mutations come by POST, subscriptions over a WebSocket",
            "retryable": False,
        },
    }


def masked(error: GraphQLError) -> GraphQLError:
    """The same as an error, for those who format it themselves."""
    told = shown(error)
    return GraphQLError(
        told["message"], nodes=error.nodes, source=error.source, positions=error.positions, path=error.path,
        extensions=told["extensions"],
    )  # fmt: skip


def timed_out(seconds: float) -> dict[str, Any]:
    """What is answered when the time is over."""
    return {
        "message": f"The request took longer than {seconds:g} s.",
        "extensions": {"code": TIMEOUT, "hint": "ask for less at once", "retryable": True},
    }


def _cause(error: GraphQLError) -> BaseException | None:
    """What really happened; None for what GraphQL itself says."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
