"""What facts did to their cells, in memory: the winners with them and without them (S7, S31)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from graphtwin.model.cell import Cell
from graphtwin.model.fact import RANK, Fact, Key


def cells_without(facts: Iterable[Fact], left_out: Callable[[Fact], bool]) -> tuple[Cell, ...]:
    """The cells of the facts that are left out, by key and valid time: the winner of the others, and that of all."""
    cells: dict[tuple[Key, int], list[Fact]] = defaultdict(list)
    for fact in facts:
        cells[fact.key, fact.valid_from].append(fact)
    found = []
    for (key, valid_from), said in sorted(cells.items(), key=lambda item: item[0]):
        others = [fact for fact in said if not left_out(fact)]
        if len(others) < len(said):
            then = max(others, key=_order, default=None)
            found.append(Cell(key, valid_from, then, max(said, key=_order)))
    return tuple(found)


def decided_by(run: str, since: int) -> Callable[[Fact], bool]:
    """Whether a fact is a decision of the run after version `since`."""
    return lambda fact: fact.prio >= RANK and fact.seq > since and (fact.run == run or fact.run.startswith(f"{run}:"))


def _order(fact: Fact) -> tuple[int, str]:
    return (fact.prio, fact.id)
