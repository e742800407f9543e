"""Compares the present and the registry of records with what the facts make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.state import At, State
from graphtwin.store.neo4j.present import Projection
from graphtwin.store.neo4j.relink import whole_record_rows
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.whole import Whole

_PAGE: Final = 5_000


async def present_problems(ask: Statements, world: str, state: State, policy: Policy) -> list[str]:
    """Every node, label, property and relationship that the present has and shouldn't, or should have and hasn't."""
    wanted = Projection(policy).change(State(At(0, 0), {}, {}), state)
    nodes = {row[0]: _wanted_node(row) for row in wanted.created}
    edges = {(row[0], row[1], row[2]): row[3] for row in wanted.drawn}
    problems: list[str] = []
    after = ""
    while page := (await ask("entity/page", world=world, after=after, limit=_PAGE))[0]:
        for entity, labels, shown, instants in page:
            properties = {name: value for name, value in shown if name not in ("id", "world")}
            due = nodes.pop(entity, None)
            problems += _node_problems(entity, due, (set(labels), properties, dict(instants)))
        after = page[-1][0]
    problems += [f"{entity} isn't there" for entity in sorted(nodes)]
    for subject, kind, target, properties in (await ask("entity/edges", world=world))[0]:
        due_edge = edges.pop((subject, kind, target), None)
        held = {name: value for name, value in properties.items() if name != "world"}
        if due_edge is None:
            problems.append(f"({subject})-[{kind}]->({target}) shouldn't be there, or is there twice")
        elif held != due_edge or properties.get("world") != world:
            problems.append(f"({subject})-[{kind}]->({target}) has other attributes")
    return problems + [f"({one[0]})-[{one[1]}]->({one[2]}) isn't there" for one in sorted(edges)]


async def record_problems(ask: Statements, world: str, whole: Whole) -> list[str]:
    """Records whose registered standing isn't what the facts say."""
    due: dict[str, list[str | None]] = {str(row[0]): row for row in await whole_record_rows(ask, world, whole)}
    held = {row[0]: row for row in (await ask("identity/all_records", world=world))[0]}
    return [
        f"{record} is registered as {held.get(record)}, its facts say {due.get(record)}"
        for record in sorted(due.keys() | held.keys())
        if due.get(record) != held.get(record)
    ]


_Node = tuple[set[str], dict[str, Any], dict[str, list[int]]]


def _wanted_node(row: list[Any]) -> _Node:
    _, labels, properties, instants = row
    return {"Entity", *labels}, properties, {name: [seconds, nanos] for name, seconds, nanos in instants}


def _node_problems(entity: str, due: _Node | None, held: _Node) -> Iterator[str]:
    if due is None:
        yield f"{entity} shouldn't be there"
        return
    if due[0] != held[0]:
        yield f"{entity} has the labels {sorted(held[0])}, not {sorted(due[0])}"
    for name in sorted(due[1].keys() | held[1].keys()):
        one, other = due[1].get(name), held[1].get(name)
        if _plain(name, one) != _plain(name, other):
            yield f"{entity}.{name} is {other!r}, its facts make {one!r}"
    for name in sorted(due[2].keys() | held[2].keys()):
        if due[2].get(name) != held[2].get(name):
            yield f"{entity}.{name} isn't the instant of its claim"


def _plain(name: str, value: Any) -> Any:
    """A value with its kind, for True isn't 1; JSON by what it says."""
    if name == "extra" and isinstance(value, str):
        return json.loads(value)
    return (type(value).__name__, value)
