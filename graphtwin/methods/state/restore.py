"""The decisions that give cells their earlier winners back (S31)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graphtwin.methods.rules.derivation import SOURCE
from graphtwin.methods.state.canonical_json import same_json
from graphtwin.model.cell import Cell
from graphtwin.model.fact import Fact, Key, decision


def restore(cells: Iterable[Cell], *, run: str, rules: Collection[str]) -> tuple[Fact, ...]:
    """What was said `then` is said again, or the cell is withdrawn; one that says the same now is left as it is. `run` is
    the id of the restore: with the cell it makes the fact's, so doing it again adds nothing.

    What rules derived is restored, too, before they run again: it keeps its valid times, and so its weight against
    claims. A rule that isn't among `rules` never runs again to end it; what it derived stays as it is.
    """
    return tuple(
        _again(cell, run)
        for cell in sorted(cells, key=lambda cell: (cell.key, cell.valid_from))
        if not _is_forsaken(cell.key, rules) and not says_the_same(cell.then, cell.now)
    )


def says_the_same(one: Fact | None, other: Fact | None) -> bool:
    """Whether two winners of a cell leave the same state: all that fusion, hash and `why` look at is equal, whoever wrote
    it and when. Nothing said and a withdraw are the same.
    """
    if one is None or other is None or "withdraw" in (one.op, other.op):
        return _is_silent(one) and _is_silent(other)
    return _meaning(one) == _meaning(other) and same_json(one.value, other.value)


def _is_silent(fact: Fact | None) -> bool:
    return fact is None or fact.op == "withdraw"


def _meaning(fact: Fact) -> tuple[object, ...]:
    return (fact.op, fact.unit, fact.observed_at, fact.kind, fact.confidence, fact.source)


def _is_forsaken(key: Key, rules: Collection[str]) -> bool:
    """A record of a rule that doesn't run any more."""
    rule = key.record.removeprefix(f"{SOURCE}:")
    return rule != key.record and rule.partition("/")[0] not in rules


def _again(cell: Cell, run: str) -> Fact:
    """The decision: it keeps source, kind, confidence, times and the event of what was said, so that fusion weighs it as
    it did and `why` finds the same raw bytes.
    """
    key, then = cell.key, cell.then
    said = decision(
        record=key.record, name=key.name, object=key.object, layer=key.layer, op="withdraw",
        valid_from=cell.valid_from, event=run, run=run,
    )  # fmt: skip
    if then is None or then.op == "withdraw":
        return said
    return then._replace(id=said.id, prio=said.prio, seq=said.seq, run=run)
