"""Where the topology that is reported parts from the one that is expected (S15, S26)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.methods.state.policy import FOLLOWERS
from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.configuration.reserved import relation_token
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import Edge, EntityState, Loose, State

MODEL: Final = "model:"
"""Records with this prefix are declared in twin.yaml, not reported by a source."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One difference of structure, named as actions refer to it; `subject` tells gaps of one name and entity apart."""

    name: str
    entity: str
    relation: str
    subject: str
    reported: Any
    reference: Any
    severity: Severity
    message: str
    evidence: tuple[str, ...] = ()


def find_gaps(state: State, config: TwinConfig, derived_relations: Iterable[str] = ()) -> tuple[Gap, ...]:
    """Every difference of structure, sorted. An expected relation counts as missing only where something produces that
    relation: a source's mapping, a rule, a reported edge, or one of `derived_relations` (names or tokens).
    """
    produced = _produced_relations(state, config, derived_relations)
    gaps = [*_missing_edges(state, produced), *_dangling(state.loose), *_unobserved(state, config)]
    return tuple(sorted(gaps, key=lambda gap: (gap.name, gap.entity, gap.subject)))


def _produced_relations(state: State, config: TwinConfig, derived: Iterable[str]) -> set[str]:
    tokens = {relation_token(name) for name in derived}
    mapped = {relation for s in config.sources.values() if s.enabled for m in s.mapping for relation in m.relations}
    reported = {edge.relation for edge in state.edges.values() if edge.layer == "reported"}
    texts = [rule.cypher for rule in config.rules if rule.enabled]
    by_rule = {name for name in config.relations if relation_token(name) in tokens or _quoted(name, texts)}
    return mapped | reported | by_rule


def _quoted(relation: str, texts: Iterable[str]) -> bool:
    """A rule names the relation as text, as rows do with what they derive; patterns, which only read, don't quote."""
    pattern = re.compile(rf"['\"](?:{re.escape(relation)}|{re.escape(relation_token(relation))})['\"]")
    return any(pattern.search(text) for text in texts)


def _missing_edges(state: State, produced: set[str]) -> list[Gap]:
    reported: Mapping[tuple[str, str], list[str]] = _objects(state)
    wanted: dict[tuple[str, str, str], Edge] = {}
    for edge in state.edges.values():
        if edge.layer != "reported" and edge.relation in produced:
            wanted.setdefault((edge.subject, edge.relation, edge.object), edge)
    gaps = []
    for (subject, relation, target), edge in wanted.items():
        instead = reported.get((subject, relation), [])
        if target not in instead:
            gaps.append(_missing(subject, relation, target, sorted(instead), edge))
    return gaps


def _objects(state: State) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for edge in state.edges.values():
        if edge.layer == "reported":
            found[edge.subject, edge.relation].append(edge.object)
    return found


def _missing(subject: str, relation: str, target: str, instead: list[str], edge: Edge) -> Gap:
    words = relation.replace("_", " ")
    seen = f"; reported instead: {', '.join(instead[:3])}" if instead else ""
    message = f"by the model, {subject} {words} {target}, but that isn't seen{seen}"
    return Gap(f"missing:{relation}", subject, relation, target, instead, target, "high", message, (edge.held.fact,))


def _dangling(loose: Iterable[Loose]) -> list[Gap]:
    return [
        Gap(
            f"dangling:{one.relation}", one.subject, one.relation, f"{one.layer}/{one.object_record}",
            one.object_record, None, "medium",
            f"{one.subject} {one.relation.replace('_', ' ')} {one.object_record}, of which nothing is known",
            (one.fact,),
        )
        for one in loose
        if one.reason == "dangling"
    ]  # fmt: skip


def _unobserved(state: State, config: TwinConfig) -> list[Gap]:
    """Declared entities that sources should speak of, but none does (any more)."""
    spoken = {m.type for s in config.sources.values() if s.enabled for m in s.mapping}
    spoken |= {entity.type for entity in state.entities.values() if _is_observed(entity)}
    return [
        Gap(
            f"unobserved:{entity.type}", entity.id, "", "", None, entity.type, "high",
            f"{entity.id} is declared, but no source reports it",
        )
        for entity in state.entities.values()
        if entity.type in spoken and not _is_observed(entity) and _is_declared(entity)
    ]  # fmt: skip


def _is_declared(entity: EntityState) -> bool:
    return any(record.startswith(MODEL) for record in entity.records)


def _is_observed(entity: EntityState) -> bool:
    return any(not record.startswith((MODEL, *FOLLOWERS)) for record in entity.records)
