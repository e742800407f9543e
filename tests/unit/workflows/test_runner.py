"""The runner keeps the promises of a workflow's table: order, conditions, gates, retries, timeouts, one transaction."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from contracts.scene import NOON, SteppingClock, say
from unit.workflows.table import (
    WORLD,
    CutOff,
    Heard,
    answer,
    context,
    failing,
    outcomes,
    row,
    run,
    sensor,
    table,
    writing,
)

from graphtwin.errors import CommitUnknown, GateClosed, IntegrityError, Unavailable
from graphtwin.model.catalogue import Backoff, Retry
from graphtwin.model.commit import Draft
from graphtwin.steps.search import SearchOut
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer, Workflow, always, run_workflow

DOWN = Unavailable("the bus is down", hint="start it")


async def test_steps_run_in_the_tables_order_and_keep_their_answers_by_name():
    workflow = table(row("receive", answer(1)), row("detect-anomaly", answer(2)))

    done = await run_workflow(workflow, run(), await context())

    assert done.outputs == {"receive_out": 1, "detect_anomaly_out": 2}
    assert outcomes(done) == [("receive", "done"), ("detect_anomaly", "done")]


async def test_a_step_whose_condition_is_not_met_is_skipped_with_its_reason():
    heard = Heard()
    workflow = table(row("plan", why_not=lambda _run: "nothing drifted"), row("summarize"))

    done = await run_workflow(workflow, run(), await context(heard=heard))

    assert done.timeline[0].reason == "nothing drifted"
    assert not done.has("plan")
    assert heard.told == [("plan", "skipped"), ("summarize", "start"), ("summarize", "end")]


async def test_a_closed_gate_keeps_its_step_from_being_tried():
    tried = []

    async def act(_run: Run, _context: Context) -> Any:
        tried.append("act")

    def closed(_run: Run) -> None:
        raise GateClosed("no restore point", hint="checkpoint first")

    done = await run_workflow(table(row("act-plan", act, gate=closed)), run(), await context())

    assert tried == []
    assert done.stopped
    assert (done.stopped.kind, done.stopped.step) == ("gate", "act_plan")


async def test_a_failed_step_stops_the_others_but_not_those_that_record_and_report():
    workflow = table(row("receive", failing(IntegrityError("broken"))), row("plan"), row("audit", why_not=always))

    done = await run_workflow(workflow, run(), await context())

    assert outcomes(done) == [("receive", "failed"), ("plan", "skipped"), ("audit", "done")]
    assert done.stopped
    assert (done.stopped.kind, done.stopped.step, done.stopped.reason) == ("error", "receive", "broken")


async def test_an_error_that_is_a_defect_rises():
    workflow = table(row("receive", failing(ZeroDivisionError("a defect"))))

    with pytest.raises(ZeroDivisionError):
        await run_workflow(workflow, run(), await context())


async def test_a_retryable_error_is_tried_again_as_often_as_the_table_says():
    retry = Retry(max=2, backoff=Backoff.NONE)
    workflow = table(row("receive", failing(DOWN, times=2), retry=retry))

    done = await run_workflow(workflow, run(), await context())

    assert done.out("receive") == "well"
    assert done.timeline[0].attempts == 3


async def test_a_retry_ends_when_its_attempts_are_used_up():
    retry = Retry(max=1, backoff=Backoff.NONE)

    done = await run_workflow(table(row("receive", failing(DOWN, times=2), retry=retry)), run(), await context())

    assert done.stopped
    assert done.stopped.error is DOWN


async def test_an_error_that_would_come_again_is_not_tried_again():
    retry = Retry(max=3, backoff=Backoff.NONE)
    workflow = table(row("receive", failing(IntegrityError("broken"), times=1), retry=retry))

    done = await run_workflow(workflow, run(), await context())

    assert done.stopped
    assert not done.has("receive")


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [(Backoff.NONE, [1, 1, 1]), (Backoff.LINEAR, [1, 2, 3]), (Backoff.EXPONENTIAL, [1, 2, 4])],
)
async def test_the_wait_between_attempts_grows_as_the_table_says(
    backoff: Backoff, expected: list[int], monkeypatch: pytest.MonkeyPatch
):
    waited: list[float] = []

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", no_wait)
    workflow = table(row("receive", failing(DOWN, times=3), retry=Retry(max=3, backoff=backoff)))

    await run_workflow(workflow, run(), await context())

    assert waited == [pytest.approx(0.25 * factor) for factor in expected]


async def test_a_step_that_takes_too_long_is_unavailable_and_named():
    async def hang(_run: Run, _context: Context) -> Any:
        await asyncio.sleep(60)

    done = await run_workflow(table(row("receive", hang, timeout="50ms")), run(), await context())

    assert done.stopped
    assert isinstance(done.stopped.error, Unavailable)
    assert "receive took longer than" in done.stopped.reason


async def test_steps_of_one_group_run_side_by_side():
    met = asyncio.Barrier(2)

    async def meet(_run: Run, _context: Context) -> Any:
        async with asyncio.timeout(5):
            await met.wait()
        return "met"

    workflow = table(
        row("receive", meet, parallel_group="read"), row("search", meet, parallel_group="read"), row("transform")
    )

    done = await run_workflow(workflow, run(), await context())

    assert outcomes(done) == [("receive", "done"), ("search", "done"), ("transform", "done")]
    assert done.out("search") == "met"


async def test_of_two_that_fail_side_by_side_both_are_told_and_the_first_reason_stands():
    workflow = table(
        row("receive", failing(IntegrityError("first")), parallel_group="read"),
        row("search", failing(IntegrityError("second")), parallel_group="read"),
    )

    done = await run_workflow(workflow, run(), await context())

    assert outcomes(done) == [("receive", "failed"), ("search", "failed")]
    assert done.stopped
    assert done.stopped.reason == "first"


async def test_what_one_of_a_group_read_beside_its_answer_is_kept():
    workflow = table(
        row("receive", answer(Answer("main", {"beside": 1})), parallel_group="read"),
        row("search", parallel_group="read"),
    )

    done = await run_workflow(workflow, run(), await context())

    assert (done.out("receive"), done.outputs["beside"]) == ("main", 1)


async def test_a_step_may_stop_the_run_by_looking_at_its_answer():
    workflow = table(
        row("receive", after=lambda run, _context: run.stop("gate", "receive", "no signals")), row("transform")
    )

    done = await run_workflow(workflow, run(), await context())

    assert outcomes(done) == [("receive", "done"), ("transform", "skipped")]


async def test_the_steps_of_a_transaction_make_one_version_with_its_audit_record():
    within = await context()
    workflow = table(
        row("world-state", writing(*sensor(20)), in_transaction=True),
        row("state-transition", writing(say("bus:t1", "mode", "on", NOON)), in_transaction=True),
    )

    done = await run_workflow(workflow, run(), within)

    assert done.commit
    assert done.commit.seq == 1
    assert [record.kind for record in await within.store.audit(WORLD)] == ["sync"]


async def test_when_the_second_step_of_a_transaction_fails_nothing_of_the_first_stays():
    within = await context()
    before = await within.store.head(WORLD)
    workflow = table(
        row("world-state", writing(*sensor(20)), in_transaction=True),
        row("state-transition", failing(IntegrityError("a rule fails")), in_transaction=True),
    )

    done = await run_workflow(workflow, run(), within)

    assert done.stopped
    assert (await within.store.head(WORLD)).hash == before.hash
    assert await within.store.audit(WORLD) == ()
    assert not done.has("world_state")


async def test_a_version_whose_commit_got_no_answer_is_the_runs_when_it_was_made():
    held = CutOff(made=True)
    workflow = table(row("world-state", writing(*sensor(20)), in_transaction=True), row("detect-anomaly", answer(2)))

    done = await run_workflow(workflow, run(), await context(held))

    assert done.stopped is None
    assert done.commit == (await held.commits(WORLD))[-1]
    assert done.has("world_state")
    assert done.out("detect_anomaly") == 2


async def test_a_commit_that_got_no_answer_and_was_not_made_stops_the_run_with_nothing_written():
    held = CutOff(made=False)
    workflow = table(row("world-state", writing(*sensor(20)), in_transaction=True), row("detect-anomaly", answer(2)))

    done = await run_workflow(workflow, run(), await context(held))

    assert done.stopped
    assert isinstance(done.stopped.error, CommitUnknown)
    assert not done.has("world_state")
    assert (await held.head(WORLD)).seq == 0


async def test_the_world_is_free_again_after_a_transaction_that_failed():
    within = await context()
    workflow = table(row("world-state", failing(IntegrityError("broken")), in_transaction=True))

    await run_workflow(workflow, run(), within)

    assert await within.store.acquire(WORLD, "somebody else", ttl=1_000_000)


async def test_a_stopped_run_never_opens_a_transaction():
    within = await context()
    workflow = table(
        row("receive", failing(IntegrityError("broken"))), row("world-state", writing(*sensor(1)), in_transaction=True)
    )

    done = await run_workflow(workflow, run(), within)

    assert done.commit is None
    assert (await within.store.head(WORLD)).seq == 0


async def test_a_retryable_error_inside_the_transaction_is_not_tried_again():
    within = await context()
    retry = Retry(max=3, backoff=Backoff.NONE)
    workflow = table(row("world-state", failing(DOWN, times=1), in_transaction=True, retry=retry))

    done = await run_workflow(workflow, run(), within)

    assert done.stopped
    assert done.stopped.error is DOWN


def _looking(seen: list[int]) -> Workflow:
    """search, then a step computed from reads, then a step that writes."""

    async def search(_run: Run, context: Context) -> Any:
        head = await context.store.head(WORLD)
        return SearchOut(head, context.config, None, (), {}, ())

    async def integrate(_run: Run, context: Context) -> Any:
        seen.append((await context.store.head(WORLD)).seq)
        return seen[-1]

    return table(
        row("search", search),
        row("integrate", integrate, again_under_lock=True),
        row("between"),
        row("world-state", writing(*sensor(20)), in_transaction=True),
    )


async def test_what_was_computed_from_reads_is_computed_again_when_another_commit_came_between():
    store = MemoryStore(SteppingClock())
    within = await context(store)
    seen: list[int] = []

    async def intrude(_run: Run, _context: Context) -> Any:
        lease = await store.acquire(WORLD, "another run", ttl=10**9)
        async with store.begin(lease) as transaction:
            await transaction.write(Draft(now=NOON, facts=(say("bus:t9", "reading", 1, NOON),)))
            await transaction.commit("other", "other")
        await store.release(lease)

    rows = _looking(seen).steps
    workflow = table(*rows[:2], row("between", intrude), *rows[3:])

    done = await run_workflow(workflow, run(), within)

    assert seen == [0, 1]
    assert ("integrate", "again") in outcomes(done)
    assert done.out("integrate") == 1


async def test_nothing_is_computed_again_when_the_head_stood_still():
    seen: list[int] = []

    done = await run_workflow(_looking(seen), run(), await context())

    assert seen == [0]
    assert ("integrate", "again") not in outcomes(done)


async def test_a_run_waits_while_another_one_commits():
    store = MemoryStore(SteppingClock())
    within = await context(store)
    lease = await store.acquire(WORLD, "another run", ttl=10**12)
    workflow = table(row("world-state", writing(*sensor(20)), in_transaction=True))

    waiting = asyncio.create_task(run_workflow(workflow, run(), within))
    await asyncio.sleep(0.05)
    await store.release(lease)
    done = await waiting

    assert done.commit


async def test_a_world_that_stays_taken_stops_the_run_and_names_its_holder(monkeypatch: pytest.MonkeyPatch):
    store = MemoryStore(SteppingClock())
    within = await context(store)
    await store.acquire(WORLD, "another run", ttl=10**15)

    async def no_wait(_seconds: float) -> None: ...

    monkeypatch.setattr(asyncio, "sleep", no_wait)
    done = await run_workflow(table(row("world-state", in_transaction=True), row("audit")), run(), within)

    assert done.stopped
    assert "another run" in done.stopped.reason
    assert done.stopped.error


def test_a_table_that_differs_from_its_catalogue_entry_is_refused():
    whole = table(row("receive"), row("search"))

    with pytest.raises(ValueError, match="the table and the catalogue entry differ"):
        Workflow(whole.definition, whole.steps[:1], whole.entry)
