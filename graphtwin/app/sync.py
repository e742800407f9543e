"""One sync of a world: from a twin.yaml to a report on disk (design: outside shapes; S20, S24, S27)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.configure import as_known, require_same
from graphtwin.app.contexts import make_context
from graphtwin.app.outcome import SyncOutcome, finish, note_failure
from graphtwin.app.prior import base_version
from graphtwin.app.resuming import resume_left
from graphtwin.errors import GraphtwinError, IntegrityError, NotFound, PriorRefused, TooSoon, UsageError
from graphtwin.model.commit import RunRecord
from graphtwin.model.configuration.load import load_input
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.ports import Store
from graphtwin.workflows.bootstrap import bootstrap
from graphtwin.workflows.run import Context, Mode, Phase, Run, StateForm
from graphtwin.workflows.upstream import close_sources

LONGEST_WAIT: Final = 10 * SECOND
"""How long a manual sync waits for its turn before it says when to come again (S20)."""

OnStep = Callable[[str, Phase], None]


async def sync_in(
    store: Store,
    twin: Path,
    *,
    mode: str = "",
    prior: str | None = None,
    state: str = "auto",
    plan: str = "",
    run_id: str = "",
    on_step: OnStep | None = None,
) -> SyncOutcome:
    """Bring the world of a twin.yaml up to its sources and judge it. A first sync builds the baseline.

    `mode` is incremental (default), full or delta_only; `prior` a version or a snapshot file to compare with; `state`
    how the report prints the state, `plan` an approved plan that is to be carried out, `run_id` the run's name. A plan that an
    earlier run left on its way is brought to its end first. Raises GraphtwinError where there is nothing to report on.
    """
    asked = load_input(twin)
    clock, config, folder = SystemClock(), await as_known(store, asked.config), twin.parent.resolve()
    ids = RandomIds(clock)
    context = await make_context(store, config, folder, on_step=on_step)
    told = prior or asked.prior_snapshot
    await _world(context, twin, compared=told is not None)
    await context.audit.check_belongs(store)
    await _take_turn(store, config, clock)
    run = Run(
        id=run_id or ids.new("sync"),
        world=config.world.id,
        workflow="",
        mode=_mode(mode or (asked.sync_mode or "incremental")),
        started_at=clock.now(),
        base=await base_version(store, config.world.id, told),
        form=_form(state),
        plan=plan,
    )
    await store.save_run(
        RunRecord(run.id, run.world, "digital-twin-sync-loop", run.started_at, None, "running", "", None, {})
    )
    try:
        await resume_left(context, ids)
        built, run = await bootstrap(replace(run, id=ids.new("build")), run, context)
    finally:
        await close_sources(context.sources, run.world)
    if not run.has("summarize"):
        await note_failure(store, run, clock)
        raise _what_stopped(run)
    return await finish(store, run, built, context.of(run), twin)


async def _world(context: Context, twin: Path, *, compared: bool) -> None:
    """The world stands on this file; an unknown one is made, empty, if it isn't to be `compared` with an earlier version.

    Raises ConfigurationDiffers, PriorRefused.
    """
    store, config = context.store, context.config
    try:
        head = await store.head(config.world.id)
    except NotFound:
        if compared:
            raise _nothing_before(config) from None
        now = 0 if config.world.clock == "events" else await context.world_now()
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


def _what_stopped(run: Run) -> GraphtwinError:
    if run.stopped and run.stopped.error:
        return run.stopped.error
    return IntegrityError(f"The run {run.id} ended without a report", hint="see the log")
