"""The levels of MQTT topics: which of them name things, and which what was measured or what a message is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphtwin.methods.proposing.column import Column
from graphtwin.methods.proposing.proposal import Guess
from graphtwin.methods.proposing.thing_id import Identified
from graphtwin.methods.reading.topic_payload import TOPIC_KEY, VALUE_KEY

_LEVELS: Final = f"{TOPIC_KEY}.levels"
_ABOUT: Final = frozenset(
    {"info", "state", "status", "telemetry", "tele", "data", "attributes", "config", "event", "events", "reading",
     "readings", "measurements", "values", "stat"}
)  # fmt: skip
"""Last levels that say what a message holds, not what it is about."""


class Topics(NamedTuple):
    """How a topic is read: what its rows are about, and the level that says what was measured, if one does."""

    identified: Identified
    measure: Column | None


def topic_of(payload: Mapping[str, Any]) -> str:
    """The topic that a message came by, "" for one that came by none."""
    known = payload.get(TOPIC_KEY)
    topic = known.get("topic") if isinstance(known, dict) else None
    return topic if isinstance(topic, str) else ""


def by_length(payloads: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The payloads by how many levels their topics have, each with the condition that says so; those without a topic
    together.
    """
    found: dict[int, list[Mapping[str, Any]]] = {}
    for payload in payloads:
        found.setdefault(len(_levels(payload)), []).append(payload)
    for length, rows in sorted(found.items()):
        yield (f"length({_LEVELS}) == `{length}`" if len(found) > 1 and length else "", rows)


def read_topics(rows: Sequence[Mapping[str, Any]]) -> Topics | None:
    """How the topics of rows of one length name things; None for rows that came by none."""
    levels = [_levels(row) for row in rows]
    if not levels or not levels[0]:
        return None
    length = len(levels[0])
    columns = [_column(place, levels) for place in range(length)]
    measured = any(VALUE_KEY in row for row in rows) or columns[-1].texts <= _ABOUT
    measure = columns[-1] if measured and length > 1 else None
    return Topics(_identified(columns[:-1] if measure else columns), measure)


def _identified(columns: Sequence[Column]) -> Identified:
    """The last level that names things, or all that differ where it isn't enough."""
    last = columns[-1]
    above = Counter(
        cell for cell, _ in set(zip(last.cells, zip(*(one.cells for one in columns), strict=True), strict=True))
    )
    if max(above.values()) == 1:
        why = f"level {len(columns)} of the topics names {len(last.texts)} things"
        return Identified(Guess(last.expression, why, "likely"), (last,), tuple(map(str, last.cells)))
    several = [one for one in columns if len(one.texts) > 1]
    ids = tuple("/".join(map(str, cells)) for cells in zip(*(one.cells for one in several), strict=True))
    made = f"join('/', [{', '.join(one.expression for one in several)}])"
    return Identified(Guess(made, "levels of the topics together name the things", "likely"), tuple(several), ids)


def _levels(payload: Mapping[str, Any]) -> list[str]:
    known = payload.get(TOPIC_KEY)
    levels = known.get("levels") if isinstance(known, dict) else None
    return [str(level) for level in levels] if isinstance(levels, list) else []


def _column(place: int, levels: Sequence[Sequence[str]]) -> Column:
    return Column(
        (TOPIC_KEY, f"level {place + 1}"), tuple(one[place] for one in levels), text=False, how=f"{_LEVELS}[{place}]"
    )
