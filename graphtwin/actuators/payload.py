"""The body of an act as JSON, with the idempotency key in it where the body has a place for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from graphtwin.model.act_address import Unsendable

KEY_FIELD: Final = "idempotency_key"
"""A field of this name at the top of a body is filled with the key: for those who can't read it beside the body."""


def payload(body: Any, key: str) -> bytes:
    """UTF-8 JSON. Raises Unsendable for what JSON can't say."""
    if isinstance(body, Mapping) and KEY_FIELD in body:
        body = {**body, KEY_FIELD: key}
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise Unsendable("its body can't be written as JSON: look for numbers that aren't finite") from None
