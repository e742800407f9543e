"""Runs a workflow's table: conditions, gates, retries and timeouts, and the one transaction in its middle (S20)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from graphtwin.errors import (
    CommitUnknown,
    ConfigurationDiffers,
    GateClosed,
    GraphtwinError,
    Unavailable,
)
from graphtwin.methods.judging.status import StopKind
from graphtwin.model.catalogue import Backoff, StepDefinition, WorkflowDefinition
from graphtwin.model.commit import AuditEntry, Head
from graphtwin.model.durations import SECOND, parse_duration
from graphtwin.workflows.lease import give_back, made_after_all, take_lease
from graphtwin.workflows.run import Context, Run, StepTiming

_BACKOFF_S: Final = 0.25

_log = logging.getLogger("graphtwin.workflows")

Call = Callable[[Run, Context], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A step's output together with what it read that later steps need too, under names of its own."""

    main: Any
    beside: Mapping[str, Any]


def clear_way(run: Run) -> str:
    """The usual condition: a run that was stopped does no more; the answer is why not, or ""."""
    return run.stopped.reason if run.stopped else ""


def always(run: Run) -> str:  # noqa: ARG001 - a condition takes the run
    """The condition of steps that a stopped run does too: to record and to report."""
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """A row of a workflow's table: what the catalogue says, the function, and when it runs.

    `why_not` answers why the step is skipped, "" to run it. `gate` raises GateClosed when it may not even be tried.
    Steps with `in_transaction` that follow each other share one transaction. A step with `again_under_lock` is
    computed a second time when another commit came between its reads and the lock. `after` looks at the answer: it may
    stop the run.
    """

    definition: StepDefinition
    call: Call
    why_not: Callable[[Run], str] = clear_way
    gate: Callable[[Run], None] | None = None
    in_transaction: bool = False
    again_under_lock: bool = False
    after: Callable[[Run, Context], Run] | None = None

    @property
    def name(self) -> str:
        """The step's function and output name."""
        return self.definition.name


@dataclass(frozen=True, slots=True)
class Recovery:
    """The rows from `begins` to `ends` that are run again where `needed` says so, as often as the catalogue entry allows:
    `again` makes the run ready for it, `ended` puts together what all attempts came to.
    """

    begins: str
    ends: str
    needed: Callable[[Run], bool]
    again: Callable[[Run], Run]
    ended: Callable[[Run], Run]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A catalogue entry and the rows that carry it out; `entry` makes the audit entry of its commit, `committed` is called
    once the commit is known to stand.
    """

    definition: WorkflowDefinition
    steps: tuple[Step, ...]
    entry: Callable[[Run, Context], AuditEntry]
    committed: Callable[[Run, Context], Awaitable[None]] | None = None
    recovery: Recovery | None = None

    def __post_init__(self) -> None:
        """The table and the catalogue name the same steps in the same order."""
        if tuple(step.definition for step in self.steps) != self.definition.steps:
            raise ValueError(f"{self.definition.name}: the table and the catalogue entry differ")


async def run_workflow(workflow: Workflow, run: Run, context: Context) -> Run:
    """The run after all its steps. A GraphtwinError of a step stops planning and acting; the steps that report still
    run. Any other error is a defect and rises.
    """
    recovery = workflow.recovery
    if recovery is None:
        return await _run_rows(workflow, workflow.steps, run, context)
    names = [step.name for step in workflow.steps]
    first, last = names.index(recovery.begins), names.index(recovery.ends) + 1
    run = await _run_rows(workflow, workflow.steps[:last], run, context)
    for _ in range(workflow.definition.max_recovery_loops or 0):
        if not recovery.needed(run):
            break
        run = await _run_rows(workflow, workflow.steps[first:last], recovery.again(run), context)
    return await _run_rows(workflow, workflow.steps[last:], recovery.ended(run), context)


async def _run_rows(workflow: Workflow, rows: Sequence[Step], run: Run, context: Context) -> Run:
    """Rows that follow each other in the table, in their order; those of one group side by side."""
    for inside, group in groupby(rows, key=lambda step: step.in_transaction):
        steps = tuple(group)
        if not inside:
            for _, side_by_side in groupby(steps, key=_parallel):
                run = await _run_group(tuple(side_by_side), run, context.of(run))
        elif not clear_way(run):
            run = await _run_transaction(workflow, steps, run, context)
    return run


def _parallel(step: Step) -> str:
    """Steps of one group run side by side; a step without a group is a group of its own."""
    return step.definition.parallel_group or step.name


async def _run_group(steps: Sequence[Step], run: Run, context: Context) -> Run:
    """Each step starts from the same run; their answers are put together in the table's order."""
    if len(steps) == 1:
        return await _run_step(steps[0], run, context)
    for done in await asyncio.gather(*(_run_step(step, run, context) for step in steps)):
        outputs = {name: value for name, value in done.outputs.items() if name not in run.outputs}
        run = replace(
            run,
            outputs={**run.outputs, **outputs},
            timeline=(*run.timeline, *done.timeline[-1:]),
            now=max(run.now, done.now),
            stopped=run.stopped or done.stopped,
        )
    return run


async def _run_transaction(workflow: Workflow, steps: Sequence[Step], run: Run, context: Context) -> Run:
    """The steps under the world's lock: all of what they write, or nothing of it, and then no answer of theirs stays."""
    try:
        lease = await take_lease(context.store, run.world, run.id)
    except GraphtwinError as error:
        return run.stop("error", steps[0].name, error.message, error)
    unwritten = run.outputs
    try:
        async with context.store.begin(lease) as transaction:
            _must_stand_on(transaction.head, context)
            within = replace(context.of(run), transaction=transaction)
            read_at = run.out("search").head.seq if run.has("search") else transaction.head.seq
            if transaction.head.seq != read_at:
                run = await _again(workflow, run, within)
            for step in steps:
                run = await _run_step(step, run, within)
                if run.stopped and run.stopped.step == step.name:
                    return replace(run, outputs=unwritten)
            await transaction.record([workflow.entry(run, within)])
            run = replace(run, commit=await transaction.commit(run.id, run.id))
    except CommitUnknown as error:
        made = await made_after_all(context.store, lease, run.id)
        if made is None:
            return replace(run, outputs=unwritten).stop("error", steps[-1].name, error.message, error)
        run = replace(run, commit=made)
    except GraphtwinError as error:
        return replace(run, outputs=unwritten).stop("error", steps[-1].name, error.message, error)
    finally:
        await give_back(context.store, lease)
    if workflow.committed is not None:
        await workflow.committed(run, context)
    return run


def _must_stand_on(head: Head, context: Context) -> None:
    """What was read was mapped and resolved under a configuration, and the commit names one: they must be the same (S9)."""
    if head.configuration != context.config.hash():
        raise ConfigurationDiffers(
            f"The configuration of {head.world} was changed while this run was reading; nothing was written",
            hint="sync again, with the file that was applied",
        )


async def _again(workflow: Workflow, run: Run, context: Context) -> Run:
    """Another commit came between: what was computed from reads is computed again, now that nobody else can write."""
    for step in workflow.steps:
        if step.again_under_lock and run.has(step.name):
            started = context.clock.now()
            run = run.with_output(step.name, await step.call(run, context))
            run = run.with_timing(StepTiming(step.name, started, context.clock.now(), "again", "the head had moved"))
    return run


async def _run_step(step: Step, run: Run, context: Context) -> Run:
    """The run after one more step, which is told in the log as it went."""
    if context.note and context.transaction is None:
        await context.note(run, step.name)
    after = await _carry_out(step, run, context)
    told = after.timeline[-1]
    milliseconds = (told.ended_at - told.started_at) / 1000
    fields = {"step": told.step, "run": run.id, "world": run.world, "milliseconds": milliseconds, "reason": told.reason}
    _log.info("step %s", told.outcome, extra=fields)
    return after


async def _carry_out(step: Step, run: Run, context: Context) -> Run:
    reason = step.why_not(run)
    started = context.clock.now()
    if reason:
        context.on_step(step.name, "skipped")
        return run.with_timing(StepTiming(step.name, started, started, "skipped", reason))
    context.on_step(step.name, "start")
    try:
        if step.gate:
            step.gate(run)
        output, attempts = await _call(step, run, context)
    except GraphtwinError as error:
        kind: StopKind = "gate" if isinstance(error, GateClosed) else "error"
        run = run.with_timing(StepTiming(step.name, started, context.clock.now(), "failed", error.message))
        return run.stop(kind, step.name, error.message, error)
    finally:
        context.on_step(step.name, "end")
    if isinstance(output, Answer):
        run = replace(run, outputs={**run.outputs, **output.beside})
        output = output.main
    run = run.with_output(step.name, output)
    run = run.with_timing(StepTiming(step.name, started, context.clock.now(), "done", attempts=attempts))
    return step.after(run, context) if step.after else run


async def _call(step: Step, run: Run, context: Context) -> tuple[Any, int]:
    """The step's answer and how many attempts it took; only errors that answer `retryable` are tried again, and nothing
    inside a transaction is.
    """
    retry = step.definition.retry
    attempts = 1 + (retry.max if retry and not step.in_transaction else 0)
    seconds = parse_duration(step.definition.timeout) / SECOND if step.definition.timeout else None
    for attempt in range(1, attempts + 1):
        try:
            return await asyncio.wait_for(step.call(run, context), seconds), attempt
        except TimeoutError as error:
            raise Unavailable(
                f"The step {step.name} took longer than {step.definition.timeout}",
                hint="look at the slowest source with: graphtwin source test TWIN.yaml",
            ) from error
        except GraphtwinError as error:
            if attempt == attempts or not error.retryable:
                raise
            growth = {Backoff.LINEAR: attempt, Backoff.EXPONENTIAL: 2 ** (attempt - 1)}
            await asyncio.sleep(_BACKOFF_S * (growth.get(retry.backoff, 1) if retry else 1))
    raise AssertionError("unreachable: the last attempt returns or raises")
