"""Findings: where reality parts from the model, what was compared to tell, and what couldn't be judged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from graphtwin.model.configuration.amounts import Severity

FindingKind = Literal["value", "structure", "silence", "rule"]
ReferenceKind = Literal["desired", "expected", "nominal", "history"]

SEVERITIES: Final[tuple[Severity, ...]] = ("low", "medium", "high", "critical")
"""From the mildest to the gravest."""

MAX_MAGNITUDE: Final = 1e6
"""Magnitudes stop here, so that every one of them is a number that JSON can say."""


def finding_id(kind: FindingKind, entity: str, name: str, subject: str = "") -> str:
    """The id that one and the same finding has in every sync; `subject` tells findings of one name apart."""
    text = f"{kind}\x1f{entity}\x1f{name}\x1f{subject}"
    return "f-" + hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Finding:
    """One anomaly. `name` is what an action's `when` refers to; `entity` is "" where a whole source is meant.

    `magnitude` is the share of a whole deviation (1 for structure and silence, S26), `exceeds` says that it is over
    the threshold. `reported` and `reference` are JSON values, `since` is valid time in epoch µs where it is known,
    `evidence` are the ids of the facts it rests on. `disputed`: the reported value is one that no plan may read.
    """

    id: str
    kind: FindingKind
    name: str
    entity: str
    variable: str
    reported: Any
    reference: Any
    reference_kind: ReferenceKind | None
    magnitude: float
    severity: Severity
    exceeds: bool
    message: str
    anchors: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    since: int | None = None
    disputed: bool = False

    @property
    def order(self) -> tuple[int, float, str]:
        """Sorts the gravest first, then the greatest, then by id."""
        return (-SEVERITIES.index(self.severity), -self.magnitude, self.id)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far one variable is from one reference, anomaly or not; `magnitude` = |reported - reference| / span."""

    entity: str
    variable: str
    reported: Any
    reference: Any
    reference_kind: ReferenceKind
    span: float | None
    magnitude: float
    ordinary: bool = False
    """Within what the variable's own history does anyway: never a finding."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """What couldn't be judged, and why, in plain words; `variable` is "" where an entity or source is meant."""

    entity: str
    variable: str
    reason: str


@dataclass(frozen=True, slots=True)
class RosterHold:
    """A roster that is held for a person, so that nothing retires by mistake (S24); `taken_at` in epoch µs."""

    source: str
    reason: str
    taken_at: int | None = None
    evidence: tuple[str, ...] = ()


def severity_of(name: Any, otherwise: Severity) -> Severity:
    """A declared severity, read without trust: anything else is `otherwise`."""
    for severity in SEVERITIES:
        if name == severity:
            return severity
    return otherwise


def text_of(finding: Mapping[str, Any], field: str) -> str:
    """A text field of a rule row's finding; "" where it isn't text."""
    value = finding.get(field)
    return value if isinstance(value, str) else ""
