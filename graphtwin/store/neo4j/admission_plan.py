"""Whether everything that a plan begins with lies in the rule's own world (S3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphtwin.store.neo4j.admission_text import bare_text

Plan = Mapping[str, Any]

_OPEN: Final = frozenset({"Argument", "EmptyRow", "Projection", "Unwind", "ProduceResults"})
"""Operators that, as leaves, bring in no node."""
_SEEK: Final = re.compile(r"^(?:UNIQUE|RANGE INDEX) (\w+):\w+\([^)]*\) WHERE world = \$world(?: AND |,|$)")
_SCAN: Final = re.compile(r"^(\w+):[\w&|!]+$")
_RELATIONSHIPS: Final = re.compile(r"^\((\w*)\)<?-\[[^\]]*\]->?\((\w*)\)$")
_KEEPS: Final = frozenset({"Filter", "CacheProperties"})
_JOINS: Final = frozenset({"Apply", "CartesianProduct", "ValueHashJoin"})


def operator_of(plan: Plan) -> str:
    """An operator's name, without the database's suffix."""
    return str(plan["operatorType"]).partition("@")[0]


def operators(plan: Plan | None) -> Iterator[str]:
    """Every operator of a plan."""
    if plan is not None:
        yield operator_of(plan)
        for child in plan.get("children", ()):
            yield from operators(child)


def unbounded_leaf(plan: Plan | None, above: Sequence[Plan] = ()) -> str | None:
    """What the plan begins with somewhere without the world being asked for, None when there is no such place.

    From a node of the world relationships lead to nodes of the world only, so it's enough to look at the leaves: an index
    seek by the world, or a scan with `variable.world = $world` above it before anything else is done with its rows.
    """
    if plan is None:
        return None
    children = plan.get("children") or ()
    for child in children:
        if found := unbounded_leaf(child, (*above, plan)):
            return found
    if children or operator_of(plan) in _OPEN:
        return None
    said = _details(plan)
    if _SEEK.match(said):
        return None
    place = _SCAN.match(said) or _RELATIONSHIPS.match(said)
    names = [name for name in place.groups() if name] if place else []
    return None if any(_filtered(name, plan, above) for name in names) else f"{operator_of(plan)} {said}"


def _filtered(name: str, leaf: Plan, above: Sequence[Plan]) -> bool:
    """The world is asked of the variable; what shares its name elsewhere doesn't count."""
    below = leaf
    for plan in reversed(above):
        operator = operator_of(plan)
        if operator == "Filter" and any(_asks(name, one) for one in _conjuncts(_details(plan))):
            return True
        beside = [child for child in plan.get("children", ()) if child is not below]
        if operator not in (_JOINS if beside else _KEEPS) or any(name in child["identifiers"] for child in beside):
            return False
        below = plan
    return False


def _asks(name: str, condition: str) -> bool:
    return condition in (f"{name}.world = $world", f"cache[{name}.world] = $world")


def _conjuncts(text: str) -> Iterator[str]:
    """What must all be so, said one by one."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and text.startswith(" AND ", place):
            parts.append(text[start:place])
            start = place + len(" AND ")
    parts.append(text[start:])
    if len(parts) > 1:
        for part in parts:
            yield from _conjuncts(part)
    elif text.startswith("(") and text.endswith(")") and _is_one_group(text):
        yield from _conjuncts(text[1:-1])
    elif text.partition(" ")[0] not in ("NOT", "CASE"):
        yield text


def _is_one_group(text: str) -> bool:
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _details(plan: Plan) -> str:
    return bare_text(str(plan.get("args", {}).get("Details", ""))).strip()
