"""In which order rules run: a rule after those that write what it reads (S22)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import networkx as nx

from graphtwin.errors import ConfigurationError
from graphtwin.methods.rules.derivation import finding_name
from graphtwin.methods.state.policy import SYSTEM_NAMES
from graphtwin.model.commit import RuleKind, RuleText
from graphtwin.model.configuration.twin_rules import Rule


def stratify(rules: Sequence[Rule]) -> tuple[RuleText, ...]:
    """The enabled rules with their stratum, in the order they run. Raises ConfigurationError for a cycle, and for a rule
    that would derive what a record is or whose it is: that isn't a value (S12, S13).
    """
    enabled = {rule.id: rule for rule in rules if rule.enabled}
    for one in enabled.values():
        if own := sorted(name for name in one.writes if name in SYSTEM_NAMES or not name or not name.isprintable()):
            raise ConfigurationError(
                f"The rule {one.id} may not derive {own[0]!r}: it is graphtwin's own, or can't be seen.",
                hint="let it write a declared variable or relation",
            )
    together = _together(enabled.values())
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(together.values())
    for reader in enabled.values():
        for writer in enabled.values():
            before, after = together[writer.id], together[reader.id]
            # The transitions of one machine look at each other's state: that is what `from` is for.
            if _written(writer) & set(reader.reads) and (before != after or writer.transition is None):
                graph.add_edge(before, after)
    try:
        order = list(nx.lexicographical_topological_sort(graph))
    except nx.NetworkXUnfeasible as error:
        cycle = " → ".join(sorted(next(iter(nx.simple_cycles(graph)))))
        raise ConfigurationError(
            f"The rules {cycle} each read what the other derives.",
            hint="break the cycle: remove one of their `reads`, or put them into one rule",
        ) from error
    stratum: dict[str, int] = {}
    for rule in order:
        stratum[rule] = max((stratum[before] + 1 for before in graph.predecessors(rule)), default=0)
    texts = [_text(rule, stratum[together[rule.id]]) for rule in enabled.values()]
    return tuple(sorted(texts, key=lambda text: (text.stratum, text.id)))


def _together(rules: Collection[Rule]) -> dict[str, str]:
    """For each rule the one that stands for its place in the order: all transitions of one variable share a place, so that a
    machine takes at most one step.
    """
    first: dict[str, str] = {}
    for rule in sorted(rules, key=lambda one: one.id):
        if rule.transition:
            first.setdefault(rule.transition.variable, rule.id)
    return {rule.id: first[rule.transition.variable] if rule.transition else rule.id for rule in rules}


def _written(rule: Rule) -> set[str]:
    """What another rule may name in its `reads` to run after this one."""
    state = {rule.transition.variable} if rule.transition else set()
    return {rule.id, finding_name(rule.id), *rule.writes} | state


def _kind(rule: Rule) -> RuleKind:
    if rule.lasting:
        return "held"
    return "transition" if rule.transition else "derivation"


def _text(rule: Rule, stratum: int) -> RuleText:
    return RuleText(
        id=rule.id,
        cypher=rule.cypher,
        severity=rule.severity,
        description=rule.description,
        stratum=stratum,
        writes=frozenset(rule.writes),
        kind=_kind(rule),
        lasting=rule.lasting or 0,
        transition=rule.transition,
    )
