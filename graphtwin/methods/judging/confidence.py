"""How far a sync may be trusted, step by step, and whether it may go on to plan and act (S25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum, isfinite, prod
from typing import Final

from graphtwin.model.configuration.acting import Constraints

DEFAULT_MINIMUM: Final = 0.5
"""`min_confidence` of a world without constraints."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """The confidence of each perception step by name, their product, and why the run may not go on ("" if it may)."""

    steps: Mapping[str, float]
    product: float
    stop: str


def receive_confidence(answered: Mapping[str, bool], trust: Mapping[str, float]) -> float:
    """The trust-weighted share of the sources that answered ("nothing new" is an answer); 0 when none is asked.

    Sources that nobody trusts at all weigh alike.
    """
    weights = {name: trust.get(name, 0.0) for name in answered}
    total = fsum(weights.values())
    if not answered:
        return 0.0
    if total <= 0:
        return sum(answered.values()) / len(answered)
    return min(1.0, fsum(weights[name] for name, spoke in answered.items() if spoke) / total)


def share_left(bad: int, total: int) -> float:
    """1 minus the share of the bad (quarantined, disputed, unresolved); 1 where there is nothing to share.

    Raises ValueError where the counts contradict each other.
    """
    if not 0 <= bad <= total:
        raise ValueError(f"{bad} of {total} can't be")
    return 1.0 - bad / total if total else 1.0


def combine(steps: Mapping[str, float], constraints: Constraints | None) -> Confidence:
    """The product over the perception steps, and the reason to stop where any of them or the product is too low.

    A confidence that isn't a number between 0 and 1 counts as 0.
    """
    known = {name: value if isfinite(value) and 0 <= value <= 1 else 0.0 for name, value in steps.items()}
    product = prod(known.values())
    minimum = constraints.min_confidence if constraints else DEFAULT_MINIMUM
    return Confidence(known, product, low_confidence((*known.items(), ("the whole sync", product)), minimum))


def low_confidence(steps: Iterable[tuple[str, float]], minimum: float) -> str:
    """The reason to stop: the first step whose confidence is under the minimum; "" where none is."""
    for name, value in steps:
        if not value >= minimum:
            return (
                f"confidence of {name} is {value:.2f}, under {minimum:.2f}: observed and shown, nothing plans or acts"
            )
    return ""
