"""What each root needs: the least role that may ask it. A root that isn't in the table keeps the schema from being made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema, get_named_type

from graphtwin.api.asking import Asking
from graphtwin.api.deciding.chain import ask_of
from graphtwin.api.deciding.mutation_types import Answer, refusal_of
from graphtwin.errors import Conflict, Forbidden, NotFound, Refused, RollbackFailed, RolledBack, UsageError
from graphtwin.methods.audit.api_entries import Ask
from graphtwin.methods.audit.audit_entries import RESTORE
from graphtwin.methods.audit.decisions import (
    APPROVAL,
    CLAIM,
    FREEZE,
    IDENTITY,
    LEAST_ROLE,
    OVERRIDE,
    REJECTION,
    UNFREEZE,
)
from graphtwin.model.principal import Role

_READS: Final = (
    "world", "versions", "snapshot", "entity", "entities", "neighbourhood", "paths", "diff", "why", "history",
    "valueLineage", "events", "evidence", "quarantine", "drift", "risk", "runs", "run", "plans", "plan", "approvals", "acts",
    "actLineage", "freeze", "auditRecords", "principals", "identityDecisions",
)  # fmt: skip

_STREAMS: Final = ("changes", "runProgress", "driftChanges", "planEvents")

LEAST: Final[dict[tuple[str, str], Role | None]] = {
    ("Query", "worlds"): None,  # those alone that the caller has a role in
    **{("Query", name): Role.VIEWER for name in _READS},
    **{("Subscription", name): Role.VIEWER for name in _STREAMS},
    ("Query", "approvalToSign"): LEAST_ROLE[APPROVAL],
    ("Query", "query"): Role.ADMIN,  # in each world of the database
    ("Mutation", "sync"): Role.OPERATOR,
    ("Mutation", "act"): Role.OPERATOR,
    ("Mutation", "approve"): LEAST_ROLE[APPROVAL],
    ("Mutation", "reject"): LEAST_ROLE[REJECTION],
    ("Mutation", "takeBack"): LEAST_ROLE[RESTORE],
    ("Mutation", "rollback"): LEAST_ROLE[RESTORE],
    ("Mutation", "freeze"): LEAST_ROLE[FREEZE],
    ("Mutation", "unfreeze"): LEAST_ROLE[UNFREEZE],
    ("Mutation", "correct"): LEAST_ROLE[CLAIM],
    ("Mutation", "withdraw"): LEAST_ROLE[CLAIM],
    ("Mutation", "override"): LEAST_ROLE[OVERRIDE],
    ("Mutation", "merge"): LEAST_ROLE[IDENTITY],
    ("Mutation", "split"): LEAST_ROLE[IDENTITY],
    ("Mutation", "undoIdentity"): LEAST_ROLE[IDENTITY],
}
"""The least role for each root in the world that it names; None for one that names no world, and sifts by itself."""

_TOLD: Final = (UsageError, NotFound, Conflict, Refused, RolledBack, RollbackFailed)
"""What a mutation answers as its refusal. What else goes wrong is an error of the request."""

_Resolve = Callable[..., Any]


def admit(schema: GraphQLSchema) -> None:
    """Let every root look at the caller's role first, and keep what is refused; a mutation is kept before it is carried
    out. Raises KeyError for a root that the table doesn't name.
    """
    kinds = (schema.query_type, schema.mutation_type, schema.subscription_type)
    for kind in (one for one in kinds if one is not None):
        for name, root in kind.fields.items():
            least = LEAST[kind.name, name]
            if least is None:
                continue
            gate = _Gate(name, least, _world_argument(name, root))
            if root.subscribe is not None:
                root.subscribe = gate.asked_first(root.subscribe)
            elif kind is schema.mutation_type and root.resolve is not None:
                root.resolve = gate.kept_first(root.resolve, _answer_of(root))
            elif root.resolve is not None:
                root.resolve = gate.asked_first(root.resolve)


class _Gate:
    """Before one root: who may, and what is kept of it."""

    def __init__(self, root: str, least: Role, world: str) -> None:
        self._root, self._least, self._world = root, least, world

    def asked_first(self, resolve: _Resolve) -> Callable[..., Awaitable[Any]]:
        async def asked(source: Any, info: GraphQLResolveInfo[Asking], /, **arguments: Any) -> Any:
            ask = await self._admitted(info.context, arguments)
            try:
                answer = resolve(source, info, **arguments)
                return await answer if isawaitable(answer) else answer
            except Refused as error:
                await info.context.chain.refused(ask, error)
                raise

        return asked

    def kept_first(self, resolve: _Resolve, answer: type[Answer]) -> Callable[..., Awaitable[Answer]]:
        async def asked(source: Any, info: GraphQLResolveInfo[Asking], /, **arguments: Any) -> Answer:
            asking = info.context
            ask = await self._admitted(asking, arguments)
            asking.begun.clear()
            work = asking.chain.start(_carried_out(asking, ask, lambda: resolve(source, info, **arguments), answer))
            done, _ = await asyncio.wait({work}, timeout=asking.patience)
            if not done:
                return answer(status="running", run=asking.begun.get("run"))
            told: Answer = work.result()
            return told

        return asked

    async def _admitted(self, asking: Asking, arguments: dict[str, Any]) -> Ask:
        ask = ask_of(asking.caller, arguments[self._world], self._root, arguments)
        try:
            asking.caller.must_be(self._least, ask.world)
        except Forbidden as error:
            await asking.chain.refused(ask, error)
            raise
        return ask


async def _carried_out(
    asking: Asking, ask: Ask, resolve: Callable[[], Awaitable[Answer]], answer: type[Answer]
) -> Answer:
    """Kept, then done; a refusal is kept, too. It isn't cut off when the request is over."""
    try:
        await asking.chain.asked(ask)
        return await resolve()
    except _TOLD as error:
        await asking.chain.refused(ask, error)
        return answer(status="refused", run=asking.begun.get("run"), refusal=refusal_of(error))
    finally:
        asking.forget(ask.world)


def _world_argument(name: str, root: GraphQLField) -> str:
    """The argument that names the world: `world`, or the id of the root `world`."""
    wanted = "id" if name == "world" else "world"
    if wanted not in root.args:
        raise KeyError(f"{name} has no argument {wanted}")
    return wanted


def _answer_of(root: GraphQLField) -> type[Answer]:
    """The class of what a mutation answers."""
    found: type[Answer] = get_named_type(root.type).extensions["strawberry-definition"].origin
    return found
