"""Prints readings as JSON lines; each says what kind of thing it is about, its id, and when it was read."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any


def now() -> str:
    """The present instant, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def emit(kind: str, local_id: str, time: str, /, **values: Any) -> None:
    """One line on standard output; values that are None are left out."""
    known = {name: value for name, value in values.items() if value is not None}
    line = json.dumps({"kind": kind, "id": local_id, "time": time, **known}, allow_nan=False)
    sys.stdout.write(line + "\n")
