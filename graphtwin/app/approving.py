"""What persons decide about acting: approve or reject a plan, freeze a world or lift it (S28, S35)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from graphtwin.app.acting import acting, audit_of, signed
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.errors import Conflict, GateClosed, Refused, UsageError
from graphtwin.methods.acting.approving import approval_document, verified_approval
from graphtwin.methods.audit.decisions import APPROVAL, FREEZE, REJECTION, UNFREEZE
from graphtwin.model.acting import OPEN, Freeze, Kept, PlanRecord, SignedApproval
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import APPROVAL_DOMAIN, Principal, Role
from graphtwin.ports import Store
from graphtwin.store.keys import keys_folder
from graphtwin.store.person_keys import sign_as
from graphtwin.workflows.decide import Decided, Decision, Turn, decide
from graphtwin.workflows.lease import LEASE_WAIT, URGENT_POLL_S, give_back, take_lease

__all__ = [
    "OPEN",
    "Approved",
    "approve",
    "approve_signed",
    "freeze",
    "keep_approval",
    "reject",
    "to_be_signed",
    "unfreeze",
]

HEADROOM: Final = 0.1
"""How much more risk than a plan stands at an approval lets it have, unless its ceiling is named."""
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_APPROVABLE: Final = ("waiting", "approved", "proposed", "refused")


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval as it was kept, and the plan it is for."""

    record: PlanRecord
    approval: SignedApproval


async def approve(
    store: Store, world: str, plan: str, *, named: str | None = None, risk_ceiling: float | None = None
) -> Approved:
    """Sign the plan as it stands: it is only signed here; the next sync, or `act`, carries it out. Raises NotFound, Refused
    for one who may not, Conflict for a plan that is over, UsageError for a ceiling that isn't a share.
    """
    who, record, document = await to_be_signed(store, world, plan, named=named, risk_ceiling=risk_ceiling)
    return await keep_approval(
        store, world, record, who, document, sign_as(keys_folder(), who, APPROVAL_DOMAIN, document)
    )


async def to_be_signed(
    store: Store, world: str, plan: str, *, named: str | None = None, risk_ceiling: float | None = None
) -> tuple[Principal, PlanRecord, dict[str, object]]:
    """What whoever approves the plan signs, wherever their key lies. Raises as `approve` does."""
    who = await acting(store, world, named, least=Role.APPROVER)
    record = await store.plan(world, plan)
    _must_be_open(record, world)
    if who.id == record.author:
        raise Refused(f"{who.id} made plan {plan}, and nobody approves their own plan.", hint="ask somebody else")
    if not record.plan.acts:
        raise Refused(
            f"Plan {plan} has nothing that graphtwin could carry out: its commands are for a person.",
            hint="run them; the next sync sees what came of it",
        )
    config, clock = await store.configuration(world), SystemClock()
    ceiling = min(1.0, record.risk + HEADROOM) if risk_ceiling is None else risk_ceiling
    if not 0 <= ceiling <= 1:
        raise UsageError(f"A risk ceiling of {ceiling} is no share between 0 and 1.", hint="such as 0.8")
    if ceiling < record.risk:
        raise UsageError(
            f"Plan {plan} stands at risk {record.risk:.2f}, above a ceiling of {ceiling:.2f}: it would never act.",
            hint="give a higher ceiling, or reject it",
        )
    if record.configuration != config.hash():
        raise Conflict(f"Plan {plan} was checked under another configuration.", hint="sync: it is checked anew")
    lasts = config.constraints.approval_lasts if config.constraints else 0
    document = approval_document(
        record, config.constraints, risk_ceiling=ceiling, nonce=secrets.token_hex(16), expires=clock.now() + lasts
    )
    return who, record, document


async def approve_signed(
    store: Store, world: str, plan: str, document: Mapping[str, object], signature: str, *, named: str | None = None
) -> Approved:
    """Keep an approval that was signed elsewhere: the document of `to_be_signed`, unchanged but for a lower or higher
    ceiling and an earlier end. The same one again is answered as it was kept. Raises as `approve` does, and Refused for a
    signature or a document that doesn't hold.
    """
    ceiling = document.get("risk_ceiling")
    if isinstance(ceiling, bool) or not isinstance(ceiling, int | float):
        raise UsageError("The document has no risk ceiling.", hint="sign what approvalToSign answers")
    if not 0 <= ceiling <= 1:
        raise UsageError(
            "The document's risk ceiling is no share between 0 and 1.", hint="sign what approvalToSign answers"
        )
    who = await acting(store, world, named, least=Role.APPROVER)
    given = SignedApproval(plan, who.id, document, signature, SystemClock().now())
    for kept in await store.approvals(world, plan):
        if (kept.principal, kept.nonce, kept.signature) == (given.principal, given.nonce, given.signature):
            return Approved(await store.plan(world, plan), kept)
        if kept.nonce == given.nonce:
            raise Conflict(
                f"Plan {plan} has another approval with this nonce.", hint="ask approvalToSign for a new one"
            )
    who, record, wanted = await to_be_signed(store, world, plan, named=named, risk_ceiling=float(ceiling))
    config = await store.configuration(world)
    try:
        verified_approval(given, record, config.constraints, configuration=record.configuration, principals=(who,))
    except GateClosed as closed:
        raise Refused(closed.message, hint="sign what approvalToSign answers, with your own key") from closed
    _must_be_as_wanted(document, wanted, record.id)
    return await keep_approval(store, world, record, who, dict(document), signature)


def _must_be_as_wanted(document: Mapping[str, object], wanted: Mapping[str, object], plan: str) -> None:
    """Raises Refused where what was signed says something else, or holds for longer."""
    free = {"risk_ceiling", "nonce", "expires"}
    differs = [name for name in {*document, *wanted} - free if document.get(name) != wanted.get(name)]
    nonce, expires, latest = document.get("nonce"), document.get("expires"), wanted["expires"]
    if not isinstance(nonce, str) or _NONCE.fullmatch(nonce) is None:
        differs.append("nonce")
    if not isinstance(expires, int) or not isinstance(latest, int) or expires > latest:
        differs.append("expires")
    if differs:
        raise Refused(
            f"What was signed of plan {plan} isn't what is to be approved: {', '.join(sorted(differs))}.",
            hint="sign what approvalToSign answers now",
        )


async def keep_approval(  # noqa: PLR0917 - an approval is just that
    store: Store, world: str, record: PlanRecord, who: Principal, document: dict[str, object], signature: str
) -> Approved:
    """Keep a signature that was made here, or sent by whoever holds the key. The plan must still be as it was signed."""
    clock = SystemClock()
    approval = SignedApproval(record.id, who.id, document, signature, clock.now())

    async def make(turn: Turn) -> Decision:
        now = await store.plan(world, record.id)
        _must_be_open(now, world)
        if (now.basis, now.configuration) != (record.basis, record.configuration):
            raise Conflict(f"Plan {record.id} isn't what was shown any more.", hint=f"graphtwin plan show {record.id}")
        approved = replace(now, status="approved", updated_at=turn.now, reason=f"approved by {who.id}")
        body = {"principal": who.id, "plan": record.id, "approval": document, "approval_signature": signature}
        entry = AuditEntry(APPROVAL, turn.at, turn.run, body)
        return Decision((entry,), kept=Kept(plans=(approved,), approvals=(approval,)), told=approved)

    decided = await _decided(store, world, make, "approve")
    return Approved(decided.decision.told, approval)


async def reject(store: Store, world: str, plan: str, *, reason: str, named: str | None = None) -> PlanRecord:
    """Say no: the plan isn't made again until something new was learned."""
    who = await acting(store, world, named, least=Role.APPROVER)

    async def make(turn: Turn) -> Decision:
        record = await store.plan(world, plan)
        _must_be_open(record, world)
        rejected = replace(record, status="rejected", updated_at=turn.now, reason=reason or f"rejected by {who.id}")
        body = {"principal": who.id, "plan": plan, "reason": reason}
        return Decision(
            (signed(who, AuditEntry(REJECTION, turn.at, turn.run, body)),), kept=Kept(plans=(rejected,)), told=rejected
        )

    decided = await _decided(store, world, make, "reject")
    record: PlanRecord = decided.decision.told
    return record


async def freeze(store: Store, world: str, *, reason: str, named: str | None = None) -> Freeze:
    """Nothing acts in the world from now on; what was done can still be taken back. It goes before everything else: of a
    plan that is on its way no further act goes out.
    """
    who = await acting(store, world, named, least=Role.OPERATOR)

    async def make(turn: Turn) -> Decision:
        frozen = Freeze(who.id, turn.at, reason)
        entry = signed(who, AuditEntry(FREEZE, turn.at, turn.run, {"principal": who.id, "reason": reason}))
        return Decision((entry,), kept=Kept(freeze=frozen), told=frozen)

    config, clock = await store.configuration(world), SystemClock()
    run, sink = RandomIds(clock).new("freeze"), await audit_of(store, world)
    longest = max((one.timeout for one in config.actuators.values()), default=0)
    lease = await take_lease(store, world, run, wait=LEASE_WAIT + longest, poll_s=URGENT_POLL_S)
    try:
        decided = await decide(store, sink, config, make, clock=clock, run=run, lease=lease)
    finally:
        await give_back(store, lease)
    frozen: Freeze = decided.decision.told
    return frozen


async def unfreeze(store: Store, world: str, *, reason: str, named: str | None = None) -> None:
    """Lift the freeze. Raises Conflict for a world that isn't frozen."""
    who = await acting(store, world, named, least=Role.APPROVER)

    async def make(turn: Turn) -> Decision:
        if await store.freeze(world) is None:
            raise Conflict(f"The world {world} isn't frozen.", hint=f"graphtwin world show {world}")
        entry = signed(who, AuditEntry(UNFREEZE, turn.at, turn.run, {"principal": who.id, "reason": reason}))
        return Decision((entry,), kept=Kept(freeze=Freeze("", turn.at, "")))

    await _decided(store, world, make, "unfreeze")


def _must_be_open(record: PlanRecord, world: str) -> None:
    if record.status not in _APPROVABLE:
        raise Conflict(
            f"Plan {record.id} is {record.status.replace('_', ' ')}, and can't be decided on any more.",
            hint=f"see what waits: graphtwin plan list {world}",
        )


async def _decided(store: Store, world: str, make: Callable[[Turn], Awaitable[Decision]], what: str) -> Decided:
    clock = SystemClock()
    config = await store.configuration(world)
    return await decide(store, await audit_of(store, world), config, make, clock=clock, run=RandomIds(clock).new(what))
