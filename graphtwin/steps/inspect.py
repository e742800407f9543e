"""inspect: what the first readings hold: counts, types, and the gaps between them and the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphtwin.methods.state.policy import SYSTEM_NAMES, Policy
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import TYPE, Fact


@dataclass(frozen=True, slots=True)
class InspectOut:
    """How many records each type and source has, and what is declared but unseen, or seen but undeclared."""

    records: Mapping[str, int]
    sources: Mapping[str, int]
    unseen: tuple[str, ...]
    undeclared: tuple[str, ...]
    anchors: tuple[str, ...]


def inspect(facts: Sequence[Fact], config: TwinConfig) -> InspectOut:
    """Counts over the readings' facts; gaps are `type.variable` names, sorted."""
    policy = Policy(config)
    types = {fact.record: str(fact.value) for fact in facts if fact.name == TYPE}
    seen = {
        (types[fact.record], fact.name)
        for fact in facts
        if fact.record in types and fact.name not in SYSTEM_NAMES and not policy.is_relation(fact.name)
    }
    declared = {(kind, name) for kind, declaration in config.types.items() for name in declaration.variables}
    return InspectOut(
        records=dict(sorted(Counter(types.values()).items())),
        sources=dict(sorted(Counter(record.partition(":")[0] for record in types).items())),
        unseen=tuple(f"{kind}.{name}" for kind, name in sorted(declared - seen)),
        undeclared=tuple(
            f"{kind}.{name}" for kind, name in sorted(seen) if policy.variable(kind, name) is None and name != "labels"
        ),
        anchors=("tool:inspect:first-reading",),
    )
