"""Walking the reported edges of a world at an instant, one ring of entities a round."""

from __future__ import annotations

from graphtwin.model.state import Edge, EdgeKey, EntityState
from graphtwin.store.neo4j.moment import Moment


async def rings(
    moment: Moment, centre: str, hops: int, *, until: str | None = None
) -> tuple[dict[str, int], dict[EdgeKey, Edge], dict[str, EntityState]]:
    """How far each entity within `hops` is, the reported edges with one end nearer than that, and the states of all
    but the outermost. The walk ends early with the ring in which `until` is found.
    """
    distance = {centre: 0}
    edges: dict[EdgeKey, Edge] = {}
    entities: dict[str, EntityState] = {}
    ring = {centre}
    for step in range(1, hops + 1):
        state = await moment.part(ring)
        entities |= {one: state.entities[one] for one in ring}
        found = {
            key: edge
            for key, edge in state.edges.items()
            if edge.layer == "reported" and (edge.subject in ring or edge.object in ring)
        }
        edges |= found
        ring = {end for edge in found.values() for end in (edge.subject, edge.object)} - distance.keys()
        distance |= dict.fromkeys(sorted(ring), step)
        if not ring or until in ring:
            break
    return distance, edges, entities


def shortest(
    distance: dict[str, int], edges: dict[EdgeKey, Edge], source: str, target: str
) -> tuple[tuple[Edge, ...], ...]:
    """All shortest paths from the centre that `distance` is counted from, sorted by the keys of their edges."""
    if source == target or target not in distance:
        return ()
    nearer: dict[str, list[tuple[Edge, str]]] = {}
    for edge in edges.values():
        for here, there in {(edge.subject, edge.object), (edge.object, edge.subject)}:
            if distance.get(there, -1) + 1 == distance.get(here, -1):
                nearer.setdefault(here, []).append((edge, there))
    paths: list[tuple[tuple[Edge, ...], str]] = [((), target)]
    for _ in range(distance[target]):
        paths = [((edge, *path), there) for path, end in paths for edge, there in nearer.get(end, [])]
    return tuple(sorted((path for path, _ in paths), key=lambda path: [edge.key for edge in path]))
