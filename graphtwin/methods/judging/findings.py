"""Each kind of anomaly as a finding: its name, its severity, what it rests on, and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtwin.methods.judging.drift import drifting_since
from graphtwin.methods.judging.severity import severity_of_magnitude
from graphtwin.methods.judging.silence import Silence
from graphtwin.methods.judging.structure import Gap
from graphtwin.methods.rules.derivation import finding_name
from graphtwin.model.commit import Changes, RuleRow
from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.configuration.reserved import relation_token
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.model.fact import BEGIN
from graphtwin.model.finding import Deviation, Finding, FindingKind, RosterHold, finding_id, severity_of, text_of
from graphtwin.model.machine import MachineTrouble
from graphtwin.model.state import EntityState, Held, State
from graphtwin.ports import Sample

EdgeFacts = Mapping[tuple[str, str], Sequence[str]]
"""The facts behind the edges of (subject, RELATION)."""


def value_finding(
    entity: EntityState, deviation: Deviation, held: Held, past: Sequence[Sample], *, threshold: float, now: int
) -> Finding:
    """A variable away from its reference; `now` (epoch µs) tells how long already."""
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


def structure_finding(gap: Gap, state: State, changes: Changes | None, threshold: float) -> Finding:
    """A difference of structure; its beginning is known where this very sync saw the edge go."""
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


def hold_finding(hold: RosterHold, threshold: float) -> Finding:
    """A roster that waits for a person."""
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


def machine_finding(trouble: MachineTrouble, threshold: float) -> Finding:
    """A state machine whose step rests on what wasn't so, or whose rules contradict each other (S22)."""
    return _finding(
        "structure",
        trouble.name,
        trouble.entity,
        subject=trouble.variable,
        variable=trouble.variable,
        reported=trouble.state,
        threshold=threshold,
        severity="high",
        message=trouble.message,
        evidence=trouble.evidence,
        since=trouble.since,
        anchors=tuple(f"tool:rule:{rule}" for rule in trouble.rules),
    )


def silence_finding(silence: Silence, state: State, threshold: float, *, now: int) -> Finding:
    """A source that fell silent about an entity, or altogether; `now` (epoch µs) tells how long already."""
    entity = state.entities.get(silence.entity)
    about = f" about {silence.entity} ({', '.join(silence.variables[:5])})" if entity else ""
    said = f"{silence.source} has said nothing{about} for {_age(max(now - silence.heard_at, 0))}"
    if silence.gone_since is not None:
        said = f"{silence.source} is gone by its own word: nothing more{about}, for {_age(max(now - silence.gone_since, 0))}"
    held = [entity.reported[name] for name in silence.variables] if entity else []
    return _finding(
        "silence",
        f"silence:{silence.source}",
        silence.entity,
        variable=silence.variables[0] if len(silence.variables) == 1 else "",
        threshold=threshold,
        severity="medium",
        message=said,
        evidence=tuple(one.fact for one in held if one.fact),
        since=silence.heard_at if silence.gone_since is None else silence.gone_since,
    )


def rule_finding(row: RuleRow, state: State, config: TwinConfig, behind_edges: EdgeFacts, threshold: float) -> Finding:
    """A rule's row, read without trust; `behind_edges` is what `edge_facts` found, so that it is looked for once."""
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
        evidence=_premise_facts(row, state, behind_edges),
        since=_derived_since(row, state),
        anchors=(f"tool:rule:{row.rule}",),
    )


def _derived_since(row: RuleRow, state: State) -> int | None:
    """From when the derived value that carries the finding is valid: its newest premise, as S22 dates it."""
    subject = state.entities.get(row.subject)
    held = subject.reported.get(finding_name(row.rule)) if subject else None
    return held.valid_from if held and held.valid_from > BEGIN else None


def _premise_facts(row: RuleRow, state: State, behind_edges: EdgeFacts) -> tuple[str, ...]:
    """The ids of the facts that hold what the row rests on, as far as the state shows them."""
    facts = []
    for entity, name in sorted(set(row.premises)):
        holder = state.entities.get(entity)
        if holder and name in holder.reported:
            facts.append(holder.reported[name].fact)
        facts += behind_edges.get((entity, relation_token(name)), [])
    return tuple(dict.fromkeys(fact for fact in facts if fact))


def edge_facts(state: State) -> EdgeFacts:
    """The winning facts of all edges, by subject and relation."""
    found: dict[tuple[str, str], list[str]] = {}
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
