"""state_transition: derivations become exactly what the rules return now, and state machines take their steps (S22, S23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Changes, Draft, RuleRow, RuleText
from graphtwin.model.fact import Fact
from graphtwin.model.machine import Firing, MachineTrouble
from graphtwin.ports import Transaction
from graphtwin.ruling.derivations import derivations
from graphtwin.ruling.lonely_overrides import lonely_overrides
from graphtwin.ruling.machine_steps import machine_steps
from graphtwin.ruling.rows_of_rule import about_things, rows_of_rule

_MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class StateTransitionOut:
    """Every row that a rule returned, and what that changed."""

    rows: tuple[RuleRow, ...]
    changes: tuple[Changes, ...]
    facts: int
    anchors: tuple[str, ...]
    by_rule: Mapping[str, int] = field(default_factory=dict)
    derived: tuple[Fact, ...] = ()
    """What was written, each fact once: derivations, and decisions of state machines."""
    firings: tuple[Firing, ...] = ()
    """The steps that state machines took."""
    troubles: tuple[MachineTrouble, ...] = ()
    """State machines whose step rests on what wasn't so, or whose rules contradict each other."""


async def state_transition(
    transaction: Transaction,
    rules: Sequence[RuleText],
    policy: Policy,
    *,
    now: int,
    valid: int,
    run: str,
    changed: Changes | None = None,
) -> StateTransitionOut:
    """Run the rules stratum by stratum on the present that this transaction has made; `valid` is V(k). First the
    overrides of things that have gone end. In each stratum the state machines move first, so that what is derived from
    their states is derived from the new ones.

    `changed` is what this transaction changed before: the premises of a row that stands as it did, about entities that
    didn't change, aren't looked up again. None looks all of them up.
    """
    touched = None if changed is None else _entities_of(changed)
    rows: list[RuleRow] = []
    changes: list[Changes] = []
    written: dict[str, Fact] = {}
    firings: list[Firing] = []
    troubles: list[MachineTrouble] = []

    async def write(draft: Draft) -> None:
        nonlocal touched
        written.update((fact.id, fact) for fact in draft.facts)
        changes.append(await transaction.write(draft))
        touched = None if touched is None else touched | _entities_of(changes[-1])

    if changed is not None and (gone := await lonely_overrides(transaction, changed, valid=valid, run=run)):
        await write(Draft(now=now, facts=tuple(gone)))
    ordered = sorted(rules, key=lambda rule: (rule.stratum, rule.id))
    for _, group in groupby(ordered, key=lambda rule: rule.stratum):
        stratum = list(group)
        moving = {rule.id: rule for rule in stratum if rule.transition}
        found = await _found(transaction, moving.values(), policy, valid)
        rows += [row for rule in moving for row in found[rule]]
        asked = [(moving[rule], row) for rule in moving for row in found[rule]]
        steps = await machine_steps(transaction, list(moving.values()), asked, policy, valid=valid, run=run)
        firings += steps.firings
        troubles += steps.troubles
        if steps.firings:
            await write(steps.draft(now))
        found = await _found(transaction, (rule for rule in stratum if not rule.transition), policy, valid)
        rows += [row for own in found.values() for row in own]
        for _ in range(_MAX_ROUNDS):
            facts, events = await derivations(transaction, found, policy, valid=valid, run=run, touched=touched)
            if not facts:
                break
            await write(Draft(now=now, facts=tuple(facts), events=tuple(events)))
            if all(fact.op != "withdraw" for fact in facts):
                break
    return StateTransitionOut(
        rows=tuple(rows),
        changes=tuple(changes),
        facts=len(written),
        anchors=tuple(f"tool:rule:{rule.id}" for rule in ordered),
        by_rule={rule.id: sum(row.rule == rule.id for row in rows) for rule in ordered},
        derived=tuple(written.values()),
        firings=tuple(firings),
        troubles=tuple(troubles),
    )


async def _found(
    transaction: Transaction, rules: Iterable[RuleText], policy: Policy, valid: int
) -> dict[str, tuple[RuleRow, ...]]:
    """The rows of each rule about things that are there."""
    found = {rule.id: await rows_of_rule(transaction, rule, policy, valid=valid) for rule in rules}
    return await about_things(transaction, found)


def _entities_of(changes: Changes) -> frozenset[str]:
    """Every entity that a change is about."""
    return frozenset(
        [
            *(one.entity for one in changes.entities),
            *(one.entity for one in changes.values),
            *(one.entity for one in changes.lifecycles),
            *(end for one in changes.edges for end in (one.key[1], one.key[3])),
        ]
    )
