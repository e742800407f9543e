"""world-model-build: the baseline, in the standard's eleven steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from graphtwin.errors import HeadMoved
from graphtwin.methods.acting.verdict import Foreseen
from graphtwin.methods.matching.clusters import Unresolved
from graphtwin.methods.proposing.completed import completed
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.sampling import samples_of
from graphtwin.model.commit import AuditEntry
from graphtwin.model.plan import Plan
from graphtwin.steps.causal_model import causal_model
from graphtwin.steps.grounding import grounding
from graphtwin.steps.inspect import inspect
from graphtwin.steps.provenance import provenance
from graphtwin.steps.retrieve import retrieve
from graphtwin.steps.search import search
from graphtwin.steps.simulation import Simulated, simulation
from graphtwin.steps.uncertainty_model import uncertainty_model
from graphtwin.steps.world_state import world_state
from graphtwin.workflows import build_definition as says
from graphtwin.workflows import perception as sync
from graphtwin.workflows import sync_definition as sync_says
from graphtwin.workflows.run import COMPLETED, Context, Run
from graphtwin.workflows.runner import Answer, Step, Workflow, always
from graphtwin.workflows.upstream import acknowledge_readings
from graphtwin.workflows.what_if import foresee


@dataclass(frozen=True, slots=True)
class BaselineOut:
    """The baseline in short: what a person reads after `graphtwin init` and the first sync."""

    version: str
    records: Mapping[str, int]
    dependencies: int
    cycles: tuple[tuple[str, ...], ...]
    ungrounded: tuple[str, ...]
    unseen: tuple[str, ...]
    undeclared: tuple[str, ...]
    simulated: tuple[Simulated, ...]
    """Actions tried on the model, and what interlocks say of them."""
    not_simulated: tuple[str, ...]
    quarantined: Mapping[str, int]
    """How many messages of each source were set aside."""
    unresolved: tuple[Unresolved, ...]
    proposed: int = 0
    """How many assumptions were made to propose types, where the file declares none."""


async def retrieve_model_and_readings(run: Run, context: Context) -> Any:
    """retrieve: the model's facts go before what the sources say."""
    run = run.with_output("search", await search(context.store, run.world, run=run.id))
    received = await sync.receive_signals(run, context)
    run = replace(run, outputs={**run.outputs, **received.beside}).with_output("receive", received.main)
    run = sync.stop_without_signals(run, context)
    run = run.with_output("transform", await sync.transform_messages(run, context))
    run = sync.set_event_clock(run, context)
    model = retrieve(context.config, now=run.now, run=run.id)
    integrated = await sync.integrate_events(run, context)
    beside = {
        **run.outputs,
        "integrate_out": replace(integrated, facts=(*model.facts, *integrated.facts)),
        "clock": run.now,
    }
    return Answer(model, beside)


async def inspect_readings(run: Run, context: Context) -> Any:
    """inspect: the facts that will be written. Where the file declares no types, they are proposed first, and what was
    read is taken in again by what is proposed.
    """
    if context.config.types:
        return inspect(run.out("integrate").facts, context.config)
    samples = samples_of(run.out("receive").readings, context.config)
    now = None if context.config.world.clock == "events" else run.now
    config = completed(context.config, propose(samples, now=now))
    under = context.under(config)
    run = run.with_output("transform", await sync.transform_messages(run, under))
    run = sync.set_event_clock(run, under)
    integrated = await sync.integrate_events(run, under)
    facts = (*run.out("retrieve").facts, *integrated.facts)
    beside = {
        "transform_out": run.out("transform"),
        "integrate_out": replace(integrated, facts=facts),
        COMPLETED: config,
        "clock": run.now,
    }
    return Answer(inspect(facts, config), beside)


def keep_clock(run: Run, context: Context) -> Run:  # noqa: ARG001 - every row takes the context
    """The world's clock as the readings have set it: with `clock: events` they had to be understood first."""
    return replace(run, now=run.outputs["clock"])


def stop_without_signals(run: Run, context: Context) -> Run:
    """No baseline is made of nothing."""
    run = replace(run, now=run.outputs["clock"])
    stopped = sync.stop_without_signals(run, context)
    return replace(stopped, now=run.now)


async def write_baseline(run: Run, context: Context) -> Any:
    """world_state: only where there is still no baseline. Raises HeadMoved when another run was faster."""
    if context.inside.head.seq:
        raise HeadMoved(f"Another run has built the baseline of {run.world}", hint="sync: it stands on that one")
    draft = await sync.draft_of(run, context)
    if context.config.inspected is not None:
        draft = replace(draft, configuration=context.config.normalised())
    return await world_state(context.inside, draft)


def entry_of_baseline(run: Run, context: Context) -> AuditEntry:
    """What the audit chain says about the baseline: the types that inspect proposed for it, too."""
    entry = sync.entry_of_commit(run, context)
    inspected = context.config.inspected
    if inspected is None:
        return entry
    return replace(entry, body={**entry.body, "written": inspected.written, "proposed": list(inspected.assumptions)})


async def draw_dependencies(run: Run, context: Context) -> Any:
    """causal_model: on the committed baseline."""
    state = await context.store.state(run.world)
    return Answer(causal_model(state, context.config), {"state": state})


async def set_priors(run: Run, context: Context) -> Any:  # noqa: ARG001 - every row takes the run
    """uncertainty_model: from the model alone."""
    return uncertainty_model(context.config)


async def check_anchors(run: Run, context: Context) -> Any:  # noqa: ARG001
    """provenance: of every fact of the baseline."""
    integrated = run.out("integrate")
    return provenance(integrated.facts, integrated.events)


async def check_grounding(run: Run, context: Context) -> Any:
    """grounding: declared entities against records."""
    return grounding(run.outputs["state"], context.config)


async def simulate_actions(run: Run, context: Context) -> Any:
    """simulation: of the declared actions, on the committed baseline."""
    state = run.outputs["state"]

    async def tried(plan: Plan) -> Foreseen:
        return await foresee(plan, state, run, context)

    return await simulation(state, context.policy, tried)


async def summarize_baseline(run: Run, context: Context) -> Any:
    """summarize: what the baseline holds and lacks."""
    head = await context.store.head(run.world)
    inspected = run.out("inspect") if run.has("inspect") else None
    return BaselineOut(
        version=head.version,
        records=inspected.records if inspected else {},
        dependencies=len(run.out("causal_model").edges) if run.has("causal_model") else 0,
        cycles=run.out("causal_model").cycles if run.has("causal_model") else (),
        ungrounded=run.out("grounding").ungrounded if run.has("grounding") else (),
        unseen=inspected.unseen if inspected else (),
        undeclared=inspected.undeclared if inspected else (),
        simulated=run.out("simulation").simulated if run.has("simulation") else (),
        not_simulated=tuple(name for name, _ in run.out("simulation").not_simulated) if run.has("simulation") else (),
        quarantined=dict(run.out("transform").refused) if run.has("transform") else {},
        unresolved=run.out("identity_resolution").unresolved if run.has("identity_resolution") else (),
        proposed=len(context.config.inspected.assumptions) if context.config.inspected else 0,
    )


WORLD_MODEL_BUILD: Final = Workflow(
    definition=says.WORLD_MODEL_BUILD,
    steps=(
        Step(says.RETRIEVE, retrieve_model_and_readings, after=stop_without_signals),
        Step(says.INSPECT, inspect_readings, after=keep_clock),
        Step(says.IDENTITY, sync.resolve_identities, again_under_lock=True),
        Step(says.WORLD_STATE, write_baseline, in_transaction=True),
        Step(sync_says.STATE_TRANSITION, sync.apply_rules, in_transaction=True),
        Step(says.CAUSAL_MODEL, draw_dependencies),
        Step(says.UNCERTAINTY_MODEL, set_priors),
        Step(says.PROVENANCE, check_anchors),
        Step(says.GROUNDING, check_grounding),
        Step(says.SIMULATION, simulate_actions),
        Step(says.SUMMARIZE, summarize_baseline, why_not=always),
    ),
    entry=entry_of_baseline,
    committed=acknowledge_readings,
)
