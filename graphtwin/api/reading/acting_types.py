"""Runs, plans, approvals, acts, and the records of the audit chain."""

from __future__ import annotations

from typing import Final

import strawberry

from graphtwin.api.reading.scalars import Instant, Json, instant
from graphtwin.api.reading.world_types import Version
from graphtwin.methods.matching.judgements import IdentityDecision as DecisionValue
from graphtwin.model.acting import ActRecord, PlanRecord, SignedApproval
from graphtwin.model.acting import Freeze as FreezeValue
from graphtwin.model.commit import AuditRecord as AuditValue
from graphtwin.model.commit import RunRecord
from graphtwin.model.plan import PlanStep as StepValue
from graphtwin.model.plan import plan_document

_TOLD: Final = ("report", "stopped", "reason", "exit_code", "baseline")
"""Details of a run that mean something elsewhere; paths of the server don't."""


@strawberry.type(description="One run of a workflow.")
class Run:
    id: str
    workflow: str
    status: str
    step: str
    started_at: Instant | None
    ended_at: Instant | None = strawberry.field(description="Null while it is at work, or where it died.")
    report: Json | None = strawberry.field(description="The output contract, without the snapshot.")
    details: Json = strawberry.field(description="What else is told of it: findings, steps, checks, why it stopped.")


@strawberry.type(description="One thing to do: to watch, or a declared action on one entity.")
class PlanStep:
    kind: str
    action: str
    title: str
    entity: str | None
    answers: list[str] = strawberry.field(description="The findings it is for.")
    effects: Json = strawberry.field(description="The values that it gives to the entity's variables.")
    before: Json = strawberry.field(description="The reported values that it overwrites.")
    actuator: str | None
    request: Json | None
    compensation: Json | None
    command: str | None = strawberry.field(description="What a person runs where no actuator does it.")
    reversible: str
    risk: float
    cost: float
    verification: list[str]
    rollback: str


@strawberry.type(description="What should be done about findings, and where it stands.")
class Plan:
    id: str
    status: str
    summary: str
    reason: str
    digest: str = strawberry.field(description="The same for the same world and steps.")
    basis: str = strawberry.field(description="The hash of what it overwrites.")
    configuration: str
    risk: float
    needs_approval: bool
    version: str
    author: str
    run: str
    created_at: Instant | None
    updated_at: Instant | None
    restore_point: str | None
    evidence: list[str] = strawberry.field(description="The facts that its findings rested on.")
    steps: list[PlanStep]
    document: Json = strawberry.field(description="The plan whole; `digest` is the SHA-256 of its world and steps.")


@strawberry.type(description="What a person signed of a plan.")
class Approval:
    plan: str
    principal: str
    at: Instant | None
    document: Json
    signature: str
    nonce: str


@strawberry.type(description="One act: its intent as it was committed before it was sent, and its outcome.")
class Act:
    id: str
    plan: str
    run: str
    place: int
    covers: str = strawberry.field(description="act or compensation.")
    entity: str
    action: str
    actuator: str
    request: Json
    effects: Json
    at: Instant | None
    outcome: str
    answered_at: Instant | None
    answer: str


@strawberry.type(description="A link of the audit chain.")
class AuditRecord:
    n: int
    at: Instant | None
    kind: str
    run: str
    body: Json
    prev: str
    hash: str


@strawberry.type(description="From an act to what allowed it, and to the version to come back to.")
class ActLineage:
    act: Act
    plan: Plan
    approvals: list[Approval]
    restore_point: Version | None = strawberry.field(description="The version that was taken as the way back.")
    run: Run | None
    audit: list[AuditRecord] = strawberry.field(description="What the audit chain says of the run.")


@strawberry.type(description="Nothing acts in a frozen world until a person lifts it.")
class Freeze:
    by: str
    at: Instant | None
    reason: str


@strawberry.type(description="A decision about identity: records that are one thing, or two.")
class IdentityDecision:
    n: int = strawberry.field(description="The number of its audit record.")
    at: Instant | None
    run: str
    principal: str
    action: str
    automatic: bool
    entities: list[str]
    records: list[str]
    reason: str
    undoes: int | None
    undone_by: int | None


def run_of(run: RunRecord) -> Run:
    """A run as it is shown."""
    return Run(
        id=run.id, workflow=run.workflow, status=run.status, step=run.step, started_at=instant(run.started_at),
        ended_at=instant(run.ended_at), report=None if run.report is None else Json(run.report),
        details=Json({name: run.details[name] for name in _TOLD if name in run.details}),
    )  # fmt: skip


def plan_of(record: PlanRecord) -> Plan:
    """A plan as it is shown."""
    return Plan(
        id=record.id, status=record.status, summary=record.plan.summary, reason=record.reason,
        digest=record.plan.digest, basis=record.basis, configuration=record.configuration, risk=record.risk,
        needs_approval=record.needs_approval, version=record.version, author=record.author, run=record.run,
        created_at=instant(record.created_at), updated_at=instant(record.updated_at),
        restore_point=record.restore_point or None, evidence=list(record.evidence),
        steps=[_step_of(step) for step in record.plan.steps], document=Json(plan_document(record.plan)),
    )  # fmt: skip


def _step_of(step: StepValue) -> PlanStep:
    return PlanStep(
        kind=step.kind, action=step.action, title=step.title, entity=step.entity or None, answers=list(step.answers),
        effects=Json(step.effects), before=Json(step.before), actuator=step.actuator or None,
        request=None if step.request is None else Json(step.request),
        compensation=None if step.compensation is None else Json(step.compensation), command=step.command or None,
        reversible=step.reversible, risk=step.risk, cost=step.cost, verification=list(step.verification),
        rollback=step.rollback,
    )  # fmt: skip


def approval_of(one: SignedApproval) -> Approval:
    """An approval as it is shown."""
    return Approval(
        plan=one.plan, principal=one.principal, at=instant(one.at), document=Json(one.document),
        signature=one.signature, nonce=one.nonce,
    )  # fmt: skip


def act_of(act: ActRecord) -> Act:
    """An act as it is shown."""
    return Act(
        id=act.id, plan=act.plan, run=act.run, place=act.place, covers=act.covers, entity=act.entity, action=act.action,
        actuator=act.actuator, request=Json(act.request), effects=Json(act.effects), at=instant(act.at),
        outcome=act.outcome, answered_at=instant(act.answered_at), answer=act.answer,
    )  # fmt: skip


def audit_record_of(record: AuditValue) -> AuditRecord:
    """A link of the chain as it is shown."""
    return AuditRecord(
        n=record.n, at=instant(record.at), kind=record.kind, run=record.run, body=Json(record.body), prev=record.prev,
        hash=record.hash,
    )  # fmt: skip


def freeze_of(freeze: FreezeValue) -> Freeze:
    """A freeze as it is shown."""
    return Freeze(by=freeze.by, at=instant(freeze.at), reason=freeze.reason)


def identity_decision_of(one: DecisionValue) -> IdentityDecision:
    """A decision about identity as it is shown."""
    return IdentityDecision(
        n=one.n, at=instant(one.at), run=one.run, principal=one.principal, action=one.action, automatic=one.automatic,
        entities=list(one.entities), records=list(one.records), reason=one.reason, undoes=one.undoes,
        undone_by=one.undone_by,
    )  # fmt: skip
