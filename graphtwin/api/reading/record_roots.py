"""What can be asked about worlds, evidence, runs, plans and the audit chain. Each root reads its selection once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

import strawberry

from graphtwin.api import limits
from graphtwin.api.asking import Info
from graphtwin.api.deciding.mutation_types import ApprovalToSign
from graphtwin.api.reading.acting_types import (
    Act,
    ActLineage,
    Approval,
    AuditRecord,
    Freeze,
    IdentityDecision,
    Plan,
    Run,
    act_of,
    approval_of,
    audit_record_of,
    freeze_of,
    identity_decision_of,
    plan_of,
    run_of,
)
from graphtwin.api.reading.judgement_types import DriftReport, RiskReport, drift_of, risk_of
from graphtwin.api.reading.scalars import Json, instant
from graphtwin.api.reading.world_types import Principal, Version, World, principal_of, version_of, world_of
from graphtwin.app.approving import to_be_signed
from graphtwin.app.judged import last_judged, reported
from graphtwin.errors import NotFound
from graphtwin.methods.audit.signature import signed_message
from graphtwin.methods.matching.judgements import IDENTITY_KINDS, decisions_of
from graphtwin.model.commit import AuditRecord as AuditValue
from graphtwin.model.principal import APPROVAL_DOMAIN
from graphtwin.ports import Store


@strawberry.type
class RecordRoots:
    @strawberry.field(description="The worlds that you have a role in, by id.")
    async def worlds(self, info: Info) -> list[World]:
        heads, caller = await info.context.store.worlds(), info.context.caller
        return [world_of(head) for head in heads if caller.role(head.world) is not None]

    @strawberry.field(description="One world at its newest version.")
    async def world(self, info: Info, id: str) -> World:  # noqa: A002 - the name in the schema
        return world_of(await info.context.head(id))

    @strawberry.field(description="A world's versions, oldest first; v0 is the empty world.")
    async def versions(self, info: Info, world: str, first: int = 50, after: str | None = None) -> list[Version]:
        asking = info.context
        size = limits.page(first, asking.limits)
        seq, newest = -1 if after is None else await asking.seq(world, after), (await asking.head(world)).seq
        found = await asking.store.commits(world, after=seq, limit=size)
        return [version_of(one) for one in found if one.seq <= newest]

    @strawberry.field(description="Drift as the last sync that looked for it found it.")
    async def drift(self, info: Info, world: str) -> DriftReport:
        judged, _ = await last_judged(info.context.store, world)
        return drift_of(judged)

    @strawberry.field(description="Risk and forecast, as the last sync with a report estimated them.")
    async def risk(self, info: Info, world: str) -> RiskReport:
        return risk_of((await reported(info.context.store, world))[0])

    @strawberry.field(description="Runs, newest first.")
    async def runs(self, info: Info, world: str, first: int = 20) -> list[Run]:
        asking = info.context
        return [run_of(one) for one in await asking.store.runs(world, limit=limits.page(first, asking.limits))]

    @strawberry.field(description="One run.")
    async def run(self, info: Info, world: str, id: str) -> Run | None:  # noqa: A002 - the name in the schema
        found = await info.context.store.runs_named(world, [id])
        return run_of(found[0]) if found else None

    @strawberry.field(description="Plans in one of the statuses, of all where none is named; newest first.")
    async def plans(self, info: Info, world: str, statuses: list[str] | None = None, first: int = 50) -> list[Plan]:
        asking = info.context
        size = limits.page(first, asking.limits)
        return [plan_of(one) for one in await asking.store.plans(world, statuses=statuses or (), limit=size)]

    @strawberry.field(description="One plan.")
    async def plan(self, info: Info, world: str, id: str) -> Plan:  # noqa: A002 - the name in the schema
        return plan_of(await info.context.store.plan(world, id))

    @strawberry.field(description="What you sign to approve a plan, up to a risk: a tenth above today's, if not given.")
    async def approval_to_sign(
        self, info: Info, world: str, plan: str, risk_ceiling: float | None = None
    ) -> ApprovalToSign:
        asking = info.context
        who, _, document = await to_be_signed(
            asking.store, world, plan, named=asking.caller.named(world), risk_ceiling=risk_ceiling
        )
        message = base64.b64encode(signed_message(who, APPROVAL_DOMAIN, document)).decode()
        expires = document["expires"]
        return ApprovalToSign(
            principal=who.id, document=Json(document), message=message,
            expires=instant(expires) if isinstance(expires, int) else None,
        )  # fmt: skip

    @strawberry.field(description="What was signed of a plan, oldest first, behind the one with the nonce `after`.")
    async def approvals(
        self, info: Info, world: str, plan: str, first: int = 50, after: str | None = None
    ) -> list[Approval]:
        found = [approval_of(one) for one in await info.context.store.approvals(world, plan)]
        return limits.part(found, lambda one: one.nonce, first, after, info.context.limits)

    @strawberry.field(description="What was done of a plan, oldest first, behind the act `after`.")
    async def acts(self, info: Info, world: str, plan: str, first: int = 50, after: str | None = None) -> list[Act]:
        found = [act_of(one) for one in await info.context.store.acts(world, plan=plan)]
        return limits.part(found, lambda one: one.id, first, after, info.context.limits)

    @strawberry.field(description="From an act of a plan to what allowed it, and to the version to come back to.")
    async def act_lineage(self, info: Info, world: str, plan: str, act: str) -> ActLineage:
        store = info.context.store
        record, approvals, acts = await asyncio.gather(
            store.plan(world, plan), store.approvals(world, plan), store.acts(world, plan=plan)
        )
        one = next((found for found in acts if found.id == act), None)
        if one is None:
            raise NotFound(f"Plan {plan} has no act {act}.", hint="acts(world:, plan:) names them")
        point, run = record.restore_point, one.run.partition(":")[0]  # an act's own commits are `RUN:act1`
        commits, runs, audit = await asyncio.gather(
            store.commits_named(world, [int(point.removeprefix("v"))] if point else []),
            store.runs_named(world, [run]),
            store.audit_of_runs(world, [run, one.run]),
        )
        return ActLineage(
            act=act_of(one),
            plan=plan_of(record),
            approvals=[approval_of(signed) for signed in approvals],
            restore_point=version_of(commits[0]) if commits else None,
            run=run_of(runs[0]) if runs else None,
            audit=[audit_record_of(link) for link in audit],
        )

    @strawberry.field(description="The freeze that is in force.")
    async def freeze(self, info: Info, world: str) -> Freeze | None:
        found = await info.context.store.freeze(world)
        return freeze_of(found) if found else None

    @strawberry.field(
        description="The audit chain, oldest first, behind the record numbered `after`; of some kinds or some runs, where they"
        " are named."
    )
    async def audit_records(
        self,
        info: Info,
        world: str,
        first: int = 100,
        after: int = 0,
        kinds: list[str] | None = None,
        runs: list[str] | None = None,
    ) -> list[AuditRecord]:
        asking = info.context
        size = limits.page(first, asking.limits)
        await asking.head(world)
        if kinds is not None or runs is not None:
            found = await _audit_of(asking.store, world, kinds, runs)
            return [audit_record_of(one) for one in found if one.n > after][:size]
        return [audit_record_of(one) for one in await asking.store.audit(world, after=after, limit=size)]

    @strawberry.field(
        description="Everybody who was ever a principal, revoked ones too, by name, behind the one with the key id `after`."
    )
    async def principals(self, info: Info, world: str, first: int = 100, after: str | None = None) -> list[Principal]:
        await info.context.head(world)
        found = [principal_of(one) for one in await info.context.store.principals(world)]
        return limits.part(found, lambda one: one.key_id, first, after, info.context.limits)

    @strawberry.field(
        description="Every decision about identity, oldest first, with what was undone, behind the one numbered `after`."
    )
    async def identity_decisions(
        self, info: Info, world: str, first: int = 100, after: int | None = None
    ) -> list[IdentityDecision]:
        records = await info.context.store.audit_of(world, IDENTITY_KINDS)
        found = [identity_decision_of(one) for one in decisions_of(records)]
        return limits.part(found, lambda one: one.n, first, after, info.context.limits)


async def _audit_of(store: Store, world: str, kinds: list[str] | None, runs: list[str] | None) -> Sequence[AuditValue]:
    """The records of some runs, of some kinds, or both."""
    if runs is None:
        return await store.audit_of(world, kinds or ())
    found = await store.audit_of_runs(world, runs)
    return found if kinds is None else [one for one in found if one.kind in kinds]
