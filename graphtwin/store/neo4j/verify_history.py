"""Compares every version with what the audit chain committed to, a few at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphtwin.methods.audit.audit_history import Promise, history_problems
from graphtwin.model.commit import Commit
from graphtwin.model.fact import Fact
from graphtwin.store.neo4j.rows import facts_of
from graphtwin.store.neo4j.session import Statements

_PAGE = 20_000
_TABLES = 100
"""Tables of evidence that one statement may return."""


async def changed_history(
    ask: Statements, world: str, commits: Iterable[Commit], promised: Mapping[int, Promise]
) -> list[str]:
    """The versions whose facts or raw bytes aren't the promised ones. A large version, or some small ones, at a time."""
    problems: list[str] = []
    for versions in _together([commit for commit in commits if commit.seq in promised]):
        facts = await _facts(ask, world, versions[0] - 1, versions[-1])
        for seq in versions:
            promise, own = promised[seq], facts.pop(seq, [])
            pieces = await _pieces(ask, world, own) if promise.events and promise.events[0] else {}
            problems += history_problems(seq, promise, own, pieces)
    return problems


def _together(commits: Iterable[Commit]) -> Iterator[list[int]]:
    """Versions in a row that have a page of facts together."""
    versions: list[int] = []
    size = 0
    for commit in commits:
        if versions and (size + commit.facts > _PAGE or commit.seq != versions[-1] + 1):
            yield versions
            versions, size = [], 0
        versions.append(commit.seq)
        size += commit.facts
    if versions:
        yield versions


async def _facts(ask: Statements, world: str, after: int, until: int) -> dict[int, list[Fact]]:
    """The facts of the versions in (after, until]."""
    found: dict[int, list[Fact]] = defaultdict(list)
    last = ""
    while True:
        columns = await ask("audit/facts_by_version", world=world, after=after, until=until, id=last, limit=_PAGE)
        page = facts_of(columns[0])
        for fact in page:
            found[fact.seq].append(fact)
        if len(page) < _PAGE:
            return found
        last = page[-1].id


async def _pieces(ask: Statements, world: str, facts: Sequence[Fact]) -> dict[str, str]:
    """The SHA-256 of the raw bytes of each event behind the facts, as the tables of their segments say."""
    events = {fact.event for fact in facts}
    segments = sorted({fact.evidence for fact in facts if fact.evidence})
    pieces: dict[str, str] = {}
    for start in range(0, len(segments), _TABLES):
        for table in (await ask("audit/tables", world=world, rows=segments[start : start + _TABLES]))[0]:
            pieces |= {event: digest for event, _, _, digest, *_ in json.loads(table) if event in events}
    return pieces
