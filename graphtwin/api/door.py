"""Who may ask: a key in a header, JSON that no foreign page can send, and no foreign origin."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is turned away before anything is read."""

    status: int
    title: str
    detail: str


def refusal(headers: Mapping[str, str], key: str) -> Refusal | None:
    """None for a request that may be answered."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return Refusal(403, "Foreign origin", "Pages of other origins may not ask here.")
    given = headers.get("authorization", "")
    shown = given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""
    if not secrets.compare_digest(shown.encode(), key.encode()):
        return Refusal(401, "No valid key", "Send the API key as: Authorization: Bearer KEY")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return Refusal(415, "Not JSON", "Send the query as JSON, with Content-Type: application/json")
    return None
