"""One sync of a world: from a twin.yaml to a report on disk (design: outside shapes; S20, S24, S27)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, get_args

import yaml

from graphtwin.app.adapters import RandomIds, SystemClock, boundary, make_audit, make_sources
from graphtwin.app.configure import require_same
from graphtwin.app.connect import connect
from graphtwin.errors import GraphtwinError, IntegrityError, NotFound, PriorRefused, TooSoon, Unavailable, UsageError
from graphtwin.methods.policy import Policy
from graphtwin.methods.render_report import render_report
from graphtwin.methods.report_context import ReportContext, report_context
from graphtwin.methods.status import exit_code
from graphtwin.methods.strata import stratify
from graphtwin.methods.view_hash import hash_of_snapshot
from graphtwin.model.commit import RunRecord
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.model.load import load_input
from graphtwin.model.report import SyncReport
from graphtwin.model.twin import TwinConfig
from graphtwin.ports import Store
from graphtwin.settings import Settings
from graphtwin.workflows.bootstrap import bootstrap
from graphtwin.workflows.closing import status_of
from graphtwin.workflows.run import Context, Mode, Phase, Run, StateForm

LONGEST_WAIT: Final = 10 * SECOND
"""How long a manual sync waits for its turn before it says when to come again (S20)."""

OnStep = Callable[[str, Phase], None]


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync ended with: the contract's report (`full` has the details too) and where people read it."""

    report: SyncReport
    full: SyncReport
    report_path: Path
    exit_code: int
    run_id: str


async def sync(
    settings: Settings,
    twin: Path,
    *,
    mode: str = "",
    prior: str | None = None,
    state: str = "auto",
    on_step: OnStep | None = None,
) -> SyncOutcome:
    """Bring the world of a twin.yaml up to its sources and judge it. A first sync builds the baseline.

    `mode` is incremental (default), full or delta_only; `prior` a version or a snapshot file to compare with; `state`
    how the report prints the state. Raises GraphtwinError where there is nothing to report on.
    """
    load_input(twin)  # a file that can't be used is told before a database is started
    async with connect(settings) as store:
        return await sync_in(store, twin, mode=mode, prior=prior, state=state, on_step=on_step)


async def sync_in(
    store: Store,
    twin: Path,
    *,
    mode: str = "",
    prior: str | None = None,
    state: str = "auto",
    on_step: OnStep | None = None,
) -> SyncOutcome:
    """The same in a store that is open already."""
    asked = load_input(twin)
    clock, config, folder = SystemClock(), asked.config, twin.parent.resolve()
    ids = RandomIds(clock)
    context = await _context(store, config, folder, clock, on_step)
    told = prior or asked.prior_snapshot
    await _world(store, config, twin, compared=told is not None)
    await context.audit.check_belongs(store)
    await _take_turn(store, config, clock)
    run = Run(
        id=ids.new("sync"),
        world=config.world.id,
        workflow="",
        mode=_mode(mode or (asked.sync_mode or "incremental")),
        started_at=clock.now(),
        base=await _base(store, config.world.id, told),
        form=_form(state),
    )
    await store.save_run(
        RunRecord(run.id, run.world, "digital-twin-sync-loop", run.started_at, None, "running", "", None, {})
    )
    built, run = await bootstrap(replace(run, id=ids.new("build")), run, context)
    if not run.has("summarize"):
        await _note_failure(store, run, clock)
        raise _what_stopped(run)
    return await _finish(store, run, built, context, twin)


async def _context(
    store: Store, config: TwinConfig, folder: Path, clock: SystemClock, on_step: OnStep | None
) -> Context:
    """Everything that can be refused is refused here, before anything is read or written."""
    if not isinstance(config.world.clock, str):
        raise UsageError(
            f"The clock of {config.world.id} is read from an address, which this version can't do.",
            hint="use clock: system, or clock: events to replay recorded data",
        )
    sources = make_sources(config, folder)
    rules = stratify(config.rules)
    await store.admit(rules)
    audit = make_audit(config, folder)
    audit.check_writable()
    return Context(
        store=store,
        clock=clock,
        config=config,
        policy=Policy(config),
        sources=sources,
        rules=rules,
        audit=audit,
        log_path=str(audit.path),
        on_step=boundary(on_step),
    )


async def _world(store: Store, config: TwinConfig, twin: Path, *, compared: bool) -> None:
    """The world stands on this file; an unknown one is made, empty, if it isn't to be `compared` with an earlier version.

    Raises ConfigurationDiffers, PriorRefused.
    """
    try:
        head = await store.head(config.world.id)
    except NotFound:
        if compared:
            raise _nothing_before(config) from None
        now = 0 if config.world.clock == "events" else SystemClock().now()
        await store.create_world(config, now)
        return
    held = await store.configuration(config.world.id)
    if head.seq == 0 and held.hash() != config.hash():
        raise UsageError(
            f"The world {config.world.id} was begun with another file and has no baseline yet.",
            hint=f"take this one over with: graphtwin apply {twin}",
        )
    require_same(held, config, twin)
    if compared and head.seq == 0:
        raise _nothing_before(config)


def _nothing_before(config: TwinConfig) -> PriorRefused:
    return PriorRefused(
        f"The world {config.world.id} has no version yet that a prior could be.", hint="sync it once without a prior"
    )


async def _take_turn(store: Store, config: TwinConfig, clock: SystemClock) -> None:
    """Wait for the world's rate limit, at most ten seconds. Raises TooSoon with the time to come again."""
    interval = config.constraints.min_sync_interval if config.constraints else 0
    if not interval:
        return
    last = next((run for run in await store.runs(config.world.id, limit=5) if run.ended_at is not None), None)
    wait = last.started_at + interval - clock.now() if last else 0
    if wait > LONGEST_WAIT:
        raise TooSoon(
            f"The world {config.world.id} is synced at most once in {compact_duration(interval)}.",
            hint=f"try again in {compact_duration(wait - wait % SECOND)}",
        )
    if wait > 0:
        await asyncio.sleep(wait / SECOND)


def _mode(text: str) -> Mode:
    for mode in get_args(Mode):
        if text == mode:
            return mode  # type: ignore[no-any-return]
    raise UsageError(f"{text!r} isn't a sync mode.", hint="use incremental, full or delta_only")


def _form(text: str) -> StateForm:
    for form in get_args(StateForm):
        if text == form:
            return form  # type: ignore[no-any-return]
    raise UsageError(f"{text!r} isn't a form of the state.", hint="use auto, full or example")


async def _base(store: Store, world: str, prior: str | dict[str, Any] | None) -> int | None:
    """The version that a prior names. Raises PriorRefused when a snapshot's hash doesn't verify, or isn't of this world."""
    if prior is None:
        return None
    if isinstance(prior, str) and prior.removeprefix("v").isdecimal():
        return await _known_version(store, world, int(prior.removeprefix("v")))
    document = prior if isinstance(prior, dict) else _read_snapshot(Path(prior))
    snapshot = document.get("twin_snapshot", document)
    state = snapshot.get("state", snapshot)
    try:
        found = hash_of_snapshot(state)
    except (GraphtwinError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PriorRefused(
            "The prior snapshot isn't a full state.", hint="give one printed with --state full"
        ) from error
    said = snapshot.get("hash", found)
    if said != found:
        raise PriorRefused(
            f"The prior snapshot says hash {said}, but its state has {found}.", hint="it was changed; take another one"
        )
    head = await store.head(world)
    for commit in reversed(await store.commits(world, after=0, limit=head.seq)):
        if commit.hash == found:
            return commit.seq
    raise PriorRefused(f"No version of {world} has the prior snapshot's hash.", hint="is it of another world?")


async def _known_version(store: Store, world: str, seq: int) -> int:
    commits = await store.commits(world, after=seq - 1, limit=1)
    if seq and not any(commit.seq == seq for commit in commits):
        raise PriorRefused(f"The world {world} has no version v{seq}.", hint=f"graphtwin world show {world} lists them")
    return seq


def _read_snapshot(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise PriorRefused(
            f"The prior snapshot {path} can't be read: {error}", hint="give a JSON or YAML file, or a version like v3"
        ) from error
    if not isinstance(document, dict):
        raise PriorRefused(f"The prior snapshot {path} isn't a snapshot.", hint="give what sync or snapshot printed")
    return document


def _what_stopped(run: Run) -> GraphtwinError:
    if run.stopped and run.stopped.error:
        return run.stopped.error
    return IntegrityError(f"The run {run.id} ended without a report", hint="see the log")


async def _note_failure(store: Store, run: Run, clock: SystemClock) -> None:
    """Say in the run's record that it failed, where the database can still be reached."""
    reason = run.stopped.reason if run.stopped else ""
    record = RunRecord(
        run.id, run.world, run.workflow, run.started_at, clock.now(), "failed", "", None, {"stopped": reason}
    )
    try:
        await store.save_run(record)
    except Unavailable:
        return


async def _finish(store: Store, run: Run, built: Run | None, context: Context, twin: Path) -> SyncOutcome:
    """Write the report for people and keep the run's record."""
    summary = run.out("summarize")
    full: SyncReport = summary.report
    place = twin.parent / "runs" / run.id
    place.mkdir(parents=True, exist_ok=True)
    path = place / "report.html"
    path.write_text(render_report(full, _shown(run, context, twin)), "utf-8")
    contract: SyncReport = summary.without_details
    text = full.model_dump_json()
    (place / "report.json").write_text(text, "utf-8")
    state = run.outputs["twin"].state
    details = {
        "dangling": sorted(
            {one.object_record for one in state.loose if one.reason == "dangling" and one.layer == "reported"}
        ),
        "log_path": context.log_path,
        "report_path": str(path),
        "baseline": built.id if built else "",
        "report": json.loads(text).get("details"),
    }
    status = status_of(run)
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
    stopped = run.stopped.kind if run.stopped else ""
    return SyncOutcome(contract, full, path, exit_code(status, stopped=stopped), run.id)


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
        constrained=out("constrain"),
        identified=out("identity_resolution"),
        checks=summary.checklist,
        steps=run.timeline,
        problems=received.problems if received else {},
        quarantined=transformed.refused if transformed else {},
        changes=summary.report.details["changes"] if summary.report.details else (),
    )
