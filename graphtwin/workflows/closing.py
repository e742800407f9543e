"""What every run does at its end, stopped or not: its status, its audit record, its report (S24, S27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from graphtwin.methods.judging.confidence import Confidence
from graphtwin.methods.judging.status import sync_status
from graphtwin.methods.proposing.undeclared import undeclared
from graphtwin.methods.views.plain_json import plain_json
from graphtwin.methods.views.view_delta import delta_view
from graphtwin.methods.views.view_state import flat_view, reference_view, world_state_view
from graphtwin.model.commit import Head
from graphtwin.model.report import SyncStatus, VerificationResult
from graphtwin.model.snapshot import TwinSnapshot
from graphtwin.steps.audit import audit
from graphtwin.steps.diff_world_state import diff_world_state
from graphtwin.steps.summarize import summarize
from graphtwin.workflows.acting import attempted
from graphtwin.workflows.actions import actions_at
from graphtwin.workflows.judgement import Twin, read_twin
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer
from graphtwin.workflows.taking_back import way_back

LARGE: Final = 1_000
"""Entities above which a report refers to the state instead of printing it."""
LINEAGE: Final = 100
"""Ancestors that a printed state names; older ones are found with `graphtwin world show`."""


def status_of(run: Run) -> SyncStatus:
    """The run's status by S27, from what is known so far."""
    return sync_status(
        stopped=run.stopped.kind if run.stopped else "",
        drift_detected=run.has("detect_anomaly") and run.out("detect_anomaly").drift_detected,
        executed=attempted(run),
        verification=run.out("verify").result if run.has("verify") else VerificationResult.SKIPPED,
        rolled_back=run.out("rollback").executed if run.has("rollback") else None,
    )


async def record_run(run: Run, context: Context) -> Any:
    """audit: also of a run that stopped."""
    received = run.out("receive") if run.has("receive") else None
    integrated = run.out("integrate") if run.has("integrate") else None
    return await audit(
        context.store,
        context.audit,
        world=run.world,
        run=run.id,
        workflow=run.workflow,
        status=status_of(run),
        at=context.clock.now(),
        steps=run.timeline,
        sources=sorted(name for name, spoke in received.answered.items() if spoke) if received else (),
        prior=run.out("search").head.version if run.has("search") else "",
        attempt=run.attempt,
        counts={
            "receive": {"messages": received.messages if received else 0},
            "integrate": {
                "events": len(integrated.events) if integrated else 0,
                "facts": len(integrated.facts) if integrated else 0,
                "quarantined": len(integrated.quarantined) if integrated else 0,
            },
        },
        more={
            "version": run.commit.version_id if run.commit else "",
            "stopped": run.stopped.reason if run.stopped else "",
        },
    )


async def write_report(run: Run, context: Context) -> Any:
    """summarize: whatever was learned, in the contract's words."""
    known: Twin | None = run.outputs.get("twin")
    if known is None or (await context.store.head(run.world)).seq != known.head.seq:
        run = replace(run, outputs={**run.outputs, "twin": await read_twin(context.store, run, context)})

    def out(step: str) -> Any:
        return run.out(step) if run.has(step) else None

    confidence = run.outputs.get("confidence") or Confidence({}, 0.0, run.stopped.reason if run.stopped else "")
    moved = out("state_transition")
    changes = [*(out("diff_world_state").sentences if out("diff_world_state") else ())]
    for changed in moved.changes if moved else ():
        changes += diff_world_state(changed).sentences
    twin: Twin = run.outputs["twin"]
    seen = undeclared(run.out("receive").readings if run.has("receive") else (), context.config)
    written = summarize(
        workflow_id=run.id,
        config=context.config,
        sync_at=run.now or context.clock.now(),
        status=status_of(run),
        snapshot=await snapshot(run, twin, context),
        confidence=confidence,
        log_path=context.log_path,
        stopped=run.stopped.reason if run.stopped else "",
        steps=run.timeline,
        changes=changes,
        received=out("receive"),
        transformed=out("transform"),
        identified=out("identity_resolution"),
        detected=out("detect_anomaly"),
        estimated=out("estimate_risk"),
        forecasted=out("forecast_risk"),
        planned=out("plan"),
        constrained=out("constrain"),
        checkpointed=out("checkpoint"),
        acted=out("act_plan"),
        verified=out("verify"),
        audited=out("audit"),
        restored=out("rollback") or way_back(run),
        others=[one for one in (out("world_state"), out("diff_world_state"), moved) if one],
        assumptions=(
            *_clock_assumptions(context),
            *_undeclared_assumptions(seen.told),
            *await _plans_on_their_way(run, context),
        ),
        more={
            "version": twin.head.version_id,
            "commit": run.commit.version_id if run.commit else None,
            "baseline": _baseline(run),
            "attempts": run.outputs.get("attempts", ()),
            "unmet": out("verify").unmet if out("verify") else (),
            "planned_next": run.outputs.get("planned_next"),
            "plan_status": run.outputs["plan_record"].status if run.outputs.get("plan_record") else "",
            "undeclared": list(seen.told),
            "undeclared_events": _events_at(seen.places, run),
        },
    )
    return Answer(written, {"twin": twin})


def _baseline(run: Run) -> Any:
    """What the baseline that this run began with holds and lacks; None where there was one before."""
    built: Run | None = run.outputs.get("baseline")
    return plain_json(built.out("summarize")) if built and built.has("summarize") else None


def _clock_assumptions(context: Context) -> tuple[str, ...]:
    if context.config.world.clock == "events":
        return ("The world's clock is the time of its newest event: recorded data is replayed",)
    if not isinstance(context.config.world.clock, str):
        return (f"The world's clock is the one at {context.config.world.clock.url}, not this machine's",)
    return ()


async def _plans_on_their_way(run: Run, context: Context) -> tuple[str, ...]:
    """Plans that another run carries out, or has left: what they set is neither verified nor taken back so far."""
    return tuple(
        f"Plan {other.id} of run {other.run} is on its way: what it sets isn't verified yet, and a later sync, or "
        f"graphtwin run resume {run.world} {other.run}, brings it to its end if its process is gone"
        for other in await context.store.plans(run.world, statuses=("executing",))
        if other.run != run.id
    )


def _events_at(places: Sequence[str], run: Run) -> list[str]:
    """The ids of the committed events that were said at these places: their raw bytes can be asked for."""
    wanted = set(places)
    events = run.out("integrate").events if wanted and run.has("integrate") else ()
    return [event.id for event in events if event.anchor.partition(":")[2] in wanted]


def _undeclared_assumptions(seen: Sequence[str]) -> tuple[str, ...]:
    if not seen:
        return ()
    return (
        f"Said, but of no declared type, so not read: {'; '.join(seen)}. A person takes it over with graphtwin apply",
    )


async def snapshot(run: Run, twin: Twin, context: Context) -> TwinSnapshot:
    """The state in the form that the caller wants (S24): whole, what differs, flat, or a reference when it is large."""
    head = twin.head
    recent = await context.store.commits(run.world, after=max(-1, head.seq - LINEAGE), limit=LINEAGE)
    lineage = [commit.version_id for commit in recent if commit.seq < head.seq]
    parent = lineage[-1] if lineage else None
    events = run.out("integrate").events if run.has("integrate") else ()
    anchors = tuple(dict.fromkeys(event.anchor for event in events))[:50] or (f"tool:world-state:{head.version}",)
    printed: Any
    if run.form == "example":
        printed = flat_view(twin.state)
    elif run.mode == "delta_only":
        base = run.base if run.base is not None else _base(run, head)
        changes = await context.store.diff(run.world, base, head.seq)
        printed = delta_view(
            twin.state, changes, base=f"v{base}", head=head, config=context.config, lineage=lineage, parent=parent
        )
    elif run.form == "auto" and len(twin.state.entities) > LARGE:
        ref = f"graphtwin snapshot {run.world} --version {head.version} --state full"
        printed = reference_view(ref, entities=len(twin.state.entities), hash=head.hash)
    else:
        printed = world_state_view(
            twin.state,
            head=head,
            config=context.config,
            lineage=lineage,
            parent=parent,
            observations=events[:LARGE],
            actions=await actions_at(context.store, run.world, twin.state.at, committed_at=context.clock.now()),
        )
    return TwinSnapshot(version=head.version, state=printed, hash=head.hash, evidence_anchors=anchors)


def _base(run: Run, head: Head) -> int:
    return int(run.out("search").head.seq) if run.has("search") else max(0, head.seq - 1)
