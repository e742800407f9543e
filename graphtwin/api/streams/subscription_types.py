"""The messages of subscriptions. Each carries the cursor after which to go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from graphtwin.api.reading.acting_types import AuditRecord, Run, audit_record_of, run_of
from graphtwin.api.reading.difference_types import Difference, difference_of
from graphtwin.api.reading.judgement_types import Finding, finding_of, synced_at
from graphtwin.api.reading.scalars import Instant, instant
from graphtwin.api.reading.world_types import Version, version_of
from graphtwin.api.streams.commit_stream import Committed
from graphtwin.api.streams.drift_stream import Drifted, findings_of
from graphtwin.api.streams.followed_runs import write_followed
from graphtwin.api.streams.plan_stream import Happened
from graphtwin.api.streams.run_stream import Went
from graphtwin.api.streams.stream_cursor import RECORD, VERSION, write_number
from graphtwin.model.commit import Changes
from graphtwin.model.instants import parse_instant


@strawberry.type(description="A version that was committed, and what it changed.")
class Change:
    cursor: str = strawberry.field(description="The version's own name.")
    version: Version
    entities: list[str] = strawberry.field(
        description="Those that appeared, went, or of which a value, a relationship or a record differs; empty where"
        " `difference` is null."
    )
    difference: Difference | None = strawberry.field(
        description="What differs from the version before; null where that is more than one message holds: ask for `diff`."
    )


@strawberry.type(description="A step of a run that has ended, or was skipped.")
class RunStep:
    step: str
    outcome: str = strawberry.field(description="done, skipped, again (under the world's lock) or failed.")
    started_at: Instant | None
    milliseconds: float
    attempts: int
    reason: str


@strawberry.type(description="A run that went on.")
class RunProgress:
    cursor: str
    run: Run = strawberry.field(description="As it is now: `step` is the one that it is at.")
    steps: list[RunStep] = strawberry.field(description="Those that ended since the last message about this run.")


@strawberry.type(description="What a run found otherwise than the one before.")
class DriftChange:
    cursor: str
    run: str
    synced_at: Instant | None
    version: Version | None = strawberry.field(description="What the run committed; null where nothing was new.")
    severity: str
    standing: int = strawberry.field(description="How many findings there are now.")
    appeared: list[Finding]
    changed: list[Finding] = strawberry.field(
        description="Those that weigh otherwise now: in severity, over the threshold or not, disputed or not."
    )
    ended: list[Finding] = strawberry.field(description="As they were found last.")


@strawberry.type(description="What became of a plan.")
class PlanEvent:
    cursor: str
    at: Instant | None
    what: str = strawberry.field(
        description="proposed, waiting, refused, stale (its reason says whether its approval expired), approved, rejected,"
        " acting, act_done, act_refused, act_unknown, act_not_sent, taking_back, verified, not_verified, resumed,"
        " rolled_back or failed."
    )
    plan: str | None = strawberry.field(description="Null for what became of an act: `act` names it.")
    act: str | None
    principal: str | None
    reason: str | None
    record: AuditRecord = strawberry.field(description="The record that says so, with all that it says.")


def change_of(one: Committed) -> Change:
    """A version as it is told."""
    changes = one.changes
    return Change(
        cursor=write_number(VERSION, one.commit.seq),
        version=version_of(one.commit),
        entities=[] if changes is None else sorted(_touched(changes)),
        difference=None if changes is None else difference_of(changes),
    )


def _touched(changes: Changes) -> set[str]:
    of_things = [one.entity for part in (changes.entities, changes.values, changes.lifecycles) for one in part]
    ends = [end for changed in changes.edges for end in (changed.key[1], changed.key[3])]
    return {*of_things, *ends}


def progress_of(one: Went) -> RunProgress:
    """A run as it is told."""
    return RunProgress(cursor=write_followed(one.followed), run=run_of(one.run), steps=[_step_of(s) for s in one.steps])


def _step_of(line: Mapping[str, Any]) -> RunStep:
    return RunStep(
        step=line["step"], outcome=line["outcome"], started_at=instant(parse_instant(line["started_at"])),
        milliseconds=line["milliseconds"], attempts=line["attempts"], reason=line["reason"],
    )  # fmt: skip


def drift_change_of(one: Drifted) -> DriftChange:
    """What a run found as it is told."""
    return DriftChange(
        cursor=write_number(RECORD, one.n), run=one.run.id, synced_at=synced_at(one.run),
        version=version_of(one.commit) if one.commit else None,
        severity=str((one.run.report or {})["drift_report"]["severity"]), standing=len(findings_of(one.run)),
        appeared=[finding_of(found) for found in one.appeared],
        changed=[finding_of(found) for found in one.changed],
        ended=[finding_of(found) for found in one.ended],
    )  # fmt: skip


def plan_event_of(one: Happened) -> PlanEvent:
    """What became of a plan as it is told."""
    record, body = one.record, one.record.body
    return PlanEvent(
        cursor=write_number(RECORD, record.n), at=instant(record.at), what=one.what, plan=body.get("plan"),
        act=body.get("act"), principal=body.get("principal"),
        reason=body.get("reason") or body.get("answer") or None, record=audit_record_of(record),
    )  # fmt: skip
