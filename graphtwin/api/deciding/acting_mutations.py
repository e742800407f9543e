"""Mutations about syncing and acting. Each makes the call of graphtwin.app that the command line makes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import strawberry

from graphtwin.api.asking import Asking, Info
from graphtwin.api.deciding.mutation_types import FreezeAnswer, PlanAnswer, RestoreAnswer, RunAnswer
from graphtwin.api.reading.acting_types import approval_of, freeze_of, plan_of, run_of
from graphtwin.api.reading.scalars import Json
from graphtwin.app import approving, carrying_out
from graphtwin.app import rollback as restoring
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.watching import Asked, sync_here_or_there
from graphtwin.errors import Refused, UsageError
from graphtwin.model.commit import RunRecord
from graphtwin.model.vocabulary import SyncMode

_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@strawberry.type
class ActingMutations:
    @strawberry.field(
        description="Bring the world up to its sources, on the server that last synced it. `key` makes it one sync however"
        " often it is asked for: the run bears it as its name."
    )
    async def sync(self, info: Info, world: str, mode: str | None = None, key: str | None = None) -> RunAnswer:
        asking = info.context
        if mode is not None and mode not in set(SyncMode):
            raise UsageError(f"{mode!r} isn't a sync mode.", hint=f"use {', '.join(SyncMode)}")

        async def go(run: str) -> RunAnswer:
            twin = await carrying_out.twin_of(asking.store, world, None)
            outcome = await sync_here_or_there(asking.store, twin, Asked(mode=mode or "", run=run))
            return RunAnswer(**_ended(outcome))

        return await _once(asking, world, key, go)

    @strawberry.field(description="Carry out a plan that was approved, in a sync of its own, checked anew.")
    async def act(self, info: Info, world: str, plan: str, key: str | None = None) -> RunAnswer:
        asking = info.context

        async def go(run: str) -> RunAnswer:
            acted = await carrying_out.act(asking.store, world, plan, twin=None, run_id=run)
            if not acted.done:
                why = (acted.outcome.full.details or {}).get("not_acted_because") or acted.record.reason
                raise Refused(
                    f"Plan {plan} wasn't carried out: {why}", hint="look at the plan, and at what the run found"
                )
            return RunAnswer(**_ended(acted.outcome), plan=plan_of(acted.record))

        return await _once(asking, world, key, go)

    @strawberry.field(
        description="Keep your signature under a plan: `document` as approvalToSign answered it, `signature` (base64) made"
        " with your own key over its `message`. Nothing is done by that: the next sync carries it out, or act."
    )
    async def approve(self, info: Info, world: str, plan: str, document: Json, signature: str) -> PlanAnswer:
        asking = info.context
        if not isinstance(document, dict):
            raise UsageError("The document isn't an object.", hint="give back what approvalToSign answered")
        done = await approving.approve_signed(
            asking.store, world, plan, document, signature, named=asking.caller.named(world)
        )
        return PlanAnswer(
            status=done.record.status, version=await _version(asking, world), plan=plan_of(done.record),
            approval=approval_of(done.approval),
        )  # fmt: skip

    @strawberry.field(description="Say no to a plan. It isn't made again until something new was learned.")
    async def reject(self, info: Info, world: str, plan: str, reason: str = "") -> PlanAnswer:
        asking = info.context
        record = await approving.reject(asking.store, world, plan, reason=reason, named=asking.caller.named(world))
        return PlanAnswer(status=record.status, version=await _version(asking, world), plan=plan_of(record))

    @strawberry.field(
        description="Take back a plan that was carried out, the last one where none is named: outside in reverse order, then"
        " in the world."
    )
    async def take_back(self, info: Info, world: str, plan: str | None = None, reason: str = "") -> PlanAnswer:
        asking = info.context
        record, done = await carrying_out.take_back(
            asking.store, world, plan, reason=reason, named=asking.caller.named(world)
        )
        return PlanAnswer(
            status=record.status, version=await _version(asking, world), plan=plan_of(record), effects=list(done.told)
        )

    @strawberry.field(
        description="Go back to a version: every cell touched since gets its winner of then. What was learned since stays in"
        " history. `expectedVersion` is the newest version that you looked at."
    )
    async def rollback(
        self, info: Info, world: str, to: str, expected_version: str | None = None, reason: str = ""
    ) -> RestoreAnswer:
        asking = info.context
        seen = None if expected_version is None else await asking.seq(world, expected_version)
        done = await restoring.rollback(
            asking.store, world, await asking.seq(world, to), by=asking.caller.named(world), reason=reason, seen=seen
        )
        return RestoreAnswer(
            status="restored" if done.commit else "unchanged", run=done.point.run, version=await _version(asking, world),
            before=f"v{done.seq_before}", restore_point=done.point.name, cells=done.cells, hash_before=done.hash_before,
            hash_after=done.hash_after, differs=list(done.differs),
        )  # fmt: skip

    @strawberry.field(description="Let nothing act in the world until it is lifted. Syncs go on observing.")
    async def freeze(self, info: Info, world: str, reason: str = "") -> FreezeAnswer:
        asking = info.context
        frozen = await approving.freeze(asking.store, world, reason=reason, named=asking.caller.named(world))
        return FreezeAnswer(status="frozen", version=await _version(asking, world), freeze=freeze_of(frozen))

    @strawberry.field(description="Lift a freeze: what policy allows and a person approved acts again.")
    async def unfreeze(self, info: Info, world: str, reason: str = "") -> FreezeAnswer:
        asking = info.context
        await approving.unfreeze(asking.store, world, reason=reason, named=asking.caller.named(world))
        return FreezeAnswer(status="lifted", version=await _version(asking, world))


async def _once(asking: Asking, world: str, key: str | None, go: Callable[[str], Awaitable[RunAnswer]]) -> RunAnswer:
    """What came of a run that bears `key`, which is carried out at most once; of a new one where there is none."""
    if key is not None and _KEY.fullmatch(key) is None:
        raise UsageError("That can't be a key.", hint="use 8 to 64 letters, digits, '.', '_' and '-', such as a UUID")
    run = asking.begun["run"] = key or RandomIds(SystemClock()).new("sync")
    with asking.chain.alone(world, run) as mine:
        if not mine:
            return RunAnswer(status="running", run=run)
        before = await asking.store.runs_named(world, [run])
        return await _before(asking, before[0]) if before else await go(run)


async def _before(asking: Asking, record: RunRecord) -> RunAnswer:
    one, code = run_of(record), record.details.get("exit_code")
    return RunAnswer(
        status=one.status if one.ended_at is not None else "running", run=one.id,
        version=await _version(asking, record.world), report=one.report, exit_code=code if isinstance(code, int) else None,
    )  # fmt: skip


def _ended(outcome: SyncOutcome) -> dict[str, Any]:
    report = outcome.report
    told = {name: value for name, value in report.model_dump(mode="json").items() if name != "twin_snapshot"}
    return {
        "status": report.status.value,
        "run": outcome.run_id,
        "version": report.twin_snapshot.version,
        "exit_code": outcome.exit_code,
        "report": Json(told),
    }


async def _version(asking: Asking, world: str) -> str:
    """The newest version after what was just committed."""
    return (await asking.store.head(world)).version
