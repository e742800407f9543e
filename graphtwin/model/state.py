"""The state of a world at one instant of both time axes: entities, values, edges, and what could not be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphtwin.model.fact import Kind, Layer

Lifecycle = Literal["active", "stale", "retired"]
LooseReason = Literal["dangling", "self_loop"]
EdgeKey = tuple[Layer, str, str, str]
"""(layer, subject entity, relation, object entity)."""


@dataclass(frozen=True, slots=True)
class At:
    """An instant of both axes: `valid` (epoch µs, when it was so) as known by commit `seq` (S1)."""

    valid: int
    seq: int


@dataclass(frozen=True, slots=True)
class Held:
    """A fused value: the winning claim, and how it stands against its rivals (S11).

    `rivals` counts the other claims of the group, `disputed` says that the winner isn't clear; `low`/`high` bound the
    value where the strategy widens uncertainty. `fact` is "" for a value that several claims make together (a mean).
    """

    value: Any
    unit: str
    valid_from: int
    observed_at: int
    confidence: float
    kind: Kind
    source: str
    record: str
    fact: str
    rivals: int = 0
    disputed: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """From `since` (epoch µs) until the next spell begins, a property of an entity of the type showed `held`; None: nothing.
    The type is "" where the entity didn't exist.
    """

    since: int
    held: Held | None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One relationship between two entities, with its fused attributes; `held.value` is the object's record id."""

    layer: Layer
    subject: str
    relation: str
    object: str
    held: Held
    attributes: Mapping[str, Held] = field(default_factory=dict)

    @property
    def key(self) -> EdgeKey:
        """What makes this edge the same edge in another version."""
        return (self.layer, self.subject, self.relation, self.object)


@dataclass(frozen=True, slots=True)
class EntityState:
    """One entity: `records` are the records it consists of (sorted); values are held per layer and name."""

    id: str
    type: str
    lifecycle: Lifecycle
    records: tuple[str, ...]
    reported: Mapping[str, Held] = field(default_factory=dict)
    desired: Mapping[str, Held] = field(default_factory=dict)
    expected: Mapping[str, Held] = field(default_factory=dict)

    def layer(self, layer: Layer) -> Mapping[str, Held]:
        """The values of one layer, by name."""
        return {"reported": self.reported, "desired": self.desired, "expected": self.expected}[layer]

    @property
    def status(self) -> str:
        """What a source claims as status, else the lifecycle (S17)."""
        claimed = self.reported.get("status")
        return str(claimed.value) if claimed else self.lifecycle


@dataclass(frozen=True, slots=True)
class Loose:
    """A relation that isn't drawn: its object's record doesn't exist (dangling), or a merge made it a self-loop."""

    reason: LooseReason
    layer: Layer
    subject: str
    relation: str
    object_record: str
    fact: str


@dataclass(frozen=True, slots=True)
class State:
    """A world, or a part of it, at one instant; `edges` of every layer, keyed by `Edge.key`."""

    at: At
    entities: Mapping[str, EntityState]
    edges: Mapping[EdgeKey, Edge]
    loose: tuple[Loose, ...] = ()
