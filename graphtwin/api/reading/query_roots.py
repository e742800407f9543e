"""What can be asked in Cypher: free, or one of the analyst's queries by name. It sees all worlds, so it is the right of who is
admin in each of them.
"""

from __future__ import annotations

from typing import Any

import strawberry

from graphtwin.api import limits
from graphtwin.api.asking import Asking, Info
from graphtwin.api.reading.scalars import Json
from graphtwin.app.query import SECONDS, named_query, run_query, used_parameters
from graphtwin.errors import Forbidden, UsageError
from graphtwin.model.principal import Role


@strawberry.type(description="Rows of a query.")
class QueryAnswer:
    columns: list[str]
    rows: list[Json] = strawberry.field(description="A list for each row, with a value for each column.")
    cut: bool = strawberry.field(description="There were more rows.")


@strawberry.type
class QueryRoots:
    @strawberry.field(
        description="Rows of a query in Cypher, or of one of the analyst's by its name; $world is the world. It only reads."
    )
    async def query(
        self, info: Info, world: str, text: str, params: Json | None = None, first: int = 100
    ) -> QueryAnswer:
        asking = info.context
        rows, given = limits.page(first, asking.limits), _parameters(params)
        await _must_be_admin_everywhere(asking)
        cypher = named_query(text)
        if "world" in used_parameters(cypher):
            given["world"] = world
        answered = await run_query(asking.store, cypher, given, rows, min(SECONDS, asking.patience))
        return QueryAnswer(
            columns=list(answered.columns), rows=[Json(list(row)) for row in answered.rows], cut=answered.cut
        )


def _parameters(params: Json | None) -> dict[str, Any]:
    if params is None or isinstance(params, dict):
        return dict(params or {})
    raise UsageError("params isn't an object.", hint='write it like {"entity": "machine:local/pump-1"}')


async def _must_be_admin_everywhere(asking: Asking) -> None:
    """Raises Forbidden, without naming another world."""
    heads = await asking.store.worlds()
    if all(asking.caller.may(Role.ADMIN, head.world) for head in heads):
        return
    raise Forbidden(
        "A query in Cypher sees all worlds of the database, and you aren't admin in each of them.",
        hint="ask with the other roots, or ask who holds the server's own key",
    )
