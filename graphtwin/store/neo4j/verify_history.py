"""Compares every version with what the audit chain committed to, a version at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence

from graphtwin.methods.audit_history import Promise, history_problems
from graphtwin.model.fact import Fact
from graphtwin.store.neo4j.rows import fact_of
from graphtwin.store.neo4j.session import Statements

_TABLES = 100
"""Tables of evidence that one statement may return."""


async def changed_history(ask: Statements, world: str, promised: Mapping[int, Promise]) -> list[str]:
    """The versions whose facts or raw bytes aren't the promised ones. One version's facts are held at a time."""
    problems: list[str] = []
    left = dict(promised)
    async for seq, facts in _versions(ask, world, promised):
        promise = left.pop(seq, None)
        if promise is not None:
            pieces = await _pieces(ask, world, facts) if promise.events and promise.events[0] else {}
            problems += history_problems(seq, promise, facts, pieces)
    for seq, promise in sorted(left.items()):
        problems += history_problems(seq, promise, ())
    return problems


async def _versions(
    ask: Statements, world: str, promised: Mapping[int, Promise]
) -> AsyncIterator[tuple[int, list[Fact]]]:
    """The facts of each version that has some, oldest first."""
    if not promised:
        return
    facts: list[Fact] = []
    async for row in ask.streamed("audit/facts_by_version", world=world, after=min(promised) - 1, until=max(promised)):
        fact = fact_of(row)
        if facts and facts[-1].seq != fact.seq:
            yield facts[-1].seq, facts
            facts = []
        facts.append(fact)
    if facts:
        yield facts[-1].seq, facts


async def _pieces(ask: Statements, world: str, facts: Sequence[Fact]) -> dict[str, str]:
    """The SHA-256 of the raw bytes of each event behind the facts, as the tables of their segments say."""
    events = {fact.event for fact in facts}
    segments = sorted({fact.evidence for fact in facts if fact.evidence})
    pieces: dict[str, str] = {}
    for start in range(0, len(segments), _TABLES):
        for table in (await ask("audit/tables", world=world, rows=segments[start : start + _TABLES]))[0]:
            pieces |= {event: digest for event, _, _, digest, *_ in json.loads(table) if event in events}
    return pieces
