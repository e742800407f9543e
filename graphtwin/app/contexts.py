"""Everything that a run of a world reaches the outside through, made from its configuration."""

from __future__ import annotations

from pathlib import Path

from graphtwin.app.adapters import (
    SystemClock,
    boundary,
    make_audit,
    make_gateway,
    make_sources,
    process_lives,
    process_name,
)
from graphtwin.errors import UsageError
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import RuleText
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports import Store
from graphtwin.workflows.observing import criterion_text
from graphtwin.workflows.run import Context, OnStep
from graphtwin.workflows.what_if import interlock_texts


async def make_context(store: Store, config: TwinConfig, folder: Path, *, on_step: OnStep | None = None) -> Context:
    """The context of a world whose twin.yaml lies in `folder`. Everything that can be refused is refused here, before
    anything is read or written: sources, actuators, rules, interlocks, criteria, the audit log.
    """
    if not isinstance(config.world.clock, str):
        raise UsageError(
            f"The clock of {config.world.id} is read from an address, which this version can't do.",
            hint="use clock: system, or clock: events to replay recorded data",
        )
    clock = SystemClock()
    sources = make_sources(config, folder)
    gateway = make_gateway(config, clock)
    gateway.check()
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
    )


def queries_of(config: TwinConfig) -> tuple[RuleText, ...]:
    """The queries that are no rules: interlocks and criteria."""
    criteria = {
        one.cypher: criterion_text(one.cypher) for action in config.actions for one in action.criteria if one.cypher
    }
    return (*interlock_texts(config.constraints), *criteria.values())
