"""What can be listened to. Each goes on just after a cursor, or begins at now; it ends when the client says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry

from graphtwin.api.streams import drift_stream, run_stream
from graphtwin.api.streams.commit_stream import commit_stream
from graphtwin.api.streams.followed_runs import read_followed
from graphtwin.api.streams.listening import ListenInfo
from graphtwin.api.streams.plan_stream import plan_stream
from graphtwin.api.streams.stream_cursor import RECORD, VERSION, read_number
from graphtwin.api.streams.subscription_types import (
    Change,
    DriftChange,
    PlanEvent,
    RunProgress,
    change_of,
    drift_change_of,
    plan_event_of,
    progress_of,
)


@strawberry.type(
    description="What can be listened to. `after` takes the cursor of a message and goes on just after it, also at another"
    " server; without it only what comes from now on is told."
)
class Subscription:
    @strawberry.subscription(
        description="Every version that is committed, with what it changed. A version is a cursor.",
    )
    async def changes(self, info: ListenInfo, world: str, after: str | None = None) -> AsyncGenerator[Change, None]:
        async with info.context.readers.listen(world) as reader:
            now = (await reader.now()).seq
            seq = now if after is None else read_number(after, VERSION, world, now)
            async for one in commit_stream(reader, seq, most=info.context.limits.whole):
                yield change_of(one)

    @strawberry.subscription(description="Runs as they go: each step once, and how each run ended.")
    async def run_progress(
        self, info: ListenInfo, world: str, after: str | None = None
    ) -> AsyncGenerator[RunProgress, None]:
        async with info.context.readers.listen(world) as reader:
            followed = await run_stream.told_by_now(reader) if after is None else read_followed(after)
            async for one in run_stream.run_stream(reader, followed):
                yield progress_of(one)

    @strawberry.subscription(description="Findings that appear, weigh otherwise, or end.")
    async def drift_changes(
        self, info: ListenInfo, world: str, after: str | None = None
    ) -> AsyncGenerator[DriftChange, None]:
        async with info.context.readers.listen(world) as reader:
            now = (await reader.now()).audit_n
            n = now if after is None else read_number(after, RECORD, world, now)
            before = await (drift_stream.newest(reader) if after is None else drift_stream.told_before(reader, n))
            async for one in drift_stream.drift_stream(reader, n, before):
                yield drift_change_of(one)

    @strawberry.subscription(
        description="What becomes of plans: waiting, approved, rejected, given up, acted on, verified.",
    )
    async def plan_events(
        self, info: ListenInfo, world: str, after: str | None = None
    ) -> AsyncGenerator[PlanEvent, None]:
        async with info.context.readers.listen(world) as reader:
            now = (await reader.now()).audit_n
            n = now if after is None else read_number(after, RECORD, world, now)
            async for one in plan_stream(reader, n):
                yield plan_event_of(one)
