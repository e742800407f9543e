"""From the committed version to what it means: drift, confidence, risk now and ahead (S25, S26)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.methods.judging.confidence import Confidence, combine, receive_confidence, share_left
from graphtwin.methods.judging.drift import judged_variables
from graphtwin.methods.judging.silence import GONE
from graphtwin.methods.state.policy import SYSTEM_NAMES
from graphtwin.model.commit import Head
from graphtwin.model.finding import RosterHold
from graphtwin.model.state import State
from graphtwin.ports import Sample, Store
from graphtwin.steps.detect_anomaly import detect_anomaly
from graphtwin.steps.estimate_risk import estimate_risk
from graphtwin.steps.forecast_risk import forecast_risk, limited_variables
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import Answer

SAMPLES: Final = 256
"""How much of a variable's past drift and forecast look at."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The world as this run left it: read once, judged by every later step."""

    head: Head
    state: State
    samples: Mapping[tuple[str, str], tuple[Sample, ...]]
    last_heard: Mapping[str, int]
    gone: Mapping[str, int]
    """Since when a source is gone by its own word, by name."""


async def read_twin(store: Store, run: Run, context: Context) -> Twin:
    """The head, its whole state, and the past of every variable that is judged or limited."""
    head = await store.head(run.world)
    state = await store.state(run.world)
    wanted = sorted({*limited_variables(state, context.policy), *judged_variables(state, context.policy)})
    winners = {(entity, name): state.entities[entity].reported[name].record for entity, name in wanted}
    return Twin(
        head=head,
        state=state,
        samples=await store.samples(run.world, wanted, at=state.at, limit=SAMPLES, winners=winners),
        last_heard=await store.last_heard(run.world),
        gone={name: int(cursor[GONE]) for name, cursor in (await store.cursors(run.world)).items() if GONE in cursor},
    )


async def detect(run: Run, context: Context) -> Any:
    """detect_anomaly: on the committed version."""
    twin = await read_twin(context.store, run, context)
    moved = run.out("state_transition")
    found = detect_anomaly(
        twin.state,
        context.config,
        samples=twin.samples,
        last_heard=twin.last_heard,
        rule_rows=moved.rows,
        changes=run.out("world_state").changes,
        holds=_holds(run),
        gone=twin.gone,
        behind={reading.source for reading in run.out("receive").readings if reading.more},
        now=max(twin.state.at.valid, run.now),
        troubles=moved.troubles,
    )
    return Answer(found, {"twin": twin, "confidence": _confidence(run, context, twin.state)})


def _holds(run: Run) -> tuple[RosterHold, ...]:
    """The rosters that wait for a person: unbelievable ones, and those of readings that were cut short (S24)."""
    partial = sorted(run.out("transform").partial_rosters.items())
    return (*run.out("integrate").holds, *(RosterHold(source, reason, run.now) for source, reason in partial))


def _confidence(run: Run, context: Context, state: State) -> Confidence:
    """S25, step by step; a first report rests on what the baseline read, too."""
    steps = _shares(run, context, state)
    if "baseline" in run.outputs:
        before = _shares(run.outputs["baseline"], context, state)
        steps = {step: min(share, before[step]) for step, share in steps.items()}
    return combine(steps, context.config.constraints)


def _shares(run: Run, context: Context, state: State) -> dict[str, float]:
    received, resolved = run.out("receive"), run.out("identity_resolution")
    touched, disputed = _touched(run, state)
    trust = {source: context.policy.source_trust(source) for source in received.answered}
    unresolved = len({one.record for one in resolved.unresolved} - resolved.carried)
    return {
        "receive": receive_confidence(received.answered, trust),
        "transform": 1.0 - run.out("transform").quarantined_share,
        "integrate": share_left(disputed, touched),
        "identity_resolution": share_left(unresolved, max(resolved.touched, unresolved)),
    }


def _touched(run: Run, state: State) -> tuple[int, int]:
    """How many values the new facts speak of, restated ones too, and how many of these are disputed: one lasting
    contradiction among many readings must not count for all of them.
    """
    entity_of = {record: entity.id for entity in state.entities.values() for record in entity.records}
    said = {(entity_of[fact.record], fact.name) for fact in run.out("integrate").facts if fact.record in entity_of}
    conflicts = set(run.out("world_state").conflicts)
    groups = {group for group in said if group[1] not in SYSTEM_NAMES} | conflicts
    standing = {
        (one.id, name) for one in state.entities.values() for name, held in one.reported.items() if held.disputed
    }
    return len(groups), len(groups & (standing | conflicts))


def stop_on_low_confidence(run: Run, context: Context) -> Run:  # noqa: ARG001
    """Observed and shown, but nothing plans or acts (S25)."""
    confidence: Confidence = run.outputs["confidence"]
    return run.stop("confidence", "detect_anomaly", confidence.stop) if confidence.stop else run


async def estimate(run: Run, context: Context) -> Any:
    """estimate_risk: of the findings, on the committed state."""
    return estimate_risk(run.out("detect_anomaly").findings, run.outputs["twin"].state, context.config)


async def forecast(run: Run, context: Context) -> Any:
    """forecast_risk: seeded by the version, so that a report can be computed again."""
    twin = run.outputs["twin"]
    return forecast_risk(
        twin.state,
        context.config,
        samples=twin.samples,
        hazards=run.out("estimate_risk").hazards,
        seed=twin.head.seq,
    )


def once_known(*steps: str) -> Callable[[Run], str]:
    """The condition of the steps after detection: a stop by low confidence doesn't hide the risk, but what rests on an
    answer that never came is skipped.
    """

    def why_not(run: Run) -> str:
        missing = next((step for step in steps if not run.has(step)), None)
        if missing is None:
            return ""
        return run.stopped.reason if run.stopped else f"{missing} didn't answer"

    return why_not
