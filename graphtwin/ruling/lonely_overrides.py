"""Overrides of a thing that has gone from the world end with it: a person's word about it can't keep it there (S11, S12, S24)."""

from __future__ import annotations

from typing import Final

from graphtwin.methods.state.policy import FOLLOWERS, OVERRIDE
from graphtwin.model.commit import Changes
from graphtwin.model.fact import TYPE, Fact, Key, Op, decision
from graphtwin.ports import Transaction

_EVER: Final = 2**62
"""Later than every valid time: the end that an override has ahead of it."""


async def lonely_overrides(transaction: Transaction, changes: Changes, *, valid: int, run: str) -> list[Fact]:
    """The facts that end, at `valid` (V(k)), the overrides of entities of which only rules, plans and persons still speak.
    An end that lay ahead is withdrawn: it would end an override of the thing that has come back.
    """
    records = sorted(
        record
        for one in changes.entities
        if one.after is not None and all(own.startswith(FOLLOWERS) for own in one.after.records)
        for record in one.after.records
        if record.startswith(f"{OVERRIDE}:")
    )
    keys = [Key("reported", record, name) for record in records for name in (record.rpartition("/")[2], TYPE)]
    tops = await transaction.claims_at([(key, at) for key in keys for at in (valid, _EVER)]) if keys else {}
    facts = []
    for key in keys:
        now, last = tops.get((key, valid)), tops.get((key, _EVER))
        if now is not None and now.op == "assert":
            facts.append(_fact(key, "end", valid, run))
        if last is not None and last.valid_from > valid:
            facts.append(_fact(key, "withdraw", last.valid_from, run))
    return facts


def _fact(key: Key, op: Op, valid_from: int, run: str) -> Fact:
    source = "graphtwin" if key.name == TYPE else OVERRIDE
    return decision(
        record=key.record, name=key.name, op=op, valid_from=valid_from, event=f"gone:{run}", run=run, source=source
    )
