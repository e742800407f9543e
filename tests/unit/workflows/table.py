"""Small workflows for tests of the runner: rows of a table whose steps are told what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from contracts.scene import NOON, SteppingClock, say, twin
from fakes.no_gateway import NoGateway
from fakes.no_log import NoLog

from graphtwin.errors import CommitUnknown, GraphtwinError
from graphtwin.methods.state.policy import Policy
from graphtwin.model.catalogue import StepDefinition, WorkflowDefinition
from graphtwin.model.commit import AuditEntry, Draft, Lease
from graphtwin.model.fact import TYPE, Fact
from graphtwin.store.memory import MemoryStore
from graphtwin.store.memory.transaction import MemoryTransaction
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Step, Workflow

WORLD = "plant"


class Heard:
    """The boundaries of steps, in the order they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, step: str, phase: str) -> None:
        self.told.append((step, phase))


async def context(store: MemoryStore | None = None, heard: Heard | None = None) -> Context:
    """A context over an empty world in memory."""
    config = twin(WORLD)
    held = store or MemoryStore(SteppingClock())
    await held.create_world(config, NOON)
    return Context(
        store=held, clock=SteppingClock(), config=config, policy=Policy(config), sources=(), rules=(), audit=NoLog(),
        log_path="", on_step=heard or Heard(), gateway=NoGateway(), holder="here/1/1", lives=lambda *_: False,
    )  # fmt: skip


def run(**more: Any) -> Run:
    return Run(**({"id": "run-1", "world": WORLD, "workflow": "table", "mode": "incremental", "started_at": 1} | more))


def row(name: str, call: Callable[[Run, Context], Awaitable[Any]] | None = None, **more: Any) -> Step:
    """A row; keywords of a definition (`timeout`, `retry` ...) go there, the others to the row."""
    says = {key: more.pop(key) for key in ("timeout", "retry", "parallel_group") if key in more}
    return Step(StepDefinition(capability=name, purpose="a test", **says), call or answer(name), **more)


def answer(value: Any) -> Callable[[Run, Context], Awaitable[Any]]:
    async def call(_run: Run, _context: Context) -> Any:
        return value

    return call


def failing(error: Exception, *, times: int = 10**6, then: Any = "well") -> Callable[[Run, Context], Awaitable[Any]]:
    """Raises that many times, then answers."""
    left = [times]

    async def call(_run: Run, _context: Context) -> Any:
        if left[0]:
            left[0] -= 1
            raise error
        return then

    return call


def writing(*facts: Fact) -> Callable[[Run, Context], Awaitable[Any]]:
    """Writes facts inside the transaction."""

    async def call(_run: Run, context: Context) -> Any:
        return await context.inside.write(Draft(now=NOON, facts=facts))

    return call


def sensor(value: float, at: int = NOON) -> tuple[Fact, ...]:
    """A sensor that says something."""
    return (say("bus:t1", TYPE, "sensor", -(2**62)), say("bus:t1", "reading", value, at))


def entry(run: Run, context: Context) -> AuditEntry:
    return AuditEntry("sync", context.clock.now(), run.id, {})


def table(*rows: Step) -> Workflow:
    return Workflow(
        WorkflowDefinition(name="table", goal="a test", risk="low", steps=tuple(one.definition for one in rows)),
        rows,
        entry,
    )


def outcomes(run: Run) -> Sequence[tuple[str, str]]:
    return [(timing.step, timing.outcome) for timing in run.timeline]


class CutOff(MemoryStore):
    """A store whose connection breaks while it commits: before the commit is made, or after it."""

    def __init__(self, *, made: bool) -> None:
        super().__init__(SteppingClock())
        self._made = made
        self._cut = False

    @asynccontextmanager
    async def begin(self, lease: Lease) -> AsyncIterator[MemoryTransaction]:
        async with super().begin(lease) as real:
            cut, self._cut = self._cut, True
            yield real if cut else CutOffTransaction(real, made=self._made)  # type: ignore[misc]


class CutOffTransaction:
    """Writes as the real one does, and doesn't say whether it has committed."""

    def __init__(self, real: MemoryTransaction, *, made: bool) -> None:
        self._real = real
        self._made = made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def commit(self, key: str, run: str) -> None:
        if self._made:
            await self._real.commit(key, run)
        raise CommitUnknown("the connection broke", hint="look")


__all__ = ["GraphtwinError"]
