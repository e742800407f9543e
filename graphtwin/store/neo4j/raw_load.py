"""What a benchmark compares a commit with: the same rows, written by the driver and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graphtwin.model.fact import Fact
from graphtwin.store.neo4j.cypher_files import cypher_folder, parse_statement
from graphtwin.store.neo4j.rows import fact_row
from graphtwin.store.neo4j.session import BATCH, Database, translated

_TIMEOUT_S: Final = 600.0


class RawLoad:
    """A load of facts as bare nodes, each related to its entity: no dedupe, no history, no present, no hash."""

    def __init__(self, uri: str, *, auth: tuple[str, str], database: str, world: str) -> None:
        self._database = Database(uri, auth, database, _TIMEOUT_S)
        self._world = world

    async def open(self, entities: Iterable[str]) -> None:
        """Make the entities that rows will belong to, by their record ids."""
        await self._database.apply_schema(_text("raw_entity_id"), timeout_s=_TIMEOUT_S)
        await self._write(_text("create_raw_entities"), sorted(set(entities)))

    async def close(self) -> None:
        """Let go of connections."""
        await self._database.close()

    async def load(self, facts: Iterable[Fact]) -> None:
        """Write the facts in one transaction, in the store's own batches and row shape."""
        await self._write(_text("create_raw_rows"), [fact_row(self._world, fact) for fact in facts])

    async def _write(self, text: str, rows: Sequence[object]) -> None:
        with translated("the raw load"):
            async with self._database.writing() as ask:
                for start in range(0, len(rows), BATCH):
                    batch = rows[start : start + BATCH]
                    await (await ask.transaction.run(text, {"world": self._world, "rows": batch})).consume()
                await ask.transaction.commit()


def _text(name: str) -> str:
    """Statements that only benchmarks need stay out of the store's own."""
    file = cypher_folder() / "bench" / f"{name}.cypher"
    return parse_statement(f"bench/{name}", file.read_text(encoding="utf-8")).text
