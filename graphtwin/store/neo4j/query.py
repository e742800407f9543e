"""A person's own Cypher: admitted only where its plan can do nothing but read, and run within row and time caps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from neo4j.exceptions import ClientError, DriverError, Neo4jError

from graphtwin.errors import Refused, Unavailable, UsageError
from graphtwin.ports import Answered
from graphtwin.store.neo4j.admission import READS
from graphtwin.store.neo4j.admission_plan import operators
from graphtwin.store.neo4j.admission_text import bare_text, escaped_name, foreign_call, nesting
from graphtwin.store.neo4j.session import Database, translate
from graphtwin.store.plain_values import plain

_GRACE_S: Final = 2.0
"""The database ends a statement by itself; what it doesn't end in time is let go of here."""
_FAILURES: Final = (Neo4jError, DriverError, OSError, UnicodeEncodeError, OverflowError)
_REMEMBERED: Final = 1_000
_LONGEST: Final = 30_000
_DEEPEST: Final = 50
"""Characters of a query, and brackets within each other: a text beyond can keep the database from planning anything else."""
_NEXT_MOVE: Final = "Use MATCH, WHERE, WITH, UNWIND, CALL { … }, RETURN and the language's own functions."


async def run_query(
    database: Database, text: str, params: Mapping[str, Any], *, rows: int, seconds: float, admitted: set[str]
) -> Answered:
    """The first `rows` rows; `admitted` remembers the texts that may run. Raises UsageError for what isn't Cypher or fails,
    Refused for what could do more than read, and for what takes longer than `seconds`.
    """
    if text not in admitted:
        try:
            async with asyncio.timeout(seconds + _GRACE_S):
                await _admit(database, text, params)
        except TimeoutError as error:
            raise _too_long(seconds) from error
        if len(admitted) >= _REMEMBERED:
            admitted.clear()
        admitted.add(text)  # what a text may do doesn't depend on its parameters
    try:
        async with asyncio.timeout(seconds + _GRACE_S), database.reading(timeout_s=seconds) as ask:
            result = await ask.transaction.run(text, dict(params))
            records = await result.fetch(rows + 1)
            columns = tuple(result.keys())
    except TimeoutError as error:
        raise _too_long(seconds) from error
    except _FAILURES as error:
        raise _told(error, seconds) from error
    told = tuple(tuple(plain(value) for value in record.values()) for record in records)
    return Answered(columns, told[:rows], cut=len(told) > rows)


async def _admit(database: Database, text: str, params: Mapping[str, Any]) -> None:
    """Plan it, as rules are planned, and execute nothing of it."""
    if escape := escaped_name(text):
        raise Refused(f"The query may not use the escape {escape}.", hint="Write the character itself.")
    bare = bare_text(text)
    if len(text) > _LONGEST or nesting(bare) > _DEEPEST:
        raise Refused(
            f"The query is longer than {_LONGEST:,} characters, or its brackets stand deeper than {_DEEPEST} in each other.",
            hint="Give long lists as a parameter.",
        )
    if call := foreign_call(bare):
        raise Refused(f"The query may not call {call}(): it isn't a function of the language itself.", hint=_NEXT_MOVE)
    try:
        query_type, _, plan = await database.explain(text, params)
    except _FAILURES as error:
        raise _told(error, 0.0) from error
    used = tuple(operators(plan))
    strange = next((operator for operator in used if operator not in READS), None)
    if strange is not None:
        raise Refused(f"The query may not use the operator {strange}: it could do more than read.", hint=_NEXT_MOVE)
    if query_type != "r" or not used:
        raise Refused(f"The query does something else than read (query type {query_type!r}).", hint=_NEXT_MOVE)


def _told(error: Exception, seconds: float) -> Exception:
    """The error for a person who typed the query."""
    if isinstance(error, ClientError) and "TimedOut" in (error.code or ""):
        return _too_long(seconds)
    if isinstance(error, ClientError) and not error.is_retryable():
        return UsageError(
            f"The database can't run the query: {error.message}",
            hint="The language: https://neo4j.com/docs/cypher-manual/",
        )
    if isinstance(error, (UnicodeEncodeError, OverflowError)):
        return UsageError(
            f"The database can't be told of a text or number in the query: {error}",
            hint="Texts are Unicode without lone surrogates; integers have 64 bits.",
        )
    told = translate(error, "the query")
    return told if isinstance(told, (Refused, Unavailable)) else Unavailable(told.message, hint=told.hint)


def _too_long(seconds: float) -> Refused:
    return Refused(
        f"The query ran longer than {seconds:g} s and was stopped.",
        hint="Ask for less (a label, an id, a LIMIT), or allow more time: --timeout",
    )
