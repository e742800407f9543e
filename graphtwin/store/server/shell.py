"""One Cypher statement typed by a person: run, and its rows as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graphtwin.errors import Unavailable, UsageError
from graphtwin.store.plain_values import plain
from graphtwin.store.server.address import ServerAddress

ROW_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of plain values; `cut` when there were more than the limit; `changes` counts what was written."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool
    changes: Mapping[str, int]


def read_rows(address: ServerAddress, statement: str, limit: int = ROW_LIMIT) -> QueryResult:
    """Run a statement that may only read.

    Raises UsageError when the server refuses the statement, Unavailable when it can't be reached.
    """
    return _run(address, statement, limit, READ_ACCESS)


def write_rows(address: ServerAddress, statement: str, limit: int = ROW_LIMIT) -> QueryResult:
    """Run a statement that may change the database, behind the twin's back; raises as read_rows does."""
    return _run(address, statement, limit, WRITE_ACCESS)


def _run(address: ServerAddress, statement: str, limit: int, access: str) -> QueryResult:
    try:
        with (
            GraphDatabase.driver(address.uri, auth=address.auth) as driver,
            driver.session(database=address.database, default_access_mode=access) as session,
        ):
            result = session.run(statement)
            rows = [tuple(plain(value) for value in record.values()) for record in result.fetch(limit + 1)]
            columns = tuple(result.keys())
            counters = result.consume().counters
    except (Neo4jError, DriverError, OSError) as error:
        raise _explained(error, address) from error
    changes = {name: count for name, count in vars(counters).items() if type(count) is int and count}
    return QueryResult(columns, tuple(rows[:limit]), len(rows) > limit, changes)


def _explained(error: Exception, address: ServerAddress) -> UsageError | Unavailable:
    if isinstance(error, Neo4jError) and error.code == "Neo.ClientError.Statement.AccessMode":
        return UsageError(
            "This shell only reads, and the statement writes.",
            hint="What is written past graphtwin breaks the twin's history; if that is meant: graphtwin db shell --write",
        )
    if isinstance(error, Neo4jError) and (error.code or "").startswith("Neo.ClientError."):
        return UsageError(
            str(error.message), hint="The reference of the language: https://neo4j.com/docs/cypher-manual/"
        )
    return Unavailable(f"The database at {address.uri} failed: {error}", hint="graphtwin db status; graphtwin db logs")
