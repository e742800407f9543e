"""What a person decides by a server: signed here where it is signed, refused here as it was refused there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.approving import Approved
from graphtwin.client import documents
from graphtwin.client.reading import approval_from, freeze_from, plan_record_from
from graphtwin.client.remote_store import RemoteStore
from graphtwin.client.server import Server, refused
from graphtwin.errors import IntegrityError, NotFound
from graphtwin.model.acting import Freeze, PlanRecord
from graphtwin.model.principal import APPROVAL_DOMAIN, active_principal
from graphtwin.store.person_keys import sign_as

_LOOK_S: Final = 1.0

Answer = Mapping[str, Any]


async def approve(server: Server, world: str, plan: str, keys: Path, *, risk_ceiling: float | None) -> Approved:
    """Sign the plan that the server shows, with the key in `keys`, and send the signature. Raises IntegrityError where what
    is to be signed isn't that plan, Refused where the key isn't here.
    """
    store = RemoteStore(server)
    record = await store.plan(world, plan)
    asked = {"world": world, "plan": plan, "ceiling": risk_ceiling}
    told = (await server.ask(documents.TO_SIGN, **asked))["approvalToSign"]
    said = told["document"]
    if (said.get("plan"), said.get("plan_hash")) != (plan, record.plan.digest):
        raise IntegrityError(f"What is to be signed isn't plan {plan} as it is shown.", hint="look at the server")
    who = active_principal(await store.principals(world), told["principal"])
    if who is None:
        raise NotFound(f"{told['principal']} isn't a principal of {world}.", hint=f"graphtwin user list {world}")
    signature = sign_as(keys, who, APPROVAL_DOMAIN, said)
    answer = await _done(
        server, documents.APPROVE, "approve", world=world, plan=plan, document=said, signature=signature
    )
    return Approved(plan_record_from(answer["plan"]), approval_from(answer["approval"]))


async def reject(server: Server, world: str, plan: str, *, reason: str) -> PlanRecord:
    """Say no to a plan."""
    answer = await _done(server, documents.REJECT, "reject", world=world, plan=plan, reason=reason)
    return plan_record_from(answer["plan"])


async def act(server: Server, world: str, plan: str) -> Answer:
    """Carry a plan out over there, and wait for the end."""
    return await _ended(server, world, documents.ACT, "act", plan=plan)


async def sync(server: Server, world: str, *, mode: str) -> Answer:
    """Sync the world over there, and wait for the end."""
    return await _ended(server, world, documents.SYNC, "sync", mode=mode or None)


async def freeze(server: Server, world: str, *, reason: str) -> Freeze:
    """Let nothing act."""
    answer = await _done(server, documents.DO_FREEZE, "freeze", world=world, reason=reason)
    return freeze_from(answer["freeze"])


async def unfreeze(server: Server, world: str, *, reason: str) -> None:
    """Lift that."""
    await _done(server, documents.UNFREEZE, "unfreeze", world=world, reason=reason)


async def rollback(server: Server, world: str, to: int, *, seen: int | None, reason: str) -> Answer:
    """Go back to a version, if `seen` is the newest still."""
    looked = None if seen is None else f"v{seen}"
    return await _done(server, documents.ROLLBACK, "rollback", world=world, to=f"v{to}", seen=looked, reason=reason)


async def take_back(server: Server, world: str, plan: str, *, reason: str) -> PlanRecord:
    """Take a plan back."""
    answer = await _done(server, documents.TAKE_BACK, "takeBack", world=world, plan=plan, reason=reason)
    return plan_record_from(answer["plan"])


async def _done(server: Server, text: str, root: str, /, **variables: Any) -> Answer:
    answer: Answer = (await server.ask(text, **variables))[root]
    error = refused(answer)
    if error is not None:
        raise error
    return answer


async def _ended(server: Server, world: str, text: str, root: str, /, **variables: Any) -> Answer:
    """A run's answer; where it takes longer than a request, it is looked at until it has ended."""
    run = RandomIds(SystemClock()).new("sync")
    answer = await _done(server, text, root, world=world, key=run, **variables)
    while answer["status"] == "running":
        await asyncio.sleep(_LOOK_S)
        told = (await server.ask(documents.RUN, world=world, id=run))["run"]
        if told is not None and told["endedAt"] is not None:
            code = told["details"].get("exit_code", 1)
            version = (await RemoteStore(server).head(world)).version
            return {**answer, "status": told["status"], "report": told["report"], "exitCode": code, "version": version}
    return answer
