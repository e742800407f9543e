"""The claims in force at each instant of a stretch of valid time at which any of them may differ (S8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graphtwin.methods.state.claims import cells_of
from graphtwin.model.fact import Fact, Key


def claims_over(
    before: Mapping[Key, Fact], later: Iterable[Fact], *, since: int, valid: int, seq: int, also: Iterable[int] = ()
) -> Iterator[tuple[int, list[Fact]]]:
    """(instant, the asserting tops then), from `since` to `valid`, oldest first; `also` are instants to look at besides.

    `before` are the tops at `since`, `later` the facts of the same keys that are valid after it.
    """
    by_key: dict[Key, list[Fact]] = defaultdict(list)
    for fact in later:
        by_key[fact.key].append(fact)
    turns: dict[int, list[Fact]] = defaultdict(list)
    for facts in by_key.values():
        for cell in cells_of(facts, valid=valid, seq=seq):
            if cell.op != "withdraw":
                turns[cell.valid_from].append(cell)
    tops = dict(before)
    for instant in sorted({since, *turns, *(one for one in also if since < one <= valid)}):
        tops.update((cell.key, cell) for cell in turns.get(instant, ()))
        yield instant, [top for top in tops.values() if top.op == "assert"]
