"""What a policy says of sources, fields and relations, as lists that stand beside the configuration in the graph.

Cypher can't read twin.yaml, and whoever weighs claims in a query needs what it says. Lists of one prefix belong together by
place: `trusts[3]` is the trust of `sources[3]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtwin.methods.state.policy import OUTRANKING, SYSTEM_SOURCES, Policy
from graphtwin.model.configuration.reserved import relation_token


def policy_lists(policy: Policy) -> Mapping[str, Any]:
    """Properties for the configuration's node: no list holds null. A field is `type/variable`, or `/relation.attribute`; the
    source "" stands for all that aren't declared, a span of 0 for none.
    """
    config = policy.config
    sources = [*sorted({*config.sources, *config.trust.sources, *SYSTEM_SOURCES} - OUTRANKING), ""]
    fields = _fields(policy)
    authorities = _authorities(policy, sources, fields)
    return {
        "relations": sorted(config.relations),
        "functional": sorted(name for name in config.relations if policy.functional(name)),
        "dependencies": sorted(relation_token(name) for name, one in config.relations.items() if one.dependency),
        "sources": sources,
        "trusts": [policy.trust(source, "", "") for source in sources],
        "retire_after": [policy.retire_after(source) for source in sources],
        "cadences": [_cadence(policy, source) for source in sources],
        "outranking": sorted(OUTRANKING),
        "fields": [f"{kind}/{name}" for kind, name in fields],
        "half_lives": [policy.half_life(kind, name) for kind, name in fields],
        "strategies": [policy.strategy(kind, name) for kind, name in fields],
        "spans": [_span(policy, kind, name) for kind, name in fields],
        "authorities": [f"{source} {kind}/{name}" for source, kind, name in authorities],
        "authority_trusts": [policy.trust(*one) for one in authorities],
        "half_life": policy.half_life("", ""),
        "strategy": policy.strategy("", ""),
    }


def _fields(policy: Policy) -> list[tuple[str, str]]:
    """(type, variable) of everything declared, what is inherited too, and ("", `relation.attribute`)."""
    declared = {(kind, name) for kind in policy.config.types for name in policy.variables(kind)}
    attributes = {("", f"{name}.{one}") for name, kind in policy.config.relations.items() for one in kind.attributes}
    return sorted(declared | attributes)


def _authorities(
    policy: Policy, sources: Sequence[str], fields: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """(source, type, variable) where a field names its authorities, so that trust is the field's own."""
    own = [field for field in fields if (variable := policy.variable(*field)) and variable.authority]
    return [(source, *field) for source in sources for field in own]


def _span(policy: Policy, kind: str, name: str) -> float:
    """What counts as a whole deviation, where it is declared and the variable is judged."""
    variable = policy.variable(kind, name)
    return float(variable.span) if variable and variable.span and variable.judged else 0.0


def _cadence(policy: Policy, source: str) -> int:
    """How often a source speaks, µs; 0 where it isn't asked, or doesn't say."""
    configured = policy.config.sources.get(source)
    return configured.cadence or 0 if configured and configured.enabled else 0
