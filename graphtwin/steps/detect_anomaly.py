"""Where reality parts from the model: value, structure, silence and rules, each with what it rests on (S26)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphtwin.methods.judging.drift import judge_variable
from graphtwin.methods.judging.findings import (
    edge_facts,
    hold_finding,
    machine_finding,
    rule_finding,
    silence_finding,
    structure_finding,
    value_finding,
)
from graphtwin.methods.judging.severity import DEFAULT_THRESHOLD, overall_severity
from graphtwin.methods.judging.silence import find_silence
from graphtwin.methods.judging.structure import find_gaps
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Changes, RuleRow
from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.finding import Deviation, Finding, NotJudged, RosterHold
from graphtwin.model.machine import MachineTrouble
from graphtwin.model.state import EntityState, Held, State
from graphtwin.ports import Sample

Samples = Mapping[tuple[str, str], Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class DetectAnomalyOut:
    """Findings, gravest first. `judged` counts the variables that were compared with something, `drift` is the greatest
    magnitude that isn't ordinary, `deviations` holds every one above 0, `triggers` a sentence for each finding.
    """

    findings: tuple[Finding, ...]
    deviations: tuple[Deviation, ...]
    judged: int
    not_judged: tuple[NotJudged, ...]
    drift: float
    threshold: float
    severity: Severity
    drift_detected: bool
    triggers: tuple[str, ...]
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]


def detect_anomaly(
    state: State,
    config: TwinConfig,
    *,
    samples: Samples,
    last_heard: Mapping[str, int],
    rule_rows: Iterable[RuleRow] = (),
    changes: Changes | None = None,
    holds: Sequence[RosterHold] = (),
    gone: Mapping[str, int] | None = None,
    behind: Collection[str] = (),
    now: int | None = None,
    troubles: Sequence[MachineTrouble] = (),
) -> DetectAnomalyOut:
    """Judge a version of a world. `samples` is the past of each (entity, variable), oldest first, `last_heard` the newest
    valid time of each source (epoch µs), `rule_rows` what the rules return now, `troubles` the
    state machines that went wrong. All times are valid time.

    `gone` says since when a source is gone by its own word, `behind` which had more to say than was read. `now` is the
    instant to judge at, by default the state's own: a sync that changes nothing makes no version, and silence grows all
    the same (S4).

    Without constraints the default threshold is used. Findings don't depend on the order of anything given.
    """
    policy = Policy(config)
    threshold = config.constraints.max_drift_threshold if config.constraints else DEFAULT_THRESHOLD
    rows = tuple(rule_rows)
    at = state.at.valid if now is None else now
    values, deviations, not_judged = _judge_values(state, policy, samples, threshold, at)
    silences, untold = find_silence(state, last_heard, policy, gone=gone, behind=behind, now=at)
    gaps = find_gaps(state, config, {relation for row in rows for relation, _ in row.edges})
    behind_edges = edge_facts(state) if rows else {}
    found = [
        *values,
        *(structure_finding(gap, state, changes, threshold) for gap in gaps),
        *(hold_finding(hold, threshold) for hold in holds),
        *(machine_finding(trouble, threshold) for trouble in troubles),
        *(silence_finding(silence, state, threshold, now=at) for silence in silences),
        *(rule_finding(row, state, config, behind_edges, threshold) for row in rows if row.finding is not None),
    ]
    findings = _gravest_of_each(found)
    return DetectAnomalyOut(
        findings=findings,
        deviations=tuple(sorted((d for d in deviations if d.magnitude), key=_deviation_order)),
        judged=len(deviations),
        not_judged=(*sorted(not_judged, key=lambda one: (one.entity, one.variable)), *untold),
        drift=max([d.magnitude for d in deviations if not d.ordinary] + [f.magnitude for f in findings], default=0.0),
        threshold=threshold,
        severity=overall_severity(findings),
        drift_detected=any(finding.exceeds for finding in findings),
        triggers=tuple(finding.message for finding in findings),
        anchors=tuple(anchor for finding in findings for anchor in finding.anchors),
        assumptions=_assumptions(config, deviations),
    )


def _judge_values(
    state: State, policy: Policy, samples: Samples, threshold: float, now: int
) -> tuple[list[Finding], list[Deviation], list[NotJudged]]:
    findings: list[Finding] = []
    deviations: list[Deviation] = []
    not_judged: list[NotJudged] = []
    for entity in state.entities.values():
        if entity.lifecycle != "active":
            not_judged.append(NotJudged(entity.id, "", f"{entity.lifecycle}: its source no longer names it"))
            continue
        for name, held in entity.reported.items():
            past = samples.get((entity.id, name), ())
            judged = _judge_one(entity, name, held, policy, past)
            if isinstance(judged, NotJudged):
                not_judged.append(judged)
            elif judged is not None:
                deviations.append(judged)
                if judged.magnitude > threshold and not judged.ordinary:
                    findings.append(value_finding(entity, judged, held, past, threshold=threshold, now=now))
    return findings, deviations, not_judged


def _judge_one(
    entity: EntityState, name: str, held: Held, policy: Policy, past: Sequence[Sample]
) -> Deviation | NotJudged | None:
    variable = policy.variable(entity.type, name)
    if variable is None or not variable.judged:
        return None
    return judge_variable(
        entity.id,
        name,
        variable,
        held,
        desired=entity.desired.get(name),
        expected=entity.expected.get(name),
        samples=past,
    )


def _gravest_of_each(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding an id, the gravest, whatever the order they came in."""
    kept: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda one: (one.order, one.message)):
        kept.setdefault(finding.id, finding)
    return tuple(kept.values())


def _deviation_order(deviation: Deviation) -> tuple[float, str, str]:
    return (-deviation.magnitude, deviation.entity, deviation.variable)


def _assumptions(config: TwinConfig, deviations: Iterable[Deviation]) -> tuple[str, ...]:
    by_history = sum(1 for deviation in deviations if deviation.reference_kind == "history")
    said = []
    if config.constraints is None:
        said.append(f"No constraints are declared: drift is measured against the default {DEFAULT_THRESHOLD}")
    if by_history:
        said.append(f"{by_history} variables have no desired or expected value; their own history counts as normal")
    return tuple(said)
