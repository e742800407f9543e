"""What a person's decision about a value writes: a corrected cell, a withdrawn one, an override on a record of its own (S6, S11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphtwin.methods.state.claims import cells_of
from graphtwin.methods.state.policy import OVERRIDE
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, Op, decision

_EVER = 2**62
"""Later than every valid time: what is planned counts, too."""


def override_record(entity: str, name: str) -> str:
    """The record that carries overrides of one value of an entity; it exists only while one of them is in force."""
    return f"{OVERRIDE}:{entity}/{name}"


def corrected(claim: Fact, value: object, unit: str, *, event: str, run: str) -> Fact:
    """The claim's own cell with another value: as if its source had said so, so that it weighs what it weighed, and
    newer readings take over as before. A person vouches for it, hence the confidence.
    """
    return _same_cell(claim, "assert", value, unit, event=event, run=run)


def withdrawn(claim: Fact, *, event: str, run: str) -> Fact:
    """The claim's own cell, never said: what was claimed before it speaks again."""
    return _same_cell(claim, "withdraw", None, "", event=event, run=run)


def overriding(
    entity: str, kind: str, name: str, value: object, unit: str, *,
    said: Iterable[Fact], since: int, until: int | None, event: str, run: str,
) -> list[Fact]:  # fmt: skip
    """An override from `since` to `until` (µs; None: until it is withdrawn). `said` are all facts of its record, under its
    name and `@type`: of an earlier override, what it said of later instants is withdrawn.
    """
    record = override_record(entity, name)
    later = _later(said, since)
    ended = (
        () if until is None else tuple(_own(record, one, "end", None, "", until, event, run) for one in (TYPE, name))
    )
    return [
        *(_own(record, cell.name, "withdraw", None, "", cell.valid_from, event, run)
          for cell in later if cell.valid_from != until),
        decision(record=record, name=ENTITY, value=entity, valid_from=BEGIN, event=event, run=run),
        _own(record, TYPE, "assert", kind, "", since, event, run),
        _own(record, name, "assert", value, unit, since, event, run),
        *ended,
    ]  # fmt: skip


def without_override(said: Sequence[Fact], *, at: int, event: str, run: str) -> list[Fact]:
    """The override of one record that is in force at `at` was never said, nor that it ends. One that it had taken the place
    of doesn't come back: it ends where this one began.
    """
    facts = []
    for name in sorted({fact.name for fact in said} - {ENTITY}):
        own = [fact for fact in said if fact.name == name]
        speaking = [cell for cell in cells_of(own, valid=at, seq=_EVER) if cell.op != "withdraw"]
        if not speaking or speaking[0].op != "assert":
            continue
        now, before = speaking[0], speaking[1:2]
        op: Op = "end" if before and before[0].op == "assert" else "withdraw"
        facts.append(_own(now.record, name, op, None, "", now.valid_from, event, run))
        facts += [_own(one.record, name, "withdraw", None, "", one.valid_from, event, run) for one in _later(own, at)]
    return facts


def _later(said: Iterable[Fact], since: int) -> list[Fact]:
    """The cells after an instant that say something."""
    held = list(said)
    return [
        cell
        for name in sorted({fact.name for fact in held} - {ENTITY})
        for cell in cells_of((fact for fact in held if fact.name == name), valid=_EVER, seq=_EVER)
        if cell.valid_from > since and cell.op != "withdraw"
    ]


def _own(  # noqa: PLR0917 - a fact of an override's record
    record: str, name: str, op: Op, value: object, unit: str, since: int, event: str, run: str
) -> Fact:
    """A fact of an override's record. What type its thing has is only assumed: sources say that."""
    if name == TYPE:
        return decision(
            record=record, name=TYPE, op=op, value=value, valid_from=since, event=event, run=run, kind="assumption"
        )
    return decision(
        record=record, name=name, op=op, value=value, unit=unit, valid_from=since, event=event, run=run, source=OVERRIDE
    )


def _same_cell(claim: Fact, op: Op, value: object, unit: str, *, event: str, run: str) -> Fact:
    return decision(
        record=claim.record, name=claim.name, object=claim.object, layer=claim.layer, op=op, value=value, unit=unit,
        valid_from=claim.valid_from, observed_at=claim.observed_at, event=event, run=run, source=claim.source,
    )  # fmt: skip
