"""causal_model: which entities depend on which, from declared dependency relations, checked for cycles."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import State

_MOST_CYCLES = 20


@dataclass(frozen=True, slots=True)
class CausalModelOut:
    """Dependency edges as (dependent, what it depends on), and the cycles among them, at most 20."""

    edges: tuple[tuple[str, str], ...]
    cycles: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...]


def causal_model(state: State, config: TwinConfig) -> CausalModelOut:
    """The dependency graph of reported and expected edges. A cycle isn't an error, but risk goes round it once only."""
    relations = {name for name, relation in config.relations.items() if relation.dependency}
    edges = sorted({(edge.subject, edge.object) for edge in state.edges.values() if edge.relation in relations})
    graph = nx.DiGraph(edges)
    cycles = [tuple(sorted(part)) for part in nx.strongly_connected_components(graph) if len(part) > 1]
    cycles += [(node,) for node in nx.nodes_with_selfloops(graph)]
    return CausalModelOut(
        edges=tuple(edges),
        cycles=tuple(sorted(cycles)[:_MOST_CYCLES]),
        anchors=tuple(f"tool:causal-model:{relation}" for relation in sorted(relations)),
    )
