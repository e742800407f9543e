"""The only maker of sessions: every transaction gets a timeout, and every driver error a name of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncTransaction,
    NotificationMinimumSeverity,
    Query,
)
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConstraintError,
    DatabaseError,
    DriverError,
    Neo4jError,
    TransientError,
)

from graphtwin.errors import Conflict, GraphtwinError, IntegrityError, Refused, Unavailable, UsageError
from graphtwin.store.neo4j.cypher_files import statements

BATCH: Final = 5_000
"""Rows a statement: the plateau of throughput, and small enough for the server's memory."""

_MEMORY: Final = "MemoryPoolOutOfMemoryError"


class Statements:
    """Runs named statements inside one transaction."""

    def __init__(self, transaction: AsyncTransaction) -> None:
        self.transaction = transaction

    async def __call__(self, name: str, /, **params: Any) -> list[Any]:
        """The columns of the statement's only record; empty when there is none."""
        statement = statements()[name]
        with translated(name):
            result = await self.transaction.run(statement.text, params)
            record = await result.single(strict=False)
        return [] if record is None else record.values()

    async def batched(self, name: str, rows: list[Any], /, **params: Any) -> list[Any]:
        """Run it once for each batch of `rows`; the first columns, which are lists, joined."""
        joined: list[Any] = []
        for start in range(0, len(rows), BATCH):
            columns = await self(name, rows=rows[start : start + BATCH], **params)
            if columns:
                joined += columns[0]
        return joined


class Database:
    """One driver to one database."""

    def __init__(self, uri: str, auth: tuple[str, str], database: str, timeout_s: float) -> None:
        self._database = database
        self._timeout = timeout_s
        with translated("connect"):
            self.driver: AsyncDriver = AsyncGraphDatabase.driver(
                uri,
                auth=auth,
                notifications_min_severity=NotificationMinimumSeverity.OFF,
                user_agent="graphtwin",
                max_connection_pool_size=32,
                connection_acquisition_timeout=30,
                connection_timeout=10,
            )
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.driver.close()

    @asynccontextmanager
    async def reading(self, *, timeout_s: float | None = None) -> AsyncIterator[Statements]:
        """A transaction that can't write; it is rolled back at the end."""
        async with self._transaction(READ_ACCESS, timeout_s) as transaction:
            yield Statements(transaction)

    @asynccontextmanager
    async def writing(self, *, timeout_s: float | None = None) -> AsyncIterator[Statements]:
        """A transaction that is rolled back unless its `transaction.commit()` was awaited."""
        async with self._transaction(WRITE_ACCESS, timeout_s) as transaction:
            yield Statements(transaction)

    async def write(self, name: str, /, **params: Any) -> list[Any]:
        """One statement in a transaction of its own. Only for statements that may be repeated without harm."""
        return await self._alone(WRITE_ACCESS, name, params)

    async def read(self, name: str, /, **params: Any) -> list[Any]:
        """One reading statement in a transaction of its own."""
        return await self._alone(READ_ACCESS, name, params)

    async def _alone(self, access: str, name: str, params: Mapping[str, Any]) -> list[Any]:
        """The server begins and commits by itself: one round trip instead of three."""
        with translated(name):
            async with self.driver.session(
                database=self._database, default_access_mode=access, bookmark_manager=self._bookmarks
            ) as session:
                result = await session.run(Query(statements()[name].text, timeout=self._timeout), dict(params))
                record = await result.single(strict=False)
                await result.consume()
        return [] if record is None else record.values()

    async def apply_schema(self, text: str, *, timeout_s: float) -> None:
        """A schema statement, committed by itself."""
        with translated("schema"):
            async with self.driver.session(
                database=self._database, default_access_mode=WRITE_ACCESS, bookmark_manager=self._bookmarks
            ) as session:
                result = await session.run(Query(text, timeout=timeout_s))
                await result.consume()

    async def explain(
        self, text: str, params: Mapping[str, Any]
    ) -> tuple[str, tuple[str, ...], Mapping[str, Any] | None]:
        """(query type, columns, plan) of a text that is planned and never executed, in a session that can't
        write. Raises the driver's own error for a text that isn't Cypher.
        """
        async with self.driver.session(database=self._database, default_access_mode=READ_ACCESS) as session:
            query = Query("EXPLAIN\n" + text, timeout=self._timeout)
            result = await session.run(query, dict(params))
            summary = await result.consume()
            return summary.query_type or "", tuple(result.keys()), summary.plan

    @asynccontextmanager
    async def _transaction(self, access: str, timeout_s: float | None) -> AsyncIterator[AsyncTransaction]:
        with translated("begin"):
            session = self.driver.session(
                database=self._database, default_access_mode=access, bookmark_manager=self._bookmarks
            )
        async with session:
            with translated("begin"):
                transaction = await session.begin_transaction(timeout=timeout_s or self._timeout)
            try:
                yield transaction
            finally:
                await transaction.close()


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turns errors of the driver into errors of graphtwin."""
    try:
        yield
    except (Neo4jError, DriverError, OSError) as error:
        raise translate(error, what) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise UsageError(
            f"The database can't be told of a text or number in {what}: {error}",
            hint="Texts are Unicode without lone surrogates; integers have 64 bits.",
        ) from error


def translate(error: BaseException, what: str) -> GraphtwinError:  # noqa: PLR0911 - one row a kind of error
    """What an error of the driver means for the caller: who must do what, and whether the same call may be made again."""
    if isinstance(error, AuthError):
        return Unavailable(
            "The database refused the user or the password.", hint="Look at: graphtwin db status, graphtwin doctor"
        )
    if isinstance(error, ConstraintError):
        return Conflict(f"Something that {what} writes is there already: {error.message}", hint="Read again and retry.")
    if isinstance(error, Neo4jError) and _MEMORY in (error.code or ""):
        return Refused(
            f"{what} needs more memory than the database gives one transaction.",
            hint="Read or write less at once, or raise db.memory.transaction.max.",
        )
    if isinstance(error, TransientError):
        return Conflict(f"The database was busy with {what}: {error.message}", hint="Try again.")
    if isinstance(error, ClientError) and "TimedOut" in (error.code or ""):
        return Unavailable(f"{what} took longer than its time limit and was stopped.", hint="Try again, or ask less.")
    if isinstance(error, (ClientError, ConfigurationError)):
        return IntegrityError(f"The database can't run {what}: {error}")
    if isinstance(error, DatabaseError):
        return Unavailable(
            f"The database failed in {what}: {error.message}", hint="Free disk space, then: graphtwin db stop, db start"
        )
    return Unavailable(
        f"The database can't be reached ({type(error).__name__} in {what}).",
        hint="Start it with: graphtwin db start; look at it with: graphtwin doctor",
    )
