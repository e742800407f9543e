"""The lists beside each configuration, for queries that weigh claims: derived from it, and so made anew wherever they lack."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from graphtwin.methods.state.policy_lists import policy_lists
from graphtwin.store.neo4j.moment import Policies
from graphtwin.store.neo4j.session import Database, Statements


async def describe_undescribed(database: Database, policies: Policies) -> None:
    """Those of worlds that were made before there were lists. Harmless when repeated."""
    for world, digest, text in (await database.read("world/undescribed"))[0]:
        with suppress(ValidationError):  # who reads that version is told; nobody else is kept out by it
            await database.write("world/save_configuration", **_row(policies, world, digest, text))


async def describe_world(ask: Statements, policies: Policies, world: str) -> None:
    """All of a world, in a transaction that is open."""
    for digest, text in (await ask("world/configurations", world=world))[0]:
        with suppress(ValidationError):
            await ask("world/save_configuration", **_row(policies, world, digest, text))


def _row(policies: Policies, world: str, digest: str, text: str) -> dict[str, Any]:
    """Raises ValidationError for a configuration that no twin.yaml of today could have."""
    return {"world": world, "hash": digest, "json": text, "lists": policy_lists(policies.of(world, digest, text))}
