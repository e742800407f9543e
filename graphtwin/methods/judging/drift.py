"""How far a reported value is from what it should be, as a share of a whole deviation (S26)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from graphtwin.methods.judging.ordinary import is_ordinary
from graphtwin.methods.judging.robust import is_number, numbers, robust_scale
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import Variable
from graphtwin.model.finding import MAX_MAGNITUDE, Deviation, NotJudged, ReferenceKind
from graphtwin.model.state import EntityState, Held, State
from graphtwin.ports import Sample

ENOUGH: Final = 5
"""Samples that a history needs before it says anything."""

_SPAN_SCALES: Final = 6.0
_SPAN_SHARE: Final = 1e-3


def judged_variables(state: State, policy: Policy) -> tuple[tuple[str, str], ...]:
    """(entity, variable) of everything that can't be judged without its past: a declared, judged number of an active
    entity without a reference, or without a declared span.
    """
    return tuple(
        (entity.id, name)
        for entity in state.entities.values()
        if entity.lifecycle == "active"
        for name in entity.reported
        if (variable := policy.variable(entity.type, name)) and _needs_past(variable, entity, name)
    )


def _needs_past(variable: Variable, entity: EntityState, name: str) -> bool:
    if not variable.judged or not is_numeric(variable):
        return False
    return variable.span is None or not _references(variable, entity.desired.get(name), entity.expected.get(name))


def is_numeric(variable: Variable) -> bool:
    """Declared to hold numbers."""
    return variable.datatype in ("number", "integer")


def judge_variable(
    entity: str,
    name: str,
    variable: Variable,
    held: Held,
    *,
    desired: Held | None = None,
    expected: Held | None = None,
    samples: Sequence[Sample] = (),
) -> Deviation | NotJudged | None:
    """The variable's drift: the greatest deviation over its references (desired, expected, else nominal, else history).

    `samples` is the variable's past, oldest first; what isn't older than `held` is left out. What differs from history
    alone is marked `ordinary` while it lies within what the variable does anyway. None where there is nothing to
    compare: text, booleans and objects without a reference.
    """
    references = _references(variable, desired, expected)
    clash = next((other for _, other, unit in references if unit and held.unit and unit != held.unit), None)
    if clash is not None:
        return NotJudged(entity, name, f"reported in {held.unit}, but its reference {clash!r} has another unit")
    past = [sample.value for sample in samples if sample.valid_from < held.valid_from]
    if is_numeric(variable) and is_number(held.value) and all(is_number(reference) for _, reference, _ in references):
        known = [(kind, reference) for kind, reference, _ in references]
        return _judge_number(entity, name, held.value, known, variable=variable, history=numbers(past))
    if is_numeric(variable) and isinstance(held.value, float) and not is_number(held.value):
        return NotJudged(entity, name, "the value is beyond what can be reckoned with")
    return _judge_equality(entity, name, held.value, [(kind, reference) for kind, reference, _ in references])


def drifting_since(held: Held, deviation: Deviation, samples: Sequence[Sample], threshold: float) -> int:
    """Since when (epoch µs) the variable has been further than `threshold` from the same reference, without a break."""
    since = held.valid_from
    for sample in reversed([sample for sample in samples if sample.valid_from < held.valid_from]):
        if not magnitude(sample.value, deviation.reference, deviation.span) > threshold:
            break
        since = sample.valid_from
    return since


def magnitude(reported: Any, reference: Any, span: float | None) -> float:
    """|reported - reference| / span for two numbers with a span; else 0 for equal JSON values and 1 for others."""
    if span is None or not (is_number(reported) and is_number(reference)):
        return 0.0 if same(reported, reference) else 1.0
    return float(min(abs(reported - reference) / span, MAX_MAGNITUDE))


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: 20 and 20.0 are one number, true and 1 are not."""
    if isinstance(one, str):  # the most frequent by far
        return isinstance(other, str) and one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def span_of(variable: Variable, history: Sequence[float]) -> float | None:
    """What counts as a whole deviation: declared, else from at least 5 samples; None where nobody can tell."""
    if variable.span is not None:
        return variable.span
    if len(history) < ENOUGH:
        return None
    span = max(_SPAN_SCALES * robust_scale(history), variable.resolution, _SPAN_SHARE * abs(median(history)))
    return span or None


def _references(
    variable: Variable, desired: Held | None, expected: Held | None
) -> list[tuple[ReferenceKind, Any, str]]:
    found: list[tuple[ReferenceKind, Any, str]] = []
    if desired is not None:
        found.append(("desired", desired.value, desired.unit))
    if expected is not None:
        found.append(("expected", expected.value, expected.unit))
    elif variable.nominal is not None:
        found.append(("nominal", variable.nominal, variable.unit))
    return found


def _judge_number(
    entity: str,
    name: str,
    value: float,
    references: Sequence[tuple[ReferenceKind, Any]],
    *,
    variable: Variable,
    history: Sequence[float],
) -> Deviation | NotJudged:
    if not references and len(history) < ENOUGH:
        return NotJudged(entity, name, f"no desired or expected value, and only {len(history)} earlier samples")
    span = span_of(variable, history)
    if span is None:
        known = f"{len(history)} earlier samples" if len(history) < ENOUGH else "its history is constantly 0"
        return NotJudged(entity, name, f"no span: declare `span` or `resolution` ({known})")
    if references:
        kind, reference = max(references, key=lambda one: magnitude(value, one[1], span))
        return Deviation(entity, name, value, reference, kind, span, magnitude(value, reference, span))
    centre = median(history)
    ordinary = is_ordinary(value, history, variable.resolution)
    return Deviation(entity, name, value, centre, "history", span, magnitude(value, centre, span), ordinary=ordinary)


def _judge_equality(
    entity: str, name: str, value: Any, references: Sequence[tuple[ReferenceKind, Any]]
) -> Deviation | None:
    if not references:
        return None
    kind, reference = max(references, key=lambda one: magnitude(value, one[1], None))
    return Deviation(entity, name, value, reference, kind, None, magnitude(value, reference, None))
