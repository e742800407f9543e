"""One run of a workflow: what it stands on, what each step answered, and what stopped it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from graphtwin.errors import GraphtwinError
from graphtwin.methods.judging.status import StopKind
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Commit, RuleText
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports import AuditSink, Clock, Gateway, SignalSource, Store, Transaction, WorldClock

COMPLETED: Final = "configuration"
"""The output under which a run keeps the configuration that inspect has completed for it."""

Mode = Literal["incremental", "full", "delta_only"]
StateForm = Literal["auto", "full", "example"]
Phase = Literal["start", "end", "skipped"]
OnStep = Callable[[str, Phase], None]
"""Hears each step begin and end, and what happens around each act: intend, conclude, look, restore."""


@dataclass(frozen=True, slots=True)
class StepTiming:
    """One step as it went: times in epoch µs, `outcome` is done, skipped, again (under the lock) or failed."""

    step: str
    started_at: int
    ended_at: int
    outcome: Literal["done", "skipped", "again", "failed"]
    reason: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """What keeps the run from planning or acting, and why; the first one stands."""

    kind: StopKind
    step: str
    reason: str
    error: GraphtwinError | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A frozen run: every step's output is kept under `<step>_out`, and a new run value is made after each step."""

    id: str
    world: str
    workflow: str
    mode: Mode
    started_at: int
    now: int = 0
    """The world's clock, fixed after the sources were read (epoch µs)."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    timeline: tuple[StepTiming, ...] = ()
    stopped: Stop | None = None
    commit: Commit | None = None
    """The version that this run made; None when it changed nothing."""
    base: int | None = None
    """The version to compare with that the caller asked for; None is the version before (S24)."""
    form: StateForm = "auto"
    """How the report prints the state: auto refers to large ones."""
    plan: str = ""
    """The approved plan that this run was asked to carry out; "" leaves the choice to it."""
    attempt: int = 1
    """Which loop of plan, act and verify it is in."""

    def out(self, step: str) -> Any:
        """The output of a step. KeyError names a step that hasn't run: a defect of the workflow's table."""
        return self.outputs[f"{step}_out"]

    def has(self, step: str) -> bool:
        """Whether the step has run."""
        return f"{step}_out" in self.outputs

    def with_output(self, step: str, value: Any) -> Run:
        """The run after a step answered."""
        return replace(self, outputs={**self.outputs, f"{step}_out": value})

    def with_timing(self, timing: StepTiming) -> Run:
        """The run with one more line in its timeline."""
        return replace(self, timeline=(*self.timeline, timing))

    def stop(self, kind: StopKind, step: str, reason: str, error: GraphtwinError | None = None) -> Run:
        """The run, stopped; a run that is stopped already keeps its first reason."""
        return self if self.stopped else replace(self, stopped=Stop(kind, step, reason, error))


@dataclass(frozen=True, slots=True)
class Context:
    """What steps reach the outside world through; `transaction` is set only inside the world's lock."""

    store: Store
    clock: Clock
    config: TwinConfig
    policy: Policy
    sources: Sequence[SignalSource]
    rules: tuple[RuleText, ...]
    audit: AuditSink
    log_path: str
    on_step: OnStep
    gateway: Gateway
    holder: str
    """Names this process, so that another can tell whether who carries a plan out still lives."""
    lives: Callable[[str, int, int], bool]
    """Whether the process named (first) that gave a sign of life until an instant (second) still lives at another (third)."""
    world_clock: WorldClock | None = None
    """Where the world's time is asked for, if it isn't the machine's (S2)."""
    transaction: Transaction | None = None
    note: Callable[[Run, str], Awaitable[None]] | None = None
    """Keeps which step a run is at, for those who watch it."""

    async def world_now(self) -> int:
        """The instant of the world's clock, epoch µs (S2). Raises Unavailable where it can't be asked."""
        if self.config.world.clock == "events":
            return (await self.store.head(self.config.world.id)).valid
        return await self.world_clock.now() if self.world_clock else self.clock.now()

    async def reading_now(self) -> int:
        """By what clock a reading is dated: the world's; one that replays recorded data has none to date it by (S2)."""
        return self.clock.now() if self.config.world.clock == "events" else await self.world_now()

    def of(self, run: Run) -> Context:
        """It under the configuration that the run has come to: inspect may have completed it."""
        config = run.outputs.get(COMPLETED)
        return self if config is None else self.under(config)

    def under(self, config: TwinConfig) -> Context:
        """The same under another configuration of the same world."""
        return replace(self, config=config, policy=Policy(config))

    @property
    def inside(self) -> Transaction:
        """The transaction of the step that runs now. RuntimeError outside of one: a defect of the workflow's table."""
        if self.transaction is None:
            raise RuntimeError("this step belongs inside the world's transaction")
        return self.transaction
