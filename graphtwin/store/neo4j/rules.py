"""Rules run here: Cypher that only reads, inside the commit's transaction, within row and time caps (S22)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from neo4j.time import Date, DateTime, Duration, Time

from graphtwin.errors import RuleRefused
from graphtwin.methods.rules.rule_columns import check_columns, query_rows, subject_of
from graphtwin.model.commit import RuleRow, RuleText
from graphtwin.store.neo4j.session import Statements, translated

ROWS: Final = 10_000
"""Rows that one rule may return."""
SECONDS: Final = 20.0
"""How long one rule may run."""


async def run_rule(ask: Statements, rule: RuleText, *, world: str, as_of: int) -> tuple[RuleRow, ...]:
    """The rule's rows on the present as the transaction sees it, sorted by subject. Raises RuleRefused beyond a cap."""
    records = await _records(ask, rule, world, as_of)
    return tuple(sorted((row_of(rule, record) for record in records), key=lambda row: row.subject))


async def run_query(ask: Statements, rule: RuleText, *, world: str, as_of: int) -> tuple[Mapping[str, Any], ...]:
    """The same for a query, with columns of its own; instants are texts."""
    records = await _records(ask, rule, world, as_of)
    return query_rows(rule, [_json(record) for record in records])


async def _records(ask: Statements, rule: RuleText, world: str, as_of: int) -> list[Mapping[str, Any]]:
    params = {"world": world} | ({"as_of": as_of} if "$as_of" in rule.cypher else {})
    try:
        async with asyncio.timeout(SECONDS):
            with translated(f"rule {rule.id}"):
                result = await ask.transaction.run(rule.cypher, params)
                return [record.data() async for record in _capped(result, rule)]
    except TimeoutError as error:
        raise RuleRefused(
            f"The rule {rule.id} ran longer than {SECONDS:.0f} s.", hint="Give it an indexed way in, or fewer hops."
        ) from error


async def _capped(result: Any, rule: RuleText) -> Any:
    count = 0
    async for record in result:
        count += 1
        if count > ROWS:
            raise RuleRefused(f"The rule {rule.id} returns more than {ROWS} rows.", hint="Let it return subjects only.")
        yield record


def row_of(rule: RuleText, record: Mapping[str, Any]) -> RuleRow:
    """The row of a returned record. Raises RuleRefused where a column isn't what S22 asks for."""
    check_columns(rule, record)
    finding = record.get("finding")
    return RuleRow(
        rule=rule.id,
        subject=subject_of(rule, record),
        values=_json(record.get("set") or {}),
        edges=tuple((str(name), str(target)) for name, target in _pairs(rule.id, "edges", record.get("edges"))),
        finding=_json(finding) if finding is not None else None,
        premises=tuple((str(one), str(name)) for one, name in _pairs(rule.id, "premises", record.get("premises"))),
    )


def _pairs(rule: str, column: str, value: Any) -> list[list[Any]]:
    pairs = value or []
    if not isinstance(pairs, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):  # noqa: PLR2004
        raise RuleRefused(
            f"The rule {rule} returns {column} that aren't pairs.", hint=f"Write {column} as [[entity id, name], ...]."
        )
    return [pair for pair in pairs if None not in pair]


def _json(value: Any) -> Any:
    """Instants as text: derived facts hold JSON only."""
    if isinstance(value, dict):
        return {str(name): _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, (DateTime, Date, Time, Duration)):
        return value.iso_format()
    return value
