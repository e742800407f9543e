"""When messages are dated, and which of them are dated too far ahead to be believed (S2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from graphtwin.methods.reading.event_time import read_time, usual_name
from graphtwin.methods.reading.expression import Expression
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.model.durations import SECOND, format_duration
from graphtwin.model.instants import format_instant

_OLDEST_GUESS: Final = 978_307_200 * SECOND  # 2001-01-01: a smaller number under a usual name is hardly a time


def own_time(payload: Any, stamp: Expression | None, zone: tzinfo) -> tuple[Any, int | None]:
    """The timestamp that a message bears, as it stands there and in µs; (None, None) when it bears none.

    It stands where `stamp` says, else under the first usual name. Raises Refusal for one that names no instant.
    """
    if stamp is not None:
        value = stamp(payload)
        return (None, None) if value in (None, "") else (value, read_time(value, zone))
    name = usual_name(payload)
    if name is None:
        return None, None
    value = payload[name]
    at = read_time(value, zone)
    if at < _OLDEST_GUESS and not (isinstance(value, str) and "-" in value):
        raise Refusal(
            f"{name} is {short(value)}: too small for a time of today",
            f"if it is the time, say `timestamp: {name}` for the source, else name the field that is",
        )
    return value, at


def ahead(at: int, latest: int) -> Refusal | None:
    """The refusal of what is dated after `latest`."""
    if at <= latest:
        return None
    return Refusal(
        f"dated {format_instant(at)}, which is ahead of {format_instant(latest)}",
        "set the sender's clock, or give the source `plans: true` if it announces what is to come",
    )


def after_gaps(times: Sequence[int], gap: int, newest: int | None) -> dict[int, Refusal]:
    """For a world that lives by its events: which of the times (by place) come more than `gap` after the newest before
    them, in time's order; `newest` is the newest known so far.
    """
    refused: dict[int, Refusal] = {}
    for at, place in sorted((at, place) for place, at in enumerate(times)):
        if newest is not None and at - newest > gap:
            refused[place] = Refusal(
                f"{format_instant(at)} is more than {format_duration(gap)} after the newest event before it",
                "check the timestamp, or raise world.max_event_gap",
            )
        else:
            newest = at if newest is None else max(newest, at)
    return refused
