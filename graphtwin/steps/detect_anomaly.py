"""Where reality parts from the model: value, structure, silence and rules, each with what it rests on (S26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.drift import drifting_since, judge_variable
from graphtwin.methods.policy import Policy
from graphtwin.methods.severity import DEFAULT_THRESHOLD, overall_severity, severity_of_magnitude
from graphtwin.methods.silence import Silence, find_silence
from graphtwin.methods.structure import Gap, find_gaps
from graphtwin.model.commit import Changes, RuleRow
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.model.fact import BEGIN
from graphtwin.model.finding import (
    Deviation,
    Finding,
    FindingKind,
    NotJudged,
    RosterHold,
    finding_id,
    severity_of,
    text_of,
)
from graphtwin.model.reserved import relation_token
from graphtwin.model.state import EntityState, Held, State
from graphtwin.model.twin import Severity, TwinConfig
from graphtwin.ports import Sample

Samples = Mapping[tuple[str, str], Sequence[Sample]]
_EdgeFacts = dict[tuple[str, str], list[str]]
"""The facts behind the edges of (subject, RELATION)."""


@dataclass(frozen=True, slots=True)
class DetectAnomalyOut:
    """Findings, gravest first. `judged` counts the variables that were compared with something, `drift` is the greatest
    magnitude of anything judged, `deviations` holds every one above 0, `triggers` a sentence for each finding.
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
) -> DetectAnomalyOut:
    """Judge a version of a world. `samples` is the past of each (entity, variable), oldest first, `last_heard` the newest
    valid time of each source (epoch µs), `rule_rows` what the rules return now. All times are valid time.

    Without constraints the default threshold is used. Findings don't depend on the order of anything given.
    """
    policy = Policy(config)
    threshold = config.constraints.max_drift_threshold if config.constraints else DEFAULT_THRESHOLD
    rows = tuple(rule_rows)
    values, deviations, not_judged = _judge_values(state, policy, samples, threshold)
    silences, untold = find_silence(state, last_heard, policy)
    gaps = find_gaps(state, config, {relation for row in rows for relation, _ in row.edges})
    edge_facts = _edge_facts(state) if rows else {}
    found = [
        *values,
        *(_structure_finding(gap, state, changes, threshold) for gap in gaps),
        *(_hold_finding(hold, threshold) for hold in holds),
        *(_silence_finding(silence, state, threshold) for silence in silences),
        *(
            _rule_finding(row, config, threshold, _premise_facts(row, state, edge_facts))
            for row in rows
            if row.finding is not None
        ),
    ]
    findings = _gravest_of_each(found)
    return DetectAnomalyOut(
        findings=findings,
        deviations=tuple(sorted((d for d in deviations if d.magnitude), key=_deviation_order)),
        judged=len(deviations),
        not_judged=(*not_judged, *untold),
        drift=max([d.magnitude for d in deviations] + [f.magnitude for f in findings], default=0.0),
        threshold=threshold,
        severity=overall_severity(findings),
        drift_detected=any(finding.exceeds for finding in findings),
        triggers=tuple(finding.message for finding in findings),
        anchors=tuple(anchor for finding in findings for anchor in finding.anchors),
        assumptions=_assumptions(config, deviations),
    )


def _judge_values(
    state: State, policy: Policy, samples: Samples, threshold: float
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
                    findings.append(_value_finding(entity, judged, held, past, threshold=threshold, now=state.at.valid))
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


def _value_finding(
    entity: EntityState, deviation: Deviation, held: Held, past: Sequence[Sample], *, threshold: float, now: int
) -> Finding:
    since = drifting_since(held, deviation, past, threshold)
    reference = {"desired": entity.desired, "expected": entity.expected}.get(deviation.reference_kind, {})
    against = reference.get(deviation.variable)
    return _finding(
        "value",
        f"drift:{entity.type}.{deviation.variable}",
        entity.id,
        variable=deviation.variable,
        reported=deviation.reported,
        reference=deviation.reference,
        deviation=deviation,
        magnitude=deviation.magnitude,
        threshold=threshold,
        severity=severity_of_magnitude(deviation.magnitude, threshold),
        message=_value_message(deviation, held, now - since if since > BEGIN else 0),
        evidence=tuple(fact for fact in (held.fact, against.fact if against else "") if fact),
        since=since if since > BEGIN else None,
        disputed=held.disputed,
    )


def _value_message(deviation: Deviation, held: Held, lasting: int) -> str:
    words = {
        "desired": "desired is",
        "expected": "expected is",
        "nominal": "nominal is",
        "history": "its history's median is",
    }[deviation.reference_kind]
    unit = f" {held.unit}" if held.unit and deviation.span is not None else ""
    reported, reference = _show(deviation.reported), _show(deviation.reference)
    lately = f", for {_age(lasting)}" if lasting >= SECOND else ""
    return f"{deviation.entity} {deviation.variable} is {reported}{unit}, {words} {reference}{unit}{lately}"


def _age(micros: int) -> str:
    """A duration to the second, or exact where it is shorter than one."""
    return compact_duration(micros - micros % SECOND if micros >= SECOND else micros)


def _show(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:80]


def _structure_finding(gap: Gap, state: State, changes: Changes | None, threshold: float) -> Finding:
    gone = changes is not None and any(
        change.after is None and change.key == ("reported", gap.entity, gap.relation, gap.subject)
        for change in changes.edges
    )
    return _finding(
        "structure",
        gap.name,
        gap.entity,
        subject=gap.subject,
        variable=gap.relation,
        reported=gap.reported,
        reference=gap.reference,
        threshold=threshold,
        severity=gap.severity,
        message=gap.message,
        evidence=tuple(fact for fact in gap.evidence if fact),
        since=state.at.valid if gone else None,
    )


def _hold_finding(hold: RosterHold, threshold: float) -> Finding:
    return _finding(
        "structure",
        f"roster:{hold.source}",
        "",
        threshold=threshold,
        severity="medium",
        message=f"The roster of {hold.source} is held for a person: {hold.reason}",
        evidence=hold.evidence,
        since=hold.taken_at,
    )


def _silence_finding(silence: Silence, state: State, threshold: float) -> Finding:
    ago = _age(max(state.at.valid - silence.heard_at, 0))
    entity = state.entities.get(silence.entity)
    about = f" about {silence.entity} ({', '.join(silence.variables[:5])})" if entity else ""
    held = [entity.reported[name] for name in silence.variables] if entity else []
    return _finding(
        "silence",
        f"silence:{silence.source}",
        silence.entity,
        variable=silence.variables[0] if len(silence.variables) == 1 else "",
        threshold=threshold,
        severity="medium",
        message=f"{silence.source} has said nothing{about} for {ago}",
        evidence=tuple(one.fact for one in held if one.fact),
        since=silence.heard_at,
    )


def _rule_finding(row: RuleRow, config: TwinConfig, threshold: float, evidence: tuple[str, ...]) -> Finding:
    given = row.finding or {}
    rule = next((rule for rule in config.rules if rule.id == row.rule), None)
    description = rule.description if rule else ""
    return _finding(
        "rule",
        row.rule,
        row.subject,
        subject=text_of(given, "about"),
        variable=text_of(given, "variable"),
        reported=given.get("reported"),
        reference=given.get("reference"),
        threshold=threshold,
        severity=severity_of(given.get("severity"), rule.severity if rule else "medium"),
        message=text_of(given, "message") or f"{description or row.rule}: {row.subject}",
        evidence=evidence,
        anchors=(f"tool:rule:{row.rule}",),
    )


def _premise_facts(row: RuleRow, state: State, edge_facts: _EdgeFacts) -> tuple[str, ...]:
    """The ids of the facts that hold what the row rests on, as far as the state shows them."""
    facts = []
    for entity, name in sorted(set(row.premises)):
        holder = state.entities.get(entity)
        if holder and name in holder.reported:
            facts.append(holder.reported[name].fact)
        facts += edge_facts.get((entity, relation_token(name)), [])
    return tuple(dict.fromkeys(fact for fact in facts if fact))


def _edge_facts(state: State) -> _EdgeFacts:
    found: _EdgeFacts = {}
    for edge in state.edges.values():
        found.setdefault((edge.subject, relation_token(edge.relation)), []).append(edge.held.fact)
    return found


def _finding(
    kind: FindingKind,
    name: str,
    entity: str,
    *,
    threshold: float,
    severity: Severity,
    message: str,
    subject: str = "",
    variable: str = "",
    reported: Any = None,
    reference: Any = None,
    deviation: Deviation | None = None,
    magnitude: float = 1.0,
    evidence: tuple[str, ...] = (),
    since: int | None = None,
    disputed: bool = False,
    anchors: tuple[str, ...] = (),
) -> Finding:
    one = finding_id(kind, entity, name, subject)
    return Finding(
        id=one,
        kind=kind,
        name=name,
        entity=entity,
        variable=variable,
        reported=reported,
        reference=reference,
        reference_kind=deviation.reference_kind if deviation else None,
        magnitude=magnitude,
        severity=severity,
        exceeds=magnitude > threshold,
        message=message,
        anchors=(f"tool:detect-anomaly:{one}", *anchors),
        evidence=evidence,
        since=since,
        disputed=disputed,
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
