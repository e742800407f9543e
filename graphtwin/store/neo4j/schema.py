"""The constraints and indexes that the statements count on."""

from __future__ import annotations

from typing import Final

from graphtwin.store.neo4j.cypher_files import statements
from graphtwin.store.neo4j.session import Database

_TIMEOUT_S: Final = 300.0
"""A cold server needs seconds for its first statement, and an index over many facts needs more."""


async def make_schema(database: Database) -> None:
    """Make what is missing and wait until all of it answers. Harmless when repeated."""
    names = set((await database.read("schema/names"))[0])
    for statement in statements().values():
        if statement.mode == "schema" and _object_name(statement.text) not in names:
            await database.apply_schema(statement.text, timeout_s=_TIMEOUT_S)
    await database.apply_schema(statements()["schema/await_indexes"].text, timeout_s=_TIMEOUT_S)


def _object_name(text: str) -> str:
    """The name after CREATE CONSTRAINT or CREATE ... INDEX."""
    words = text.split()
    return words[words.index("IF") - 1] if "IF" in words else ""
