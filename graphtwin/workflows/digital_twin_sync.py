"""digital-twin-sync-loop: the requirement's steps in their order, each bound to what it needs (S20, S25 to S27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from graphtwin.errors import GateClosed
from graphtwin.methods.as_of import as_of
from graphtwin.methods.confidence import Confidence, combine, receive_confidence, share_left
from graphtwin.model.commit import AuditEntry, Head
from graphtwin.model.fact import ROSTER
from graphtwin.model.state import State
from graphtwin.ports import Sample, Store
from graphtwin.steps.act_plan import act_plan
from graphtwin.steps.checkpoint import checkpoint
from graphtwin.steps.constrain import constrain
from graphtwin.steps.detect_anomaly import detect_anomaly
from graphtwin.steps.diff_world_state import diff_world_state
from graphtwin.steps.estimate_risk import estimate_risk
from graphtwin.steps.forecast_risk import forecast_risk, limited_variables
from graphtwin.steps.identity_resolution import identity_resolution
from graphtwin.steps.integrate import integrate
from graphtwin.steps.plan import plan
from graphtwin.steps.receive import receive
from graphtwin.steps.rollback import rollback
from graphtwin.steps.search import search
from graphtwin.steps.state_transition import state_transition
from graphtwin.steps.transform import transform
from graphtwin.steps.verify import verify
from graphtwin.steps.world_state import world_state
from graphtwin.workflows import sync_definition as says
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer, Step

SAMPLES: Final = 256
"""How much of a variable's past drift and forecast look at."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The world as this run left it: read once, judged by every later step."""

    head: Head
    state: State
    samples: Mapping[tuple[str, str], tuple[Sample, ...]]
    last_heard: Mapping[str, int]


# --- perception ----------------------------------------------------------------------------------------------------


async def receive_signals(run: Run, context: Context) -> Any:
    """receive: from the cursors, or from the beginning in full mode."""
    cursors = await context.store.cursors(run.world)
    return await receive(context.sources, cursors, full=run.mode == "full", now=context.clock.now())


def stop_without_signals(run: Run, context: Context) -> Run:
    """The world's clock is fixed once the sources were read; when none answered there is nothing to go on."""
    received = run.out("receive")
    if not any(received.answered.values()):
        problems = "; ".join(f"{source}: {problem}" for source, problem in sorted(received.problems.items()))
        return run.stop("gate", "receive", f"no signals: no source answered ({problems or 'none is configured'})")
    return replace(run, now=context.clock.now())


async def search_prior(run: Run, context: Context) -> Any:
    """search: beside receive."""
    return await search(context.store, run.world)


async def transform_messages(run: Run, context: Context) -> Any:
    """transform: in the world's own time."""
    now = run.out("search").head.valid if context.config.world.clock == "events" else run.now
    return transform(run.out("receive").readings, context.config, run=run.id, now=now)


def set_event_clock(run: Run, context: Context) -> Run:
    """A world that replays recorded data lives at its newest event (S2)."""
    if context.config.world.clock != "events":
        return run
    return replace(run, now=max(run.out("search").head.valid, run.out("transform").newest_event or 0))


async def integrate_events(run: Run, context: Context) -> Any:
    """integrate: against what the world knows already."""
    transformed = run.out("transform")
    found = run.out("search")
    rosters = [fact.event for fact in transformed.facts if fact.name == ROSTER]
    ids = sorted({*(event.id for event in transformed.events), *rosters})
    cursors = await context.store.cursors(run.world)
    return integrate(
        transformed.facts,
        transformed.events,
        transformed.evidence,
        transformed.quarantined,
        known_events=await context.store.known_events(run.world, ids),
        heard=found.last_heard,
        rosters={source: int(cursor.get(ROSTER, 0)) for source, cursor in cursors.items()},
        config=context.config,
    )


async def resolve_identities(run: Run, context: Context) -> Any:
    """identity_resolution: of what the new facts speak of, and of what the last run couldn't find."""
    return await identity_resolution(
        context.store,
        run.world,
        run.out("integrate").facts,
        context.policy,
        run=run.id,
        dangling=run.out("search").dangling,
    )


# --- under the world's lock ----------------------------------------------------------------------------------------


def _cursors(run: Run) -> dict[str, Any]:
    """The cursors to make durable, each with how many records its newest believed roster named."""
    named = {fact.source: len(fact.value) for fact in run.out("integrate").facts if fact.name == ROSTER}
    return {
        source: {**cursor, **({ROSTER: named[source]} if source in named else {})}
        for source, cursor in run.out("receive").cursors.items()
    }


async def write_world_state(run: Run, context: Context) -> Any:
    """world_state: evidence, facts, decisions and present in one."""
    integrated = run.out("integrate")
    before = await context.store.cursors(run.world)
    cursors = {source: {**_kept(before, source), **cursor} for source, cursor in _cursors(run).items()}
    return await world_state(
        context.inside, integrated.draft(run.now, cursors, run.out("identity_resolution").decisions)
    )


def _kept(cursors: Mapping[str, Mapping[str, Any]], source: str) -> dict[str, Any]:
    """What a cursor keeps although the source itself doesn't know of it."""
    held = cursors.get(source, {})
    return {ROSTER: held[ROSTER]} if ROSTER in held else {}


async def say_what_changed(run: Run, context: Context) -> Any:  # noqa: ARG001 - every row takes the context
    """diff_world_state: against the version before."""
    return diff_world_state(run.out("world_state").changes)


async def apply_rules(run: Run, context: Context) -> Any:
    """state_transition: on the present as this transaction has made it."""
    integrated = run.out("integrate")
    valid = as_of(context.inside.head.valid, run.now, integrated.facts, context.config)
    return await state_transition(context.inside, context.rules, context.policy, now=run.now, valid=valid, run=run.id)


def commit_entry(run: Run, context: Context) -> AuditEntry:
    """What the audit chain says about the commit, in the same transaction (S20)."""
    integrated = run.out("integrate")
    return AuditEntry(
        kind="commit",
        at=run.now,
        run=run.id,
        body={
            "workflow": run.workflow,
            "mode": run.mode,
            "configuration": context.config.hash(),
            "events": len(integrated.events),
            "event_ids": [event.id for event in integrated.events][:1000],
            "facts": len(integrated.facts),
            "decisions": len(run.out("identity_resolution").decisions),
            "derived": run.out("state_transition").facts if run.has("state_transition") else 0,
            "quarantined": [one.id for one in integrated.quarantined][:1000],
            "duplicates": integrated.duplicates,
            "late": integrated.late,
            "sources": dict(run.out("receive").answered),
        },
    )


# --- judgement -----------------------------------------------------------------------------------------------------


async def read_twin(store: Store, run: Run, context: Context) -> Twin:
    """The head, its whole state, and the past of every variable that is judged or limited."""
    head = await store.head(run.world)
    state = await store.state(run.world)
    wanted = {*limited_variables(state, context.policy), *_judged(state, context)}
    return Twin(
        head=head,
        state=state,
        samples=await store.samples(run.world, sorted(wanted), at=state.at, limit=SAMPLES),
        last_heard=await store.last_heard(run.world),
    )


def _judged(state: State, context: Context) -> set[tuple[str, str]]:
    """Variables whose own history is their reference: judged numbers without a desired, expected or nominal value."""
    found = set()
    for entity in state.entities.values():
        for name in entity.reported:
            variable = context.policy.variable(entity.type, name)
            if variable and variable.judged and name not in entity.desired and name not in entity.expected:
                found.add((entity.id, name))
    return found


async def detect(run: Run, context: Context) -> Any:
    """detect_anomaly: on the committed version."""
    twin = await read_twin(context.store, run, context)
    moved = run.out("state_transition")
    found = detect_anomaly(
        twin.state,
        context.config,
        samples=twin.samples,
        last_heard=twin.last_heard,
        rule_rows=moved.rows,
        changes=run.out("world_state").changes,
        holds=run.out("integrate").holds,
    )
    return Answer(found, {"twin": twin, "confidence": _confidence(run, context)})


def _confidence(run: Run, context: Context) -> Confidence:
    """S25, step by step."""
    received, resolved = run.out("receive"), run.out("identity_resolution")
    written = run.out("world_state")
    trust = {source: context.policy.source_trust(source) for source in received.answered}
    touched = max(len({(one.entity, one.name) for one in written.changes.values}), len(written.conflicts))
    unresolved = len({one.record for one in resolved.unresolved})
    steps = {
        "receive": receive_confidence(received.answered, trust),
        "transform": 1.0 - run.out("transform").quarantined_share,
        "integrate": share_left(len(written.conflicts), touched),
        "identity_resolution": share_left(unresolved, max(resolved.touched, unresolved)),
    }
    return combine(steps, context.config.constraints)


def stop_on_low_confidence(run: Run, context: Context) -> Run:  # noqa: ARG001
    """Observed and shown, but nothing plans or acts (S25)."""
    confidence: Confidence = run.outputs["confidence"]
    return run.stop("confidence", "detect_anomaly", confidence.stop) if confidence.stop else run


async def estimate(run: Run, context: Context) -> Any:
    """estimate_risk: of the findings, on the committed state."""
    return estimate_risk(run.out("detect_anomaly").findings, run.outputs["twin"].state, context.config)


async def forecast(run: Run, context: Context) -> Any:
    """forecast_risk: seeded by the version, so that a report can be computed again."""
    twin = run.outputs["twin"]
    return forecast_risk(
        twin.state,
        context.config,
        samples=twin.samples,
        hazards=run.out("estimate_risk").hazards,
        seed=twin.head.seq,
    )


# --- planning and acting -------------------------------------------------------------------------------------------


async def propose(run: Run, context: Context) -> Any:
    """plan: only what may be planned; a stopped run gets a plan to watch."""
    detected = run.out("detect_anomaly")
    exceeding = [finding for finding in detected.findings if finding.exceeds]
    stop = run.stopped.reason if run.stopped else run.out("estimate_risk").stop or run.out("forecast_risk").stop
    return plan(exceeding, run.outputs["twin"].state, context.config, stop=stop)


async def check_policy(run: Run, context: Context) -> Any:
    """constrain: always, whatever the plan."""
    return constrain(
        run.out("plan").plan,
        context.config.constraints,
        current_risk=run.out("estimate_risk").current,
        forecasted_risk=run.out("forecast_risk").forecasted,
    )


async def take_checkpoint(run: Run, context: Context) -> Any:
    """checkpoint: the committed head."""
    return await checkpoint(context.store, run.world, run=run.id)


def needs_checkpoint(run: Run) -> None:
    """The gate of act_plan: no act without a restore point of this run."""
    if not run.has("checkpoint") or run.out("checkpoint").point.run != run.id:
        raise GateClosed("Nothing acts without a restore point of this run", hint="run checkpoint first")


def may_act(run: Run) -> str:
    """The condition of act_plan: policy complies, and nothing stopped the run."""
    if run.stopped:
        return run.stopped.reason
    constrained = run.out("constrain")
    return "" if constrained.compliant else "; ".join(constrained.violations) or "policy doesn't allow the plan"


async def act(run: Run, context: Context) -> Any:  # noqa: ARG001
    """act_plan: without a clearance, since nobody can have approved a plan that was just made."""
    return act_plan(run.out("plan").plan, None)


def _executed(run: Run) -> bool:
    return bool(run.has("act_plan") and run.out("act_plan").executed)


async def check_outcome(run: Run, context: Context) -> Any:  # noqa: ARG001
    """verify: SKIPPED where nothing was executed."""
    return verify(executed=_executed(run))


def verification_failed(run: Run) -> str:
    """The condition of rollback."""
    failed = run.has("verify") and run.out("verify").result == "FAIL"
    return "" if failed else "verification didn't fail"


async def take_back(run: Run, context: Context) -> Any:  # noqa: ARG001
    """rollback: what was executed."""
    return rollback(executed=_executed(run))


def was_judged(run: Run) -> str:
    """The condition of the steps after detection: a stop by low confidence doesn't hide the risk."""
    return "" if run.has("detect_anomaly") else run.stopped.reason if run.stopped else "nothing was detected"


def perception_steps() -> tuple[Step, ...]:
    """From the first signal to the committed version."""
    return (
        Step(says.RECEIVE, receive_signals, after=stop_without_signals),
        Step(says.SEARCH, search_prior),
        Step(says.TRANSFORM, transform_messages, after=set_event_clock),
        Step(says.INTEGRATE, integrate_events, again_under_lock=True),
        Step(says.IDENTITY, resolve_identities, again_under_lock=True),
        Step(says.WORLD_STATE, write_world_state, in_transaction=True),
        Step(says.DIFF, say_what_changed, in_transaction=True),
        Step(says.STATE_TRANSITION, apply_rules, in_transaction=True),
    )


def judgement_steps() -> tuple[Step, ...]:
    """From the committed version to a verified outcome."""
    return (
        Step(says.DETECT, detect, after=stop_on_low_confidence),
        Step(says.ESTIMATE, estimate, why_not=was_judged),
        Step(says.FORECAST, forecast, why_not=was_judged),
        Step(says.PLAN, propose, why_not=was_judged),
        Step(says.CONSTRAIN, check_policy, why_not=was_judged),
        Step(says.CHECKPOINT, take_checkpoint, why_not=was_judged),
        Step(says.ACT_PLAN, act, why_not=may_act, gate=needs_checkpoint),
        Step(says.VERIFY, check_outcome, why_not=was_judged),
    )
