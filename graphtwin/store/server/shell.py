"""One Cypher statement typed by a person: run, and its rows as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from graphtwin.errors import Unavailable, UsageError
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


def plain(value: Any) -> Any:  # noqa: PLR0911 - a table, one line a kind of value
    """Nodes, relationships and paths as dictionaries and lists, times as ISO 8601 text."""
    match value:
        case Node():
            return {"labels": sorted(value.labels), "properties": plain(dict(value))}
        case Relationship():
            return {"type": value.type, "properties": plain(dict(value))}
        case Path():
            return [plain(part) for part in _parts(value)]
        case Date() | DateTime() | Time() | Duration():
            return value.iso_format()
        case Point():
            return {"srid": value.srid, "coordinates": list(value)}
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case str() | bytes() | None | bool() | int() | float():
            return value
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return str(value)


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


def _parts(path: Path) -> list[Node | Relationship]:
    parts: list[Node | Relationship] = [path.start_node] if path.start_node is not None else []
    for relationship, node in zip(path.relationships, path.nodes[1:], strict=True):
        parts += [relationship, node]
    return parts
