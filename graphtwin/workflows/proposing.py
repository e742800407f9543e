"""From findings to a plan that policy has judged: chosen, tried as a what-if, and kept (S26, S28, S29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from graphtwin.errors import NotFound
from graphtwin.methods.acting.basis import plan_basis
from graphtwin.methods.acting.occasion import Occasion, occasion_of
from graphtwin.methods.acting.timing import longest_span
from graphtwin.methods.acting.told import told_about
from graphtwin.methods.acting.verdict import Circumstances
from graphtwin.model.acting import Kept, PlanRecord, PlanStatus
from graphtwin.model.finding import Finding
from graphtwin.model.plan import Compliance, Plan
from graphtwin.model.principal import SERVICE
from graphtwin.model.state import State
from graphtwin.steps.constrain import ConstrainOut, constrain
from graphtwin.steps.plan import PlanOut, plan, plan_out
from graphtwin.workflows.decide import Decision, Turn, decide
from graphtwin.workflows.journal import plan_entry
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer
from graphtwin.workflows.what_if import foresee

PASSING: Final = frozenset({"windows", "rate", "freeze"})
"""Gates that open again by themselves: an approved plan waits for them, and isn't stale."""
_UNDECIDED: Final = ("proposed", "waiting", "refused")
_RISEN: Final = 0.05
"""By how much the risk of a plan that is kept must have risen to be kept anew."""


async def propose(run: Run, context: Context) -> Any:
    """plan: an approved one that still has something to answer, else what answers the findings now; a stopped run gets a
    plan to watch.
    """
    detected = run.out("detect_anomaly")
    exceeding = [finding for finding in detected.findings if finding.exceeds]
    stop = run.stopped.reason if run.stopped else run.out("estimate_risk").stop or run.out("forecast_risk").stop
    state = await present_state(run, context)
    without = run.outputs.get("failed_steps", frozenset())
    made = plan(exceeding, state, context.policy, stop=stop, without=without)
    if stop or made.stop:
        return Answer(made, {"occasion": Occasion(made.plan, None), "stale": (), "evidence": ()})
    approved, stale = await _approved(run, context, exceeding, without)
    if approved is not None:
        occasion = Occasion(approved.plan, approved)
        return Answer(plan_out(approved.plan), {"occasion": occasion, "stale": stale, "evidence": approved.evidence})
    evidence = evidence_of(made.plan, exceeding)
    occasion = occasion_of(made.plan, await context.store.plans_like(run.world, made.plan.digest), evidence)
    if occasion.leave and made.plan.actions:
        made = plan(exceeding, state, context.policy, stop=occasion.leave)
        occasion = Occasion(made.plan, None)
    chosen = replace(made, plan=occasion.plan, anchors=(f"tool:plan:{occasion.plan.id}",))
    return Answer(chosen, {"occasion": occasion, "stale": stale, "evidence": evidence})


def evidence_of(chosen: Plan, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The ids of the facts that the findings which a plan answers rest on."""
    answered = {one for step in chosen.actions for one in step.answers}
    return tuple(sorted({fact for finding in findings if finding.id in answered for fact in finding.evidence}))


async def present_state(run: Run, context: Context) -> State:
    """The state at the head: what the run has read already, if nothing was committed since."""
    twin = run.outputs["twin"]
    head = await context.store.head(run.world)
    return twin.state if head.seq == twin.head.seq else await context.store.state(run.world)


async def _approved(
    run: Run, context: Context, findings: Sequence[Finding], without: frozenset[tuple[str, str]]
) -> tuple[PlanRecord | None, tuple[PlanRecord, ...]]:
    """The oldest approved plan of which a finding is left (the one asked for, where one is), and the open ones that have
    none any more: they are stale.
    """
    standing = {finding.id for finding in findings}
    approved = sorted(
        await context.store.plans(run.world, statuses=("approved",)), key=lambda one: (one.created_at, one.id)
    )
    undecided = await context.store.plans(run.world, statuses=_UNDECIDED)  # many of them hide no approved one
    stale = tuple(
        replace(one, status="stale", reason="none of the findings that it answers is left")
        for one in (*approved, *undecided)
        if not any(answer in standing for step in one.plan.actions for answer in step.answers)
    )
    gone = {one.id for one in stale}
    live = [
        one
        for one in approved
        if one.id not in gone and not any((step.action, step.entity) in without for step in one.plan.actions)
    ]
    wanted = [one for one in live if not run.plan or one.id == run.plan]
    return (wanted[0] if wanted else None), stale


async def check_policy(run: Run, context: Context) -> Any:
    """constrain: always, whatever the plan; one that would act is tried as a what-if, and what comes of it is kept."""
    planned: PlanOut = run.out("plan")
    chosen, state = planned.plan, await present_state(run, context)
    constraints = context.config.constraints
    now = await context.world_now() if chosen.acts else run.now
    about = Circumstances(
        current_risk=run.out("estimate_risk").current,
        forecasted_risk=run.out("forecast_risk").forecasted,
        now=now,
        timezone=context.config.world.timezone,
        recent=await context.store.acts(run.world, since=now - longest_span(constraints.rate_limits))
        if chosen.acts and constraints
        else (),
        told={entity: told_about(state.entities[entity]) for entity in _targets(chosen) if entity in state.entities},
        types={
            entity: context.policy.lineage(state.entities[entity].type)
            for entity in _targets(chosen)
            if entity in state.entities
        },
        frozen=await context.store.freeze(run.world) if chosen.acts else None,
        foreseen=await foresee(chosen, state, run, context) if chosen.acts and constraints else None,
        failed_before=run.outputs["occasion"].failed_before,
    )
    constrained = constrain(chosen, constraints, about)
    basis = plan_basis(chosen, state.entities)
    record = await _keep(run, context, constrained, basis, now)
    return Answer(constrained, {"plan_record": record, "basis": basis, "types": _types(chosen, state)})


def _targets(chosen: Plan) -> list[str]:
    return sorted({step.entity for step in chosen.acts})


def _types(chosen: Plan, state: State) -> dict[str, str]:
    return {entity: state.entities[entity].type for entity in _targets(chosen) if entity in state.entities}


async def _keep(run: Run, context: Context, constrained: ConstrainOut, basis: str, now: int) -> PlanRecord | None:
    """Keep the plan where it is new or came to something else, and those that went stale. A plan to watch isn't kept; what
    somebody decided on since it was read, or carries out, stays as it is.
    """
    chosen: Plan = run.out("plan").plan
    known: PlanRecord | None = run.outputs["occasion"].record
    stale: tuple[PlanRecord, ...] = run.outputs["stale"]
    record = _record(run, context, constrained, basis, now, known) if chosen.actions else None
    if known is not None and known.status == "executing":
        record = known
    changed = [*stale]
    if record is not None and (known is None or _differs(record, known)):
        changed.append(record)
    if not changed:
        return record

    was = known.status if known else ""

    async def make(turn: Turn) -> Decision:
        held = [(one, await _held(context, run.world, one.id)) for one in changed]
        ours = tuple(
            one
            for one, now in held
            if (now.status if now else "") in ((was,) if one is record else (*_UNDECIDED, "approved"))
        )
        told = next((now for one, now in held if now and one is record and one not in ours), record)
        return Decision(tuple(plan_entry(one, one.plan, at=turn.at) for one in ours), kept=Kept(plans=ours), told=told)

    decided = await decide(
        context.store, context.audit, context.config, make, clock=context.clock, run=f"{run.id}:plan:{run.attempt}"
    )
    kept: PlanRecord | None = decided.decision.told
    return kept


async def _held(context: Context, world: str, plan: str) -> PlanRecord | None:
    """The plan as it is kept now; None where it isn't."""
    try:
        return await context.store.plan(world, plan)
    except NotFound:
        return None


def _record(  # noqa: PLR0917 - a plan in its circumstances
    run: Run, context: Context, constrained: ConstrainOut, basis: str, now: int, known: PlanRecord | None
) -> PlanRecord:
    chosen: Plan = run.out("plan").plan
    status = plan_status(chosen, constrained.compliance, known)
    return PlanRecord(
        plan=chosen,
        status=status,
        basis=basis if known is None or known.status != "approved" else known.basis,
        configuration=context.config.hash(),
        risk=constrained.risk,
        needs_approval=constrained.needs_approval,
        version=run.outputs["twin"].head.version,
        author=SERVICE,
        created_at=known.created_at if known else now,
        updated_at=now,
        run=run.id,
        evidence=run.outputs["evidence"],
        reason="; ".join(constrained.violations) or ("needs approval" if status == "waiting" else ""),
    )


def plan_status(chosen: Plan, verdict: Compliance, known: PlanRecord | None) -> PlanStatus:
    """Where a judged plan stands. What a person approved stays approved while only the hour, the rate or a freeze keeps it;
    any other refusal makes it stale (S28). It stays so, too, where by now it would need no approval: it was made then.
    """
    approved = known is not None and known.status == "approved"
    if not verdict.compliant:
        shut = {gate.name for gate in verdict.gates if not gate.passed} - {"approval"}
        return ("approved" if shut <= PASSING else "stale") if approved else "refused"
    if approved:
        return "approved"
    return "waiting" if chosen.acts and verdict.needs_approval else "proposed"


def _differs(record: PlanRecord, known: PlanRecord) -> bool:
    if record.risk > known.risk + _RISEN:
        return True
    return (record.status, record.basis, record.needs_approval, record.reason, record.configuration) != (
        known.status,
        known.basis,
        known.needs_approval,
        known.reason,
        known.configuration,
    )
