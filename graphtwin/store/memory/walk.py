"""Walking the reported edges of a state in either direction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from graphtwin.model.state import Edge, State


def distances(state: State, centre: str, hops: int) -> dict[str, int]:
    """How many edges away each entity within `hops` is."""
    touching = _touching(state)
    found = {centre: 0}
    ring = [centre]
    for distance in range(1, hops + 1):
        ring = sorted({_other(edge, one) for one in ring for edge in touching[one]} - found.keys())
        found.update(dict.fromkeys(ring, distance))
    return found


def edges_within(state: State, distance: Mapping[str, int], hops: int) -> tuple[Edge, ...]:
    """The edges that a walk of at most `hops` can pass: one end is nearer than `hops`."""
    return tuple(
        state.edges[key]
        for key in sorted(state.edges)
        if key[0] == "reported" and min(distance.get(key[1], hops), distance.get(key[3], hops)) < hops
    )


def shortest_paths(state: State, source: str, target: str, max_hops: int) -> tuple[tuple[Edge, ...], ...]:
    """Every shortest path of at most `max_hops` edges, by the keys of its edges."""
    touching = _touching(state)
    away = distances(state, target, max_hops)
    if source == target or source not in away:
        return ()
    paths: list[tuple[tuple[Edge, ...], str]] = [((), source)]
    for left in range(away[source] - 1, -1, -1):
        paths = [
            ((*path, edge), _other(edge, end))
            for path, end in paths
            for edge in touching[end]
            if away.get(_other(edge, end)) == left
        ]
    return tuple(sorted((path for path, _ in paths), key=lambda path: [edge.key for edge in path]))


def _touching(state: State) -> Mapping[str, list[Edge]]:
    touching: dict[str, list[Edge]] = defaultdict(list)
    for edge in state.edges.values():
        if edge.layer == "reported":
            for end in {edge.subject, edge.object}:
                touching[end].append(edge)
    return touching


def _other(edge: Edge, end: str) -> str:
    return edge.object if edge.subject == end else edge.subject
