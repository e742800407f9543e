"""What the last sync found, and what may come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from graphtwin.api.reading.scalars import Instant, Json, instant
from graphtwin.model.commit import RunRecord
from graphtwin.model.instants import parse_instant


@strawberry.type(description="One place where model and reality part.")
class Finding:
    id: str
    kind: str = strawberry.field(description="value, structure, silence or rule.")
    name: str
    entity: str | None = strawberry.field(description="Null where a whole source is meant.")
    variable: str | None
    reported: Json | None
    reference: Json | None
    reference_kind: str | None
    magnitude: float
    severity: str
    exceeds: bool = strawberry.field(description="It is over the threshold.")
    disputed: bool
    since: Instant | None
    message: str
    evidence: list[str] = strawberry.field(description="The facts that it rests on.")


@strawberry.type(description="What couldn't be judged, and why.")
class NotJudged:
    entity: str
    variable: str | None
    reason: str


@strawberry.type(description="Drift as the last sync that looked for it found it.")
class DriftReport:
    run: str
    synced_at: Instant | None
    drift_detected: bool = strawberry.field(description="A finding is over the threshold.")
    severity: str
    findings: list[Finding]
    not_judged: list[NotJudged]


@strawberry.type
class EntityRisk:
    entity: str
    current: float
    forecasted: float


@strawberry.type(
    description="Whether a variable will leave its limit; `probability` is null where nothing can be said."
)
class Forecast:
    entity: str
    variable: str
    probability: float | None
    horizon: str
    lower: float | None
    upper: float | None
    method: str | None
    reason: str | None


@strawberry.type(description="How likely harm is now and within the horizon, why, and where.")
class RiskReport:
    run: str
    synced_at: Instant | None
    current: float
    forecasted: float
    factors: list[str]
    entities: list[EntityRisk] = strawberry.field(description="Those with any risk, by id.")
    forecasts: list[Forecast]


def drift_of(run: RunRecord) -> DriftReport:
    """The findings of a run that looked for drift."""
    told, details = _told(run, "drift_report"), _details(run)
    return DriftReport(
        run=run.id,
        synced_at=synced_at(run),
        drift_detected=any(one["exceeds"] for one in details.get("findings") or ()),
        severity=str(told["severity"]),
        findings=[finding_of(one) for one in details.get("findings") or ()],
        not_judged=[
            NotJudged(entity=one["entity"], variable=one["variable"] or None, reason=one["reason"])
            for one in details.get("not_judged") or ()
        ],
    )


def risk_of(run: RunRecord) -> RiskReport:
    """The risk that a run estimated."""
    told, details = _told(run, "risk_assessment"), _details(run)
    by_entity = details.get("risk_by_entity") or {"current": {}, "forecasted": {}}
    now, later = by_entity["current"], by_entity["forecasted"]
    return RiskReport(
        run=run.id,
        synced_at=synced_at(run),
        current=told["current_risk"],
        forecasted=told["forecasted_risk"],
        factors=list(told["risk_factors"]),
        entities=[
            EntityRisk(entity=one, current=now.get(one, 0.0), forecasted=later.get(one, 0.0))
            for one in sorted({*now, *later})
        ],
        forecasts=[
            Forecast(
                entity=one["entity"], variable=one["variable"], probability=one["probability"],
                horizon=str(one["horizon"]), lower=one["lower"], upper=one["upper"], method=one["method"] or None,
                reason=one["reason"] or None,
            )
            for one in details.get("forecasts") or ()
        ],
    )  # fmt: skip


def finding_of(one: Mapping[str, Any]) -> Finding:
    """A finding of a report as it is shown."""
    since = one.get("since")
    return Finding(
        id=one["id"], kind=one["kind"], name=one["name"], entity=one["entity"] or None,
        variable=one["variable"] or None, reported=_json(one["reported"]), reference=_json(one["reference"]),
        reference_kind=one["reference_kind"], magnitude=one["magnitude"], severity=one["severity"],
        exceeds=one["exceeds"], disputed=one["disputed"],
        since=instant(parse_instant(since) if isinstance(since, str) else since), message=one["message"],
        evidence=list(one["evidence"]),
    )  # fmt: skip


def _json(value: Any) -> Json | None:
    return None if value is None else Json(value)


def synced_at(run: RunRecord) -> Instant | None:
    """When the run of a report was, by the world's clock."""
    at = (run.report or {}).get("sync_timestamp")
    return instant(parse_instant(at)) if at else None


def _told(run: RunRecord, part: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (run.report or {})[part]
    return found


def _details(run: RunRecord) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.details.get("report") or {}
    return found
