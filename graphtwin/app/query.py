"""A person's own Cypher on the store: its parameters are complete, and it only reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from graphtwin.errors import UsageError
from graphtwin.ports import Answered, Store
from graphtwin.store.neo4j.admission_text import bare_text
from graphtwin.store.neo4j.analyst_files import AnalystQuery, QueryParameter, analyst_queries, query_parameters

ROWS: Final = 1_000
"""Rows that are answered where no other number is asked for."""
SECONDS: Final = 30.0
"""How long a query may run where no other time is allowed."""

_USED: Final = re.compile(r"\$`?([A-Za-z_]\w*)")


async def run_query(
    store: Store, text: str, params: Mapping[str, Any], rows: int = ROWS, seconds: float = SECONDS
) -> Answered:
    """The rows of a query, which sees all worlds of the database: an admin's right. What its head says of parameters that
    aren't given counts. Raises UsageError for parameters that are missing or unknown, and what `Store.query` raises.
    """
    used = used_parameters(text)
    told = {one.name: one for one in query_parameters(text)}
    given = {one.name: one.value for one in told.values() if not one.needed} | dict(params)
    for name in sorted(params.keys() - used):
        raise UsageError(f"The query has no parameter ${name}.", hint=f"It has: {_list(used)}")
    for name in sorted(used - given.keys()):
        meaning = f": {told[name].meaning}" if name in told else ""
        raise UsageError(f"The query needs ${name}{meaning}.", hint=f"Add it: --param {name}=VALUE")
    return await store.query(text, {name: given[name] for name in used}, rows=rows, seconds=seconds)


def named_query(text: str) -> str:
    """The text of one of the analyst's queries that is named; any other text is itself."""
    known = analyst_queries()
    return known[text].text if text in known else text


def used_parameters(text: str) -> frozenset[str]:
    """The names of the parameters in a query."""
    return frozenset(_USED.findall(bare_text(text)))


def _list(names: frozenset[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names)) or "none"


__all__ = [
    "ROWS",
    "SECONDS",
    "AnalystQuery",
    "QueryParameter",
    "analyst_queries",
    "named_query",
    "run_query",
    "used_parameters",
]
