"""The sync report: what every sync answers, field for field."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from graphtwin.model.base import Confidence, Duration, Instant, Object, Text, Value
from graphtwin.model.snapshot import TwinSnapshot


class SyncStatus(StrEnum):
    """How a sync ended (S27)."""

    SYNCED = "synced"
    DRIFT_DETECTED = "drift_detected"
    ACTION_TAKEN = "action_taken"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"


class DriftSeverity(StrEnum):
    """How grave the drift is; low where there is none."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class VerificationResult(StrEnum):
    """Whether what was done achieved what was meant."""

    PASS = "PASS"  # noqa: S105 - the standard's word for success
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"


class DriftReport(Value):
    """Where model and reality part."""

    anomalies_detected: Annotated[StrictInt, Field(ge=0)] = Field(description="How many findings there are.")
    severity: DriftSeverity = Field(description="The gravest of them.")
    triggers: tuple[Text, ...] = Field(description="What was found, a sentence each.")
    evidence_anchors: tuple[Text, ...] = Field(description="What the findings rest on.")


class RiskAssessment(Value):
    """What the drift may lead to."""

    current_risk: Confidence = Field(description="Risk now, from 0 to 1.")
    forecasted_risk: Confidence = Field(description="Risk within the horizon, from 0 to 1.")
    risk_factors: tuple[Text, ...] = Field(description="What makes it, by name.")
    evidence_anchors: tuple[Text, ...] = Field(description="What the estimate rests on.")


class Actions(Value):
    """What was done about it, or would be."""

    executed: StrictBool = Field(description="Whether anything was done.")
    plan_summary: str = Field(description="The plan in a sentence.")
    changes: tuple[Text, ...] = Field(description="What was changed.")
    safety_gates_passed: StrictBool = Field(description="Whether every gate on the way let the run pass.")
    evidence_anchors: tuple[Text, ...] = Field(description="What plan and changes rest on.")


class Verification(Value):
    """Whether what was done achieved what was meant."""

    result: VerificationResult = Field(description="SKIPPED where nothing was done.")
    criteria_met: tuple[Text, ...] = Field(description="The criteria that hold.")
    evidence_anchors: tuple[Text, ...] = Field(description="What was read to tell.")


class Audit(Value):
    """Where the run can be looked up."""

    log_path: Text = Field(description="The audit log.")
    provenance_chain: tuple[Text, ...] = Field(description="How signals became the answer, a step each.")
    evidence_anchors: tuple[Text, ...] = Field(description="The records of this run.")


class Rollback(Value):
    """Whether the twin can be, or was, restored."""

    available: StrictBool = Field(description="Whether there is something to take back.")
    executed: StrictBool = Field(description="Whether it was taken back.")
    restore_point: str | None = Field(description="The checkpoint, null where there is none.")
    command: str | None = Field(description="What to type to take it back, null where that can't be.")


class NextSync(Value):
    """When to sync again."""

    recommended_interval: Duration = Field(description="Wait this long, such as 5m.")
    triggers: tuple[Text, ...] = Field(description="What should start a sync at once.")


class SyncReport(Value):
    """The answer of one sync."""

    workflow_id: Text = Field(description="Id of this run.")
    world_id: Text = Field(description="The world that was synced.")
    sync_timestamp: Instant = Field(description="When, by the world's clock.")
    status: SyncStatus = Field(description="How it ended.")
    twin_snapshot: TwinSnapshot = Field(description="The twin as this sync left it.")
    drift_report: DriftReport = Field(description="Where model and reality part.")
    risk_assessment: RiskAssessment = Field(description="What that may lead to.")
    actions: Actions = Field(description="What was done about it, or would be.")
    verification: Verification = Field(description="Whether that achieved what was meant.")
    audit: Audit = Field(description="Where the run can be looked up.")
    rollback: Rollback = Field(description="Whether the twin can be, or was, restored.")
    next_sync: NextSync = Field(description="When to sync again.")
    confidence: Confidence = Field(description="How far the answer may be trusted, from the evidence (S25).")
    evidence_anchors: tuple[Text, ...] = Field(description="All evidence referred to.")
    assumptions: tuple[Text, ...] = Field(description="What was taken for granted.")
    details: Object | None = Field(
        default=None,
        exclude_if=lambda details: details is None,
        description="More than the contract asks for: the checklist, the findings, the plan; only on request.",
    )
