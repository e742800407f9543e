"""What each root needs: the least role that may ask it. A root that isn't in the table keeps the schema from being made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Final

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema

from graphtwin.api.asking import Asking
from graphtwin.model.principal import Role

LEAST: Final[Mapping[str, Role | None]] = {
    "worlds": None,  # those alone that the caller has a role in
    "world": Role.VIEWER,
    "versions": Role.VIEWER,
    "snapshot": Role.VIEWER,
    "entity": Role.VIEWER,
    "entities": Role.VIEWER,
    "neighbourhood": Role.VIEWER,
    "paths": Role.VIEWER,
    "diff": Role.VIEWER,
    "why": Role.VIEWER,
    "history": Role.VIEWER,
    "valueLineage": Role.VIEWER,
    "evidence": Role.VIEWER,
    "quarantine": Role.VIEWER,
    "drift": Role.VIEWER,
    "risk": Role.VIEWER,
    "runs": Role.VIEWER,
    "run": Role.VIEWER,
    "plans": Role.VIEWER,
    "plan": Role.VIEWER,
    "approvals": Role.VIEWER,
    "acts": Role.VIEWER,
    "actLineage": Role.VIEWER,
    "freeze": Role.VIEWER,
    "auditRecords": Role.VIEWER,
    "principals": Role.VIEWER,
    "identityDecisions": Role.VIEWER,
}
"""The least role for each root in the world that it names; None for one that names no world, and sifts by itself."""


def admit(schema: GraphQLSchema) -> None:
    """Let every root look at the caller's role first. Raises KeyError for a root that the table doesn't name."""
    for kind in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, root in (kind.fields if kind else {}).items():
            least = LEAST[name]
            if least is None:
                continue
            world = _world_argument(name, root)
            if root.subscribe is not None:
                root.subscribe = _asked_first(root.subscribe, least, world)
            elif root.resolve is not None:
                root.resolve = _asked_first(root.resolve, least, world)


def _world_argument(name: str, root: GraphQLField) -> str:
    """The argument that names the world: `world`, or the id of the root `world`."""
    wanted = "id" if name == "world" else "world"
    if wanted not in root.args:
        raise KeyError(f"{name} has no argument {wanted}")
    return wanted


def _asked_first(resolve: Callable[..., Any], least: Role, world: str) -> Callable[..., Awaitable[Any]]:
    async def asked(source: Any, info: GraphQLResolveInfo[Asking], /, **arguments: Any) -> Any:
        asking: Asking = info.context
        asking.caller.must_be(least, arguments[world])
        answer = resolve(source, info, **arguments)
        return await answer if isawaitable(answer) else answer

    return asked
