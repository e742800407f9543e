"""Keeping a world up to its sources in small batches, until stopped; who asks for a sync meanwhile has it done here (S20)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from graphtwin.app.adapters import RandomIds, SystemClock, process_lives, process_name
from graphtwin.app.connect import connect
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.sync import OnStep, sync_in
from graphtwin.errors import Conflict, GraphtwinError, IntegrityError, NotFound, Refused, Unavailable, UsageError
from graphtwin.model.commit import RunRecord
from graphtwin.model.configuration.load import load_input
from graphtwin.model.durations import SECOND
from graphtwin.model.report import SyncReport
from graphtwin.ports import Store
from graphtwin.settings import Settings

WATCH: Final = "watch"
"""The id of the record by which a world says who watches over it."""
REQUESTED: Final = "requested"
LEAST_PAUSE: Final = SECOND // 4
_ALIVE_FOR: Final = 15 * SECOND
_LOOK_S: Final = 0.25
_RENEWED_EVERY: Final = 5 * SECOND
_SEARCHED: Final = 50
_BY_EXIT_CODE: Final[dict[int, type[GraphtwinError]]] = {
    kind.exit_code: kind for kind in (UsageError, NotFound, Conflict, Refused, Unavailable)
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a sync is asked for: as on the command line."""

    mode: str = ""
    prior: str | None = None
    state: str = "auto"
    plan: str = ""
    run: str = ""
    """The run's name; a new one, if not given."""


async def sync(
    settings: Settings,
    twin: Path,
    *,
    mode: str = "",
    prior: str | None = None,
    state: str = "auto",
    on_step: OnStep | None = None,
) -> SyncOutcome:
    """One sync of the world of a twin.yaml (see `sync_in`), in the database of the settings."""
    load_input(twin)  # a file that can't be used is told before a database is started
    async with connect(settings) as store:
        return await sync_here_or_there(store, twin, Asked(mode, prior, state), on_step=on_step)


async def watch(
    store: Store,
    twin: Path,
    *,
    every: int,
    stop: asyncio.Event,
    heard: Callable[[SyncOutcome | GraphtwinError], None],
    on_step: OnStep | None = None,
) -> None:
    """Sync the world of a twin.yaml each `every` µs, and whenever somebody asks, until `stop` is set. `heard` gets what each
    came to; one that failed doesn't end it. Raises Conflict where another process watches over the world already.
    """
    world = load_input(twin).config.world.id
    async with _held(store, world) as renew:
        due = 0
        while not stop.is_set():
            await renew()
            now = SystemClock().now()
            asked = await _requested(store, world)
            if asked is not None:
                heard(await _answered(store, twin, asked, on_step))
            elif now >= due:
                due = now + max(every, LEAST_PAUSE)
                heard(await _tried(store, twin, Asked(), "", on_step))
            else:
                await _pause(stop)


async def sync_here_or_there(store: Store, twin: Path, asked: Asked, *, on_step: OnStep | None = None) -> SyncOutcome:
    """A sync, done by whoever watches over the world, or here where nobody does. Raises what stopped it."""
    world = load_input(twin).config.world.id
    if await watcher_of(store, world) is None:
        return await sync_in(
            store,
            twin,
            mode=asked.mode,
            prior=asked.prior,
            state=asked.state,
            plan=asked.plan,
            run_id=asked.run,
            on_step=on_step,
        )
    clock = SystemClock()
    prior = str(Path(asked.prior).resolve()) if asked.prior and Path(asked.prior).is_file() else asked.prior
    request = RunRecord(
        asked.run or RandomIds(clock).new("sync"), world, "digital-twin-sync-loop", clock.now(), None, REQUESTED, "", None,
        {"mode": asked.mode, "prior": prior, "state": asked.state, "plan": asked.plan, "twin": str(twin.resolve())},
    )  # fmt: skip
    await store.save_run(request)
    return await _waited_for(store, world, request.id)


async def watcher_of(store: Store, world: str) -> str | None:
    """The process that watches over a world; None where none does, or it died."""
    try:
        found = await store.runs_named(world, [WATCH])
    except NotFound:
        return None
    if not found or found[0].ended_at is not None:
        return None
    record = found[0]
    holder, until = str(record.details.get("holder", "")), int(record.details.get("alive_until", 0))
    return holder if process_lives(holder, until, SystemClock().now()) else None


@asynccontextmanager
async def _held(store: Store, world: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The world is watched over from here for a block; what is yielded renews the sign of life."""
    other = await watcher_of(store, world)
    if other is not None and other != process_name():
        raise Conflict(f"{world} is watched over already, by {other}.", hint="a sync that you ask for is done there")
    clock, renewed = SystemClock(), 0
    record = RunRecord(WATCH, world, WATCH, clock.now(), None, "watching", "", None, {})

    async def renew() -> None:
        nonlocal renewed
        now = clock.now()
        if now - renewed >= _RENEWED_EVERY:
            renewed = now
            details = {"holder": process_name(), "alive_until": now + _ALIVE_FOR}
            await store.save_run(replace(record, details=details))

    try:
        yield renew
    finally:
        await store.save_run(replace(record, ended_at=clock.now(), status="ended"))


async def _requested(store: Store, world: str) -> RunRecord | None:
    """The oldest sync that somebody waits for."""
    waiting = [one for one in await store.runs(world, limit=_SEARCHED) if one.status == REQUESTED]
    return min(waiting, key=lambda one: (one.started_at, one.id), default=None)


async def _answered(
    store: Store, twin: Path, request: RunRecord, on_step: OnStep | None
) -> SyncOutcome | GraphtwinError:
    """Do what was asked for, under its own id, on its own file; a failure is kept for who waits."""
    said = request.details
    asked = Asked(str(said["mode"]), said["prior"], str(said["state"]), str(said["plan"]))
    named = Path(str(said["twin"]))
    came = await _tried(store, named if named.is_file() else twin, asked, request.id, on_step)
    if isinstance(came, GraphtwinError):
        details = {**said, "stopped": came.message, "hint": came.hint, "exit_code": came.exit_code}
        await store.save_run(replace(request, ended_at=SystemClock().now(), status="failed", details=details))
    return came


async def _tried(
    store: Store, twin: Path, asked: Asked, run: str, on_step: OnStep | None
) -> SyncOutcome | GraphtwinError:
    try:
        return await sync_in(
            store,
            twin,
            mode=asked.mode,
            prior=asked.prior,
            state=asked.state,
            plan=asked.plan,
            run_id=run,
            on_step=on_step,
        )
    except GraphtwinError as error:
        return error


async def _waited_for(store: Store, world: str, run: str) -> SyncOutcome:
    while True:
        found = await store.runs_named(world, [run])
        if found and found[0].ended_at is not None:
            record = found[0]
            break
        if await watcher_of(store, world) is None:
            raise Unavailable(
                f"Who watched over {world} is gone, and the sync {run} wasn't done.", hint="ask for it again"
            )
        await asyncio.sleep(_LOOK_S)
    path = Path(str(record.details.get("report_path", "")))
    if not path.is_file():
        raise _refusal(record)
    full = SyncReport.model_validate(json.loads(path.with_name("report.json").read_text("utf-8")))
    return SyncOutcome(
        full.model_copy(update={"details": None}), full, path, int(record.details.get("exit_code", 0)), run
    )


def _refusal(record: RunRecord) -> GraphtwinError:
    """What stopped the sync over there, with its own exit code."""
    said = record.details
    kind = _BY_EXIT_CODE.get(int(said.get("exit_code", 1)), IntegrityError)
    told = str(said.get("stopped") or f"The sync {record.id} ended without a report.")
    return kind(told, hint=str(said.get("hint", "")))


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _LOOK_S)
    except TimeoutError:
        return
