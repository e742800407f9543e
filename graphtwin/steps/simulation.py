"""simulation: which declared actions can be tried on the model before anything real is touched."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.configuration.twin import TwinConfig


@dataclass(frozen=True, slots=True)
class SimulationOut:
    """Actions that were simulated, and those that can't be, with the reason."""

    simulated: tuple[str, ...]
    not_simulated: tuple[tuple[str, str], ...]
    anchors: tuple[str, ...]


def simulation(config: TwinConfig) -> SimulationOut:
    """One what-if for each declared action that has an actuator. This version has no actuators: actions are proposals,
    so none is simulated, and each is listed with that reason.
    """
    reason = "no actuator carries it out, so it stays a proposal to a person"
    return SimulationOut((), tuple((action.id, reason) for action in config.actions), ("file:twin.yaml#actions",))
