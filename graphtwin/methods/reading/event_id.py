"""The stable names of events and of refused messages: the same message, whenever it comes, the same id (S5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence


def stamped_event_id(source: str, timestamp: str, raw: bytes, channel: str = "") -> str:
    """The id of a message that bears its source's timestamp, as text: 32 hex digits. `channel` is its topic, where the
    source has several: the topic is part of what was said.
    """
    return _digest("stamped", source, timestamp, raw, channel)


def unstamped_event_id(source: str, locus: str, raw: bytes, channel: str = "") -> str:
    """The id of a message without a timestamp: its place in the source stands for it, never the time it came."""
    return _digest("unstamped", source, locus, raw, channel)


def roster_event_id(source: str, instant: int, reading: int | None, records: Sequence[str]) -> str:
    """The id of the claim that a source, read at `instant` (µs), reported exactly these records (S24)."""
    return _digest("roster", source, f"{instant}/{reading}", json.dumps(records).encode())


def quarantine_id(source: str, place: str, sha256: str) -> str:
    """The id of a refused message: the same bytes at the same place are refused once."""
    return _digest("quarantine", source, place, sha256.encode())


def timestamp_text(value: object) -> str:
    """The timestamp as it enters an event's id: text as it came, numbers in JSON's form."""
    return value if isinstance(value, str) else json.dumps(value)


def _digest(kind: str, source: str, where: str, raw: bytes, channel: str = "") -> str:
    by = f"{kind}/{len(channel)}\x1f{channel}" if channel else kind
    head = f"{by}\x1f{source}\x1f{len(where)}\x1f{where}\x1f".encode(errors="surrogatepass")
    return hashlib.sha256(head + raw).hexdigest()[:32]
