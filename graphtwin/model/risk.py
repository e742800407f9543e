"""Risk: how likely something here is to do harm, how much, why, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FactorKind = Literal["finding", "forecast", "carried", "unknown"]


@dataclass(frozen=True, slots=True)
class Hazard:
    """One possible cause of harm at an entity: `likelihood` from 0 to 1, named in plain words by `name`.

    `cause` is the id of what it rests on (a finding, or `forecast:<entity>.<variable>`).
    """

    entity: str
    likelihood: float
    name: str
    cause: str
    kind: FactorKind = "finding"


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """A named part of a risk: `weight` is the risk that this cause alone would make at `entity`; `hops` how far along
    dependencies it came from `origin`.
    """

    name: str
    entity: str
    weight: float
    kind: FactorKind
    cause: str
    origin: str
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Risk:
    """A world's risk from 0 to 1, with its factors (heaviest first) and the risk of every entity that has any.

    `stop` isn't empty when the risk couldn't be computed: then `value` is 1 and nothing may act.
    """

    value: float
    factors: tuple[RiskFactor, ...] = ()
    by_entity: Mapping[str, float] = field(default_factory=dict)
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whether a variable will leave its declared limit within `horizon` (µs) of `issued_at` (epoch µs).

    `probability` is None where nothing can be said, and `reason` says why. `low` and `high` hold four out of five
    simulated extremes on the side that matters; `method` names the model that its own past chose.
    """

    entity: str
    variable: str
    probability: float | None
    horizon: int
    issued_at: int
    lower: float | None
    upper: float | None
    method: str
    samples: int
    reason: str = ""
    low: float | None = None
    high: float | None = None
    looked_ahead: int = 0
    """How far the paths reach (µs); less than `horizon` where the history is too short and too dense."""
