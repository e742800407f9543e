"""Why a value is what it is: every claim of an entity's variable or relation, with its score and its fate (S11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import inf

from graphtwin.methods.state.fusion import fuse, rank
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import LAYERS, Fact
from graphtwin.ports import Claimed

_ASSUMED = "an assumption counts only where nothing else was claimed"


def weigh(
    claims: Iterable[Fact], policy: Policy, type_name: str, name: str, entity_of: Callable[[str], str]
) -> tuple[Claimed, ...]:
    """The claims that an entity's records (of type `type_name`) hold about `name`, by layer, then by the entity at the
    far end of a many-valued relation, best first. `entity_of` maps an existing record to its entity, another to itself.
    """
    many = policy.is_relation(name) and not policy.functional(name)
    groups: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    for claim in claims:
        groups[LAYERS.index(claim.layer), entity_of(claim.object) if many else ""].append(claim)
    return tuple(one for _, group in sorted(groups.items()) for one in _weigh_group(group, policy, type_name, name))


def _weigh_group(group: Sequence[Fact], policy: Policy, type_name: str, name: str) -> list[Claimed]:
    held = fuse(group, policy, type_name, name)
    claimed = [claim for claim in group if claim.kind != "assumption"]
    standing = claimed or list(group)
    weighed = []
    for place, (points, claim) in enumerate(rank(standing, policy, type_name, name)):
        wins = held.fact in ("", claim.id)
        strategy = policy.strategy(type_name, name)
        reason = _reason(place, points[1], strategy) if held.fact else "part of the weighted mean"
        weighed.append(Claimed(claim, points[1], wins, reason))
    if claimed:
        assumed = [claim for claim in group if claim.kind == "assumption"]
        ranked = rank(assumed, policy, type_name, name) if assumed else []
        weighed += [Claimed(claim, points[1], wins=False, reason=_ASSUMED) for points, claim in ranked]
    return weighed


def _reason(place: int, points: float, strategy: str) -> str:
    if points == inf:
        return "an override outranks every claim" if place == 0 else "a later override outranks this one"
    return f"greatest by {strategy}" if place == 0 else f"less by {strategy}"
