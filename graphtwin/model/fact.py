"""Facts: what one record claims, on two time axes, never changed once written (S5 to S8)."""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal, NamedTuple

Layer = Literal["reported", "desired", "expected"]
Op = Literal["assert", "end", "withdraw"]
Kind = Literal["observation", "inference", "prediction", "assumption", "constraint", "decision"]

LAYERS: Final[tuple[Layer, ...]] = ("reported", "desired", "expected")

BEGIN: Final = -(2**62)
"""Valid time of what was always so: a record's `@type` and identity unless an instant is known (S12)."""

RANK: Final = 2**60
"""Distance between the ranks of prio: claims below it, decisions from it upwards (S7)."""

UNISSUED: Final = -1
"""The prio of a decision before the store issues its number under the world's lock."""

TYPE: Final = "@type"
ENTITY: Final = "@entity"
ROSTER: Final = "@roster"


class Key(NamedTuple):
    """What a claim is about, within one world; `object` is a record id for many-valued relations, else ""."""

    layer: Layer
    record: str
    name: str
    object: str = ""


class Fact(NamedTuple):
    """One immutable claim or decision; times are epoch microseconds UTC; `seq` is 0 until it is committed.

    `value` is JSON: a number, string, boolean, list or object; the record id of the object for a functional relation;
    true or false ("it is not so") for a many-valued one; None for `end` and `withdraw`. `evidence` names the segment
    that holds the raw bytes of `event`, "" for decisions.
    """

    id: str
    layer: Layer
    record: str
    name: str
    object: str
    op: Op
    value: Any
    unit: str
    valid_from: int
    observed_at: int
    prio: int
    seq: int
    kind: Kind
    confidence: float
    source: str
    event: str
    evidence: str
    run: str

    @property
    def key(self) -> Key:
        """The key this fact is a cell of."""
        return Key(self.layer, self.record, self.name, self.object)

    @property
    def is_decision(self) -> bool:
        """Made under the world's lock by a person or by graphtwin (rank 1), not claimed by a source."""
        return self.prio == UNISSUED or self.prio >= RANK


def fact_id(event_id: str, mapping_revision: str, place: str) -> str:
    """The stable id of the fact at `place` in an event under a mapping: 32 hex digits (S5)."""
    return hashlib.sha256(f"{event_id}\x1f{mapping_revision}\x1f{place}".encode()).hexdigest()[:32]


def claim_prio(event_id: str, position: int | None) -> int:
    """Rank 0: the source's own position, or 56 bits of the event id's hash where it has none (S7)."""
    if position is not None:
        return min(max(position, 0), RANK - 1)
    return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:7], "big")


def decision_prio(issue: int) -> int:
    """Rank 1: later decisions of a world win over earlier ones and over every claim of the same cell (S7)."""
    return RANK + issue


def claim(
    *,
    record: str,
    name: str,
    value: Any = None,
    valid_from: int,
    event: str,
    source: str,
    layer: Layer = "reported",
    object: str = "",  # noqa: A002 - the RDF and property-graph word for the far end
    op: Op = "assert",
    unit: str = "",
    observed_at: int | None = None,
    position: int | None = None,
    kind: Kind = "observation",
    confidence: float = 1.0,
    revision: str = "",
    place: str = "",
    evidence: str = "",
    run: str = "",
) -> Fact:
    """A rank-0 fact whose id and prio follow from its event; `place` tells facts of one event apart."""
    where = place or f"{layer}/{record}/{name}/{object}/{valid_from}"
    return Fact(
        fact_id(event, revision, where), layer, record, name, object, op, value, unit, valid_from,
        valid_from if observed_at is None else observed_at, claim_prio(event, position), 0, kind, confidence,
        source, event, evidence, run,
    )  # fmt: skip


def decision(
    *,
    record: str,
    name: str,
    value: Any = None,
    valid_from: int,
    event: str,
    run: str = "",
    layer: Layer = "reported",
    object: str = "",  # noqa: A002
    op: Op = "assert",
    unit: str = "",
    observed_at: int | None = None,
    kind: Kind = "decision",
    confidence: float = 1.0,
    source: str = "graphtwin",
    evidence: str = "",
) -> Fact:
    """A rank-1 fact, numbered by the store when it is written; `event` is the id of the decision it belongs to."""
    where = f"{layer}/{record}/{name}/{object}/{valid_from}"
    return Fact(
        fact_id(event, "decision", where), layer, record, name, object, op, value, unit, valid_from,
        valid_from if observed_at is None else observed_at, UNISSUED, 0, kind, confidence, source, event, evidence, run,
    )  # fmt: skip


def record_id(source: str, local_id: str) -> str:
    """A record's id: the source's name, a colon, and the id the source itself uses."""
    return f"{source}:{local_id}"


def roster_record(source: str) -> str:
    """The record that carries a source's rosters; it has no `@type`, so it claims nothing else (S24)."""
    return f"{source}:{ROSTER}"
