"""The risk a world runs into: how likely declared limits are left within the horizon, and what that may lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from graphtwin.methods.judging.forecast import ENOUGH, PATHS, forecast_violation, is_outside
from graphtwin.methods.judging.risk import WORTH_NAMING, assess, dependents, describe_risk
from graphtwin.methods.judging.robust import is_number
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.amounts import Limit
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import HOUR, compact_duration
from graphtwin.model.risk import Forecast, Hazard, Risk
from graphtwin.model.state import Held, State
from graphtwin.ports import Sample

DEFAULT_HORIZON: Final = HOUR
"""How far ahead a world without constraints is looked at (µs)."""


@dataclass(frozen=True, slots=True)
class ForecastRiskOut:
    """`risk` within the horizon (never below the current one: nothing is taken to heal by itself), and a forecast for
    every variable with a declared limit, the likeliest violation first, the unknown ones last.
    """

    forecasts: tuple[Forecast, ...]
    risk: Risk
    forecasted: float
    horizon: int
    factors: tuple[str, ...]
    stop: str
    anchors: tuple[str, ...]
    assumptions: tuple[str, ...]


def limited_variables(state: State, policy: Policy) -> tuple[tuple[str, str], ...]:
    """(entity, variable) of every reported number with a declared limit: what forecast_risk wants the past of."""
    return tuple((entity, name) for entity, name, _, _ in _limited(state, policy))


def forecast_risk(
    state: State,
    config: TwinConfig,
    *,
    samples: Mapping[tuple[str, str], Sequence[Sample]],
    hazards: Sequence[Hazard],
    seed: int,
) -> ForecastRiskOut:
    """Forecast every limited variable from its past (oldest first) and add what may come to what stands.

    `hazards` are those of estimate_risk. The horizon is `constraints.forecast_horizon`, from the state's valid time.
    The same seed gives the same answer, whatever the order of the entities.
    """
    horizon = config.constraints.forecast_horizon if config.constraints else DEFAULT_HORIZON
    forecasts = tuple(
        _forecast(
            entity, name, held, limit, samples.get((entity, name), ()), at=state.at.valid, horizon=horizon, seed=seed
        )
        for entity, name, held, limit in _limited(state, Policy(config))
    )
    coming = tuple(_hazard(f) for f in forecasts if f.probability is not None and f.probability >= WORTH_NAMING)
    risk = assess((*hazards, *coming), dependents(state.edges.values(), config.relations))
    return ForecastRiskOut(
        forecasts=tuple(sorted(forecasts, key=_likeliest_first)),
        risk=risk,
        forecasted=risk.value,
        horizon=horizon,
        factors=describe_risk(risk),
        stop=risk.stop,
        anchors=tuple(f"tool:forecast-risk:{f.entity}.{f.variable}" for f in sorted(forecasts, key=_likeliest_first)),
        assumptions=_assumptions(forecasts, horizon),
    )


def _limited(state: State, policy: Policy) -> Iterable[tuple[str, str, Held, Limit]]:
    for entity in state.entities.values():
        if entity.lifecycle != "active":
            continue
        for name, held in entity.reported.items():
            variable = policy.variable(entity.type, name)
            limit = variable.limit if variable else None
            if limit and (limit.min is not None or limit.max is not None) and is_number(held.value):
                yield entity.id, name, held, limit


def _forecast(
    entity: str, variable: str, held: Held, limit: Limit, past: Sequence[Sample], *, at: int, horizon: int, seed: int
) -> Forecast:
    base = Forecast(entity, variable, None, horizon, at, limit.min, limit.max, "", len(past))
    if is_outside(float(held.value), limit.min, limit.max):
        return replace(base, probability=1.0, method="already outside")
    own_seed = int.from_bytes(hashlib.sha256(f"{seed}\x1f{entity}\x1f{variable}".encode()).digest()[:8], "big")
    outlook = forecast_violation(past, now=at, horizon=horizon, lower=limit.min, upper=limit.max, seed=own_seed)
    if outlook is None:
        return replace(base, reason=f"fewer than {ENOUGH} samples")
    return replace(
        base,
        probability=outlook.probability,
        method=outlook.method,
        low=outlook.low,
        high=outlook.high,
        looked_ahead=outlook.ahead,
    )


def _hazard(forecast: Forecast) -> Hazard:
    within = compact_duration(forecast.horizon)
    limit = _describe_limit(forecast.lower, forecast.upper)
    verb = "is outside its limit" if forecast.probability == 1.0 else f"may leave its limit within {within}"
    return Hazard(
        forecast.entity,
        forecast.probability if forecast.probability is not None else 1.0,
        f"{forecast.entity} {forecast.variable} {verb} ({limit})",
        f"forecast:{forecast.entity}.{forecast.variable}",
        "forecast",
    )


def _describe_limit(lower: float | None, upper: float | None) -> str:
    if lower is None:
        return f"at most {upper:g}"
    return f"at least {lower:g}" if upper is None else f"{lower:g} to {upper:g}"


def _likeliest_first(forecast: Forecast) -> tuple[float, str, str]:
    return (-1.0 if forecast.probability is None else -1.0 - forecast.probability, forecast.entity, forecast.variable)


def _assumptions(forecasts: Sequence[Forecast], horizon: int) -> tuple[str, ...]:
    if not forecasts:
        return ("No variable with a declared limit is reported: the forecast is the current risk, unchanged",)
    said = [f"The next {compact_duration(horizon)} are taken to be like the past: {PATHS} simulated paths a variable"]
    unknown = [f"{f.entity} {f.variable}" for f in forecasts if f.probability is None]
    if unknown:
        said.append(f"No forecast for {len(unknown)} variables with fewer than {ENOUGH} samples: {_few(unknown)}")
    short = [f"{f.entity} {f.variable}" for f in forecasts if 0 < f.looked_ahead < horizon]
    if short:
        said.append(f"The past is too short to look ahead the whole horizon for {len(short)} variables: {_few(short)}")
    return tuple(said)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")  # noqa: PLR2004 - three are enough to tell
