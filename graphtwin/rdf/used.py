"""What lines speak of without describing it, so that it can be described once, after them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Used:
    """Names, numbers and instants; beside the ids of entities, all that grows with a world while it is written."""

    types: set[str] = field(default_factory=set)
    properties: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    attributes: set[tuple[str, str]] = field(default_factory=set)
    """(relation, attribute)."""
    sources: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    """Those of the events that are decisions."""
    runs: set[str] = field(default_factory=set)
    actuators: set[str] = field(default_factory=set)
    commits: set[int] = field(default_factory=set)
    since: set[int] = field(default_factory=set)
    """Beginnings of intervals, in epoch µs."""
    instants: set[int] = field(default_factory=set)
    """Instants beside these beginnings."""
