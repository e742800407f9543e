"""The risk of a world as it stands: what the findings may lead to, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphtwin.methods.judging.risk import assess, dependents, describe_risk, hazard_of, named_factors
from graphtwin.methods.judging.severity import DEFAULT_THRESHOLD
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.finding import Finding
from graphtwin.model.risk import Hazard, Risk
from graphtwin.model.state import State


@dataclass(frozen=True, slots=True)
class EstimateRiskOut:
    """`risk` now, the `hazards` it was computed from (forecast_risk adds to them), and its factors in plain words.

    `stop` isn't empty when the risk couldn't be computed; it counts as 1 then, and nothing may act.
    """

    risk: Risk
    current: float
    hazards: tuple[Hazard, ...]
    factors: tuple[str, ...]
    stop: str
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]


def estimate_risk(findings: Sequence[Finding], state: State, config: TwinConfig) -> EstimateRiskOut:
    """Current risk from 0 to 1; more findings never lower it, and their order doesn't matter."""
    threshold = config.constraints.max_drift_threshold if config.constraints else DEFAULT_THRESHOLD
    hazards = tuple(hazard_of(finding, threshold) for finding in findings)
    risk = assess(hazards, dependents(state.edges.values(), config.relations))
    return EstimateRiskOut(
        risk=risk,
        current=risk.value,
        hazards=hazards,
        factors=describe_risk(risk),
        stop=risk.stop,
        anchors=tuple(dict.fromkeys(f"tool:estimate-risk:{factor.cause}" for factor in named_factors(risk))),
        assumptions=_assumptions(hazards, config),
    )


def _assumptions(hazards: Sequence[Hazard], config: TwinConfig) -> tuple[str, ...]:
    if not hazards:
        return ()
    said = ["Causes of risk at one entity are taken as independent"]
    if not any(relation.dependency for relation in config.relations.values()):
        said.append("No relation is declared as a dependency, so risk is not carried to other entities")
    return tuple(said)
