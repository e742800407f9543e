"""Risk from hazards: likelihood times impact, carried along dependencies to everything that relies on the place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isfinite, prod
from typing import Any, Final

import networkx as nx

from graphtwin.methods.judging.severity import DEFAULT_THRESHOLD
from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.configuration.twin import RelationType
from graphtwin.model.finding import Finding
from graphtwin.model.risk import Hazard, Risk, RiskFactor
from graphtwin.model.state import Edge

PER_HOP: Final = 0.7
"""What arrives at a dependent of the risk at what it depends on."""
REACH: Final = 10
"""Hops after which under 3 % would arrive: risk isn't followed further."""
WORTH_NAMING: Final = 0.01
"""Factors that weigh less stay unnamed; they count all the same."""

LIKELIHOOD: Final[Mapping[Severity, float]] = {"low": 0.15, "medium": 0.4, "high": 0.65, "critical": 0.9}
"""How likely a finding of structure, silence or a rule leads to harm."""

_NAMED: Final = 20
_HALF_AT: Final = 4.0  # times the threshold: a value that far off leads to harm as likely as not


def hazard_of(finding: Finding, threshold: float) -> Hazard:
    """What a finding may lead to: a value's likelihood grows with its magnitude, others' follow from the severity."""
    if finding.kind == "value":
        likelihood = 1.0 - 2.0 ** (-finding.magnitude / (_HALF_AT * (threshold or DEFAULT_THRESHOLD)))
    else:
        likelihood = LIKELIHOOD[finding.severity]
    return Hazard(finding.entity, likelihood, finding.message, finding.id)


def dependents(edges: Iterable[Edge], relations: Mapping[str, RelationType]) -> nx.DiGraph[str]:
    """The graph that risk travels on, from what is depended on to what depends on it; all layers count."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for edge in edges:
        declared = relations.get(edge.relation)
        if declared and declared.dependency and edge.subject != edge.object:
            graph.add_edge(edge.object, edge.subject)
    return graph


def assess(hazards: Iterable[Hazard], graph: nx.DiGraph[str]) -> Risk:
    """The world's risk: that of its worst-off entity.

    At an entity, causes combine as independent ones do (noisy-or): each of them raises the risk and none is counted
    twice, since a cause arrives once, over the shortest way, whatever the cycles. Across entities the greatest counts,
    not the combination: one cause shows at all its dependents, and would be counted once for each of them.

    Fails closed: a likelihood that isn't a number between 0 and 1 makes the risk 1, with the reason in `stop`.
    """
    known = sorted(set(hazards), key=lambda hazard: (hazard.entity, hazard.cause, hazard.name, hazard.likelihood))
    broken = [hazard for hazard in known if not 0 <= hazard.likelihood <= 1]
    if broken:
        return _unknown(broken[0])
    arriving: dict[str, list[RiskFactor]] = defaultdict(list)
    for hazard in known:
        for factor in _carry(hazard, graph):
            arriving[factor.entity].append(factor)
    by_entity = {entity: noisy_or(factor.weight for factor in arriving[entity]) for entity in sorted(arriving)}
    factors = (f for at_entity in arriving.values() for f in at_entity if f.weight >= WORTH_NAMING)
    return Risk(max(by_entity.values(), default=0.0), tuple(sorted(factors, key=_factor_order)), by_entity)


def noisy_or(probabilities: Iterable[float]) -> float:
    """The probability that at least one of some independent causes acts; the same for every order of them."""
    return 1.0 - prod(sorted(1.0 - probability for probability in probabilities))


def impact(dependent: int) -> float:
    """What harm at an entity costs, from 2/3 for one that nothing depends on towards 1."""
    return 1.0 - 1.0 / (3.0 + dependent)


def unknown_to_one(value: Any) -> float:
    """A risk as it is compared with limits: what isn't a number from 0 to 1 counts as 1."""
    is_share = isinstance(value, int | float) and isfinite(value) and 0 <= value <= 1
    return float(value) if is_share else 1.0


def named_factors(risk: Risk) -> tuple[RiskFactor, ...]:
    """The heaviest factors, as many as people read; `Risk.factors` has them all."""
    return risk.factors[:_NAMED]


def describe_risk(risk: Risk) -> tuple[str, ...]:
    """The named factors as people read them, and how many more there are."""
    said = tuple(_describe(factor) for factor in named_factors(risk))
    more = len(risk.factors) - len(said)
    return (*said, f"and {more} lighter factors") if more else said


def _describe(factor: RiskFactor) -> str:
    if factor.kind == "carried":
        hops = "1 hop" if factor.hops == 1 else f"{factor.hops} hops"
        return f"{factor.entity} depends on {factor.origin} ({hops}): {factor.name} ({factor.weight:.2f})"
    return f"{factor.name} ({factor.weight:.2f})"


def _carry(hazard: Hazard, graph: nx.DiGraph[str]) -> list[RiskFactor]:
    distances: dict[str, int] = {hazard.entity: 0}
    if hazard.entity in graph:
        distances = dict(nx.single_source_shortest_path_length(graph, hazard.entity, cutoff=REACH))
    local = hazard.likelihood * impact(len(distances) - 1)
    return [
        RiskFactor(
            hazard.name, entity, local * PER_HOP**hops, hazard.kind if hops == 0 else "carried",
            hazard.cause, hazard.entity, hops,
        )
        for entity, hops in distances.items()
    ]  # fmt: skip


def _unknown(hazard: Hazard) -> Risk:
    reason = f"the risk of {hazard.cause} at {hazard.entity or 'the world'} is not a number, so it counts as 1"
    factor = RiskFactor(hazard.name, hazard.entity, 1.0, "unknown", hazard.cause, hazard.entity)
    return Risk(1.0, (factor,), {hazard.entity: 1.0}, reason)


def _factor_order(factor: RiskFactor) -> tuple[float, int, str, str]:
    return (-factor.weight, factor.hops, factor.entity, factor.cause)
