"""Who may ask: a key in a header, JSON that no foreign page can send, and no foreign origin."""

from __future__ import annotations

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


UNAVAILABLE: Final = Refusal(503, "Not available", "Whose key it is can't be looked up now; try again.")
UNKNOWN_KEY: Final = Refusal(401, "No valid key", "Send the API key as: Authorization: Bearer KEY")


def shown_key(headers: Mapping[str, str]) -> str:
    """The key that a request shows; "" where it shows none."""
    return key_of(headers.get("authorization", ""))


def key_of(given: str) -> str:
    """The key of a text such as `Bearer KEY`; "" where it is another."""
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""


def foreign(headers: Mapping[str, str]) -> Refusal | None:
    """What is said to a page of another origin; None to everybody else."""
    origin = headers.get("origin")
    if origin is not None and (not (host := _host(origin)) or host != headers.get("host")):
        return Refusal(403, "Foreign origin", "Pages of other origins may not ask here.")
    return None


def _host(origin: str) -> str | None:
    """The host and port of an origin; None for a text that isn't one."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def not_json(headers: Mapping[str, str]) -> Refusal | None:
    """What is said to content that isn't declared as JSON, which a foreign page could send unasked; else None."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return Refusal(415, "Not JSON", "Send the query as JSON, with Content-Type: application/json")
    return None
