"""The `@entity` cells that a decision about identity writes, and those that undoing it restores (S13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from graphtwin.methods.state.claims import cells_of
from graphtwin.model.fact import BEGIN, ENTITY, Fact, Op, decision

_EVER = 2**62
"""Later than every valid time and every version."""

Cell = tuple[str, int]
"""(record, valid_from)."""


def winners(facts: Iterable[Fact]) -> dict[Cell, Fact]:
    """The winner of each `@entity` cell, planned ones too; `facts` are all of their records."""
    by_record: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_record[fact.record].append(fact)
    return {
        (record, cell.valid_from): cell
        for record, own in sorted(by_record.items())
        for cell in cells_of(own, valid=_EVER, seq=_EVER)
    }


def given_away(facts: Collection[Fact], gone: Collection[str], own: Collection[str]) -> set[Cell]:
    """Every cell whose winner names one of the ids, and the beginning of the records `own` that bear such an id
    themselves: without a word about it, a record is its own entity.
    """
    held = winners(facts)
    named = {cell for cell, fact in held.items() if fact.op == "assert" and fact.value in gone}
    begins = {(record, BEGIN) for record in own if record in gone}
    return named | {cell for cell in begins if cell not in held or held[cell].op == "withdraw"}


def given_to(cells: Iterable[Cell], entity: str, *, event: str, run: str) -> list[Fact]:
    """The cells, now naming the entity."""
    return [_fact(cell, "assert", entity, event, run) for cell in sorted(cells)]


def corrected_cells(
    facts: Collection[Fact], wanted: Mapping[Cell, tuple[Op, str]], *, event: str, run: str
) -> list[Fact]:
    """What has to be written so that each cell says what it should: (assert, entity), (end, "") or (withdraw, "")."""
    held = winners(facts)
    found = []
    for cell, (op, entity) in sorted(wanted.items()):
        winner = held.get(cell)
        now = ("withdraw", "") if winner is None else (winner.op, str(winner.value) if winner.op == "assert" else "")
        if now != (op, entity):
            found.append(_fact(cell, op, entity if op == "assert" else None, event, run))
    return found


def said_of_cells(facts: Iterable[Fact], cells: Collection[Cell]) -> dict[Cell, tuple[Op, str]]:
    """What the winners among the facts say of the cells; a withdraw where nothing is said."""
    held = winners(facts)
    return {
        cell: ("withdraw", "") if cell not in held else (held[cell].op, str(held[cell].value or "")) for cell in cells
    }


def _fact(cell: Cell, op: Op, value: object, event: str, run: str) -> Fact:
    record, valid_from = cell
    return decision(record=record, name=ENTITY, op=op, value=value, valid_from=valid_from, event=event, run=run)
