"""Sources are told that they may forget what was read once it is known to be committed, and never before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from fakes.fake_source import FakeSource
from unit.workflows.table import CutOff, context, failing, row, run, sensor, table, writing

from graphtwin.errors import IntegrityError
from graphtwin.ports import Reading
from graphtwin.steps.receive import receive
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Step, run_workflow
from graphtwin.workflows.upstream import acknowledge_readings, close_sources


class Breaking(FakeSource):
    """Breaks every promise but to be read."""

    async def acknowledge(self, reading: Reading) -> None:  # noqa: ARG002 - as the port has it
        raise RuntimeError("mqtt://gw:s3cret@broker")

    async def close(self) -> None:
        raise RuntimeError("mqtt://gw:s3cret@broker")


async def read_all(_run: Run, context: Context) -> Any:
    return await receive(context.sources, {}, full=False, now=1)


async def played(sources: Sequence[FakeSource], *rows: Step, store: MemoryStore | None = None) -> Run:
    """A run that reads the sources, then does the rows."""
    workflow = replace(table(row("receive", read_all), *rows), committed=acknowledge_readings)
    return await run_workflow(workflow, run(), replace(await context(store), sources=sources))


WRITE = row("world-state", writing(*sensor(20)), in_transaction=True)


async def test_what_was_committed_is_acknowledged():
    source = FakeSource("bus", ({"id": "t1"},))

    done = await played([source], WRITE)

    assert source.acknowledged == list(done.out("receive").readings)


async def test_a_commit_that_made_no_version_is_one_too():
    source = FakeSource("bus")

    done = await played([source], row("world-state", writing(), in_transaction=True))

    assert done.commit is None
    assert len(source.acknowledged) == 1


async def test_what_was_not_committed_is_not_acknowledged():
    source = FakeSource("bus", ({"id": "t1"},))

    await played([source], row("world-state", failing(IntegrityError("broken")), in_transaction=True))

    assert source.acknowledged == []


@pytest.mark.parametrize("made", [True, False])
async def test_a_commit_without_an_answer_is_acknowledged_only_when_it_was_made(*, made: bool):
    source = FakeSource("bus", ({"id": "t1"},))

    await played([source], WRITE, store=CutOff(made=made))

    assert len(source.acknowledged) == made


async def test_a_source_that_did_not_answer_has_nothing_to_be_told():
    source, other = FakeSource("bus"), FakeSource("book")
    source.broken = True

    await played([source, other], WRITE)

    assert (source.acknowledged, len(other.acknowledged)) == ([], 1)


async def test_a_source_that_breaks_when_it_is_told_costs_nothing_and_no_secret(caplog: pytest.LogCaptureFixture):
    broken, good = Breaking("a"), FakeSource("b")

    done = await played([broken, good], WRITE)
    await close_sources([broken, good], "plant")

    assert done.stopped is None
    assert (len(good.acknowledged), good.closed) == (1, 1)
    assert [record.error for record in caplog.records if record.message == "source broke"] == ["RuntimeError"] * 2  # type: ignore[attr-defined]
    assert "s3cret" not in caplog.text
