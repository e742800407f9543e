"""uncertainty_model: for each declared numeric variable, the scale a deviation is measured by, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.configuration.twin import TwinConfig


@dataclass(frozen=True, slots=True)
class VariablePrior:
    """What is known of a variable before there is history: `span` is a whole deviation, None until history tells."""

    type: str
    variable: str
    span: float | None
    resolution: float
    basis: str


@dataclass(frozen=True, slots=True)
class UncertaintyModelOut:
    """One prior for each declared numeric variable, and how many must wait for history."""

    priors: tuple[VariablePrior, ...]
    waiting: int
    anchors: tuple[str, ...]


def uncertainty_model(config: TwinConfig) -> UncertaintyModelOut:
    """Priors from the model: a declared span, else none yet: a limit bounds the forecast, it is no span (S26)."""
    priors = tuple(
        _prior(type_name, name, variable.span, variable.limit, variable.resolution)
        for type_name, kind in sorted(config.types.items())
        for name, variable in sorted(kind.variables.items())
        if variable.datatype in ("number", "integer") and variable.judged
    )
    return UncertaintyModelOut(priors, sum(prior.span is None for prior in priors), ("file:twin.yaml#types",))


def _prior(type_name: str, name: str, span: float | None, limit: object, resolution: float) -> VariablePrior:
    if span is not None:
        return VariablePrior(type_name, name, span, resolution, "declared span")
    basis = "its own history, once there are 5 samples" + (" (its limit bounds the forecast)" if limit else "")
    return VariablePrior(type_name, name, None, resolution, basis)
