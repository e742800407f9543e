"""What a benchmark says: figures with floor and goal, from paired samples taken in turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `floor` must hold, `goal` is aimed at; `reference` says what was compared, and how often."""

    value: float
    unit: str
    better: Better
    reference: str
    floor: float | None = None
    goal: float | None = None

    @property
    def holds(self) -> bool:
        """True where there is no floor, or the value keeps it."""
        return self.floor is None or self._reaches(self.floor)

    @property
    def reached(self) -> bool:
        """True where there is a goal and the value reaches it."""
        return self.goal is not None and self._reaches(self.goal)

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.better == "higher" else self.value <= bound

    def as_json(self) -> dict[str, Any]:
        """The figure as every bench prints it."""
        return {
            "value": float(f"{self.value:.6g}"),
            "unit": self.unit,
            "floor": self.floor,
            "goal": self.goal,
            "better": self.better,
            "reference": self.reference,
        }


def bench_document(
    name: str, *, machine: str, versions: Mapping[str, str], figures: Mapping[str, Figure]
) -> dict[str, Any]:
    """What a bench prints; figures in the order given."""
    return {
        "name": name,
        "machine": machine,
        "versions": dict(versions),
        "figures": {figure: one.as_json() for figure, one in figures.items()},
    }


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some samples, and the quarters around it."""

    middle: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """Middle, quarters and count, for a reference."""
        return f"median of {self.count}, quartiles {self.low:.3g} to {self.high:.3g}"


def spread(samples: Sequence[float]) -> Spread:
    """Median and quartiles (each the median of its half, the middle sample left out). Raises ValueError for none."""
    if not samples:
        raise ValueError("nothing was measured")
    ordered = sorted(samples)
    half = len(ordered) // 2
    low, high = ordered[:half] or ordered, ordered[len(ordered) - half :] or ordered
    return Spread(median(ordered), median(low), median(high), len(ordered))


def paired_ratios(numerators: Sequence[float], denominators: Sequence[float]) -> list[float]:
    """The ratio of each pair that was measured in turns, so that a busy moment weighs on both alike. Raises ValueError
    for samples without a partner.
    """
    return [one / other for one, other in zip(numerators, denominators, strict=True)]


def shares(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each part's median share of its whole, parts in the order of the first sample; a part that is missing took 0."""
    names = dict.fromkeys(name for sample in samples for name in sample)
    wholes = [sum(sample.values()) for sample in samples]
    return {
        name: median(sample.get(name, 0.0) / whole for sample, whole in zip(samples, wholes, strict=True) if whole)
        for name in names
    }
