"""Places for the nodes and ways for the edges of a small graph: in layers, causes on the left, no way through a box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import networkx as nx

WIDTH, HEIGHT = 214, 48
GAP_X, GAP_Y, MARGIN = 92, 22, 10
_LANE = 16
"""Height that an edge takes in a column it passes through."""

_TALLEST: Final = 7
_SWEEPS: Final = 6

Pair = tuple[str, str]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """The upper left corner of each node, the points an edge passes between its ends, and the size of it all."""

    places: Mapping[str, Point]
    ways: Mapping[Pair, tuple[Point, ...]]
    width: float
    height: float


def layered(nodes: Sequence[str], pairs: Iterable[Pair]) -> Layout:
    """The layout of a graph whose pairs are (subject, object): objects stand to the left of their subjects.

    The same nodes and pairs give the same places, in whatever order they come; circles are drawn within a column.
    """
    wanted = sorted(set(pairs))
    column = _columns(sorted(nodes), wanted)
    lanes = {pair: _lanes(pair, column) for pair in wanted}
    neighbours = _neighbours(lanes)
    grid: dict[int, list[str]] = {}
    for node in sorted(nodes):
        grid.setdefault(column[node], []).append(node)
    for lane in (lane for passed in lanes.values() for lane in passed):
        grid.setdefault(_lane_column(lane), []).append(lane)
    rows = _untangled([grid[index] for index in sorted(grid)], neighbours)
    return _placed(rows, lanes)


def _columns(nodes: Sequence[str], pairs: Sequence[Pair]) -> dict[str, int]:
    """The longest way from a node without object; circles share a column, tall columns are split."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((target, subject) for subject, target in pairs)
    knots = nx.condensation(graph)
    members: Mapping[str, int] = knots.graph["mapping"]
    first = {knot: min(node for node in nodes if members[node] == knot) for knot in knots}
    level: dict[int, int] = {}
    for knot in nx.lexicographical_topological_sort(knots, key=lambda one: first[one]):
        level[knot] = max((level[before] + 1 for before in knots.predecessors(knot)), default=0)
    for knot in level:
        after = [level[one] for one in knots.successors(knot)]
        if after and not list(knots.predecessors(knot)):
            level[knot] = min(after) - 1
    return _split({node: level[members[node]] for node in nodes})


def _split(level: Mapping[str, int]) -> dict[str, int]:
    """Levels as columns, where a level with too many nodes takes several."""
    column: dict[str, int] = {}
    at = 0
    for number in sorted(set(level.values())):
        mine = sorted(node for node in level if level[node] == number)
        parts = -(-len(mine) // _TALLEST)
        rows = -(-len(mine) // parts)
        for index, node in enumerate(mine):
            column[node] = at + index // rows
        at += parts
    return column


def _lanes(pair: Pair, column: Mapping[str, int]) -> tuple[str, ...]:
    """A name for each column that an edge passes through, from the subject on."""
    subject, target = pair
    step = 1 if column[target] > column[subject] else -1
    between = range(column[subject] + step, column[target], step) if column[subject] != column[target] else ()
    return tuple(f"\x00{index:03}\x00{subject}\x00{target}" for index in between)


def _lane_column(lane: str) -> int:
    return int(lane[1:4])


def _neighbours(lanes: Mapping[Pair, tuple[str, ...]]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for (subject, target), passed in lanes.items():
        way = (subject, *passed, target)
        for one, other in pairwise(way):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    return near


def _untangled(columns: list[list[str]], near: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Columns in an order with few crossings: each by the middle of its neighbours in the columns beside it."""
    rows = [list(column) for column in columns]
    for sweep in range(_SWEEPS):
        places = _relative(rows)
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for index in order:
            beside = {node for other in (index - 1, index + 1) if 0 <= other < len(rows) for node in rows[other]}
            by_middle = sorted((_middle(node, near, places, beside), node) for node in rows[index])
            rows[index] = [node for _, node in by_middle]
            places |= _relative([rows[index]])
    return rows


def _relative(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    return {node: (row + 0.5) / len(column) for column in rows for row, node in enumerate(column)}


def _middle(node: str, near: Mapping[str, Sequence[str]], places: Mapping[str, float], beside: set[str]) -> float:
    found = [places[other] for other in near.get(node, ()) if other in beside]
    return sum(found) / len(found) if found else places[node]


def _placed(rows: Sequence[Sequence[str]], lanes: Mapping[Pair, tuple[str, ...]]) -> Layout:
    heights = [sum(_height(node) + GAP_Y for node in column) - GAP_Y for column in rows]
    tallest = max(heights)
    places: dict[str, Point] = {}
    for index, column in enumerate(rows):
        x, y = MARGIN + index * (WIDTH + GAP_X), MARGIN + (tallest - heights[index]) / 2
        for node in column:
            places[node] = (x, y)
            y += _height(node) + GAP_Y
    ways = {
        pair: tuple((places[lane][0] + WIDTH / 2, places[lane][1] + _LANE / 2) for lane in passed)
        for pair, passed in lanes.items()
    }
    return Layout(
        places={node: place for node, place in places.items() if not node.startswith("\x00")},
        ways=ways,
        width=len(rows) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN,
        height=tallest + 2 * MARGIN,
    )


def _height(node: str) -> int:
    return _LANE if node.startswith("\x00") else HEIGHT
