"""Cursors of pages: the id that a page ended with, and the instant that all pages are of."""

from __future__ import annotations

import base64
import binascii
import json

from graphtwin.errors import UsageError
from graphtwin.model.state import At


def write_cursor(entity: str, at: At) -> str:
    """An opaque text; only `read_cursor` looks inside."""
    return base64.urlsafe_b64encode(json.dumps([at.seq, at.valid, entity]).encode()).decode()


def read_cursor(cursor: str) -> tuple[str, At]:
    """The id and the instant. Raises UsageError for a text that isn't a cursor."""
    try:
        seq, valid, entity = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    if type(seq) is not int or type(valid) is not int or not isinstance(entity, str):
        raise _unreadable()
    return entity, At(valid, seq)


def _unreadable() -> UsageError:
    return UsageError("after isn't a cursor.", hint="give pageInfo.endCursor of the page before, unchanged")
