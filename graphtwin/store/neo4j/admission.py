"""Which rules may run at all: only those whose plan can do nothing but read the graph (S22).

A READ session alone is no sandbox: it lets LOAD CSV, procedures and TERMINATE through. So a rule is planned, never
executed, and refused unless its type is `r` and every operator of its plan is known to only read nodes and relationships.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from neo4j.exceptions import DriverError, Neo4jError

from graphtwin.errors import RuleRefused
from graphtwin.methods.rules.rule_columns import check_columns
from graphtwin.model.commit import RuleText
from graphtwin.store.neo4j.admission_plan import operators, unbounded_leaf
from graphtwin.store.neo4j.admission_text import bare_text, strange_call, strange_name
from graphtwin.store.neo4j.session import Database, translate

PARAMETERS: Final = frozenset({"world", "as_of"})

_SEEKS: Final = ("Scan", "Seek", "SeekByRange", "ContainsScan", "EndsWithScan")
_ENDS: Final = ("Directed", "Undirected")
READS: Final = frozenset(
    {
        "AllNodesScan", "AllShortestPaths", "AntiConditionalApply", "AntiSemiApply", "Apply", "Argument",
        "BFSPruningVarLengthExpand(All)", "BFSPruningVarLengthExpand(Into)", "BidirectionalRepeat(Trail)",
        "CacheProperties", "CartesianProduct", "ConditionalApply", "Distinct", "DynamicLabelNodeLookup", "Eager",
        "EagerAggregation", "EmptyRow", "Expand(All)", "Expand(Into)", "Filter", "IntersectionNodeByLabelsScan",
        "LeftOuterHashJoin", "LetAntiSemiApply", "LetSelectOrAntiSemiApply", "LetSelectOrSemiApply", "LetSemiApply",
        "Limit", "MultiNodeIndexSeek", "NodeByElementIdSeek", "NodeByIdSeek", "NodeByLabelScan",
        "NodeCountFromCountStore", "NodeHashJoin", "NodeIndexContainsScan", "NodeIndexEndsWithScan", "NodeIndexScan",
        "NodeIndexSeek", "NodeIndexSeekByRange", "NodeLeftOuterHashJoin", "NodeRightOuterHashJoin",
        "NodeUniqueIndexSeek", "NodeUniqueIndexSeekByRange", "Optional", "OptionalExpand(All)",
        "OptionalExpand(Into)", "OrderedAggregation", "OrderedDistinct", "OrderedUnion", "PartialSort", "PartialTop",
        "ProduceResults", "ProjectEndpoints", "Projection", "PruningVarLengthExpand(All)",
        "RelationshipCountFromCountStore", "Repeat(Trail)", "Repeat(Walk)", "RightOuterHashJoin", "RollUpApply",
        "SelectOrAntiSemiApply", "SelectOrSemiApply", "SemiApply", "ShortestPath", "Skip", "Sort",
        "SubtractionNodeByLabelsScan", "Top",
        "TriadicBuild", "TriadicFilter", "TriadicSelection", "Union", "UnionNodeByLabelsScan", "Unwind",
        "ValueHashJoin", "VarLengthExpand(All)", "VarLengthExpand(Into)", "VarLengthExpand(Pruning)",
        "VarLengthExpand(Pruning,BFS)", "VarLengthExpand(Pruning,BFS,All)", "VarLengthExpand(Pruning,BFS,Into)",
        *(f"{ends}RelationshipTypeScan" for ends in _ENDS),
        *(f"{ends}UnionRelationshipTypesScan" for ends in _ENDS),
        *(f"{ends}AllRelationshipsScan" for ends in _ENDS),
        *(f"{ends}RelationshipIndex{seek}" for ends in _ENDS for seek in _SEEKS),
        *(f"{ends}RelationshipByIdSeek" for ends in _ENDS),
        *(f"{ends}RelationshipByElementIdSeek" for ends in _ENDS),
        *(f"Dynamic{ends}RelationshipTypeLookup" for ends in _ENDS),
        *(f"StatefulShortestPath({way}{mode})" for way in ("All", "Into") for mode in ("", ", Trail", ", Walk", ", Acyclic")),
    }
)  # fmt: skip
"""Operators that read nodes, relationships and rows, and nothing else."""

_NEXT_MOVE: Final = "Rules return rows; graphtwin writes what they say. Use MATCH, WHERE, WITH, UNWIND, RETURN."


async def admit_rule(database: Database, rule: RuleText) -> None:
    """Raises RuleRefused, naming rule and operator, for a rule that may not run. Nothing of it is executed."""
    check_text(rule)
    try:
        query_type, columns, plan = await database.explain(rule.cypher, dict.fromkeys(PARAMETERS))
    except Neo4jError as error:
        if error.is_retryable():
            raise translate(error, f"rule {rule.id}") from error
        raise RuleRefused(
            f"The rule {rule.id} can't be planned: {error.message}", hint="Correct its Cypher; " + _NEXT_MOVE
        ) from error
    except (DriverError, OSError) as error:
        raise translate(error, f"rule {rule.id}") from error
    check_plan(rule, query_type, columns, tuple(operators(plan)))
    if leaf := unbounded_leaf(plan):
        raise RuleRefused(
            f"The rule {rule.id} looks beyond its world: {leaf}.",
            hint="Give each node a label and match the world there: (service:Service {world: $world})",
        )


def check_text(rule: RuleText) -> None:
    """What can be seen without planning: its world, its parameters, its names and what it calls."""
    bare = bare_text(rule.cypher)
    if name := strange_name(rule.cypher):
        raise RuleRefused(
            f"The rule {rule.id} may not use the name {name}.",
            hint="Names that begin with Gt are graphtwin's own; write names as letters, digits and _, without escapes.",
        )
    if call := strange_call(bare):
        raise RuleRefused(
            f"The rule {rule.id} may not call {call}.",
            hint="A rule says the same of the same world: no chance, no clock ($as_of is the instant), no internal ids.",
        )
    used = set(re.findall(r"\$`?([A-Za-z_]\w*)", bare))
    if "world" not in used:
        raise RuleRefused(
            f"The rule {rule.id} doesn't use $world.",
            hint="Match the world in every pattern: (service:Service {world: $world})",
        )
    unknown = sorted(used - PARAMETERS)
    if unknown:
        raise RuleRefused(
            f"The rule {rule.id} uses the unknown parameter ${unknown[0]}.",
            hint="A rule has $world (the world's id) and $as_of (epoch microseconds).",
        )


def check_plan(rule: RuleText, query_type: str, columns: Sequence[str], used: Sequence[str]) -> None:
    """Refuse what could do more than read, and rows that the engine can't use."""
    strange = next((operator for operator in used if operator not in READS), None)
    if strange is not None:
        raise RuleRefused(f"The rule {rule.id} may not use the operator {strange}.", hint=_NEXT_MOVE)
    if query_type != "r":
        raise RuleRefused(f"The rule {rule.id} does more than read (query type {query_type!r}).", hint=_NEXT_MOVE)
    if not used:
        raise RuleRefused(f"The rule {rule.id} has no plan that could be checked.", hint=_NEXT_MOVE)
    check_columns(rule, columns)
