"""Cursors of subscriptions: the number after which one goes on, marked with what it numbers."""

from __future__ import annotations

import re
from typing import Final

from graphtwin.errors import NotFound, UsageError

VERSION: Final = "v"
"""Marks the number of a version: the cursor of changes."""
RECORD: Final = "a"
"""Marks the number of an audit record: the cursor of approvals and drift."""

_NUMBERED: Final = re.compile(r"([a-z])(\d{1,15})", re.ASCII)


def write_number(mark: str, number: int) -> str:
    """A cursor such as v12."""
    return f"{mark}{number}"


def read_number(cursor: str, mark: str, world: str, newest: int) -> int:
    """The number of a cursor. Raises UsageError for any other text, NotFound for a number that the world hasn't reached."""
    match = _NUMBERED.fullmatch(cursor)
    if match is None or match[1] != mark:
        raise UsageError(
            "after isn't a cursor of this subscription.", hint=f"give the cursor of a message of it, such as {mark}12"
        )
    number = int(match[2])
    if number > newest:
        raise NotFound(
            f"The world {world} hasn't come to {cursor}.",
            hint=f"it is at {write_number(mark, newest)}; begin without after",
        )
    return number
