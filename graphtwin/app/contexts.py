"""Everything that a run of a world reaches the outside through, made from its configuration."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from graphtwin.app.adapters import (
    SystemClock,
    boundary,
    make_audit,
    make_gateway,
    make_sources,
    process_lives,
    process_name,
)
from graphtwin.app.live_sources import make_world_clock
from graphtwin.errors import Unavailable
from graphtwin.methods.acting.request_units import check_request_units
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.step_lines import step_lines
from graphtwin.model.commit import RuleText, RunRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.ports import Store
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.observing import criterion_text
from graphtwin.workflows.run import Context, OnStep, Run
from graphtwin.workflows.what_if import interlock_texts

_NOTED_EVERY: Final = SECOND // 2


async def make_context(store: Store, config: TwinConfig, folder: Path, *, on_step: OnStep | None = None) -> Context:
    """The context of a world whose twin.yaml lies in `folder`. Everything that can be refused is refused here, before
    anything is read or written: sources, actuators, rules, interlocks, criteria, the audit log. Raises Unavailable for a
    clock of the world's own that can't be read.
    """
    clock, world_clock = SystemClock(), make_world_clock(config)
    if world_clock is not None:
        await world_clock.now()  # a world whose clock can't be read stands still
    sources = make_sources(config, folder)
    gateway = make_gateway(config, folder, clock)
    gateway.check()
    check_request_units(config)
    rules = stratify(config.rules)
    await store.admit((*rules, *queries_of(config)))
    audit = make_audit(config, folder)
    audit.check_writable()
    return Context(
        store=store,
        clock=clock,
        config=config,
        policy=Policy(config),
        sources=sources,
        rules=rules,
        audit=audit,
        log_path=str(audit.path),
        on_step=boundary(on_step),
        gateway=gateway,
        holder=process_name(),
        lives=process_lives,
        world_clock=world_clock,
        note=StepNotes(store, clock).note,
    )


class StepNotes:
    """Keeps which step a run is at, and how it went so far, not more often than people look."""

    def __init__(self, store: Store, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock
        self._noted = 0

    async def note(self, run: Run, step: str) -> None:
        """A watcher that is told late is no harm; a database that can't be told fails the step that needs it, not this."""
        now = self._clock.now()
        if run.workflow != SYNC_LOOP.definition.name or now - self._noted < _NOTED_EVERY:
            return
        self._noted = now
        steps = {"steps": step_lines(run.timeline)}
        record = RunRecord(run.id, run.world, run.workflow, run.started_at, None, "running", step, None, steps)
        with suppress(Unavailable):
            await self._store.save_run(record)


def queries_of(config: TwinConfig) -> tuple[RuleText, ...]:
    """The queries that are no rules: interlocks and criteria."""
    criteria = {
        one.cypher: criterion_text(one.cypher) for action in config.actions for one in action.criteria if one.cypher
    }
    return (*interlock_texts(config.constraints), *criteria.values())
