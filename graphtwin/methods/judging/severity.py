"""How grave findings are, one by one and together (S27)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.finding import SEVERITIES, Finding

DEFAULT_THRESHOLD: Final = 0.15
"""`max_drift_threshold` of a world without constraints."""

_STEPS: Final[tuple[tuple[float, Severity], ...]] = ((2.0, "low"), (4.0, "medium"), (8.0, "high"))


def severity_of_magnitude(magnitude: float, threshold: float) -> Severity:
    """Low up to twice the threshold, medium up to four times, high up to eight times, critical beyond or when unknown.

    A threshold of 0 is measured by the default one, since nothing is a multiple of 0.
    """
    ratio = magnitude / (threshold or DEFAULT_THRESHOLD)
    return next((severity for most, severity in _STEPS if ratio <= most), "critical")


def overall_severity(findings: Iterable[Finding]) -> Severity:
    """The gravest one's; low where there is none."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="low")
