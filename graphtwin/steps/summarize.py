"""summarize: the answer of a sync, every field of the output contract, from what the steps answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.judging.checklist import Check, checklist
from graphtwin.methods.judging.confidence import Confidence
from graphtwin.methods.judging.next_sync import recommended_interval, resync_triggers
from graphtwin.methods.views.plain_json import plain_json
from graphtwin.methods.views.step_lines import step_lines
from graphtwin.model.answers import (
    Acted,
    Answer,
    Audited,
    Checkpointed,
    Constrained,
    Detected,
    Estimated,
    Forecasted,
    Identified,
    Planned,
    Received,
    Restored,
    Timing,
    Transformed,
    Verified,
)
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import compact_duration
from graphtwin.model.instants import format_instant, instant_of
from graphtwin.model.report import (
    Actions,
    Audit,
    DriftReport,
    DriftSeverity,
    NextSync,
    RiskAssessment,
    Rollback,
    SyncReport,
    SyncStatus,
    Verification,
    VerificationResult,
)
from graphtwin.model.snapshot import TwinSnapshot


@dataclass(frozen=True, slots=True)
class SummarizeOut:
    """The report with its details (`without_details` is the contract's), the checklist, and what it rests on."""

    report: SyncReport
    checklist: tuple[Check, ...]
    anchors: tuple[str, ...]

    @property
    def without_details(self) -> SyncReport:
        """Exactly the contract's fields."""
        return self.report.model_copy(update={"details": None})


def summarize(
    *,
    workflow_id: str,
    config: TwinConfig,
    sync_at: int,
    status: SyncStatus,
    snapshot: TwinSnapshot,
    confidence: Confidence,
    log_path: str,
    stopped: str = "",
    steps: Sequence[Timing] = (),
    changes: Sequence[str] = (),
    received: Received | None = None,
    transformed: Transformed | None = None,
    identified: Identified | None = None,
    detected: Detected | None = None,
    estimated: Estimated | None = None,
    forecasted: Forecasted | None = None,
    planned: Planned | None = None,
    constrained: Constrained | None = None,
    checkpointed: Checkpointed | None = None,
    acted: Acted | None = None,
    verified: Verified | None = None,
    audited: Audited | None = None,
    restored: Restored | None = None,
    others: Sequence[Answer] = (),
    assumptions: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> SummarizeOut:
    """The report of a run; None for a step that didn't run. `sync_at` is the world's clock in epoch µs.

    `status` is sync_status's, `stopped` why the run stopped ("" if it didn't), `log_path` the audit log's place whether
    or not it could be written, `changes` the differences in words, `others` answers that only add anchors, `more` what
    else `details` should hold.
    """
    next_sync = _next_sync(config, received, detected, estimated, forecasted, planned, stopped)
    checks = checklist(
        received=received,
        transformed=transformed,
        identified=identified,
        detected=detected,
        estimated=estimated,
        forecasted=forecasted,
        constrained=constrained,
        checkpointed=checkpointed,
        acted=acted,
        audited=audited,
        interval=next_sync.recommended_interval,
    )
    answers = (
        received, transformed, identified, *others, detected, estimated, forecasted, planned, constrained,
        checkpointed, acted, verified, audited, restored,
    )  # fmt: skip
    drift = _drift(detected)
    collected = (*snapshot.evidence_anchors, *(anchor for one in answers if one for anchor in one.anchors))
    anchors = _once((*collected, *drift.evidence_anchors))
    judging = (detected, estimated, forecasted, planned, constrained)
    proposed = config.inspected.assumptions if config.inspected else ()
    said = [*config.assumptions, *proposed, *assumptions, *(text for one in judging if one for text in one.assumptions)]
    details = {
        "checklist": checks,
        "stopped": stopped,
        "steps": step_lines(steps),
        "confidence": {"steps": confidence.steps, "product": confidence.product, "stop": confidence.stop},
        "changes": list(changes),
        "sources": _sources(received, transformed),
        "identity": _identity(identified),
        **_judged(detected, estimated, forecasted),
        **_decided(planned, constrained, checkpointed, acted),
        **(more or {}),
    }
    report = SyncReport(
        workflow_id=workflow_id,
        world_id=config.world.id,
        sync_timestamp=instant_of(sync_at),
        status=status,
        twin_snapshot=snapshot,
        drift_report=drift,
        risk_assessment=_risk(estimated, forecasted, stopped),
        actions=_actions(planned, constrained, acted, stopped),
        verification=Verification(
            result=verified.result if verified else VerificationResult.SKIPPED,
            criteria_met=verified.criteria_met if verified else (),
            evidence_anchors=verified.anchors if verified else (),
        ),
        audit=Audit(
            log_path=audited.log_path if audited else log_path,
            provenance_chain=audited.provenance_chain if audited else (),
            evidence_anchors=audited.anchors if audited else (),
        ),
        rollback=Rollback(
            available=restored.available if restored else False,
            executed=restored.executed if restored else False,
            restore_point=restored.restore_point if restored else None,
            command=restored.command if restored else None,
        ),
        next_sync=next_sync,
        confidence=confidence.product,
        evidence_anchors=anchors,
        assumptions=_once(said),
        details=plain_json(details),
    )
    return SummarizeOut(report=report, checklist=checks, anchors=(f"tool:summarize:{workflow_id}",))


def _drift(detected: Detected | None) -> DriftReport:
    if detected is None:
        return DriftReport(anomalies_detected=0, severity=DriftSeverity.LOW, triggers=(), evidence_anchors=())
    return DriftReport(
        anomalies_detected=len(detected.findings),
        severity=DriftSeverity(detected.severity if detected.findings else "low"),
        triggers=_once(detected.triggers),
        evidence_anchors=_once(
            [*detected.anchors, *(f"fact:{fact}" for one in detected.findings for fact in one.evidence)]
        ),
    )


def _risk(estimated: Estimated | None, forecasted: Forecasted | None, stopped: str) -> RiskAssessment:
    """A risk that nobody computed is unknown, and unknown counts as 1."""
    if estimated is None:
        why = f"Risk was not computed: {stopped or 'the run did not get there'}"
        return RiskAssessment(current_risk=1.0, forecasted_risk=1.0, risk_factors=(why,), evidence_anchors=())
    told = (estimated, forecasted) if forecasted else (estimated,)
    return RiskAssessment(
        current_risk=float(estimated.current),
        forecasted_risk=float(max(forecasted.forecasted, estimated.current) if forecasted else 1.0),
        risk_factors=_once([factor for one in told for factor in one.factors]),
        evidence_anchors=_once([anchor for one in told for anchor in one.anchors]),
    )


def _actions(planned: Planned | None, constrained: Constrained | None, acted: Acted | None, stopped: str) -> Actions:
    gates = constrained is not None and constrained.compliant and all(gate.passed for gate in constrained.gates)
    return Actions(
        executed=acted.executed if acted else False,
        plan_summary=planned.plan.summary
        if planned
        else f"Nothing was planned: {stopped or 'the run did not get there'}",
        changes=acted.changes if acted else (),
        safety_gates_passed=gates and not stopped,
        evidence_anchors=_once([anchor for one in (planned, constrained, acted) if one for anchor in one.anchors]),
    )


def _next_sync(  # noqa: PLR0917 - the answers in their order
    config: TwinConfig,
    received: Received | None,
    detected: Detected | None,
    estimated: Estimated | None,
    forecasted: Forecasted | None,
    planned: Planned | None,
    stopped: str,
) -> NextSync:
    silent = sorted(name for name, spoke in received.answered.items() if not spoke) if received else []
    interval = recommended_interval(
        config.schedule.interval,
        least=config.constraints.min_sync_interval if config.constraints else 0,
        risk=max(estimated.current if estimated else 0.0, forecasted.forecasted if forecasted else 0.0),
        drift_detected=detected.drift_detected if detected else False,
        all_answered=not silent,
        stopped=bool(stopped),
    )
    triggers = resync_triggers(
        detected.findings if detected else (),
        forecasted.forecasts if forecasted else (),
        silent,
        actions=len(planned.plan.actions) if planned else 0,
    )
    return NextSync(recommended_interval=compact_duration(interval), triggers=triggers)


def _sources(received: Received | None, transformed: Transformed | None) -> dict[str, Any]:
    """Each source: whether it answered, what came, what was refused, what is wrong."""
    if received is None:
        return {}
    return {
        name: {
            "answered": spoke,
            "messages": transformed.messages.get(name, 0) if transformed else 0,
            "quarantined": transformed.refused.get(name, 0) if transformed else 0,
            "problem": received.problems.get(name, ""),
            "roster": transformed.partial_rosters.get(name, "") if transformed else "",
        }
        for name, spoke in received.answered.items()
    }


def _identity(identified: Identified | None) -> dict[str, Any]:
    if identified is None:
        return {}
    unresolved = [
        {"record": one.record, "candidate": one.candidate, "reason": one.reason} for one in identified.unresolved
    ]
    return {"touched": identified.touched, "merged": list(identified.merged), "unresolved": unresolved}


def _judged(detected: Detected | None, estimated: Estimated | None, forecasted: Forecasted | None) -> dict[str, Any]:
    findings = [
        {**plain_json(finding), "since": format_instant(finding.since) if finding.since is not None else None}
        for finding in (detected.findings if detected else ())
    ]
    return {
        "findings": findings,
        "judged": detected.judged if detected else 0,
        "not_judged": detected.not_judged if detected else (),
        "threshold": detected.threshold if detected else None,
        "risk_by_entity": {
            "current": estimated.risk.by_entity if estimated else {},
            "forecasted": forecasted.risk.by_entity if forecasted else {},
        },
        "forecasts": [
            {**plain_json(one), "issued_at": format_instant(one.issued_at), "horizon": compact_duration(one.horizon),
             "looked_ahead": compact_duration(one.looked_ahead)}
            for one in (forecasted.forecasts if forecasted else ())
        ],
    }  # fmt: skip


def _decided(
    planned: Planned | None,
    constrained: Constrained | None,
    checkpointed: Checkpointed | None,
    acted: Acted | None,
) -> dict[str, Any]:
    return {
        "plan": planned.plan if planned else None,
        "policy": {
            "compliant": constrained.compliant,
            "needs_approval": constrained.needs_approval,
            "observe_only": constrained.observe_only,
            "risk": constrained.risk,
            "violations": constrained.violations,
            "gates": constrained.gates,
        }
        if constrained
        else None,
        "checkpoint": {"restore_point": checkpointed.restore_point, "hash": checkpointed.hash}
        if checkpointed
        else None,
        "not_acted_because": acted.reason if acted and not acted.executed else "",
    }


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that aren't empty, each once, in their order."""
    return tuple(dict.fromkeys(text for text in texts if text))
