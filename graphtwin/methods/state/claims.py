"""Which fact speaks for a key at an instant of both time axes (S7, S8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from graphtwin.model.fact import RANK, Fact, Key


def wins_over(challenger: Fact, holder: Fact) -> bool:
    """True when `challenger` wins the cell that both are in: the greater (prio, id)."""
    return (challenger.prio, challenger.id) > (holder.prio, holder.id)


def cells_of(facts: Iterable[Fact], *, valid: int, seq: int) -> list[Fact]:
    """The winners of a key's cells with valid_from ≤ `valid`, as known by `seq`: newest valid time first, withdraws
    among them.
    """
    winners: dict[int, Fact] = {}
    for fact in facts:
        if fact.seq > seq or fact.valid_from > valid:
            continue
        holder = winners.get(fact.valid_from)
        if holder is None or wins_over(fact, holder):
            winners[fact.valid_from] = fact
    return [winners[instant] for instant in sorted(winners, reverse=True)]


def top_of(facts: Iterable[Fact], *, valid: int, seq: int) -> Fact | None:
    """The first cell winner that isn't a withdraw: an assert is the claim, an end says that there is none."""
    return next((winner for winner in cells_of(facts, valid=valid, seq=seq) if winner.op != "withdraw"), None)


def tops_at(facts: Iterable[Fact], *, valid: int, seq: int) -> dict[Key, Fact]:
    """The top of every key that has one."""
    by_key: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_key[fact.key].append(fact)
    tops = ((key, top_of(cells, valid=valid, seq=seq)) for key, cells in by_key.items())
    return {key: top for key, top in tops if top is not None}


def asserted(tops: Mapping[Key, Fact]) -> list[Fact]:
    """The claims among tops: those that assert."""
    return [top for top in tops.values() if top.op == "assert"]


def last_said(facts: Iterable[Fact], *, valid: int, seq: int) -> int | None:
    """The newest valid time ≤ `valid` at which a source claimed anything under a key (rank 0, whatever its op), as known by
    `seq`. A decision about the same cell corrects what was said, not that it was said; a withdrawn cell was never said.
    """
    held = list(facts)
    said = {cell.valid_from for cell in cells_of(held, valid=valid, seq=seq) if cell.op != "withdraw"}
    claimed = (fact.valid_from for fact in held if fact.prio < RANK and fact.seq <= seq and fact.valid_from in said)
    return max(claimed, default=None)


def last_claims(facts: Iterable[Fact], *, valid: int, seq: int) -> dict[str, int]:
    """For each record that its source ever claimed anything of: when it last did (`last_said`, over all keys; S24)."""
    by_key: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_key[fact.key].append(fact)
    newest: dict[str, int] = {}
    for key, cells in by_key.items():
        last = last_said(cells, valid=valid, seq=seq)
        if last is not None:
            newest[key.record] = max(last, newest.get(key.record, last))
    return newest
