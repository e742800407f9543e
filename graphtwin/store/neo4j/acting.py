"""What is kept about acting, in Neo4j: plans, approvals, acts, the freeze."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from graphtwin.errors import NotFound
from graphtwin.model.acting import ActRecord, Freeze, Kept, PlanRecord, SignedApproval
from graphtwin.model.plan import Request, plan_document, plan_from
from graphtwin.store.neo4j.moment import world_not_found
from graphtwin.store.neo4j.session import Database, Statements


async def keep_acting(ask: Statements, world: str, kept: Kept) -> None:
    """Keep the records in a transaction that is open."""
    await ask.batched("acting/keep_plans", [_plan_row(one) for one in kept.plans], world=world)
    await ask.batched("acting/keep_approvals", [_approval_row(one) for one in kept.approvals], world=world)
    await ask.batched("acting/keep_acts", [_act_row(one) for one in kept.acts], world=world)
    if kept.freeze is not None:
        await ask("acting/set_freeze", world=world, **asdict(kept.freeze))


class ActingReads:
    """The part of ports.Store about acting."""

    _database: Database

    async def plans(self, world: str, *, statuses: Collection[str] = (), limit: int = 100) -> tuple[PlanRecord, ...]:
        """Plans, newest first."""
        columns = await self._database.read("acting/plans", world=world, statuses=sorted(statuses), limit=limit)
        return tuple(map(_plan_of, columns[0]))

    async def plan(self, world: str, plan: str) -> PlanRecord:
        """One plan."""
        columns = await self._database.read("acting/plan", world=world, plan=plan)
        if not columns[0]:
            raise NotFound(
                f"The world {world} has no plan {plan}.", hint=f"graphtwin plan list {world} shows what there is"
            )
        return _plan_of(columns[0][0])

    async def plans_like(self, world: str, digest: str) -> tuple[PlanRecord, ...]:
        """Every occasion of a plan."""
        return tuple(map(_plan_of, (await self._database.read("acting/plans_like", world=world, digest=digest))[0]))

    async def approvals(self, world: str, plan: str) -> tuple[SignedApproval, ...]:
        """The approvals of a plan."""
        return tuple(map(_approval_of, (await self._database.read("acting/approvals", world=world, plan=plan))[0]))

    async def acts(self, world: str, *, plan: str | None = None, since: int | None = None) -> tuple[ActRecord, ...]:
        """Acts of a plan, or since an instant."""
        if plan is not None:
            found = map(_act_of, (await self._database.read("acting/acts_of_plan", world=world, plan=plan))[0])
            return tuple(act for act in found if since is None or act.at >= since)
        begin = -(2**63) if since is None else since
        return tuple(map(_act_of, (await self._database.read("acting/acts_since", world=world, since=begin))[0]))

    async def freeze(self, world: str) -> Freeze | None:
        """The freeze in force."""
        columns = await self._database.read("acting/freeze", world=world)
        if columns:
            return Freeze(*columns[0])
        if not await self._database.read("world/head", world=world):
            raise world_not_found(world)
        return None

    async def still_carrying(self, world: str, plan: str, *, holder: str, until: int) -> bool:
        """Renew the sign of life."""
        return bool(
            await self._database.write("acting/still_carrying", world=world, plan=plan, holder=holder, until=until)
        )


def _plan_row(record: PlanRecord) -> list[Any]:
    """The columns of acting/keep_plans."""
    plan = record.plan
    return [
        plan.id, plan.digest, plan.occasion, record.status, plan.summary, _json(plan_document(plan)), record.basis,
        record.configuration, record.risk, record.needs_approval, record.version, record.author, record.created_at,
        record.updated_at, record.run, list(record.evidence), record.reason, record.restore_point, record.holder,
        record.alive_until,
    ]  # fmt: skip


def _plan_of(row: Sequence[Any]) -> PlanRecord:
    document, status, basis, configuration, risk, needs_approval, version, author, created_at, updated_at, run, evidence, reason, restore_point, holder, alive_until = row  # fmt: skip
    return PlanRecord(
        plan=plan_from(json.loads(document)),
        status=status,
        basis=basis,
        configuration=configuration,
        risk=risk,
        needs_approval=needs_approval,
        version=version,
        author=author,
        created_at=created_at,
        updated_at=updated_at,
        run=run,
        evidence=tuple(evidence),
        reason=reason,
        restore_point=restore_point,
        holder=holder,
        alive_until=alive_until,
    )


def _approval_row(approval: SignedApproval) -> list[Any]:
    return [
        approval.plan, approval.nonce, approval.principal, _json(approval.document), approval.signature, approval.at,
    ]  # fmt: skip


def _approval_of(row: Sequence[Any]) -> SignedApproval:
    plan, principal, document, signature, at = row
    return SignedApproval(plan, principal, json.loads(document), signature, at)


def _act_row(act: ActRecord) -> list[Any]:
    """The columns of acting/keep_acts."""
    return [
        act.id, act.plan, act.run, act.place, act.covers, act.entity, act.action, act.actuator,
        _json(asdict(act.request)), _json(dict(act.effects)), act.epoch, act.not_after, act.at, act.outcome,
        act.answered_at, act.answer,
    ]  # fmt: skip


def _act_of(row: Sequence[Any]) -> ActRecord:
    columns = list(row)
    columns[8], columns[9] = Request(**json.loads(columns[8])), json.loads(columns[9])
    return ActRecord(*columns)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
