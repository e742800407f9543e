"""The lists beside a configuration say what the policy says, of every source and field (S11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts.scene import twin

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.policy_lists import policy_lists
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.configuration.twin import TwinConfig

EXAMPLES = sorted(Path(__file__).parents[4].glob("examples/*/twin.yaml"))
CONFIGS = [
    twin("w"),
    twin("w", trust={"sources": {"bus": 0.3, "notes": 0.9}, "min_trust": 0.4, "strategy": "prefer_recent"}),
    *map(load_twin, EXAMPLES),
]


@pytest.mark.parametrize("config", CONFIGS, ids=range(len(CONFIGS)))
def test_trust_half_life_and_strategy_can_be_looked_up_in_them(config: TwinConfig):
    policy, lists = Policy(config), policy_lists(Policy(config))
    fields = [(kind, name) for kind in config.types for name in policy.variables(kind)]

    for kind, name in [*fields, ("nothing", "undeclared"), ("", "@type")]:
        for source in [*config.sources, "model", "rule", "transition", "somebody"]:
            assert looked_up(lists, source, kind, name) == (
                policy.trust(source, kind, name), policy.half_life(kind, name), policy.strategy(kind, name),
            )  # fmt: skip


def test_relations_and_what_they_mean_are_told():
    lists = policy_lists(Policy(twin("w")))

    assert (lists["relations"], lists["functional"]) == (["depends_on", "located_in"], ["located_in"])
    assert lists["dependencies"] == ["DEPENDS_ON"]
    assert "/depends_on.load" in lists["fields"]
    assert lists["outranking"] == ["override", "plan"]
    assert None not in [item for one in lists.values() if isinstance(one, list) for item in one]


def looked_up(lists: Any, source: str, kind: str, name: str) -> tuple[float, int, str]:
    """As the analyst's queries do it."""
    field = next((one for one in lists["fields"] if one in (f"{kind}/{name}", f"/{name}")), None)
    place = lists["fields"].index(field) if field else None
    own = source if source in lists["sources"] else ""
    authority = f"{own} {field}"
    trust = (
        lists["authority_trusts"][lists["authorities"].index(authority)]
        if authority in lists["authorities"]
        else lists["trusts"][lists["sources"].index(own)]
    )
    if place is None:
        return trust, lists["half_life"], lists["strategy"]
    return trust, lists["half_lives"][place], lists["strategies"][place]
