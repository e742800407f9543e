"""One value from what several records claim: by trust, confidence and recency (S11)."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, inf, log2
from typing import Final

from graphtwin.methods.state.canonical_json import same_json
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import Fact
from graphtwin.model.state import Held

_LEAST: Final = 1e-9
"""What is not believed at all still loses by a finite score."""
CLOSE_CALL: Final = log2(1 / 0.9)
"""A winner whose score is within ten per cent of a rival that says otherwise is disputed."""


def fuse(claims: Sequence[Fact], policy: Policy, type_name: str, name: str) -> Held:
    """The value that a group of claims (one a key, at least one) amounts to. Independent of their order."""
    if len(claims) == 1:
        return _held(claims[0], rivals=0, disputed=False)
    standing = _without_assumptions(claims)
    ranked = rank(standing, policy, type_name, name)
    winner = ranked[0][1]
    others = [claim for _, claim in ranked[1:] if not _agree(claim, winner)]
    strategy = policy.strategy(type_name, name)
    if strategy == "merge_with_uncertainty" and others:
        merged = _mean([claim for _, claim in ranked], policy, type_name, name)
        if merged is not None:
            return merged
    settled = ranked[0][0][1] == inf  # a person has decided
    disputed = bool(others) and not settled and (strategy == "escalate_to_human" or _close(ranked, winner))
    return _held(winner, rivals=len(claims) - 1, disputed=disputed)


def rank(claims: Sequence[Fact], policy: Policy, type_name: str, name: str) -> list[tuple[tuple[float, ...], Fact]]:
    """The claims best first, each with what it is compared by; ties fall to confidence, recency, then the key."""
    newest = max(claim.observed_at for claim in claims)
    strategy = policy.strategy(type_name, name)
    keyed = []
    for claim in claims:
        points = score(claim, newest, policy, type_name, name)
        first = inf if points == inf else _first_criterion(strategy, claim)
        keyed.append(((first, points, claim.confidence, float(claim.observed_at)), claim))
    return sorted(keyed, key=lambda pair: (pair[0], pair[1].key), reverse=True)


def _first_criterion(strategy: str, claim: Fact) -> float:
    """What a strategy looks at before the score."""
    if strategy == "prefer_recent":
        return float(claim.observed_at)
    return claim.confidence if strategy == "prefer_high_confidence" else 0.0


def score(claim: Fact, newest: int, policy: Policy, type_name: str, name: str) -> float:
    """log2(trust × confidence) less the age in half-lives, rounded to 1e-9; `newest` is over the group (S11)."""
    trust = policy.trust(claim.source, type_name, name)
    if trust == inf:
        return inf
    age = (newest - claim.observed_at) / policy.half_life(type_name, name)
    return round(log2(max(trust, _LEAST) * max(claim.confidence, _LEAST)) - age, 9)


def _without_assumptions(claims: Sequence[Fact]) -> Sequence[Fact]:
    """Assumptions count only where nothing else was claimed (S10)."""
    claimed = [claim for claim in claims if claim.kind != "assumption"]
    return claimed or claims


def _close(ranked: Sequence[tuple[tuple[float, ...], Fact]], winner: Fact) -> bool:
    best = ranked[0][0][1]
    return any(best - points[1] < CLOSE_CALL for points, claim in ranked[1:] if not _agree(claim, winner))


def _agree(one: Fact, other: Fact) -> bool:
    return one.unit == other.unit and same_json(one.value, other.value)


def _mean(claims: Sequence[Fact], policy: Policy, type_name: str, name: str) -> Held | None:
    """The weighted mean of numeric claims with the range they span; None when one isn't a number or units differ."""
    if any(isinstance(claim.value, bool) or not isinstance(claim.value, int | float) for claim in claims):
        return None
    if len({claim.unit for claim in claims}) > 1:
        return None
    newest = max(claim.observed_at for claim in claims)
    points = [score(claim, newest, policy, type_name, name) for claim in claims]
    if inf in points:
        return None
    # Sorted before fsum: the same claims in another order give the same last bit.
    weights = [2.0**point for point in points]
    total = fsum(sorted(weights))
    value = fsum(sorted(weight * claim.value for weight, claim in zip(weights, claims, strict=True))) / total
    winner = claims[0]
    return Held(
        value=value,
        unit=winner.unit,
        valid_from=max(claim.valid_from for claim in claims),
        observed_at=newest,
        confidence=min(1.0, fsum(sorted(w * c.confidence for w, c in zip(weights, claims, strict=True))) / total),
        kind="inference",
        source=winner.source,
        record=winner.record,
        fact="",
        rivals=len(claims) - 1,
        low=float(min(claim.value for claim in claims)),
        high=float(max(claim.value for claim in claims)),
    )


def _held(claim: Fact, *, rivals: int, disputed: bool) -> Held:
    return Held(
        claim.value, claim.unit, claim.valid_from, claim.observed_at, claim.confidence, claim.kind, claim.source,
        claim.record, claim.id, rivals, disputed,
    )  # fmt: skip
