"""However runs go on beside each other, and wherever who listens comes again: each step is told once, and each end."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections import defaultdict
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.api.streams.followed_runs import Followed, read_followed, write_followed
from graphtwin.api.streams.run_stream import run_stream
from graphtwin.api.streams.stream_limits import StreamLimits
from graphtwin.api.streams.world_readers import WorldReaders
from graphtwin.app.adapters import SystemClock
from graphtwin.errors import UsageError
from graphtwin.model.commit import RunRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.store.memory import MemoryStore

RUNS, STEPS = 4, 3
SECOND = 1_000_000
QUIET_S = 0.03
CONFIG = TwinConfig.model_validate({"world": {"id": "plant"}, "sources": {"s": {"type": "file", "path": "s.csv"}}})
Heard = dict[str, list[str]]


def record(run: int, far: int, started_at: int) -> RunRecord:
    """A run at work with so many steps behind it; after the last one it has ended."""
    lines = {"steps": [{"step": f"{run}.{step}"} for step in range(far)]}
    if far == STEPS:
        return RunRecord(f"r{run}", "plant", "w", started_at, started_at + 1, "synced", "end", {}, {"report": lines})
    return RunRecord(f"r{run}", "plant", "w", started_at, None, "running", f"{run}.{far}", None, lines)


async def hear(readers: WorldReaders, cursor: str, heard: Heard) -> str:
    """What there is to hear after a cursor, and the cursor after it."""
    async with readers.listen("plant") as reader, aclosing(run_stream(reader, read_followed(cursor))) as stream:
        while True:
            try:
                told = await asyncio.wait_for(anext(stream), QUIET_S)
            except TimeoutError:
                return cursor
            heard[told.run.id] += [str(line["step"]) for line in told.steps]
            heard["ended"] += [told.run.id] if told.run.ended_at else []
            cursor = write_followed(told.followed)


@settings(max_examples=25)
@given(
    offsets=st.lists(st.integers(-8, 300), min_size=RUNS, max_size=RUNS),
    order=st.permutations([run for run in range(RUNS) for _ in range(STEPS + 1)]),
    comes_again=st.sets(st.integers(0, RUNS * (STEPS + 1) - 1), max_size=4),
)
def test_each_step_is_told_once_whoever_comes_again_whenever(
    offsets: list[int], order: list[int], comes_again: set[int]
):
    """A run shows up to eight seconds after one that started later."""

    async def play() -> Heard:
        store = MemoryStore(SystemClock())
        await store.create_world(CONFIG, 0)
        readers, cursor, heard = (
            WorldReaders(store, StreamLimits(look=0.001, read=2)),
            write_followed(Followed()),
            defaultdict(list),
        )
        far: dict[int, int] = {}
        now = 1000 * SECOND
        for place, run in enumerate(order):
            if run not in far:
                now += max(offsets[run], 0) * SECOND
                started[run] = now + min(offsets[run], 0) * SECOND
            far[run] = far.get(run, -1) + 1
            await store.save_run(record(run, far[run], started[run]))
            if place in comes_again:
                cursor = await hear(readers, cursor, heard)
        async with asyncio.timeout(20):
            while len(heard["ended"]) < RUNS:
                cursor = await hear(readers, cursor, heard)
        await hear(readers, cursor, heard)  # what was told too often would come again
        return heard

    started: dict[int, int] = {}
    heard = asyncio.run(play())

    assert sorted(heard.pop("ended")) == [f"r{run}" for run in range(RUNS)]
    assert heard == {f"r{run}": [f"{run}.{step}" for step in range(STEPS)] for run in range(RUNS)}


@pytest.mark.parametrize(
    "text",
    [b"[" * 10_000_000, b"[0, {}]", b"[0, [[1, 2, 3]]]", b'[0, [["r", 1]]]', b'["0", []]', b"[true, []]", b"null", b""],
)
def test_a_cursor_that_nobody_wrote_is_refused_however_large_it_would_be(text: bytes):
    with pytest.raises(UsageError):
        read_followed(base64.urlsafe_b64encode(zlib.compress(text)).decode())
