"""A source that says what a test lets it say: an append-only log in memory, with a break switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from graphtwin.ports import Message, Reading


class FakeSource:
    """Keeps the contract of sources: read from the cursor, answer with a new one, never raise; told what is committed."""

    def __init__(self, name: str, payloads: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.payloads = list(payloads)
        self.broken = False
        self.acknowledged: list[Reading] = []
        self.closed = 0

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        if self.broken:
            return Reading(
                self.name,
                answered=False,
                read_at=now,
                cursor=dict(cursor or {}),
                problem="it was broken",
                hint="mend it",
            )
        start = 0 if full or cursor is None else int(cursor["offset"])
        messages = tuple(
            Message(orjson.dumps(payload), payload, f"{self.name}:{place}", f"g0@{place}", place)
            for place, payload in enumerate(self.payloads)
            if place >= start
        )
        reading = int((cursor or {}).get("reading", 0)) + 1
        return Reading(
            self.name, answered=True, read_at=now, messages=messages, complete=start == 0,
            cursor={"offset": len(self.payloads), "reading": reading},
        )  # fmt: skip

    async def acknowledge(self, reading: Reading) -> None:
        self.acknowledged.append(reading)

    async def close(self) -> None:
        self.closed += 1
