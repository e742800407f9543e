"""The valid time of a commit: what its present and its hash are the state at (S4)."""

from __future__ import annotations

from collections.abc import Iterable

from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact


def as_of(previous: int, now: int, facts: Iterable[Fact], config: TwinConfig) -> int:
    """V(k) in epoch µs: never before V(k-1), the world's clock, or the newest of the commit's new facts that isn't
    planned. A fact dated beyond the skew (S2) is planned: it doesn't move V, it waits for it.
    """
    latest = now + max_future_skew(config)
    return max([previous, now, *(fact.valid_from for fact in facts if fact.valid_from <= latest)])


def max_future_skew(config: TwinConfig) -> int:
    """How far ahead of the world's clock a claim may be dated, in µs; the default where nothing is configured (S2)."""
    return (config.constraints or Constraints()).max_future_skew
