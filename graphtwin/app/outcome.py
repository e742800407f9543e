"""What a sync ends with: the report on disk, and the run's record in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphtwin.app.adapters import SystemClock
from graphtwin.errors import Unavailable, UsageError
from graphtwin.methods.judging.status import exit_code
from graphtwin.methods.report.render_report import render_report
from graphtwin.methods.report.report_context import ReportContext, report_context
from graphtwin.methods.views.step_lines import step_lines
from graphtwin.model.commit import RunRecord
from graphtwin.model.report import SyncReport
from graphtwin.ports import Store
from graphtwin.workflows.closing import status_of
from graphtwin.workflows.run import Context, Run


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync ended with: the contract's report (`full` has the details too) and where people read it."""

    report: SyncReport
    full: SyncReport
    report_path: Path
    exit_code: int
    run_id: str


async def note_failure(store: Store, run: Run, clock: SystemClock) -> None:
    """Say in the run's record that it failed, where the database can still be reached."""
    details = {"stopped": run.stopped.reason if run.stopped else "", "steps": step_lines(run.timeline)}
    record = RunRecord(run.id, run.world, run.workflow, run.started_at, clock.now(), "failed", "", None, details)
    try:
        await store.save_run(record)
    except Unavailable:
        return


async def finish(store: Store, run: Run, built: Run | None, context: Context, twin: Path) -> SyncOutcome:
    """Write the report for people and keep the run's record."""
    summary = run.out("summarize")
    full: SyncReport = summary.report
    contract: SyncReport = summary.without_details
    text = full.model_dump_json()
    path = twin.parent.resolve() / "runs" / run.id / "report.html"
    unwritten = _write(path, render_report(full, _shown(run, context, twin)), text)
    state = run.outputs["twin"].state
    status = status_of(run)
    stopped = run.stopped.kind if run.stopped else ""
    failed = run.has("rollback") and bool(run.out("rollback").failed)
    code = exit_code(status, stopped=stopped, rollback_failed=failed)
    details = {
        "dangling": sorted(
            {one.object_record for one in state.loose if one.reason == "dangling" and one.layer == "reported"}
        ),
        "log_path": context.log_path,
        "report_path": str(path),
        "twin": str(twin.resolve()),
        "exit_code": code,
        "baseline": built.id if built else "",
        "report": json.loads(text).get("details"),
    }
    await store.save_run(
        RunRecord(
            id=run.id,
            world=run.world,
            workflow=run.workflow,
            started_at=run.started_at,
            ended_at=context.clock.now(),
            status=status.value,
            step="summarize",
            report={key: value for key, value in contract.model_dump(mode="json").items() if key != "twin_snapshot"},
            details=details,
        )
    )
    if unwritten:
        raise UsageError(
            f"The sync ended as {status.value} at {contract.twin_snapshot.version}, but its report can't be written:"
            f" {unwritten}.",
            hint=f"make {path.parent.parent} a folder that can be written; graphtwin drift {run.world} tells the findings",
        )
    return SyncOutcome(contract, full, path, code, run.id)


def _write(path: Path, page: str, document: str) -> str:
    """Write the page and the document beside it; answers what kept it from being written, or ""."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")
        path.with_name("report.json").write_text(document, "utf-8")
    except OSError as error:
        return f"{error.filename or path}: {error.strerror or error}"
    return ""


def _shown(run: Run, context: Context, twin: Path) -> ReportContext:
    """What the report for people shows beyond the contract's fields; a step that didn't run shows nothing."""

    def out(step: str) -> Any:
        return run.out(step) if run.has(step) else None

    summary, received, transformed = run.out("summarize"), out("receive"), out("transform")
    return report_context(
        context.config,
        file=str(twin),
        stopped=run.stopped.reason if run.stopped else "",
        state=run.outputs["twin"].state,
        samples=run.outputs["twin"].samples,
        detected=out("detect_anomaly"),
        forecasted=out("forecast_risk"),
        planned=out("plan"),
        plan_status=run.outputs["plan_record"].status if run.outputs.get("plan_record") else "",
        not_acted=out("act_plan").reason if out("act_plan") and not out("act_plan").executed else "",
        unmet=out("verify").unmet if out("verify") else (),
        constrained=out("constrain"),
        identified=out("identity_resolution"),
        checks=summary.checklist,
        steps=run.timeline,
        problems=received.problems if received else {},
        quarantined=transformed.refused if transformed else {},
        changes=summary.report.details["changes"] if summary.report.details else (),
    )
